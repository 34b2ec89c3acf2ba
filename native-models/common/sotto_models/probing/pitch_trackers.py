"""Real F0 trackers out of PyPI: they label clean speech, and track noisy speech beside the probes.

For judging and labelling only; nothing of them is shipped. YIN needs requirements-eval.txt, the others
requirements-eval-bare.txt.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np

from ..pcm_cache import SAMPLE_RATE_HZ
from ..stft import HOP_SAMPLES
from .frame_labels import UNKNOWN, fit_frames

F0_RANGE_HZ = (60.0, 500.0)
AGREEMENT_CENTS = 50.0
SURE_VOICED, SURE_UNVOICED = 0.5, 0.3
YIN_SAMPLES = 1024

Tracker = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""(samples,) at 16 kHz -> F0 in Hz and how sure it is of a voice (0..1), both (frames,); 0 Hz where it has no value."""


def swift_f0() -> Tracker:
    """SwiftF0 (MIT), a small convolutional net; its frame t is centred on t * 256 samples, as ours.

    Raises:
        ModuleNotFoundError: the package is missing.
    """
    try:
        from swift_f0 import SwiftF0
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "Expected the package swift-f0, found none. Install requirements-eval-bare.txt with pip --no-deps."
        ) from error

    detector = SwiftF0(threads=1)

    def track(signal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = detector.detect(signal.astype(np.float32), SAMPLE_RATE_HZ, *F0_RANGE_HZ)
        hertz, sure = (fit_frames(v, len(signal), 0.0) for v in (found.pitch_hz, found.confidence))
        return hertz, sure

    return track


def world() -> Tracker:
    """DIO refined by StoneMask, of WORLD (BSD-3).

    References:
        Morise et al. 2009, "Fast and reliable F0 estimation method based on the period extraction of vocal fold
        vibration of singing voice and speech"
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyworld asks pkg_resources for its version
        import pyworld

    def track(signal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        wide = signal.astype(np.float64)
        low, high = F0_RANGE_HZ
        period = 1000 * HOP_SAMPLES / SAMPLE_RATE_HZ
        coarse, seconds = pyworld.dio(wide, SAMPLE_RATE_HZ, f0_floor=low, f0_ceil=high, frame_period=period)
        hertz = fit_frames(pyworld.stonemask(wide, coarse, seconds, SAMPLE_RATE_HZ), len(signal), 0.0)
        return hertz, (hertz > 0).astype(np.float64)

    return track


def yin() -> Tracker:
    """YIN of librosa (ISC), which has no part in the labels; it always has a value, so that its certainty is 1.

    References:
        de Cheveigne & Kawahara 2002, "YIN, a fundamental frequency estimator for speech and music"
    """
    import librosa

    low, high = F0_RANGE_HZ

    def track(signal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = librosa.yin(
            signal.astype(np.float32), fmin=low, fmax=high, sr=SAMPLE_RATE_HZ, frame_length=YIN_SAMPLES,
            hop_length=HOP_SAMPLES,
        )
        hertz = fit_frames(found, len(signal), 0.0)
        return hertz, (hertz > 0).astype(np.float64)

    return track


def cents_between(first_hz: np.ndarray, second_hz: np.ndarray) -> np.ndarray:
    """Distance of two pitches in cents, never negative; infinite where either is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((first_hz > 0) & (second_hz > 0), np.abs(1200 * np.log2(first_hz / second_hz)), np.inf)


def pitch_labels(
    voice: np.ndarray, speech: np.ndarray, tracker: Tracker, second: Tracker
) -> tuple[np.ndarray, np.ndarray]:
    """Voicing and F0 of clean speech, agreed on by two trackers.

    A frame is voiced where the first tracker is sure and the second, where it has a value, is within 50 cents: that
    takes out octave errors of either. In between, and where they disagree, voicing is unknown.

    Args:
        voice: (samples,), clean. speech: (frames,), bool.
    Returns:
        voiced (frames,), 1, 0 or -1; F0 in Hz (frames,), float32, NaN where not voiced.
    """
    voiced = np.zeros(len(speech), np.int8)
    if not speech.any():
        return voiced, np.full(len(speech), np.nan, np.float32)
    hertz, sure = tracker(voice)
    other, _ = second(voice)
    low, high = F0_RANGE_HZ
    inside = (hertz > low * 1.02) & (hertz < high * 0.98)
    agreed = (cents_between(hertz, other) <= AGREEMENT_CENTS) | (other == 0)
    voiced[speech & (sure >= SURE_UNVOICED)] = UNKNOWN
    voiced[speech & (sure >= SURE_VOICED) & inside & agreed] = 1
    return voiced, np.where(voiced == 1, hertz, np.nan).astype(np.float32)
