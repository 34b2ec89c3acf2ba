"""F0 tracks of clean clips, tracked once and kept beside the PCM cache: labels that training crops are cut from."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from .corpus import Clip
from .pcm_cache import PcmCache
from .probing.pitch_trackers import Tracker
from .stft import HOP_SAMPLES

CLIPS_PER_SHARD = 100
"""Clips between two writes; an interrupted run loses at most these."""


class PitchTracks:
    """F0 and certainty of many clips, one value per 256 samples, the first centred on a clip's first sample.

    Args:
        tracks: path -> (frames, 2), float32: F0 in Hz and certainty 0..1.
    """

    def __init__(self, tracks: dict[str, np.ndarray]):
        self._tracks = tracks

    def at(self, path: str, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """F0 in Hz and certainty nearest to some sample positions of a clip, (positions,) each.

        Args:
            samples: (positions,), in samples of the clip, fractions allowed; those outside take the nearest end.
        """
        track = self._tracks[path]
        rows = np.clip(np.rint(np.asarray(samples) / HOP_SAMPLES).astype(np.int64), 0, len(track) - 1)
        return track[rows, 0], track[rows, 1]


def open_pitch_tracks(
    cache: PcmCache, clips: Sequence[Clip], folder: Path, tracker: Callable[[], Tracker],
    report: Callable[[str], None] = print,
) -> PitchTracks:
    """Tracks of these clips out of `folder`; clips that are not there yet are tracked first, about 26 s per hour.

    A track is kept under a digest of the clip's samples, in files that are written once: an interrupted run goes on where
    it was, other selections share what is there, and two runs at once only do work twice.

    Args:
        cache: PCM of all `clips`.
        clips: clean speech.
        folder: receives one file per hundred clips.
        tracker: makes the tracker; called only when something is missing.
    """
    digests = {clip.path: cache.digest(clip.path) for clip in clips}
    known = _read_shards(folder)
    missing = sorted({digest: path for path, digest in digests.items() if digest not in known}.items())
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        track = tracker()
        for first in range(0, len(missing), CLIPS_PER_SHARD):
            part = {
                digest: np.stack(track(cache.read(path)), 1).astype(np.float32)
                for digest, path in missing[first : first + CLIPS_PER_SHARD]
            }
            _write_shard(part, folder)
            known |= part
            report(f"F0 of {min(first + CLIPS_PER_SHARD, len(missing))} of {len(missing)} clips")
    return PitchTracks({path: known[digest] for path, digest in digests.items()})


def _read_shards(folder: Path) -> dict[str, np.ndarray]:
    known: dict[str, np.ndarray] = {}
    for file in sorted(folder.glob("f0-*.npz")):
        with np.load(file) as kept:
            ends = np.cumsum(kept["lengths"])[:-1]
            known |= dict(zip(kept["digests"].tolist(), np.split(kept["tracks"], ends), strict=True))
    return known


def _write_shard(part: dict[str, np.ndarray], folder: Path) -> None:
    file = folder / f"f0-{next(iter(part))}.npz"
    partial = folder / f"{file.stem}.{os.getpid()}.part"
    with open(partial, "wb") as stream:
        np.savez(
            stream, digests=np.array(list(part)), lengths=np.array([len(track) for track in part.values()]),
            tracks=np.concatenate(list(part.values())),
        )
    os.replace(partial, file)
