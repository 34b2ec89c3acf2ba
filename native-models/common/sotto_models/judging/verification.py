"""Speaker verification as an attack: trials between enrolled and unknown voices, equal error rates, intervals over speakers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BOOTSTRAP_RESAMPLES = 1_000


@dataclass(frozen=True)
class Trials:
    """All comparisons of enrolled voices with unknown recordings.

    Attributes:
        scores: (enrolled voices, recordings), float64; higher means more alike.
        enrolled: (enrolled voices,), speaker of each row.
        unknown: (recordings,), true speaker of each column.
        allowed: (enrolled voices, recordings), bool; False where a comparison must not count.
    """

    scores: np.ndarray
    enrolled: np.ndarray
    unknown: np.ndarray
    allowed: np.ndarray

    def only(self, speakers: Sequence[str]) -> Trials:
        """The comparisons among some speakers, for same-gender rates."""
        rows, columns = np.isin(self.enrolled, list(speakers)), np.isin(self.unknown, list(speakers))
        return Trials(
            self.scores[np.ix_(rows, columns)], self.enrolled[rows], self.unknown[columns], self.allowed[np.ix_(rows, columns)]
        )


def equal_error_score(scores: np.ndarray, is_target: np.ndarray) -> float:
    """The score at which false alarms and misses are equal, interpolated as the rate is, halfway between what lies around it.

    Args:
        scores, is_target: as of `equal_error_rate`.
    Raises:
        ValueError: as there.
    """
    scores, is_target, weights = _finite(scores), np.asarray(is_target, bool), np.ones(len(scores))
    order = np.argsort(scores, kind="stable")
    flags, ends = _sorted_trials(scores[order], is_target[order])
    before, part, _ = _crossing_at(flags, ends, weights)
    steps = scores[order][ends]
    # A threshold that leaves k runs of equal scores below it lies halfway between that one and the next.
    halfway = np.concatenate([steps[:1], (steps[:-1] + steps[1:]) / 2, steps[-1:]])
    return float(halfway[before] + part * (halfway[before + 1] - halfway[before]))


def equal_error_rate(scores: np.ndarray, is_target: np.ndarray, weights: np.ndarray | None = None) -> float:
    """The rate at which false alarms and misses are equal, 0 to 1; .5 is chance, above it the scores are upside down.

    Equal scores are one step of the curve, which is crossed by linear interpolation: scores that are all equal give .5.

    Args:
        scores: (trials,), higher means the same speaker.
        is_target: (trials,), bool, truly the same speaker.
        weights: (trials,), how often each trial counts; once when left out.
    Raises:
        ValueError: there is no target or no non-target trial, or a score is not finite.
    """
    scores = _finite(scores)
    order = np.argsort(scores, kind="stable")
    weighted = np.ones(len(scores)) if weights is None else np.asarray(weights, np.float64)
    return _crossing(*_sorted_trials(scores[order], np.asarray(is_target, bool)[order]), weighted[order])


def _finite(scores: np.ndarray) -> np.ndarray:
    scores = np.asarray(scores, np.float64)
    if not np.isfinite(scores).all():
        broken = int((~np.isfinite(scores)).sum())
        raise ValueError(f"Expected finite scores, found {broken} that are not. Look at the embeddings.")
    return scores


def _sorted_trials(scores: np.ndarray, is_target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Target flags in rising order of score, and where each run of equal scores ends."""
    ends = np.append(np.flatnonzero(np.diff(scores) > 0), len(scores) - 1)
    return is_target, ends


def _crossing(is_target: np.ndarray, ends: np.ndarray, weights: np.ndarray) -> float:
    """Equal error rate of trials in rising order of score."""
    before, part, misses = _crossing_at(is_target, ends, weights)
    return float(misses[before] + part * (misses[before + 1] - misses[before]))


def _crossing_at(is_target: np.ndarray, ends: np.ndarray, weights: np.ndarray) -> tuple[int, float, np.ndarray]:
    """Where misses cross false alarms: behind how many runs of equal scores, what part of the next run further, and all misses."""
    targets, others = np.cumsum(weights * is_target), np.cumsum(weights * ~is_target)
    if targets[-1] <= 0 or others[-1] <= 0:
        raise ValueError("Expected trials of the same and of different speakers, found one kind only.")
    misses = np.concatenate([[0.0], targets[ends] / targets[-1]])
    alarms = np.concatenate([[1.0], 1 - others[ends] / others[-1]])
    gap = misses - alarms  # rises from -1 to 1
    after = int(np.argmax(gap >= 0))
    before = after - 1
    return before, float(-gap[before] / (gap[after] - gap[before])), misses


def error_rate_with_interval(trials: Trials, seed: int = 1) -> dict[str, float | int]:
    """Equal error rate in percent with a 95 % interval from resampling speakers.

    A speaker drawn k times brings k times its own trials, and k times l against one drawn l times; a speaker is never set
    against a copy of itself.

    Returns:
        value, low, high (percent), speakers, targetTrials.
    References:
        Efron & Tibshirani 1993, chapter 13 (percentile interval)
    """
    target = trials.enrolled[:, None] == trials.unknown[None, :]
    rows, columns = np.nonzero(trials.allowed)
    scores, is_target = trials.scores[rows, columns], target[rows, columns]
    value = equal_error_rate(scores, is_target)
    order = np.argsort(scores, kind="stable")
    is_target, ends = _sorted_trials(scores[order], is_target[order])
    names, indices = np.unique(np.concatenate([trials.enrolled, trials.unknown]), return_inverse=True)
    first, second = indices[: len(trials.enrolled)][rows][order], indices[len(trials.enrolled) :][columns][order]
    generator = np.random.default_rng(seed)
    resampled = []
    for _ in range(BOOTSTRAP_RESAMPLES):
        times = np.bincount(generator.integers(len(names), size=len(names)), minlength=len(names)).astype(np.float64)
        weights = np.where(first == second, times[first], times[first] * times[second])
        if np.count_nonzero(times) > 1:  # one speaker alone has no non-target trial
            resampled.append(_crossing(is_target, ends, weights))
    low, high = np.percentile(resampled, [2.5, 97.5])
    return {
        "value": 100 * value, "low": 100 * float(low), "high": 100 * float(high), "speakers": len(names),
        "targetTrials": int(is_target.sum()),
    }


def identification_rate(trials: Trials) -> float:
    """How often the most alike of all enrolled speakers is the true one, 0 to 1; chance is 1 / speakers.

    It is what remains of singling somebody out of a known group, which an equal error rate alone hides.
    Ties are shared among the voices that tie.
    """
    hits = []
    for column, speaker in enumerate(trials.unknown):
        allowed = trials.allowed[:, column]
        best = trials.scores[allowed, column].max()
        winners = trials.enrolled[allowed][trials.scores[allowed, column] >= best]
        hits.append(float(np.mean(winners == speaker)))
    return float(np.mean(hits))
