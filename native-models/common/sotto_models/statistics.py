"""Means with honest intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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


def bootstrap_percent_change(values: Sequence[float], others: Sequence[float], groups: Sequence[str]) -> dict[str, float | int]:
    """By how many percent the mean of `values` is above that of `others`, with a 95 % interval over whole groups.

    Paired: a resample takes both numbers of its clips, so that what makes a clip hard for both does not widen the interval.

    Args:
        values, others: one number each per clip, means of `others` not 0; clips with a NaN in either are left out.
        groups: the speaker of each clip.
    Returns:
        mean, low and high in percent, and count of clips.
    References:
        Efron & Tibshirani 1993, chapter 13 (percentile interval)
    """
    rows = [row for row in zip(groups, values, others, strict=True) if np.isfinite(row[1:]).all()]
    names = sorted({row[0] for row in rows})
    sums = np.array([np.sum([row[1:] for row in rows if row[0] == name], axis=0) for name in names])
    found = bootstrap_sums(sums, lambda total: 100 * (total[0] / total[1] - 1))
    return {"mean": found["value"], "low": found["low"], "high": found["high"], "count": len(rows)}


def bootstrap_sums(
    by_group: np.ndarray, measure: Callable[[np.ndarray], float], seed: int = 1
) -> dict[str, float | int]:
    """Any measure of sums over groups, with a 95 % interval from resampling the groups.

    Args:
        by_group: (groups, ...), what adds up, such as confusion tables or sums of squares.
        measure: (...) sums over some groups -> number; NaN resamples are left out of the interval.
    Returns:
        value, low, high and groups.
    References:
        Efron & Tibshirani 1993, chapter 13 (percentile interval)
    """
    count = len(by_group)
    flat = by_group.reshape(count, -1).astype(np.float64)
    picks = np.random.default_rng(seed).integers(count, size=(RESAMPLES, count))
    times = np.apply_along_axis(np.bincount, 1, picks, minlength=count)
    values = [measure(sums.reshape(by_group.shape[1:])) for sums in times @ flat]
    low, high = np.nanpercentile(values, [2.5, 97.5])
    whole = measure(flat.sum(0).reshape(by_group.shape[1:]))
    return {"value": float(whole), "low": float(low), "high": float(high), "groups": count}
