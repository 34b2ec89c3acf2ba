"""The attackers: what is learned from an embedding of a raw or a sanitised recording, by whom, knowing what.

*Ignorant*: trained on raw speech, knows the raw voice. *Lazy-informed*: enrols sanitised recordings, trained on raw ones.
*Informed*: enrols sanitised recordings and is trained on sanitised recordings of other speakers. Only the last is privacy.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .classification import balanced_accuracy, choose_classifier
from .material import Recording
from .speaker_backend import Backend, choose_backend
from .verification import Trials, equal_error_rate, error_rate_with_interval, identification_rate

KNOWLEDGE = ("ignorant", "lazyInformed", "informed")


class Material:
    """Recordings with the embeddings of one family, raw and sanitised.

    Args:
        recordings: as chosen.
        raw, sanitised: (recordings, features).
    """

    def __init__(self, recordings: Sequence[Recording], raw: np.ndarray, sanitised: np.ndarray):
        self.recordings, self.raw, self.sanitised = list(recordings), raw, sanitised

    def of(self, use: str, populations: Sequence[str] | None = None) -> np.ndarray:
        """(chosen,), indices of the recordings for a use."""
        return np.array([
            index for index, recording in enumerate(self.recordings)
            if recording.use == use and (populations is None or recording.population in populations)
        ])

    def field(self, name: str, indices: np.ndarray) -> np.ndarray:
        """(chosen,), one field of these recordings."""
        return np.array([getattr(self.recordings[index], name) for index in indices])


def trials(material: Material, indices: np.ndarray, backend: Backend, known: np.ndarray, asked: np.ndarray) -> Trials:
    """Each half of a speaker's recordings enrolled in turn, as the mean of its embeddings, and asked with the other half.

    Args:
        indices: the recordings to judge.
        known, asked: (recordings, features), the embeddings of enrolments and of unknown recordings.
    """
    speakers, halves = material.field("speaker", indices), material.field("enrolled", indices)
    voices = [(name, half) for half in (True, False) for name in np.unique(speakers)]
    enrolled = np.stack([known[indices[(speakers == n) & (halves == h)]].mean(0) for n, h in voices])
    allowed = np.array([half for _, half in voices])[:, None] != halves[None, :]
    return Trials(backend.score(enrolled, asked[indices]), np.array([name for name, _ in voices]), speakers, allowed)


def attack_speakers(material: Material) -> dict[str, dict]:
    """Equal error rates of the three attackers: all trials, women, men and each population.

    Returns:
        knowledge -> backend, trainingEer (percent, of held-out training speakers), pooled, women, men, populations, and
        identified (percent; how often the right one of all enrolled readers is named).
    """
    training, judged = material.of("training"), material.of("speaker")
    names = material.field("speaker", training)
    clean, clean_rate = choose_backend(material.raw[training], names)
    informed, informed_rate = choose_backend(material.sanitised[training], names, material.raw[training], names)
    attackers = {
        "ignorant": (clean, clean_rate, material.raw, material.sanitised),
        "lazyInformed": (clean, clean_rate, material.sanitised, material.sanitised),
        "informed": (informed, informed_rate, material.sanitised, material.sanitised),
    }
    result = {}
    for knowledge, (backend, rate, known, asked) in attackers.items():
        per_population = {
            population: trials(material, material.of("speaker", [population]), backend, known, asked)
            for population in np.unique(material.field("population", judged))
        }
        everyone = best_joined(list(per_population.values()))
        genders = {r.speaker: r.gender for r in material.recordings}
        result[knowledge] = {
            "backend": backend.name, "trainingEer": 100 * rate,
            "pooled": error_rate_with_interval(everyone),
            "women": error_rate_with_interval(everyone.only([s for s, g in genders.items() if g == "f"])),
            "men": error_rate_with_interval(everyone.only([s for s, g in genders.items() if g == "m"])),
            "populations": {name: error_rate_with_interval(part) for name, part in per_population.items()},
            "identified": {
                name: {"value": 100 * identification_rate(part), "chance": 100 / len(np.unique(part.enrolled))}
                for name, part in per_population.items()
            },
        }
    return result


def best_joined(parts: Sequence[Trials]) -> Trials:
    """Trials of several populations as one, by their own levels or not: whichever lets the attacker err less.

    An attacker hears which kind of recording he has, and need not hold all kinds to one threshold. Levels help where the kinds
    score differently, and hurt where scores are log-likelihood ratios with a threshold that suits all of them.
    """

    def rate(trials: Trials) -> float:
        rows, columns = np.nonzero(trials.allowed)
        return equal_error_rate(trials.scores[rows, columns], trials.enrolled[rows] == trials.unknown[columns])

    return min((joined(parts), joined(parts, levelled=True)), key=rate)


def joined(parts: Sequence[Trials], levelled: bool = False) -> Trials:
    """Trials of several populations as one; speakers of two populations are never set against each other, since the room alone
    would tell them apart.

    Args:
        levelled: the scores of each population are taken relative to the mean of its pairs of different speakers.
    """
    rows, columns = sum(len(p.enrolled) for p in parts), sum(len(p.unknown) for p in parts)
    scores, allowed = np.zeros((rows, columns)), np.zeros((rows, columns), bool)
    row = column = 0
    for part in parts:
        height, width = part.scores.shape
        others = part.allowed & (part.enrolled[:, None] != part.unknown[None, :])
        level = part.scores[others].mean() if levelled and others.any() else 0.0
        scores[row : row + height, column : column + width] = part.scores - level
        allowed[row : row + height, column : column + width] = part.allowed
        row, column = row + height, column + width
    return Trials(
        scores, np.concatenate([p.enrolled for p in parts]), np.concatenate([p.unknown for p in parts]), allowed
    )


def attack_attribute(
    material: Material, attribute: str, training_populations: Sequence[str], judged: np.ndarray
) -> dict[str, dict]:
    """Balanced accuracy on gender or emotion of an ignorant and an informed attacker.

    Recordings of which the manifest does not say it neither train nor are judged: they would be a class of their own.

    Args:
        attribute: a field of Recording, gender or emotion.
        training_populations: whose training recordings it learns from.
        judged: (chosen,), indices of the recordings to tell.
    Returns:
        knowledge -> see balanced_accuracy.
    """
    training, judged = (
        indices[material.field(attribute, indices) != ""] for indices in (material.of("training", training_populations), judged)
    )
    labels, speakers = material.field(attribute, training), material.field("speaker", training)
    result = {}
    for knowledge, inputs in (("ignorant", material.raw), ("informed", material.sanitised)):
        classifier = choose_classifier(inputs[training], labels, speakers)
        said = classifier.predict(material.sanitised[judged])
        result[knowledge] = balanced_accuracy(said, material.field(attribute, judged), material.field("speaker", judged))
    return result
