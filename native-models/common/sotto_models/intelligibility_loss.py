"""A differentiable stand-in for STOI, so that training also hears whether words survive."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from .stft import BINS, FFT_SIZE

SAMPLE_RATE_HZ = 16_000
BANDS = 15
LOWEST_BAND_HZ = 150.0
SEGMENT_FRAMES = 24
"""384 ms, the span over which STOI correlates envelopes."""

SEGMENT_STEP = 6
AUDIBLE_DB = -40.0
ENERGY_FLOOR = 1e-8


@cache
def third_octave_bands() -> Tensor:
    """(257, 15): which bins belong to which third-octave band from 150 Hz on."""
    frequency = torch.arange(BINS) * (SAMPLE_RATE_HZ / FFT_SIZE)
    centres = LOWEST_BAND_HZ * 2 ** (torch.arange(BANDS) / 3)
    low, high = centres * 2 ** (-1 / 6), centres * 2 ** (1 / 6)
    return ((frequency[:, None] >= low) & (frequency[:, None] < high)).float()


def intelligibility_loss(mask: Tensor, mixture: Tensor, target: Tensor) -> Tensor:
    """1 minus the mean correlation of band envelopes over short segments in which the target is audible.

    Like STOI without its clipping and its removal of silent frames, on this STFT's frames; 0 is perfect.

    Args:
        mask: (batch, frames, 257), 0..1.
        mixture: (batch, frames, 257), magnitude of what the network heard.
        target: (batch, frames, 257), magnitude of the clean speech; may be silent.
    Returns:
        scalar; 0 when no target is audible.

    References:
        Taal et al., "An Algorithm for Intelligibility Prediction of Time-Frequency Weighted Noisy Speech", 2011
    """
    bands = third_octave_bands()
    estimate_envelope = ((mask * mixture).square() @ bands + ENERGY_FLOOR).sqrt()  # (B, T, F) -> (B, T, 15)
    target_envelope = (target.square() @ bands + ENERGY_FLOOR).sqrt()
    if target_envelope.shape[1] < SEGMENT_FRAMES:
        return mask.sum() * 0
    a, b = (x.unfold(1, SEGMENT_FRAMES, SEGMENT_STEP) for x in (estimate_envelope, target_envelope))  # (B, S, 15, 24)
    energy = b.square().mean(-1)
    loudest = energy.amax((1, 2), keepdim=True)
    audible = ((energy > loudest * 10 ** (AUDIBLE_DB / 10)) & (loudest > 100 * ENERGY_FLOOR)).to(a.dtype)
    a, b = (x - x.mean(-1, keepdim=True) for x in (a, b))
    norms = (a.square().sum(-1) + ENERGY_FLOOR).sqrt() * (b.square().sum(-1) + ENERGY_FLOOR).sqrt()
    correlation = (a * b).sum(-1) / norms
    return ((1 - correlation) * audible).sum() / audible.sum().clamp_min(1)
