"""A shipped encoder as the product runs it: its graph behind the front end with the running mean."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ..onnx_export import open_session
from ..pcm_cache import SAMPLE_RATE_HZ
from .codebooks import Codebooks
from .mel import log_mel, running_normalised


class ExportedEncoder:
    """One level of a folder with model.json of the runner `voice-codes`."""

    def __init__(self, graph: Path):
        self._session = open_session(graph)

    def __call__(self, sound: np.ndarray) -> np.ndarray:
        """(samples,), 16 kHz -> z (codes, 64), float32."""
        mel = running_normalised(log_mel(sound, SAMPLE_RATE_HZ)).T  # (frames, 80) -> (80, frames)
        (z,) = self._session.run(None, {"mel": np.ascontiguousarray(mel[None], np.float32)})
        return z[0].T


def shipped_codebooks(folder: Path) -> Codebooks:
    """The codebooks beside model.json."""
    told = json.loads((folder / "model.json").read_text(encoding="utf-8"))["codebooks"]
    first, residual = (np.fromfile(folder / told[n]["file"], "<f4").reshape(told[n]["shape"]) for n in ("first", "residual"))
    return Codebooks(first, residual)
