"""Golden files: one short noisy recording and what the model must make of it, read by Python and TypeScript alike.

`noisy.wav` is 16 kHz mono 16 bit; each level's mask and enhanced sound are raw little-endian float32, the mask in row-major
order (frames, bins), the signal in +-1. The STFT is the shared one: periodic sqrt-Hann 512/256, unnormalised, 256
zeros in front, zeros at the end to a whole number of hops plus one.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import soundfile
import torch

from .onnx_export import write_json
from .stft import BINS, istft, stft

SAMPLE_RATE_HZ = 16_000
MAX_ABSOLUTE_ERROR = 1e-4
"""Room for another FFT and another float order; a shifted frame or window errs by more than 1e-2."""


def run_model(session: onnxruntime.InferenceSession, signal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mask and enhanced signal of an exported spectral-mask model.

    Args:
        signal: (samples,), float32, 16 kHz, +-1.
    Returns:
        mask (bins, frames) and signal (samples,), both float32.
    """
    spectrum = stft(torch.from_numpy(signal)[None])
    (mask,) = session.run(["mask"], {"magnitude": spectrum.abs().numpy()})
    enhanced = istft(spectrum * torch.from_numpy(mask), len(signal))
    return mask[0], enhanced[0].numpy()


def write_golden(
    session: onnxruntime.InferenceSession, level: str, noisy: np.ndarray, folder: Path, attribution: str
) -> dict:
    """Writes noisy.wav and, for one level, mask and enhanced sound; golden.json keeps what it says of the other levels.

    The outputs belong to the 16-bit file as stored.

    Args:
        noisy: (samples,), float32, 16 kHz, a few seconds.
        attribution: whose speech and noise it is, and the licence.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index = folder / "golden.json"
    levels = json.loads(index.read_text(encoding="utf-8"))["levels"] if index.exists() else {}
    soundfile.write(str(folder / "noisy.wav"), noisy, SAMPLE_RATE_HZ, subtype="PCM_16")
    stored, _ = soundfile.read(str(folder / "noisy.wav"), dtype="float32")
    mask, enhanced = run_model(session, stored)
    files = f"{level}-mask.f32", f"{level}-enhanced.f32"
    np.ascontiguousarray(mask.T).astype("<f4").tofile(folder / files[0])  # (F, T) -> (T, F)
    enhanced.astype("<f4").tofile(folder / files[1])
    levels[level] = {
        "mask": {"file": files[0], "type": "float32le", "order": "frames,bins", "shape": [mask.shape[1], BINS]},
        "enhanced": {"file": files[1], "type": "float32le", "samples": len(enhanced)},
    }
    golden = {
        "schema": "sotto.golden/2",
        "input": {"file": "noisy.wav", "sampleRateHz": SAMPLE_RATE_HZ, "samples": len(stored)},
        "levels": levels,
        "maxAbsoluteError": MAX_ABSOLUTE_ERROR,
        "attribution": attribution,
    }
    write_json(index, golden)
    return golden
