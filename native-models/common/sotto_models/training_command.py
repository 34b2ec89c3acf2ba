"""What the train.py scripts have in common: their options, and how a run begins."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import yaml

from .pcm_cache import runs_folder


class Run(Protocol):
    """A run that can go on or take over."""

    def resume(self) -> bool:
        """Continues from last.pt; False when there is none."""

    def start_from(self, weights: Path) -> object:
        """Takes what another run learnt."""

    def note(self, event: str, **entry: object) -> None:
        """Writes a line into the run's log."""


def expanded(folder: str) -> str:
    """`~` as the home folder, where a shell left it alone as it does in `--runs=~/runs`."""
    return str(Path(folder).expanduser())


def training_parser(description: str | None, config: Path, run: str) -> argparse.ArgumentParser:
    """A parser with the options of every training. Folders that are added to it have the metavar FOLDER.

    Args:
        config, run: defaults of `--config` and `--run`.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default=str(config))
    parser.add_argument("--run", default=run, help="name of the run folder")
    parser.add_argument("--runs", metavar="FOLDER", type=expanded, default=str(runs_folder()), help="folder of all runs and of their cache")
    parser.add_argument("--steps", type=int, help="total steps instead of the configured number")
    parser.add_argument("--until-minutes", type=float, help="follow the wall clock: end after so many minutes")
    # Threads wait for each other at every layer: on a busy machine two are far slower than one.
    parser.add_argument("--threads", type=int, help="instead of the configured number; 1 where others use the machine too")
    parser.add_argument("--resume", action="store_true", help="continue from last.pt of this run")
    parser.add_argument("--start-from", help="RUN/FILE whose weights a fresh run begins with, such as dense/best.pt")
    return parser


def configured(options: argparse.Namespace) -> dict:
    """The configuration file of `--config`, with what the command line says about its `training` part."""
    config = yaml.safe_load(Path(options.config).read_text(encoding="utf-8"))
    for name in ("steps", "until_minutes", "threads"):
        if value := getattr(options, name):
            config["training"][name] = value
    return config


def written_command(parser: argparse.ArgumentParser, options: argparse.Namespace, script: Path) -> str:
    """The command that repeats a training, for its card: what differs from the defaults, run and configuration always.

    Folders (options with the metavar FOLDER) are not named: they differ from machine to machine. So it is with `--runs`,
    `--threads` and `--resume`, which change nothing in what is learnt.

    Args:
        script: the train.py; a configuration below its folder is named from there.
    """
    words = [f"python native-models/{script.parent.name}/{script.name}"]
    config = Path(options.config).resolve()
    for action in parser._actions:
        value = getattr(options, action.dest, None)
        if action.dest in ("help", "runs", "threads", "resume"):
            continue
        if action.dest == "config":
            value = config.relative_to(script.parent).as_posix() if config.is_relative_to(script.parent) else config.name
        elif action.dest != "run" and value == action.default:
            continue
        for one in value if isinstance(value, list) else [value]:
            word = f"{one:g}" if isinstance(one, float) else str(one)
            words += [action.option_strings[0], "FOLDER" if action.metavar == "FOLDER" else word]
    return " ".join(words)


def begin(
    run: Run, options: argparse.Namespace, command: str, expect: Callable[[Path], None] = lambda weights: None
) -> None:
    """Continues last.pt of this run where that is wished and there, or else takes what another run learnt.

    Args:
        command: see `written_command`.
        expect: raises when the weights that are about to be read cannot be used.
    """
    runs = Path(options.runs)
    last = runs / options.run / "last.pt"
    resumes = options.resume and last.exists()
    if options.resume and not resumes:
        print("Expected last.pt to resume from, found none; starting afresh.", file=sys.stderr)
    if resumes:
        expect(last)
        run.note("command", words=command)
        run.resume()
        return
    if options.start_from:
        expect(runs / options.start_from)
    run.note("command", words=command)
    if options.start_from:
        run.start_from(runs / options.start_from)
