"""An attacker who has only the codes: how often which codes and code pairs follow each other, and how long they last.

The units of a `.codes` file are meant to hold words and nobody. This attacker is always informed: it is fitted on codes of
training speakers, and needs no audio.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .classification import balanced_accuracy, choose_classifier
from .speaker_backend import choose_backend
from .verification import Trials, error_rate_with_interval

PAIR_BUCKETS = 2_048
LONGEST_RUN = 8
COMPONENTS = 100


@dataclass(frozen=True)
class CodedRecording:
    """One recording as its codes.

    Attributes:
        units: (frames,), whole numbers from 0.
        speaker: who speaks.
        gender: f, m, or empty where unknown.
    """

    units: np.ndarray
    speaker: str
    gender: str


def unit_statistics(units: np.ndarray, code_count: int) -> np.ndarray:
    """Square roots of relative frequencies: codes, hashed pairs and triples of changing codes, lengths of runs; float64.

    Square roots make Euclidean distance that of Hellinger, in which rare and frequent codes count alike.

    Args:
        units: (frames,), at least one.
    Raises:
        ValueError: there is no unit, or one outside the codebook.
    """
    units = np.asarray(units, np.int64)
    if not len(units) or units.min() < 0 or units.max() >= code_count:
        raise ValueError(f"Expected at least one code of 0 to {code_count - 1}, found {len(units)} codes, some outside or none.")
    starts = np.concatenate([[0], np.flatnonzero(np.diff(units)) + 1])
    runs = np.diff(np.append(starts, len(units)))
    changes = units[starts]
    pairs = (changes[:-1] * 40_503 + changes[1:] * 2_654_435_761) >> 7
    triples = (changes[:-2] * 97_003 + changes[1:-1] * 40_503 + changes[2:] * 2_654_435_761) >> 7
    parts = (
        np.bincount(units, minlength=code_count),
        np.bincount(pairs % PAIR_BUCKETS, minlength=PAIR_BUCKETS),
        np.bincount(triples % PAIR_BUCKETS, minlength=PAIR_BUCKETS),
        np.bincount(np.minimum(runs, LONGEST_RUN), minlength=LONGEST_RUN + 1)[1:],
    )
    return np.concatenate([np.sqrt(part / max(part.sum(), 1)) for part in parts])


def attack_codes(
    training: Sequence[CodedRecording], enrolled: Sequence[CodedRecording], unknown: Sequence[CodedRecording], code_count: int
) -> dict[str, dict]:
    """Speaker equal error rate and gender accuracy from codes alone.

    Args:
        training: several recordings of each of many speakers, none of whom is judged.
        enrolled: one or more recordings of each judged speaker, of other sentences than `unknown`.
        unknown: the recordings to attack.
        code_count: size of the codebook.
    Returns:
        speakerEer (see error_rate_with_interval) and, where genders are known, genderAccuracy (see balanced_accuracy).
    Raises:
        ValueError: a judged speaker is among the training speakers.
    """
    if both := {r.speaker for r in training} & {r.speaker for r in (*enrolled, *unknown)}:
        raise ValueError(f"Expected training speakers apart from the judged ones, found {', '.join(sorted(both))} in both.")
    tables = [np.stack([unit_statistics(r.units, code_count) for r in part]) for part in (training, enrolled, unknown)]
    mean = tables[0].mean(0)
    _, _, directions = np.linalg.svd(tables[0] - mean, full_matrices=False)
    directions = directions[: min(COMPONENTS, len(training) - 1)].T
    train, known, asked = ((table - mean) @ directions for table in tables)
    backend, _ = choose_backend(train, [r.speaker for r in training])
    names = np.array(sorted({r.speaker for r in enrolled}))
    speakers = np.array([r.speaker for r in enrolled])
    voices = np.stack([known[speakers == name].mean(0) for name in names])
    scores = backend.score(voices, asked)
    trials = Trials(scores, names, np.array([r.speaker for r in unknown]), np.ones(scores.shape, bool))
    result = {"speakerEer": error_rate_with_interval(trials)}
    told, wanted = [i for i, r in enumerate(training) if r.gender], [i for i, r in enumerate(unknown) if r.gender]
    if len({training[i].gender for i in told}) > 1 and len({unknown[i].gender for i in wanted}) > 1:
        classifier = choose_classifier(
            train[told], [training[i].gender for i in told], [training[i].speaker for i in told]
        )
        result["genderAccuracy"] = balanced_accuracy(
            classifier.predict(asked[wanted]), [unknown[i].gender for i in wanted], [unknown[i].speaker for i in wanted]
        )
    return result
