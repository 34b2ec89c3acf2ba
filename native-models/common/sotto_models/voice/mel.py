"""The voice front end: 80 mel bands at 100 frames a second from sound at any rate, without a resampler.

Definition, for the product to repeat (`native-models/voice-codes/golden/front-end.json` holds vectors):

 1. Frame j is centred on sample c = floor(j * rate / 100 + 0.5); outside the recording are zeros. There are
    2 * max(2, ceil(samples * 50 / rate)) frames, so that two of them belong to each 20 ms.
 2. Window: w[n] = 0.5 + 0.5 cos(2 pi n / (0.025 rate)) for whole n with |n| < 0.0125 rate (Hann, 25 ms).
 3. X = FFT of w[n] x[c + n], zero padded to the smallest power of two of at least rate / 12 (bins of 12 Hz or less;
    2048 at 16 kHz, 4096 at 44.1 and 48 kHz); power P[k] = |X[k]|^2 / (sum of w)^2.
 4. Pre-emphasis as a weight: E(f) = 1 + 0.97^2 - 2 * 0.97 cos(2 pi f / 16000), whatever the rate.
 5. Band b = binwidth * sum over bins below 8 kHz of triangle_b(f) E(f) P, triangles of unit area in Hz (`mel_scale`).
    Bands above half the rate stay empty.
 6. L = ln(band + 1e-13).
 7. Normalised: clamp(L - M, -8, 8), M being the mean of L weighted with the frame's loudness (sqrt of the sum of its bands),
    so that silence has no say. Over the whole recording (training), or running (product): over all frames up to one second
    ahead, older ones fading with a time constant of 10 s.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from .mel_scale import mel_triangles

BANDS = 80
FRAMES_PER_SECOND = 100
WINDOW_SECONDS = 0.025
HIGHEST_HZ = 8000.0
WIDEST_BIN_HZ = 12.0
PREEMPHASIS = 0.97
PREEMPHASIS_RATE_HZ = 16_000.0
FLOOR = 1e-13
"""Power in 1 / Hz of full scale: below the rounding of 16-bit sound, so that a quiet recording looks like a loud one."""
CLAMP = 8.0
AHEAD_FRAMES = 100
FADE_FRAMES = 1000


def frame_count(samples: int, rate_hz: int) -> int:
    """Mel frames of a recording: even, at least 4."""
    return 2 * max(2, -(-samples * 50 // rate_hz))


def fft_size(rate_hz: int) -> int:
    """The smallest power of two whose bins are at most 12 Hz wide."""
    return 1 << int(np.ceil(np.log2(rate_hz / WIDEST_BIN_HZ)))


def analysis_window(rate_hz: int) -> np.ndarray:
    """Centred Hann window of 25 ms, odd length, float64."""
    half = int(np.ceil(WINDOW_SECONDS / 2 * rate_hz)) - 1
    return 0.5 + 0.5 * np.cos(2 * np.pi * np.arange(-half, half + 1) / (WINDOW_SECONDS * rate_hz))


def band_weights(rate_hz: int) -> np.ndarray:
    """(80, bins), float64: what the power |X|^2 of each bin is multiplied by; steps 3 to 5 of the module's definition."""
    size = fft_size(rate_hz)
    frequencies = np.arange(size // 2 + 1) * rate_hz / size
    emphasis = 1 + PREEMPHASIS**2 - 2 * PREEMPHASIS * np.cos(2 * np.pi * frequencies / PREEMPHASIS_RATE_HZ)
    triangles = mel_triangles(frequencies, BANDS, 0.0, HIGHEST_HZ)
    return triangles * emphasis * (rate_hz / size) / analysis_window(rate_hz).sum() ** 2


def log_mel(signal: np.ndarray, rate_hz: int) -> np.ndarray:
    """The reference in float64, step 1 to 6 of the module's definition.

    Args:
        signal: (samples,), +-1, any rate from 8 kHz.
    Returns:
        (frames, 80), float64, natural logarithm.
    Raises:
        ValueError: the rate is below 8 kHz.
    """
    if rate_hz < 8000:
        raise ValueError(f"Expected a rate of at least 8000 Hz, found {rate_hz}.")
    window, size, frames = analysis_window(rate_hz), fft_size(rate_hz), frame_count(len(signal), rate_hz)
    half = len(window) // 2
    centres = np.floor(np.arange(frames) * rate_hz / FRAMES_PER_SECOND + 0.5).astype(np.int64)
    padded = np.pad(np.asarray(signal, np.float64), (half, max(0, int(centres[-1]) + half + 1 - len(signal))))
    pieces = np.lib.stride_tricks.sliding_window_view(padded, len(window))[centres] * window
    power = np.square(np.abs(np.fft.rfft(pieces, size)))  # (T, window) -> (T, bins)
    return np.log(power @ band_weights(rate_hz).T + FLOOR)  # (T, bins) -> (T, 80)


def loudness(logarithms: np.ndarray) -> np.ndarray:
    """(frames, 80) log mel -> (frames,): the weight of each frame in the mean, 0 for digital silence."""
    return np.sqrt(np.maximum(np.exp(logarithms) - FLOOR, 0.0).sum(1))


def normalised(logarithms: np.ndarray) -> np.ndarray:
    """Log mel (frames, 80) less its loudness-weighted mean over the recording, clamped; all silence becomes 0."""
    weight = loudness(logarithms)
    mean = weight @ logarithms / weight.sum() if weight.any() else np.log(FLOOR)
    return np.clip(logarithms - mean, -CLAMP, CLAMP)


def running_normalised(logarithms: np.ndarray) -> np.ndarray:
    """As `normalised`, with the running mean of the product: a second ahead, fading over ten seconds.

    Until a frame with any loudness has come, the mean is the floor's logarithm.
    """
    weight, frames = loudness(logarithms), len(logarithms)
    fade = np.exp(-1 / FADE_FRAMES)
    sums, mass, taken = np.zeros(BANDS), 0.0, 0
    result = np.empty_like(logarithms)
    for frame in range(frames):
        while taken < min(frames, frame + AHEAD_FRAMES + 1):
            sums, mass = sums * fade + weight[taken] * logarithms[taken], mass * fade + weight[taken]
            taken += 1
        result[frame] = logarithms[frame] - (sums / mass if mass > 0 else np.log(FLOOR))
    return np.clip(result, -CLAMP, CLAMP)


class MelFrames(nn.Module):
    """`log_mel` for batches of 16 kHz sound in torch, float32, differentiable."""

    RATE_HZ = 16_000

    def __init__(self) -> None:
        super().__init__()
        window = torch.from_numpy(analysis_window(self.RATE_HZ).astype(np.float32))
        # The centred odd window, one zero in front: torch.stft puts sample n - size / 2 at place n.
        size = fft_size(self.RATE_HZ)
        padded = torch.zeros(size)
        padded[size // 2 - len(window) // 2 : size // 2 + len(window) // 2 + 1] = window
        self.register_buffer("window", padded, persistent=False)
        weights = torch.from_numpy(band_weights(self.RATE_HZ).astype(np.float32))
        self.register_buffer("weights", weights, persistent=False)

    def forward(self, signal: Tensor) -> Tensor:
        """(batch, samples) -> log mel (batch, 80, frames), frames as `frame_count` says."""
        size, hop = len(self.window), self.RATE_HZ // FRAMES_PER_SECOND
        frames = frame_count(signal.shape[-1], self.RATE_HZ)
        needed = (frames - 1) * hop + size
        signal = nn.functional.pad(signal, (size // 2, needed - size // 2 - signal.shape[-1]))
        spectrum = torch.stft(signal, size, hop, window=self.window, center=False, return_complex=True)
        power = spectrum.real.square() + spectrum.imag.square()  # (B, bins, T)
        return (self.weights @ power + FLOOR).log()  # (B, bins, T) -> (B, 80, T)


def normalised_batch(logarithms: Tensor) -> Tensor:
    """`normalised` for (batch, 80, frames) in torch, each item by itself."""
    weight = (logarithms.exp() - FLOOR).clamp(min=0).sum(1, keepdim=True).sqrt()  # (B, 80, T) -> (B, 1, T)
    mass = weight.sum(2, keepdim=True)
    mean = (weight * logarithms).sum(2, keepdim=True) / mass.clamp(min=1e-30)
    mean = torch.where(mass > 0, mean, torch.full_like(mean, float(np.log(FLOOR))))
    return (logarithms - mean).clamp(-CLAMP, CLAMP)
