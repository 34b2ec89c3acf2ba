"""The systems under judgement: each is a function from a folder of recordings to a folder of recordings.

Recordings are 16 kHz mono 16 bit WAV; every file is treated on its own, with randomness of its own, as two exports would be.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from . import weak_controls
from .weak_controls import mcadams, pitch_shift, speech_shaped_noise

SAMPLE_RATE_HZ = 16_000
SEED = 2026
ALPHA_RANGE = (0.5, 0.9)
SEMITONE_RANGE = (2.0, 4.0)
REPOSITORY = Path(__file__).resolve().parents[4]
BUILT_COMMAND = REPOSITORY / "out" / "main" / "cli.js"
BUILD_STAMP = REPOSITORY / "out" / "bundle.sha256"


class SanitiserError(RuntimeError):
    """A system did not return what it was given to sanitise."""


@dataclass(frozen=True)
class System:
    """Something that sanitises a folder.

    Attributes:
        id: as --systems and the JSON name it.
        title: as the table names it.
        settings: whatever changes its output; part of the cache's name.
        run: (input folder, output folder) -> None; writes one WAV of the same name, rate and length for each input.
    """

    id: str
    title: str
    settings: dict
    run: Callable[[Path, Path], None]

    @property
    def key(self) -> str:
        """Name of its cache: id and a hash of its settings."""
        return f"{self.id}-{hashlib.sha256(json.dumps(self.settings, sort_keys=True).encode()).hexdigest()[:10]}"


def file_generator(name: str, seed: int = SEED) -> np.random.Generator:
    """Randomness of one file that does not depend on the order of files."""
    return np.random.default_rng([seed, int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")])


def each_file(one: Callable[[np.ndarray, np.random.Generator], np.ndarray]) -> Callable[[Path, Path], None]:
    """A folder function out of a function on samples; files that are there already are not made again."""

    def run(source: Path, target: Path) -> None:
        for path in sorted(source.glob("*.wav")):
            if (target / path.name).exists():
                continue
            samples, _ = soundfile.read(path, dtype="float32")
            write_recording(target / path.name, one(samples, file_generator(path.name)))

    return run


def write_recording(path: Path, samples: np.ndarray) -> None:
    """16 kHz mono 16 bit WAV, written beside the target and renamed; what is louder than full scale is turned down."""
    peak = float(np.max(np.abs(samples), initial=0.0))
    partial = path.with_suffix(".part")
    soundfile.write(partial, samples / peak * 0.999 if peak > 0.999 else samples, SAMPLE_RATE_HZ, "PCM_16", format="WAV")
    partial.rename(path)


def command_line(arguments: Sequence[str], command: Sequence[str] = ()) -> Callable[[Path, Path], None]:
    """The product itself: `sotto sanitize FOLDER --out ... ARGUMENTS`, as `npm run build` left it.

    Args:
        arguments: such as `--voice disguise --enhance off`.
        command: what stands for `sotto`; the one of this repository when left out.
    Raises (when run):
        SanitiserError: it is not built, fails, or leaves a file out.
    """
    sotto = list(command) or ["node", str(BUILT_COMMAND)]

    def run(source: Path, target: Path) -> None:
        if not command and not BUILT_COMMAND.exists():
            raise SanitiserError(f"Expected the built command line {BUILT_COMMAND}, found none. Run `npm run build`.")
        with tempfile.TemporaryDirectory(dir=target) as folder:
            report = Path(folder) / "report.json"
            said = [*sotto, "sanitize", str(source), "--out", f"{folder}/out", "--format", "wav16", "--jobs", "1"]
            done = subprocess.run(
                [*said, "--overwrite", "--json", str(report), *arguments], check=False, capture_output=True, text=True,
                env={**os.environ, "NO_COLOR": "1", "SOTTO_DATA": folder},  # what it notes of names and choices stays here
            )
            if done.returncode or not report.exists():
                raise SanitiserError(f"Expected `sotto sanitize` to succeed, found code {done.returncode}: {done.stderr[-500:]}")
            for entry in json.loads(report.read_text(encoding="utf-8"))["files"]:
                if entry["status"] != "done":
                    raise SanitiserError(f"Expected {entry['input']} to be done, found {entry['status']}: {entry.get('error')}")
                made = Path(entry["output"])
                made = made if made.is_absolute() else Path(folder) / "out" / made
                shutil.move(made, target / Path(entry["input"]).name)

    return run


def product(identifier: str, title: str, arguments: Sequence[str]) -> System:
    """A system that is our own command line; its cache is another one for every build and every set of weights."""
    weights = sorted((REPOSITORY / "native-models").glob("*/model.json"))
    parts = [path.read_bytes() for path in (BUILD_STAMP, *weights) if path.exists()]
    state = hashlib.sha256(b"".join(parts)).hexdigest()[:16]
    return System(identifier, title, {"arguments": list(arguments), "built": state}, command_line(arguments))


def _disguise(samples: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return mcadams(samples, generator.uniform(*ALPHA_RANGE))


def _shift(samples: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return pitch_shift(samples, generator.choice([-1.0, 1.0]) * generator.uniform(*SEMITONE_RANGE))


def _nothing(samples: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return speech_shaped_noise(len(samples), generator)


def registry() -> dict[str, System]:
    """Id -> system, in the order of the table. One more line here is one more row."""
    # A control that is written anew is another system: its earlier recordings must not be taken for its own.
    code = hashlib.sha256(Path(weak_controls.__file__).read_bytes()).hexdigest()[:12]
    systems = (
        System("raw", "Raw recordings", {}, each_file(lambda samples, _: samples)),
        System("pitch-shift", "Pitch shift, 2 to 4 semitones up or down",
               {"semitones": SEMITONE_RANGE, "seed": SEED, "code": code}, each_file(_shift)),
        System("disguise-mcadams", "McAdams disguise, alpha .5 to .9", {"alpha": ALPHA_RANGE, "seed": SEED, "code": code},
               each_file(_disguise)),
        System("constant", "Noise instead of speech (control)", {"seed": SEED, "code": code},
               each_file(_nothing)),
    )
    return {system.id: system for system in systems}


def sanitised(system: System, source: Path, names: Sequence[str], target: Path) -> Path:
    """Runs a system over those files that it has not done before, and checks what came back.

    Args:
        source: folder of recordings.
        names: those to sanitise.
        target: folder of results; what is there already stays.
    Raises:
        SanitiserError: a file is missing, or has another length or rate.
    """
    target.mkdir(parents=True, exist_ok=True)
    missing = [name for name in names if not (target / name).exists()]
    if missing:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            for name in missing:
                shutil.copyfile(source / name, Path(folder) / name)
            system.run(Path(folder), target)
    for name in missing:
        if not (target / name).exists():
            raise SanitiserError(f"Expected {name} from {system.id}, found none.")
        given, made = soundfile.info(source / name), soundfile.info(target / name)
        if (given.frames, given.samplerate) != (made.frames, made.samplerate):
            (target / name).unlink()  # or it would be taken for done the next time
            raise SanitiserError(
                f"Expected {given.frames} samples at {given.samplerate} Hz in {name} from {system.id}, found {made.frames} at "
                f"{made.samplerate}."
            )
    return target
