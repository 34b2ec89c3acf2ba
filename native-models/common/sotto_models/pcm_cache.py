"""Corpus clips decoded once into one memory-mapped int16 file, so that mixing never waits for a decoder."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from .corpus import Clip, CorpusError

SAMPLE_RATE_HZ = 16_000


def runs_folder() -> Path:
    """Where caches, logs and checkpoints live: ${XDG_CACHE_HOME:-~/.cache}/sotto/runs, outside the repository."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "sotto" / "runs"


class PcmCache:
    """Mono 16 kHz PCM of many clips behind one memory map.

    Args:
        samples: int16, (total samples,), full scale 32768; a read-only memory map.
        offsets: path -> (first sample, number of samples).
    """

    def __init__(self, samples: np.ndarray, offsets: dict[str, tuple[int, int]]):
        self._samples = samples
        self._offsets = offsets

    def length(self, path: str) -> int:
        """Number of samples of a clip."""
        return self._offsets[path][1]

    def read(self, path: str, start: int = 0, count: int | None = None) -> np.ndarray:
        """Part of a clip as float32 in +-1, (samples,); a copy, shorter at the clip's end."""
        first, length = self._offsets[path]
        stop = length if count is None else min(length, start + count)
        return self._samples[first + start : first + stop].astype(np.float32) / 32768.0

    def digest(self, path: str) -> str:
        """A name for a clip's sound, 16 hexadecimal digits: the same samples have the same one under any path."""
        first, length = self._offsets[path]
        return hashlib.blake2b(self._samples[first : first + length].tobytes(), digest_size=8).hexdigest()


def open_cache(corpus: Path, clips: Sequence[Clip], folder: Path) -> PcmCache:
    """Opens the cache of these clips below `folder`, and decodes them first when it is not there yet.

    The name holds a hash of the paths and durations, so another selection is another cache.

    Raises:
        CorpusError: a clip is not 16 kHz mono.
    """
    key = hashlib.sha256("\n".join(f"{c.path}\t{c.duration_seconds}" for c in clips).encode()).hexdigest()[:16]
    data_file, index_file = folder / f"pcm-{key}.i16", folder / f"pcm-{key}.json"
    if not index_file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _decode(corpus, clips, data_file, index_file)
    offsets = {path: (first, count) for path, (first, count) in json.loads(index_file.read_text()).items()}
    return PcmCache(np.memmap(data_file, dtype=np.int16, mode="r"), offsets)


def read_clip(corpus: Path, path: str) -> np.ndarray:
    """Decodes one clip to float32 in +-1, (samples,).

    Raises:
        CorpusError: the clip is not 16 kHz mono.
    """
    samples, rate = soundfile.read(str(corpus / path), dtype="float32", always_2d=True)
    if rate != SAMPLE_RATE_HZ or samples.shape[1] != 1:
        raise CorpusError(f"Expected 16000 Hz mono in {path}, found {rate} Hz with {samples.shape[1]} channels.")
    return samples[:, 0]


def _decode(corpus: Path, clips: Sequence[Clip], data_file: Path, index_file: Path) -> None:
    offsets: dict[str, tuple[int, int]] = {}
    position = 0
    partial = data_file.with_suffix(f".{os.getpid()}.part")
    with open(partial, "wb") as file:
        for clip in clips:
            samples = read_clip(corpus, clip.path)
            pcm = np.clip(np.round(samples * 32768.0), -32768, 32767).astype(np.int16)
            pcm.tofile(file)
            offsets[clip.path] = (position, len(pcm))
            position += len(pcm)
    os.replace(partial, data_file)
    partial_index = index_file.with_suffix(f".{os.getpid()}.part")
    partial_index.write_text(json.dumps(offsets))
    os.replace(partial_index, index_file)
