"""Reading the audio corpus by its manifest, with the rules that keep a shipped weight honest.

The manifest is a CSV with at least the columns `path, kind, source, licence, speaker, label, duration_s, split`.
Its `split` column is binding, everything below `eval-nc/` is for evaluation only, and copyleft rows stay out of
training unless a configuration asks for them, so that weights can be MIT.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

CORPUS_VARIABLE = "SOTTO_CORPUS"
EVALUATION_ONLY_PREFIX = "eval-nc/"
SPLITS = ("train", "valid", "test")

PERMISSIVE_LICENCES = frozenset(
    {
        "CC0-1.0",
        "public-domain",
        "CC-BY-3.0",
        "CC-BY-4.0",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "MIT",
        "CC0-1.0 or Pixabay Content License",
    }
)
COPYLEFT_LICENCES = frozenset(
    {
        "CC-BY-SA-3.0",
        "CC-BY-SA-4.0",
        "GPL-2.0-only",
        "GPL-2.0-or-later",
        "GPL-3.0-only",
        "GPL-3.0-or-later",
    }
)


class CorpusError(ValueError):
    """The corpus is missing, malformed, or was about to be used against its rules."""


@dataclass(frozen=True)
class Clip:
    """One row of the manifest.

    Attributes:
        path: relative to the corpus folder, with forward slashes.
        kind: speech, noise, event, emotion or music.
        label: language for speech, class for noise and events.
        duration_seconds: as the manifest states it.
        split: train, valid or test.
    """

    path: str
    kind: str
    source: str
    licence: str
    speaker: str
    label: str
    duration_seconds: float
    split: str


def corpus_folder(argument: str | None = None) -> Path:
    """The corpus folder out of a `--corpus` argument or the environment variable SOTTO_CORPUS.

    Raises:
        CorpusError: neither is set, or the folder holds no manifest.csv.
    """
    value = argument or os.environ.get(CORPUS_VARIABLE)
    if not value:
        raise CorpusError(f"Expected a corpus folder, found none. Pass --corpus FOLDER or set {CORPUS_VARIABLE}.")
    folder = Path(value)
    if not (folder / "manifest.csv").is_file():
        raise CorpusError(f"Expected manifest.csv in {folder}, found none. See native-models/DATA.md.")
    return folder


def read_manifest(folder: Path) -> list[Clip]:
    """All rows of the manifest in its order.

    Raises:
        CorpusError: a row names an unknown split, or an evaluation-only path is not marked `test`.
    """
    clips = []
    with open(folder / "manifest.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            clip = Clip(
                path=row["path"],
                kind=row["kind"],
                source=row["source"],
                licence=row["licence"],
                speaker=row["speaker"] or "",
                label=row["label"] or "",
                duration_seconds=float(row["duration_s"] or 0.0),
                split=row["split"],
            )
            if clip.split not in SPLITS:
                raise CorpusError(f"Expected split train, valid or test for {clip.path}, found {clip.split!r}.")
            if is_evaluation_only(clip) and clip.split != "test":
                raise CorpusError(f"Expected split test for the evaluation-only {clip.path}, found {clip.split!r}.")
            clips.append(clip)
    return clips


def is_evaluation_only(clip: Clip) -> bool:
    """True for NonCommercial material, which may judge a weight but never shape it."""
    return clip.path.replace("\\", "/").lstrip("./").startswith(EVALUATION_ONLY_PREFIX)


def training_clips(clips: Iterable[Clip], split: str = "train", allow_copyleft: bool = False) -> list[Clip]:
    """The clips that may shape a weight: the train split, or the valid split for choosing a checkpoint.

    Args:
        clips: rows of the manifest.
        split: `train` or `valid`.
        allow_copyleft: also take GPL and CC-BY-SA rows; the weight is then not for an MIT release.
    Raises:
        CorpusError: the test split is asked for, or a row has a licence that nobody has judged yet.
    """
    if split not in ("train", "valid"):
        raise CorpusError(f"Expected split train or valid for training, found {split!r}. Test data only judges.")
    chosen = []
    for clip in clips:
        if clip.split != split or is_evaluation_only(clip):
            continue
        if clip.licence in COPYLEFT_LICENCES:
            if not allow_copyleft:
                continue
        elif clip.licence not in PERMISSIVE_LICENCES:
            raise CorpusError(
                f"Expected a known licence for {clip.path}, found {clip.licence!r}. Judge it in corpus.py first."
            )
        chosen.append(clip)
    refuse_forbidden(chosen)
    return chosen


def hours_by_kind(clips: Iterable[Clip]) -> dict[str, float]:
    """`speech_hours` and `noise_hours`; emotional speech is speech, events and music are noise."""
    seconds = {"speech_hours": 0.0, "noise_hours": 0.0}
    for clip in clips:
        seconds["speech_hours" if clip.kind in ("speech", "emotion") else "noise_hours"] += clip.duration_seconds
    return {name: round(value / 3600, 2) for name, value in seconds.items()}


def refuse_forbidden(clips: Iterable[Clip]) -> None:
    """The last gate in front of the optimiser.

    Raises:
        CorpusError: a clip is evaluation-only or of the test split.
    """
    for clip in clips:
        if is_evaluation_only(clip):
            raise CorpusError(f"{clip.path} is NonCommercial and for evaluation only; it may not train a weight.")
        if clip.split == "test":
            raise CorpusError(f"{clip.path} belongs to the test split; it may not train or choose a weight.")
