"""Measures of enhanced speech. PESQ, STOI and DNSMOS need requirements-eval.txt; SI-SDR needs torch only."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

SAMPLE_RATE_HZ = 16_000
DNSMOS_WINDOW_SAMPLES = 144_160


def si_sdr(estimate: Tensor, target: Tensor) -> Tensor:
    """Scale-invariant signal-to-distortion ratio in dB; higher is better. The means are removed first.

    Args:
        estimate: (batch, samples), float32, any level.
        target: (batch, samples), same shape, not silent.
    Returns:
        (batch,), dB.
    Raises:
        ValueError: shapes differ, or a target is silent.
    References:
        Le Roux et al. 2019, "SDR - half-baked or well done?", https://arxiv.org/abs/1811.02508
    """
    if estimate.shape != target.shape:
        raise ValueError(f"Expected equal shapes, found {tuple(estimate.shape)} and {tuple(target.shape)}.")
    estimate = estimate.double() - estimate.double().mean(-1, keepdim=True)
    target = target.double() - target.double().mean(-1, keepdim=True)
    energy = target.square().sum(-1, keepdim=True)
    if bool((energy == 0).any()):
        raise ValueError("Expected targets with sound, found a silent one. SI-SDR is undefined for silence.")
    projected = (estimate * target).sum(-1, keepdim=True) / energy * target
    distortion = (estimate - projected).square().sum(-1)
    return 10 * torch.log10(projected.square().sum(-1) / distortion.clamp_min(1e-20))


def pesq_wideband(estimate: np.ndarray, target: np.ndarray) -> float:
    """Wideband PESQ (ITU-T P.862.2), about 1.04 to 4.64; both (samples,) at 16 kHz. NaN where it finds no speech."""
    import pesq

    try:
        return float(pesq.pesq(SAMPLE_RATE_HZ, target, estimate, "wb"))
    except pesq.NoUtterancesError:
        return float("nan")


def stoi(estimate: np.ndarray, target: np.ndarray) -> float:
    """Short-time objective intelligibility, 0 to 1; both (samples,) at 16 kHz.

    References:
        Taal et al. 2011, https://doi.org/10.1109/TASL.2011.2114881
    """
    import pystoi

    return float(pystoi.stoi(target, estimate, SAMPLE_RATE_HZ, extended=False))


def dnsmos_overall(estimate: np.ndarray) -> float:
    """Overall quality by DNSMOS P.835 (no reference), 1 to 5; (samples,) at 16 kHz, clipped to +-1 first.

    The predictor hears one window of 9.01 s: the clip's beginning, a shorter clip repeated to fill it.

    References:
        Reddy et al. 2022, https://arxiv.org/abs/2110.01763
    """
    from speechmos import dnsmos

    window = np.resize(np.clip(estimate, -1.0, 1.0).astype(np.float32), DNSMOS_WINDOW_SAMPLES)
    return float(dnsmos.run(window, SAMPLE_RATE_HZ)["ovrl_mos"])
