"""What the angle between two voices says: judged, and calibrated, on recordings compared as the product compares them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..corpus import Clip
from ..judging.material import SPEAKERS_UNKNOWN
from ..judging.verification import Trials, equal_error_score, error_rate_with_interval
from ..statistics import RESAMPLES
from .speaker_task import pairs_of

MOST_RECORDINGS = 12
"""Of one speaker: whoever has hundreds would be most of all pairs."""
PERCENTILES = (5, 95)

Embed = Callable[[np.ndarray], tuple[np.ndarray | None, float]]
"""(samples,) at 16 kHz -> embedding of length 1, or None, and seconds of speech, as `ExportedEmbedder` gives them."""


class VoicePairs:
    """Every pair of recordings whose speakers are known, by cosine.

    Recordings of one speaker are set against each other; a speaker of a single recording has it halved.

    Args:
        clips: rows of a manifest, of one split; those that do not say who speaks are left out.
        read: gives the sound of a clip, (samples,), 16 kHz.
    Raises:
        ValueError: there are fewer than two speakers with a second of speech twice.
    """

    def __init__(self, embed: Embed, clips: Sequence[Clip], read: Callable[[Clip], np.ndarray]):
        rows: list[tuple[str, str, np.ndarray]] = []
        spoken: list[float] = []
        for speaker, said in _by_speaker(clips).items():
            for clip in said:
                sound = read(clip)
                for part in np.array_split(sound, 2 if len(said) == 1 else 1):
                    vector, seconds = embed(part)
                    if vector is not None:
                        rows.append((speaker, clip.path, vector))
                        spoken.append(seconds)
        speakers = np.array([speaker for speaker, _, _ in rows])
        twice = {name for name in speakers if (speakers == name).sum() > 1}
        if len(twice) < 2:
            raise ValueError(
                f"Expected two speakers or more with two stretches of speech each, found {len(twice)}. Give a corpus that names its speakers."
            )
        self.trials: Trials = pairs_of(np.stack([vector for *_, vector in rows]), speakers, np.array([row[1] for row in rows]))
        self.recordings, self.speakers = len({row[1] for row in rows}), len(set(speakers))
        self.median_speech_seconds = float(np.median(spoken))

    @property
    def _scored(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of every pair: the cosine, whether one person speaks, and both speakers, (pairs, 2)."""
        rows, columns = np.nonzero(self.trials.allowed)
        enrolled, unknown = self.trials.enrolled[rows], self.trials.unknown[columns]
        return self.trials.scores[rows, columns], enrolled == unknown, np.stack([enrolled, unknown], 1)

    def measures(self) -> dict:
        """Equal error rate in percent, and the mean cosine of both kinds of pairs; 95 % intervals over speakers."""
        cosines, same, pairs = self._scored
        means = {
            name: mean_over_pairs(cosines[chosen], pairs[chosen])
            for name, chosen in (("same", same), ("different", ~same))
        }
        return {
            "equalErrorRate": _rounded(error_rate_with_interval(self.trials)),
            **{f"{name}Cosine": _rounded(found) for name, found in means.items()}, **self._material(),
        }

    def calibration(self) -> dict:
        """The cosine at which misses and false alarms are equally frequent, and what 90 of 100 pairs of either kind lie between."""
        cosines, same, _ = self._scored
        between = {}
        for name, chosen in (("same", same), ("different", ~same)):
            low, high = np.percentile(cosines[chosen], PERCENTILES)
            between[name] = {"low": round(float(low), 4), "high": round(float(high), 4), "pairs": int(chosen.sum())}
        return {"equalErrorCosine": round(equal_error_score(cosines, same), 4), **between, **self._material()}

    def _material(self) -> dict:
        return {
            "recordings": self.recordings, "speakers": self.speakers,
            "medianSpeechSeconds": round(self.median_speech_seconds, 2),
        }


def mean_over_pairs(values: np.ndarray, pairs: np.ndarray, seed: int = 1) -> dict[str, float | int]:
    """Mean with a 95 % interval from resampling speakers: a pair counts as often as both of its speakers were drawn together.

    Args:
        values: (pairs,). pairs: (pairs, 2), the speakers of each.
    Returns:
        mean, low, high and count.
    References:
        Efron & Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13 (percentile interval)
    """
    names, places = np.unique(pairs, return_inverse=True)
    first, second = places.reshape(pairs.shape).T
    rng, means = np.random.default_rng(seed), []
    for _ in range(RESAMPLES):
        drawn = np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))
        # One person with himself is drawn as often as he is, not as often as the square of that.
        weights = np.where(first == second, drawn[first], drawn[first] * drawn[second])
        if weights.any():
            means.append(np.average(values, weights=weights))
    low, high = np.percentile(means, [2.5, 97.5])
    return {"mean": float(values.mean()), "low": float(low), "high": float(high), "count": len(values)}


def speaking_clips(clips: Sequence[Clip], split: str) -> list[Clip]:
    """Speech of a split whose speakers are named; acted speech is speech."""
    return [
        clip for clip in clips
        if clip.split == split and clip.kind in ("speech", "emotion") and clip.speaker and clip.source not in SPEAKERS_UNKNOWN
    ]


def _by_speaker(clips: Sequence[Clip]) -> dict[str, list[Clip]]:
    """At most MOST_RECORDINGS clips of each speaker, spread over those it has."""
    found: dict[str, list[Clip]] = {}
    for clip in clips:
        found.setdefault(f"{clip.source}/{clip.speaker}", []).append(clip)
    return {
        speaker: [said[int(k)] for k in np.linspace(0, len(said) - 1, min(len(said), MOST_RECORDINGS))]
        for speaker, said in sorted(found.items())
    }


def _rounded(found: dict) -> dict:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in found.items()}
