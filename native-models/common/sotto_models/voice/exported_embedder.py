"""A shipped speaker embedder as the product runs it: its graph over windows of speech."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..judging.speaker_backend import unit_length
from ..onnx_export import open_session
from ..pcm_cache import SAMPLE_RATE_HZ
from .mel import FRAMES_PER_SECOND, log_mel
from .speech_windows import speech_windows


class ExportedEmbedder:
    """One level of a folder with model.json of the runner `speaker-embedder`."""

    def __init__(self, graph: Path):
        self._session = open_session(graph)

    def __call__(self, sound: np.ndarray, rate_hz: int = SAMPLE_RATE_HZ) -> tuple[np.ndarray | None, float]:
        """(samples,) -> the embedding, (size,), float64, of length 1, and the seconds of speech that it was made of.

        The mean of the vectors of all windows, each of length 1 and counted by its frames; None where less than a second of
        speech was found.
        """
        windows = speech_windows(log_mel(sound, rate_hz), len(sound) / rate_hz)
        if not windows:
            return None, 0.0
        total = 0.0
        for window in windows:
            (vector,) = self._session.run(None, {"mel": np.ascontiguousarray(window.T[None], np.float32)})
            total = total + len(window) * unit_length(vector.astype(np.float64))[0]
        return unit_length(total[None])[0], sum(map(len, windows)) / FRAMES_PER_SECOND
