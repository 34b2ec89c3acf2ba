"""Sanitisers that are known to protect badly, and one that says nothing: an evaluation is trusted when it says so of them."""

from __future__ import annotations

import numpy as np
from scipy import linalg, signal

SAMPLE_RATE_HZ = 16_000
LP_ORDER = 20
FRAME_SAMPLES, HOP_SAMPLES = 320, 160
LEAST_ANGLE = 1e-4
LARGEST_RADIUS = 0.995


def mcadams(samples: np.ndarray, alpha: float) -> np.ndarray:
    """The McAdams coefficient on formants: pole angles phi become phi ** alpha, the residual stays.

    20 ms frames, hop 10 ms, square-root Hann at analysis and synthesis, one hop of zeros on either side; each frame keeps its
    energy.

    Args:
        samples: (samples,), 16 kHz.
        alpha: below 1 moves formants below 1 rad (2.5 kHz) up, and those above it down.
    Returns:
        (samples,), float32, the same length.
    References:
        McAdams 1984, "Spectral fusion, spectral parsing and the formation of auditory images"
        Patino et al. 2021, "Speaker anonymisation using the McAdams coefficient", https://arxiv.org/abs/2011.01130
    """
    window = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME_SAMPLES) / FRAME_SAMPLES))
    padded = np.pad(samples.astype(np.float64), (HOP_SAMPLES, FRAME_SAMPLES))
    out = np.zeros(len(padded))
    for start in range(0, len(samples) + HOP_SAMPLES, HOP_SAMPLES):
        frame = padded[start : start + FRAME_SAMPLES] * window
        out[start : start + FRAME_SAMPLES] += _warped(frame, alpha) * window
    return out[HOP_SAMPLES : HOP_SAMPLES + len(samples)].astype(np.float32)


def _warped(frame: np.ndarray, alpha: float) -> np.ndarray:
    energy = float(frame @ frame)
    if energy < 1e-10:
        return np.zeros_like(frame)
    correlation = np.array([frame[: len(frame) - lag] @ frame[lag:] for lag in range(LP_ORDER + 1)])
    correlation[0] *= 1 + 1e-6  # white-noise correction: keeps nearly pure tones solvable
    predictor = np.concatenate([[1.0], -linalg.solve_toeplitz(correlation[:-1], correlation[1:])])
    residual = signal.lfilter(predictor, [1.0], frame)
    poles = np.roots(predictor)
    angles, radii = np.angle(poles), np.minimum(np.abs(poles), LARGEST_RADIUS)
    turned = np.where(np.abs(poles.imag) > LEAST_ANGLE, np.sign(angles) * np.abs(angles) ** alpha, angles)
    moved = np.real(np.poly(radii * np.exp(1j * np.clip(turned, -np.pi, np.pi))))
    made = signal.lfilter([1.0], moved, residual)
    return made * np.sqrt(energy / max(float(made @ made), 1e-12))


def pitch_shift(samples: np.ndarray, semitones: float) -> np.ndarray:
    """A plain pitch shift, formants moved along: played faster or slower, then brought back to its length.

    The length is restored by overlapping 32 ms pieces where they are most alike (WSOLA), hop 16 ms, Hann.

    Args:
        samples: (samples,), 16 kHz.
        semitones: up when positive.
    Returns:
        (samples,), float32, the same length.
    References:
        Verhelst & Roelands 1993, "An overlap-add technique based on waveform similarity (WSOLA)"
    """
    factor = 2 ** (semitones / 12)
    count = max(round(len(samples) / factor), 2)
    fast = np.interp(np.linspace(0, len(samples) - 1, count), np.arange(len(samples)), _band_limited(samples, factor))
    piece, hop, reach = 512, 256, 160
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(piece) / piece)
    source = np.pad(fast, (piece + reach, 2 * piece + 2 * reach))
    out, weight = np.zeros(len(samples) + 3 * piece), np.zeros(len(samples) + 3 * piece)
    follow = source[reach : reach + piece]
    for start in range(0, len(samples) + piece, hop):
        middle = min(round(start / factor), len(source) - piece - 2 * reach)
        nearby = source[middle : middle + piece + 2 * reach]
        offset = int(np.argmax(signal.correlate(nearby, follow, mode="valid", method="fft")))
        taken = middle + offset
        out[start : start + piece] += source[taken : taken + piece] * window
        weight[start : start + piece] += window
        follow = source[taken + hop : taken + hop + piece]
        if len(follow) < piece:
            follow = np.pad(follow, (0, piece - len(follow)))
    made = out / np.maximum(weight, 1e-3)
    return made[piece : piece + len(samples)].astype(np.float32)


def _band_limited(samples: np.ndarray, factor: float) -> np.ndarray:
    """Without what would fold back when played faster."""
    if factor <= 1:
        return samples.astype(np.float64)
    return signal.sosfiltfilt(signal.butter(8, 0.95 / factor, output="sos"), samples.astype(np.float64))


def speech_shaped_noise(count: int, generator: np.random.Generator) -> np.ndarray:
    """Noise with the slope of long-term speech, -26 dBFS rms: the same sound in every file, drawn anew, that says nothing."""
    shape = signal.butter(1, [100, 1_000], "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    noise = signal.sosfilt(shape, generator.standard_normal(count + 1_600))[1_600:]
    return (noise * 10 ** (-26 / 20) / max(float(np.sqrt(np.mean(noise**2))), 1e-9)).astype(np.float32)
