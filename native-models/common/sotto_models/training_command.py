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


def training_parser(description: str | None, config: Path, run: str) -> argparse.ArgumentParser:
    """A parser with the options of every training.

    Args:
        config, run: defaults of `--config` and `--run`.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default=str(config))
    parser.add_argument("--run", default=run, help="name of the run folder")
    parser.add_argument("--runs", default=str(runs_folder()), help="folder of all runs and of their cache")
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


def begin(run: Run, options: argparse.Namespace, expect: Callable[[Path], None] = lambda weights: None) -> None:
    """Continues last.pt of this run where that is wished and there, or else takes what another run learnt.

    Args:
        expect: raises when the weights that are about to be read cannot be used.
    """
    runs = Path(options.runs).expanduser()
    last = runs / options.run / "last.pt"
    resumes = options.resume and last.exists()
    if options.resume and not resumes:
        print("Expected last.pt to resume from, found none; starting afresh.", file=sys.stderr)
    if resumes:
        expect(last)
        run.resume()
    elif options.start_from:
        expect(runs / options.start_from)
        run.start_from(runs / options.start_from)
