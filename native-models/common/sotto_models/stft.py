"""The one short-time Fourier transform that training, golden files and the engine share.

Window: periodic square-root Hann, for analysis and synthesis. Normalisation: none forward, 1/n_fft inverse.
Padding: `hop` zeros in front, and zeros at the end up to a whole number of hops plus one more hop, so that frame t
covers samples [t*hop - hop, t*hop + hop) and every sample lies in exactly two frames.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

FFT_SIZE = 512
HOP_SAMPLES = 256
BINS = FFT_SIZE // 2 + 1


def sqrt_hann(size: int = FFT_SIZE) -> Tensor:
    """Periodic square-root Hann window, (size,); its square overlaps to 1 at a hop of half its size."""
    return torch.hann_window(size, periodic=True, dtype=torch.float64).sqrt().float()


def frame_count(samples: int, hop: int = HOP_SAMPLES) -> int:
    """Number of frames of a signal: ceil(samples / hop) + 1."""
    return -(-samples // hop) + 1


def stft(signal: Tensor, fft_size: int = FFT_SIZE) -> Tensor:
    """Short-time Fourier transform with half overlap; periodic sqrt-Hann, unnormalised, padded as the module says.

    Args:
        signal: (batch, samples), float32, +-1 full scale.
        fft_size: window and transform size, even; the hop is half of it.
    Returns:
        (batch, fft_size / 2 + 1, frames), complex64; frames = ceil(samples / hop) + 1.
    """
    hop = fft_size // 2
    samples = signal.shape[-1]
    padded = F.pad(signal, (hop, -samples % hop + hop))
    window = sqrt_hann(fft_size).to(signal.device)
    return torch.stft(padded, fft_size, hop, window=window, center=False, return_complex=True)


def istft(spectrum: Tensor, samples: int) -> Tensor:
    """Inverse of `stft`: windowed overlap-add, cut to the wanted length.

    Args:
        spectrum: (batch, bins, frames), complex64, as `stft` returns it.
        samples: length of the signal that was analysed.
    Returns:
        (batch, samples), float32.
    """
    fft_size = 2 * (spectrum.shape[1] - 1)
    hop = fft_size // 2
    frames = torch.fft.irfft(spectrum.transpose(1, 2), n=fft_size)  # (B, K, T) -> (B, T, N)
    frames = frames * sqrt_hann(fft_size).to(frames.device)
    overlapped = frames[:, :-1, hop:] + frames[:, 1:, :hop]  # (B, T - 1, hop)
    return overlapped.reshape(frames.shape[0], -1)[:, :samples]  # (B, T - 1, hop) -> (B, samples)
