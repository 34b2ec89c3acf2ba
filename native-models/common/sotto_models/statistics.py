"""Means with honest intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

RESAMPLES = 2_000


def bootstrap_mean(values: Sequence[float], groups: Sequence[str], seed: int = 1) -> dict[str, float | int]:
    """Mean with a 95 % interval from resampling whole groups (speakers), because clips of one speaker are alike.

    Args:
        values: one number per clip; NaN is left out.
        groups: the speaker of each clip.
    Returns:
        mean, low, high and count.
    References:
        Efron & Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13 (percentile interval)
    """
    pairs = [(group, value) for group, value in zip(groups, values, strict=True) if np.isfinite(value)]
    names = sorted({group for group, _ in pairs})
    sums = np.array([sum(value for group, value in pairs if group == name) for name in names])
    counts = np.array([sum(group == name for group, _ in pairs) for name in names])
    picks = np.random.default_rng(seed).integers(len(names), size=(RESAMPLES, len(names)))
    means = sums[picks].sum(1) / counts[picks].sum(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return {"mean": float(sums.sum() / counts.sum()), "low": float(low), "high": float(high), "count": int(counts.sum())}
