"""Writes the golden files of the disguise stage: McAdams' transformation on the spectral envelope, once more, in numpy.

It shares no code and no method of solving with the product (here: a Toeplitz solver and the response of A(z) itself), so
that both agree only where both are right. The speech is a CC0 clip of the tiny training set.

Example:
    python make_disguise_golden.py
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import soundfile
from scipy import linalg
from scipy import signal as scipy_signal

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sotto_models.onnx_export import write_json  # noqa: E402

CLIP = ROOT / "native-models" / "common" / "tests" / "data" / "de_rhasspy-0004.flac"
OUT = ROOT / "electron" / "engine" / "processors" / "disguise" / "golden"
BAND_HZ = 8000.0
FIXED_HZ = BAND_HZ / np.pi
ORDER_OF_BAND = 20
NOISE_FLOOR = 1e-5
FADE_SHARE = 1 / 16
ALPHA = 0.7
MAX_ABSOLUTE_ERROR = 2e-5


def frames_of(samples: np.ndarray, size: int) -> np.ndarray:
    """Spectra, (frames, size / 2 + 1): periodic sqrt-Hann window, hop size / 2, `hop` zeros before the start."""
    hop = size // 2
    count = -(-len(samples) // hop) + 1
    padded = np.zeros((count + 1) * hop)
    padded[hop:hop + len(samples)] = samples
    window = np.sin(np.pi * np.arange(size) / size)
    return np.stack([np.fft.rfft(padded[t * hop:t * hop + size] * window) for t in range(count)])


def signal_of(spectra: np.ndarray, size: int, length: int) -> np.ndarray:
    """Inverse of `frames_of`, (length,)."""
    hop = size // 2
    window = np.sin(np.pi * np.arange(size) / size)
    padded = np.zeros((len(spectra) + 1) * hop)
    for t, spectrum in enumerate(spectra):
        padded[t * hop:t * hop + size] += np.fft.irfft(spectrum, size) * window
    return padded[hop:hop + length]


def gains_of(power: np.ndarray, bin_hz: float, exponent: float) -> np.ndarray:
    """Gains, (bins,), for one frame of this power, (bins,)."""
    bins = len(power)
    band = min(bins, int(BAND_HZ / bin_hz) + 1)
    edge_hz = (band - 1) * bin_hz
    order = max(4, round(ORDER_OF_BAND * edge_hz / BAND_HZ))
    if not power[:band].sum() > 0:
        return np.where(np.arange(bins) < band, 1.0, 0.0)
    lags = np.fft.irfft(power[:band])[:order + 1].copy()
    lags[0] *= 1 + NOISE_FLOOR
    predictor = np.concatenate([[1.0], linalg.solve_toeplitz(lags[:-1], -lags[1:])])
    own_hz = np.arange(band) * bin_hz
    source_hz = np.minimum(edge_hz, FIXED_HZ * (own_hz / FIXED_HZ) ** (1 / exponent))
    response = [np.abs(scipy_signal.freqz(predictor, worN=np.pi * hz / edge_hz)[1]) for hz in (own_hz, source_hz)]
    gains = response[0] / response[1]
    fade_bins = int(band * FADE_SHARE) if bins > band else 0
    if fade_bins > 0:
        gains *= np.minimum(1, (band - 1 - np.arange(band)) / fade_bins)
    gains *= np.sqrt(power[:band].sum() / (power[:band] * gains**2).sum())
    return np.concatenate([gains, np.zeros(bins - band)])


def disguised(channels: np.ndarray, rate_hz: int, size: int, exponent: float) -> np.ndarray:
    """(channels, samples) of the disguise of `channels`: one set of gains a frame, from the mean power."""
    spectra = np.stack([frames_of(samples, size) for samples in channels])
    power = (np.abs(spectra) ** 2).mean(axis=0)
    gains = np.stack([gains_of(frame, rate_hz / size, exponent) for frame in power])
    return np.stack([signal_of(channel * gains, size, channels.shape[1]) for channel in spectra])


def write_case(rate_hz: int, size: int, channels: np.ndarray) -> dict:
    """Writes the input (16 bit) and the disguise of exactly that; returns the entry of golden.json."""
    name = f"speech-{rate_hz}.wav"
    soundfile.write(OUT / name, channels.T, rate_hz, subtype="PCM_16")
    given, _ = soundfile.read(OUT / name, always_2d=True)
    result = disguised(given.T, rate_hz, size, ALPHA).astype("<f4")
    (OUT / f"disguised-{rate_hz}.f32").write_bytes(result.T.tobytes())
    return {"input": name, "output": f"disguised-{rate_hz}.f32", "sampleRateHz": rate_hz, "channels": len(channels),
            "samples": channels.shape[1], "alpha": ALPHA}


def main() -> None:
    """Writes golden.json, inputs and outputs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    speech, rate_hz = soundfile.read(CLIP)
    mono = speech[:int(1.5 * rate_hz)]
    wide = scipy_signal.resample_poly(speech[int(0.5 * rate_hz):rate_hz], 3, 1)
    stereo = np.stack([wide, 0.5 * np.roll(wide, 9)])
    cases = [write_case(rate_hz, 320, mono[None]), write_case(3 * rate_hz, 960, stereo)]
    golden = {"schema": "sotto.disguise-golden/1", "command": "python make_disguise_golden.py", "cases": cases,
              "maxAbsoluteError": MAX_ABSOLUTE_ERROR}
    write_json(OUT / "golden.json", golden)
    print(json.dumps(golden, indent=2))


if __name__ == "__main__":
    main()
