"""Systems that answer the same questions without masks, out of PyPI and for judging only."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime

from ..pcm_cache import SAMPLE_RATE_HZ
from ..stft import HOP_SAMPLES, frame_count

SILERO_CHUNK, SILERO_CONTEXT = 512, 64
SILERO_STATE = (2, 1, 128)


def silero_vad() -> Callable[[np.ndarray], np.ndarray]:
    """Silero VAD (MIT) at 16 kHz: (samples,) -> probability of speech (frames,), each chunk's for the frames in it.

    Frame t is centred on t * 256 samples; a chunk covers 512.
    """
    spec = importlib.util.find_spec("silero_vad")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("Expected the package silero-vad, found none. Install requirements-eval.txt.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = Path(spec.submodule_search_locations[0]) / "data" / "silero_vad.onnx"
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    rate = np.array(SAMPLE_RATE_HZ, np.int64)

    def probabilities(signal: np.ndarray) -> np.ndarray:
        padded = np.pad(signal, (SILERO_CONTEXT, -len(signal) % SILERO_CHUNK)).astype(np.float32)
        state = np.zeros(SILERO_STATE, np.float32)
        found = []
        for start in range(0, len(padded) - SILERO_CONTEXT, SILERO_CHUNK):
            chunk = padded[None, start : start + SILERO_CONTEXT + SILERO_CHUNK]
            output, state = session.run(None, {"input": chunk, "state": state, "sr": rate})
            found.append(float(output[0, 0]))
        chunk_of = np.minimum(np.arange(frame_count(len(signal))) * HOP_SAMPLES // SILERO_CHUNK, len(found) - 1)
        return np.array(found)[chunk_of]

    return probabilities
