"""What judges measure of a folder of recordings, computed once and kept: interrupted work goes on where it stopped."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile

from .material import Recording
from .recognisers import Recogniser

SAVE_EVERY_SECONDS = 20.0


def embedded(
    folder: Path, recordings: Sequence[Recording], cache: Path, make: Callable[[], Callable[[np.ndarray], np.ndarray]]
) -> np.ndarray:
    """(recordings, features): an embedder's numbers for each file, kept in `cache`, an .npz.

    Args:
        folder: holds the recordings by their names.
        make: opens the embedder; called only when something is missing.
    """
    known: dict[str, np.ndarray] = {}
    if cache.exists():
        with np.load(cache) as stored:
            known = dict(zip(stored["names"].tolist(), stored["features"], strict=True))
    missing = [recording.name for recording in recordings if recording.name not in known]
    if missing:
        embed, saved = make(), time.monotonic()
        for name in missing:
            known[name] = np.asarray(embed(_read(folder / name)), np.float32)
            if name == missing[-1] or time.monotonic() - saved > SAVE_EVERY_SECONDS:
                partial = cache.with_suffix(".part.npz")
                np.savez(partial, names=np.array(list(known)), features=np.stack(list(known.values())))
                partial.rename(cache)
                saved = time.monotonic()
    return np.stack([known[recording.name] for recording in recordings]).astype(np.float64)


def recognised(
    folder: Path, recordings: Sequence[Recording], cache: Path, make: Callable[[], Recogniser]
) -> list[str]:
    """What a recogniser wrote for each file, kept in `cache`, a .json.

    Args:
        make: opens the recogniser; called only when something is missing.
    """
    known: dict[str, str] = json.loads(cache.read_text(encoding="utf-8")) if cache.exists() else {}
    missing = [recording for recording in recordings if recording.name not in known]
    if missing:
        recognise, saved = make(), time.monotonic()
        for recording in missing:
            known[recording.name] = recognise(_read(folder / recording.name), recording.language)
            if recording is missing[-1] or time.monotonic() - saved > SAVE_EVERY_SECONDS:
                partial = cache.with_suffix(".part")
                partial.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
                partial.rename(cache)
                saved = time.monotonic()
    return [known[recording.name] for recording in recordings]


def _read(path: Path) -> np.ndarray:
    samples, _ = soundfile.read(path, dtype="float32")
    return samples
