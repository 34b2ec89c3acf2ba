"""Golden files: one short noisy recording and what the model must make of it, read by Python and TypeScript alike.

`noisy.wav` is 16 kHz mono 16 bit; `mask.f32` and `enhanced.f32` are raw little-endian float32, the mask in row-major
order (frames, bins), the signal in +-1. The STFT is the shared one: periodic sqrt-Hann 512/256, unnormalised, 256
zeros in front, zeros at the end to a whole number of hops plus one.
"""

from __future__ import annotations

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


def write_golden(session: onnxruntime.InferenceSession, noisy: np.ndarray, folder: Path, attribution: str) -> dict:
    """Writes noisy.wav, mask.f32, enhanced.f32 and golden.json; the outputs belong to the 16-bit file as stored.

    Args:
        noisy: (samples,), float32, 16 kHz, a few seconds.
        attribution: whose speech and noise it is, and the licence.
    """
    folder.mkdir(parents=True, exist_ok=True)
    soundfile.write(str(folder / "noisy.wav"), noisy, SAMPLE_RATE_HZ, subtype="PCM_16")
    stored, _ = soundfile.read(str(folder / "noisy.wav"), dtype="float32")
    mask, enhanced = run_model(session, stored)
    np.ascontiguousarray(mask.T).astype("<f4").tofile(folder / "mask.f32")  # (F, T) -> (T, F)
    enhanced.astype("<f4").tofile(folder / "enhanced.f32")
    golden = {
        "schema": "sotto.golden/1",
        "input": {"file": "noisy.wav", "sampleRateHz": SAMPLE_RATE_HZ, "samples": len(stored)},
        "mask": {"file": "mask.f32", "type": "float32le", "order": "frames,bins", "shape": [mask.shape[1], BINS]},
        "enhanced": {"file": "enhanced.f32", "type": "float32le", "samples": len(enhanced)},
        "maxAbsoluteError": MAX_ABSOLUTE_ERROR,
        "attribution": attribution,
    }
    write_json(folder / "golden.json", golden)
    return golden
