"""The mel scale of Slaney's Auditory Toolbox, and triangular bands evaluated at any frequencies."""

from __future__ import annotations

import numpy as np

LINEAR_HZ_PER_MEL = 200.0 / 3
KNEE_HZ = 1000.0
KNEE_MEL = KNEE_HZ / LINEAR_HZ_PER_MEL
LOG_STEP = np.log(6.4) / 27


def hz_to_mel(frequency_hz: np.ndarray | float) -> np.ndarray:
    """Linear below 1 kHz, logarithmic above; any shape.

    References:
        Slaney 1998, "Auditory Toolbox, version 2", Interval Research TR 1998-010
    """
    frequency = np.asarray(frequency_hz, np.float64)
    above = KNEE_MEL + np.log(np.maximum(frequency, KNEE_HZ) / KNEE_HZ) / LOG_STEP
    return np.where(frequency < KNEE_HZ, frequency / LINEAR_HZ_PER_MEL, above)


def mel_to_hz(mel: np.ndarray | float) -> np.ndarray:
    """Inverse of `hz_to_mel`."""
    mel = np.asarray(mel, np.float64)
    above = KNEE_HZ * np.exp(LOG_STEP * (np.maximum(mel, KNEE_MEL) - KNEE_MEL))
    return np.where(mel < KNEE_MEL, mel * LINEAR_HZ_PER_MEL, above)


def mel_edges_hz(bands: int, low_hz: float, high_hz: float) -> np.ndarray:
    """(bands + 2,): band b rises from edge b to a peak at edge b + 1 and falls to edge b + 2."""
    return mel_to_hz(np.linspace(hz_to_mel(low_hz), hz_to_mel(high_hz), bands + 2))


def mel_triangles(frequencies_hz: np.ndarray, bands: int, low_hz: float, high_hz: float) -> np.ndarray:
    """Triangles of unit area in Hz (Slaney's normalisation: height 2 / base).

    Args:
        frequencies_hz: (bins,), where to evaluate; need not be evenly spaced.
    Returns:
        (bands, bins), float64, 1/Hz.
    """
    edges = mel_edges_hz(bands, low_hz, high_hz)
    low, peak, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (frequencies_hz - low) / (peak - low)
    falling = (high - frequencies_hz) / (high - peak)
    return np.maximum(0.0, np.minimum(rising, falling)) * 2 / (high - low)
