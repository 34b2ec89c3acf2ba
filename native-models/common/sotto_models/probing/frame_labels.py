"""Truths about each frame, out of the known parts of a mixture. Frames are those of `sotto_models.stft`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ..stft import FFT_SIZE, HOP_SAMPLES, frame_count, stft

SPEECH_BELOW_ACTIVE_DB = 30.0
ACTIVE_MARGIN_DB = 15.9
"""ITU-T P.56: how far below the active level a frame still counts as active."""

HANGOVER_FRAMES = 6
"""96 ms at 16 ms a frame, the nearest to 100 ms."""

SNR_WINDOW_FRAMES = 31
SNR_RANGE_DB = (-10.0, 35.0)
UNKNOWN = -1


@dataclass(frozen=True)
class FrameLabels:
    """Truths about the frames of one recording, each (frames,).

    Attributes:
        speech: 1 where somebody speaks, 0 where nobody does, -1 where it is not known.
        voiced: 1 on voiced frames, 0 on others, -1 where the trackers disagree or speech is not known.
        f0_hz: float32, NaN where `voiced` is not 1.
        snr_db: float32, NaN where nobody speaks.
        noise: index of the noise label, -1 where there is none.
        domain: 1 for sounds such as the net was trained on, 0 for others, -1 where it is not known.
    """

    speech: np.ndarray
    voiced: np.ndarray
    f0_hz: np.ndarray
    snr_db: np.ndarray
    noise: np.ndarray
    domain: np.ndarray


def frame_power(signal: np.ndarray) -> np.ndarray:
    """Mean square of each windowed frame, the window's power compensated.

    Args:
        signal: (samples,), float32, +-1.
    Returns:
        (frames,), float64; the same sum over magnitudes as the engine's level of a frame.
    """
    squared = stft(torch.from_numpy(np.ascontiguousarray(signal, np.float32))[None])[0].abs().double().square()
    power = 2 * squared.sum(0) - squared[0] - squared[-1]  # (bins, frames) -> (frames,)
    return (power / (FFT_SIZE * HOP_SAMPLES)).numpy()


def active_power(power: np.ndarray) -> float:
    """Mean power of the frames that are at most 15.9 dB below that very mean; 0 for silence.

    Args:
        power: (frames,), mean squares.
    References:
        ITU-T P.56, method B, with frames in place of an envelope
    """
    level = float(power.mean()) if power.size else 0.0
    for _ in range(20):
        loud = power[power > level * 10 ** (-ACTIVE_MARGIN_DB / 10)]
        following = float(loud.mean()) if loud.size else 0.0
        if following <= level * (1 + 1e-6):
            break
        level = following
    return level


def speech_frames(voice: np.ndarray) -> np.ndarray:
    """Where clean speech is within 30 dB of its active level, and 96 ms beyond.

    Args:
        voice: (samples,), clean speech of one level, 16 kHz; zeros for nobody.
    Returns:
        (frames,), bool.
    """
    return speech_of_power(frame_power(voice))


def speech_of_power(power: np.ndarray) -> np.ndarray:
    """`speech_frames` of a voice whose frames have these mean squares; (frames,) -> (frames,), bool."""
    level = active_power(power)
    if level == 0:
        return np.zeros(len(power), bool)
    loud = power > level * 10 ** (-SPEECH_BELOW_ACTIVE_DB / 10)
    held = loud.copy()
    for delay in range(1, HANGOVER_FRAMES + 1):
        held[delay:] |= loud[:-delay]
    return held


def local_snr_db(voice: np.ndarray, noise: np.ndarray, speech: np.ndarray) -> np.ndarray:
    """Level of the voice while it speaks over the level of the noise, around each frame with speech.

    Args:
        voice: (samples,). noise: (samples,). Both as they are in the mixture.
        speech: (frames,), bool.
    Returns:
        (frames,), float32 dB in SNR_RANGE_DB, over a centred half second; NaN where nobody speaks.
    """
    return snr_db_of_powers(frame_power(voice), frame_power(noise), speech)


def snr_db_of_powers(voice: np.ndarray, noise: np.ndarray, speech: np.ndarray) -> np.ndarray:
    """`local_snr_db` of parts whose frames have these mean squares; all (frames,)."""
    window = np.ones(SNR_WINDOW_FRAMES)
    active = speech.astype(np.float64)
    count = np.convolve(active, window, "same")
    voice_power = np.convolve(voice * active, window, "same") / np.maximum(count, 1)
    frames = np.convolve(np.ones(len(speech)), window, "same")
    noise_power = np.convolve(noise, window, "same") / frames
    snr = 10 * np.log10(np.maximum(voice_power, 1e-12) / np.maximum(noise_power, 1e-12))
    return np.where(speech, np.clip(snr, *SNR_RANGE_DB), np.nan).astype(np.float32)


def fit_frames(values: np.ndarray, samples: int, fill: float) -> np.ndarray:
    """A tracker's values cut or filled up to the frames of a signal of so many samples."""
    frames = frame_count(samples)
    return np.pad(values[:frames], (0, max(0, frames - len(values))), constant_values=fill)
