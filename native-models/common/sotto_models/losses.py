"""Training losses."""

from __future__ import annotations

import torch
from torch import Tensor

from .stft import FFT_SIZE, stft

COMPRESSION = 0.3
MAGNITUDE_SHARE = 0.7
POWER_FLOOR = 1e-6
LEVEL_FLOOR_OF_MIXTURE = 0.25


def compressed_spectral_loss(estimate: Tensor, target: Tensor, mixture: Tensor) -> Tensor:
    """0.7 * mse of compressed magnitudes + 0.3 * mse of compressed complex spectra, on the re-analysed output.

    All signals are divided by the target's rms, or by a quarter of the mixture's where the target is weaker than
    that (noise-only crops), so that quiet recordings weigh as much as loud ones. The STFT is the one of `stft`
    (periodic sqrt-Hann 512/256), divided here by 16 so that white noise of rms 1 has magnitudes of rms 1.

    Args:
        estimate: (batch, samples), the network's output signal.
        target: (batch, samples), clean speech; may be silent.
        mixture: (batch, samples), what the network heard.
    Returns:
        scalar.
    References:
        Braun & Tashev 2021, "A consolidated view of loss functions for supervised deep learning-based speech
        enhancement", https://arxiv.org/abs/2009.12286
    """
    target_rms = target.square().mean(-1, keepdim=True).sqrt()
    mixture_rms = mixture.square().mean(-1, keepdim=True).sqrt()
    scale = torch.maximum(target_rms, LEVEL_FLOOR_OF_MIXTURE * mixture_rms).clamp_min(1e-6)
    window_norm = (FFT_SIZE / 2) ** 0.5
    spectra = torch.view_as_real(stft(torch.cat([estimate / scale, target / scale]))) / window_norm
    power = spectra.square().sum(-1) + POWER_FLOOR  # (2B, F, T, 2) -> (2B, F, T)
    magnitude = power ** (COMPRESSION / 2)
    complex_compressed = spectra * (power ** ((COMPRESSION - 1) / 2)).unsqueeze(-1)
    batch = estimate.shape[0]
    magnitude_loss = (magnitude[:batch] - magnitude[batch:]).square().mean()
    complex_loss = (complex_compressed[:batch] - complex_compressed[batch:]).square().sum(-1).mean()
    return MAGNITUDE_SHARE * magnitude_loss + (1 - MAGNITUDE_SHARE) * complex_loss
