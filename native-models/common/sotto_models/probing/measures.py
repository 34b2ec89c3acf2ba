"""Figures about answers, each with an interval from resampling whole speakers or source recordings.

Everything is computed from sums that add up over groups, so that a resample is a sum and not a new pass over frames.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..statistics import bootstrap_sums
from .pitch_trackers import AGREEMENT_CENTS

SCORE_BINS = 256

Figures = dict[str, dict[str, float | int]]
"""Name -> value, low, high and groups."""


def class_figures(answer: Sequence[np.ndarray], truth: Sequence[np.ndarray], groups: Sequence[str], count: int) -> Figures:
    """Accuracy and mean recall of class numbers.

    Args:
        answer: (frames,) of each recording, 0 .. count - 1. truth: likewise.
        groups: of each recording.
        count: number of classes.
    """
    tables = [np.bincount(t * count + a, minlength=count * count) for a, t in zip(answer, truth, strict=True)]
    by_group = _by_group(np.reshape(tables, (-1, count, count)), groups)
    return {
        "accuracy": bootstrap_sums(by_group, lambda t: np.trace(t) / t.sum()),
        "balancedAccuracy": bootstrap_sums(by_group, mean_recall),
    }


def mean_recall(table: np.ndarray) -> float:
    """Mean over the classes that occur of the share answered rightly; (truths, answers) counts."""
    occurring = table.sum(1) > 0
    return float(np.mean(np.diag(table)[occurring] / table.sum(1)[occurring]))


def confusion(answer: Sequence[np.ndarray], truth: Sequence[np.ndarray], count: int) -> np.ndarray:
    """Counts (truths, answers) over all recordings."""
    flat = np.concatenate(truth) * count + np.concatenate(answer)
    return np.bincount(flat, minlength=count * count).reshape(count, count)


def area_under_curve(score: Sequence[np.ndarray], truth: Sequence[np.ndarray], groups: Sequence[str]) -> Figures:
    """Area under the ROC curve of scores of class 1, ties counted half, by 256 quantiles of all scores."""
    edges = np.unique(np.quantile(np.concatenate(score), np.linspace(0, 1, SCORE_BINS + 1)[1:-1]))
    tables = []
    for s, t in zip(score, truth, strict=True):
        place = np.searchsorted(edges, s, side="right")
        tables.append([np.bincount(place[t == c], minlength=len(edges) + 1) for c in (0, 1)])

    def area(table: np.ndarray) -> float:
        below = np.cumsum(table[0]) - table[0]
        pairs = float(table[0].sum()) * float(table[1].sum())
        return float((table[1] * (below + table[0] / 2)).sum() / pairs) if pairs else float("nan")

    return {"areaUnderCurve": bootstrap_sums(_by_group(np.array(tables), groups), area)}


def value_figures(found: Sequence[np.ndarray], truth: Sequence[np.ndarray], groups: Sequence[str], name: str) -> Figures:
    """R2 and mean absolute error of values; the names end in `name`."""
    sums = []
    for f, t in zip(found, truth, strict=True):
        f, t = f.astype(np.float64), t.astype(np.float64)
        sums.append([len(t), t.sum(), (t**2).sum(), ((f - t) ** 2).sum(), np.abs(f - t).sum()])
    by_group = _by_group(np.array(sums), groups)
    return {
        f"r2{name}": bootstrap_sums(by_group, lambda s: 1 - s[3] / max(s[2] - s[1] ** 2 / s[0], 1e-12) if s[0] else np.nan),
        f"meanAbsoluteError{name}": bootstrap_sums(by_group, lambda s: s[4] / s[0] if s[0] else np.nan),
    }


def pitch_figures(found_hz: Sequence[np.ndarray], truth_hz: Sequence[np.ndarray], groups: Sequence[str]) -> Figures:
    """R2 in octaves and in Hz, mean errors, and the shares of frames answered, within 50 cents, within a fifth of the pitch.

    A frame without an answer (NaN) is no value: R2 and mean errors are over the answered frames, so they are to be read
    beside `answered`. The shares are over all frames, and a frame without an answer is not within anything.
    """
    pairs = [(f[np.isfinite(f)], t[np.isfinite(f)]) for f, t in zip(found_hz, truth_hz, strict=True)]
    answered_hz, answerable_hz = [f for f, _ in pairs], [t for _, t in pairs]
    octaves = value_figures([np.log2(f) for f in answered_hz], [np.log2(t) for t in answerable_hz], groups, "Octaves")
    hertz = value_figures(answered_hz, answerable_hz, groups, "Hz")
    sums = []
    for (f, t), truth in zip(pairs, truth_hz, strict=True):
        near = np.abs(1200 * np.log2(f / t)) <= AGREEMENT_CENTS
        sums.append([len(truth), near.sum(), (np.abs(f / t - 1) <= 0.2).sum(), len(f)])
    by_group = _by_group(np.array(sums, np.float64), groups)
    return {
        **octaves, **hertz,
        "answered": bootstrap_sums(by_group, lambda s: s[3] / s[0]),
        "within50Cents": bootstrap_sums(by_group, lambda s: s[1] / s[0]),
        "within20Percent": bootstrap_sums(by_group, lambda s: s[2] / s[0]),
    }


def share_figure(hits: Sequence[np.ndarray], groups: Sequence[str]) -> dict[str, float | int]:
    """Share of true values, with its interval; bool (frames,) of each recording."""
    sums = np.array([[len(h), h.sum()] for h in hits], np.float64)
    return bootstrap_sums(_by_group(sums, groups), lambda s: s[1] / s[0])


def _by_group(sums: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """(recordings, ...) and their groups -> (groups, ...), in the order of the names."""
    names = sorted(set(groups))
    total = np.zeros((len(names), *sums.shape[1:]), np.float64)
    np.add.at(total, [names.index(g) for g in groups], sums)
    return total
