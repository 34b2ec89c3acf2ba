"""Speech as a source through a filter, frame by frame, at any sample rate: pulses and noise, shaped by a net's filters.

The net gives, every 10 ms, a filter for the pulses (log magnitude and phase) and one for the noise (log magnitude), each on
480 bins of 25 Hz from 0 to 11 975 Hz; above that nothing is made. Every rate whose 40 ms are an even number of samples
has those bins, so nothing is ever resampled: 16 kHz n_fft 640 (bins up to 8 kHz only), 24 kHz 960, 44.1 kHz 1764, 48 kHz 1920.

The algorithm, which every implementation follows exactly (R sample rate in Hz, N = R / 25, hop = R / 100, T frames):

1. *Position.* Frame t is centred on sample t * hop. Sample n lies at x = n / hop, a = floor(x); its nearest frame is
   i = floor(x + 1/2). Frame numbers above T - 1 mean T - 1.
2. *F0 of a sample.* Voiced where f0[i] > 0. If f0[a] > 0 and f0[a + 1] > 0 it is
   f0[a] + (x - a) * (f0[a + 1] - f0[a]), else f0[i].
3. *Pulses.* phase is 0 at unvoiced samples and before the first. At a voiced sample: phase += f0 / R; if phase >= 1:
   phase -= 1, and a pulse stands at time p = n - phase * R / f0, in samples, with amplitude sqrt(24 000 / f0) (so that the power
   does not depend on f0). A pulse adds amplitude * s((m - p) / R) to every sample m with |m - p| < .001 * R, where
   s(u) = 2 c / 24 000 * sinc(2 c u) * (.5 + .5 cos(pi u / .001)), sinc(v) = sin(pi v) / (pi v), and
   c = min(11 000, 11 / 24 * R) Hz. Its tail may begin up to 1 ms before n. What falls outside 0..samples - 1 is dropped.
4. *Noise.* Uniform in +-sqrt(3 * R / 24 000): the same power density below 12 kHz at every rate. Golden files draw it from `xorshift32`.
5. *Spectra.* For t = -1 .. T + 1: the N samples from t * hop - N / 2 on, of pulses and of noise (zeros outside the recording), times the
   periodic Hann window w[j] = .5 - .5 cos(2 pi j / N); unnormalised FFT, bins 0 .. min(479, N / 2 - 1).
6. *Filters* of frame t, clamped to 0 .. T - 1: Y = P * exp(h + i phi) + E * exp(e); all other bins are 0.
7. *Overlap-add.* Inverse FFT (divided by N), times w, divided by 1.5 (the sum of w squared at a quarter's hop), added at
   t * hop - N / 2. Samples 0 .. samples - 1 are the result, samples <= T * hop; with T = ceil(samples / hop) the length is exact.

`SourceFilterStream` is the same as a stream.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

FRAMES_PER_SECOND = 100
BIN_HZ = 25
FILTER_BINS = 480
REFERENCE_RATE_HZ = 24_000
PULSE_CUTOFF_HZ = 11_000.0
PULSE_HALF_WIDTH_SECONDS = 0.001
OVERLAP = 1.5
"""Sum of the squared periodic Hann window at a hop of a quarter."""


def frame_sizes(sample_rate_hz: int) -> tuple[int, int]:
    """Transform size and hop in samples at a rate.

    Raises:
        ValueError: 10 ms are no whole number of samples, or 40 ms an odd one.
    """
    if sample_rate_hz % (2 * BIN_HZ) or sample_rate_hz % FRAMES_PER_SECOND:
        raise ValueError(f"Expected a sample rate that is a multiple of 100 Hz, found {sample_rate_hz} Hz.")
    return sample_rate_hz // BIN_HZ, sample_rate_hz // FRAMES_PER_SECOND


def f0_of_samples(f0_hz: np.ndarray, samples: int, sample_rate_hz: int) -> np.ndarray:
    """F0 at every sample (steps 1 and 2), (samples,), float64, Hz, 0 where unvoiced.

    Args:
        f0_hz: (frames,), 100 a second, 0 where unvoiced.
    """
    _, hop = frame_sizes(sample_rate_hz)
    track, last = f0_hz.astype(np.float64), len(f0_hz) - 1
    position = np.arange(samples) / hop
    before = np.floor(position).astype(np.int64)
    share = position - before
    a, b = track[np.minimum(before, last)], track[np.minimum(before + 1, last)]
    nearest = track[np.minimum(np.floor(position + 0.5).astype(np.int64), last)]
    between = np.where((a > 0) & (b > 0), a + share * (b - a), nearest)
    return np.where(nearest > 0, between, 0.0)


def pulse_train(f0_hz: np.ndarray, samples: int, sample_rate_hz: int = REFERENCE_RATE_HZ) -> np.ndarray:
    """Band-limited pulses (step 3), (samples,), float64; about unit power where voiced.

    Args:
        f0_hz: (frames,), 100 a second, 0 where unvoiced; below a quarter of the rate.
    """
    f0 = f0_of_samples(f0_hz, samples, sample_rate_hz)
    step = f0 / sample_rate_hz
    total = np.cumsum(step)
    voiced = f0 > 0
    begins = voiced & ~np.concatenate([[False], voiced[:-1]])
    offset = np.where(begins, total - step, -np.inf)
    phase = total - np.maximum.accumulate(np.concatenate([[0.0], offset]))[1:]
    turns = np.where(voiced, np.floor(phase), 0)
    before = np.concatenate([[0.0], turns[:-1]])
    at = np.flatnonzero(voiced & (turns > np.where(begins, 0, before)))
    times = at - (phase[at] - turns[at]) * sample_rate_hz / f0[at]
    pulses = np.zeros(samples)
    if len(at) == 0:
        return pulses
    reach = math.ceil(PULSE_HALF_WIDTH_SECONDS * sample_rate_hz)
    index = np.floor(times).astype(np.int64)[:, None] + np.arange(-reach, reach + 2)  # (pulses, taps)
    shape = pulse_shape((index - times[:, None]) / sample_rate_hz, sample_rate_hz)
    values = np.sqrt(REFERENCE_RATE_HZ / f0[at])[:, None] * shape
    inside = (index >= 0) & (index < samples)
    np.add.at(pulses, index[inside], values[inside])
    return pulses


def pulse_shape(seconds: np.ndarray, sample_rate_hz: int) -> np.ndarray:
    """The pulse s(u) of step 3 at times around its centre; same shape, float64."""
    cutoff = min(PULSE_CUTOFF_HZ, sample_rate_hz * PULSE_CUTOFF_HZ / REFERENCE_RATE_HZ)
    window = 0.5 + 0.5 * np.cos(math.pi * seconds / PULSE_HALF_WIDTH_SECONDS)
    shape = 2 * cutoff / REFERENCE_RATE_HZ * np.sinc(2 * cutoff * seconds) * window
    return np.where(np.abs(seconds) < PULSE_HALF_WIDTH_SECONDS, shape, 0.0)


def noise_level(sample_rate_hz: int) -> float:
    """Largest value of the uniform noise of step 4."""
    return math.sqrt(3 * sample_rate_hz / REFERENCE_RATE_HZ)


def xorshift32(seed: int, count: int) -> np.ndarray:
    """Marsaglia's 32-bit xorshift (13, 17, 5), each state divided by 2^32 and mapped to +-1: (count,), float64.

    state ^= state << 13; state ^= state >>> 17; state ^= state << 5, all in 32 bits without sign; value = state / 2^31 - 1.

    Raises:
        ValueError: the seed is 0, from which the generator never moves.
    References:
        Marsaglia 2003, "Xorshift RNGs", https://doi.org/10.18637/jss.v008.i14
    """
    state = seed & 0xFFFFFFFF
    if state == 0:
        raise ValueError("Expected a seed other than 0 for xorshift32.")
    values = np.empty(count)
    for index in range(count):
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        values[index] = state / 2**31 - 1
    return values


def source_filter(pulses: Tensor, noise: Tensor, harmonic: Tensor, phase: Tensor, aperiodic: Tensor) -> Tensor:
    """Pulses and noise through the filters of their frames (steps 5 to 7) at 24 kHz; differentiable in the filters.

    Args:
        pulses, noise: (batch, frames * 240).
        harmonic: (batch, 480, frames), natural log of the magnitude of the pulses' filter. phase: same shape, radians.
        aperiodic: (batch, 480, frames), natural log of the magnitude of the noise's filter.
    Returns:
        (batch, frames * 240).
    """
    size, hop = frame_sizes(REFERENCE_RATE_HZ)
    window = _hann(size).to(pulses.dtype)
    batch, samples = pulses.shape
    clamped = [F.pad(f, (1, 2), mode="replicate").transpose(1, 2) for f in (harmonic, phase, aperiodic)]  # (B, T + 3, 480)
    spectra = []
    for source in (pulses, noise):
        framed = F.pad(source, (3 * hop, 3 * hop)).unfold(-1, size, hop)  # (B, T + 3, N)
        spectra.append(torch.fft.rfft(framed * window)[..., :FILTER_BINS])
    shaped = spectra[0] * torch.polar(clamped[0].exp(), clamped[1]) + spectra[1] * clamped[2].exp()
    frames = torch.fft.irfft(F.pad(shaped, (0, size // 2 + 1 - FILTER_BINS)), n=size) * (window / OVERLAP)
    total = samples + 6 * hop
    added = F.fold(frames.transpose(1, 2), (1, total), (1, size), stride=(1, hop))  # (B, N, T + 3) -> (B, 1, 1, total)
    return added.reshape(batch, total)[:, 3 * hop : 3 * hop + samples]


@cache
def _hann(size: int) -> Tensor:
    return torch.hann_window(size, periodic=True, dtype=torch.float64)
