"""How far synthesised speech is from its target: spectra at three resolutions, mel bands, and what a recogniser hears."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor

from .mel_scale import mel_triangles
from .source_filter import REFERENCE_RATE_HZ
from .teacher import Teacher

FFT_SIZES = (512, 1024, 2048)
MEL_FFT, MEL_BANDS = 1024, 80
MAGNITUDE_FLOOR = 3e-3
"""50 dB below white noise of rms 1; targets are at rms 1 where somebody speaks."""
RECOGNISER_LAYERS = (2, 3)
RECOGNISER_RATE_HZ = 16_000
LISTENING_RMS = 0.08
"""The level of ordinary recordings, at which recognisers listen: Whisper's features are not those of the same speech at rms 1."""


def magnitudes(signal: Tensor, fft_size: int) -> Tensor:
    """(B, samples) -> (B, bins, frames): STFT with periodic Hann, hop a quarter, no padding, white noise of rms 1 at rms 1."""
    window = _window(fft_size)
    spectrum = torch.stft(signal, fft_size, fft_size // 4, window=window, center=False, return_complex=True)
    return (torch.view_as_real(spectrum).square().sum(-1) + 1e-8).sqrt() / window.square().sum().sqrt()


def spectral_loss(estimate: Tensor, target: Tensor, band: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """L1 of log and of linear magnitudes over three STFTs, and L1 of log mel bands.

    Args:
        estimate, target: (B, samples), 24 kHz, at least 2048 samples, targets at rms 1.
        band: (B,), share of 0 to 12 kHz that a target has; what lies above is not judged. All of it when missing.
    Returns:
        both scalars, in nepers.
    References:
        Yamamoto et al. 2020, "Parallel WaveGAN", https://arxiv.org/abs/1910.11480
    """
    resolutions = estimate.new_zeros(())
    bands = estimate.new_zeros(())
    for size in FFT_SIZES:
        both = magnitudes(torch.cat([estimate, target]), size)
        a, b = both.chunk(2)
        log_a, log_b = (both + MAGNITUDE_FLOOR).log().chunk(2)
        resolutions = resolutions + _mean_in_band((log_a - log_b).abs() + (a - b).abs(), torch.linspace(0, 1, a.shape[1]), band)
        if size == MEL_FFT:
            mel_a, mel_b = ((_triangles() @ both.square()).sqrt() + MAGNITUDE_FLOOR).log().chunk(2)
            bands = _mean_in_band((mel_a - mel_b).abs(), _upper_edges(), band)
    return resolutions / len(FFT_SIZES), bands


def _mean_in_band(values: Tensor, edges: Tensor, band: Tensor | None) -> Tensor:
    """Mean of (B, rows, frames) over rows whose edge (rows,) lies in the band (B,)."""
    if band is None:
        return values.mean()
    known = (edges[None] <= band[:, None]).to(values.dtype)  # (B, rows)
    return (values.mean(2) * known).sum() / known.sum()


def to_sixteen_kilohertz(signal: Tensor) -> Tensor:
    """24 kHz to 16 kHz by cutting the spectrum: (B, 3 n) -> (B, 2 n), differentiable; treats the crop as periodic."""
    samples = signal.shape[-1] * 2 // 3
    spectrum = torch.fft.rfft(signal)[..., : samples // 2 + 1]
    return torch.fft.irfft(spectrum, n=samples) * (2 / 3)


def recogniser_loss(teacher: Teacher, estimate: Tensor, target: Tensor) -> Tensor:
    """L1 between the recogniser's layers 2 and 3 of estimate and target, each dimension in its own standard deviation.

    Args:
        teacher: frozen, three layers or more.
        estimate, target: (B, samples), 24 kHz, samples a multiple of 480, targets at rms 1; heard at LISTENING_RMS.
    """
    with torch.no_grad():
        wanted = teacher(LISTENING_RMS * to_sixteen_kilohertz(target), RECOGNISER_LAYERS)
    heard = teacher(LISTENING_RMS * to_sixteen_kilohertz(estimate), RECOGNISER_LAYERS)
    parts = [((h - w).abs() / (w.std(dim=(0, 1)) + 1e-3)).mean() for h, w in zip(heard, wanted, strict=True)]
    return torch.stack(parts).mean()


@cache
def _window(size: int) -> Tensor:
    return torch.hann_window(size)


@cache
def _upper_edges() -> Tensor:
    """(80,), where each mel band ends, as a share of 12 kHz."""
    last = (_triangles() > 0).float() * torch.arange(MEL_FFT // 2 + 1)
    return last.amax(1) / (MEL_FFT // 2)


@cache
def _triangles() -> Tensor:
    """(80, 513); rows sum to 1, so that white noise of rms 1 gives bands of about 1."""
    frequencies = np.arange(MEL_FFT // 2 + 1) * REFERENCE_RATE_HZ / MEL_FFT
    triangles = mel_triangles(frequencies, MEL_BANDS, 0.0, REFERENCE_RATE_HZ / 2)
    return torch.from_numpy((triangles / triangles.sum(1, keepdims=True)).astype(np.float32))
