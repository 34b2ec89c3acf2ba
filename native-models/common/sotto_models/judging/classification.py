"""Linear classifiers as attackers on gender and emotion, and their balanced accuracy with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

PENALTIES = (0.01, 0.1, 1.0, 10.0)
"""Weights of the squared norm, per recording; the one that does best on held-out training speakers is taken."""
FOLDS = 5
BOOTSTRAP_RESAMPLES = 1_000


@dataclass(frozen=True)
class Classifier:
    """Multinomial logistic regression on standardised features.

    Attributes:
        classes: (classes,), names in order.
        mean, scale: (features,), of the training recordings.
        weights: (features + 1, classes), the last row is the bias.
    """

    classes: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray

    def logits(self, features: np.ndarray) -> np.ndarray:
        """(recordings, features) -> (recordings, classes)."""
        return _with_bias((features - self.mean) / self.scale) @ self.weights

    def predict(self, features: np.ndarray) -> np.ndarray:
        """(recordings, features) -> (recordings,), names of classes."""
        return self.classes[np.argmax(self.logits(features), axis=1)]


def fit_classifier(features: np.ndarray, labels: Sequence[str], penalty: float) -> Classifier:
    """Logistic regression in which every class weighs the same, however many recordings it has.

    Args:
        features: (recordings, features).
        penalty: of the squared weights, relative to the mean loss.
    Raises:
        ValueError: there is one class only, or a feature is not finite.
    """
    classes, target = np.unique(np.asarray(labels), return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"Expected at least two classes, found {list(classes)}.")
    if not np.isfinite(features).all():
        raise ValueError("Expected finite features, found others. Look at the recordings.")
    mean, scale = features.mean(0), np.maximum(features.std(0), 1e-6)
    inputs = _with_bias((features - mean) / scale)
    wanted = np.eye(len(classes))[target]
    share = 1.0 / (len(classes) * np.bincount(target))[target]
    strength = penalty / np.sqrt(features.shape[1])

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(inputs.shape[1], len(classes))
        log_probability = special.log_softmax(inputs @ weights, axis=1)
        gradient = inputs.T @ (share[:, None] * (np.exp(log_probability) - wanted))
        gradient[:-1] += 2 * strength * weights[:-1]
        value = -np.sum(share[:, None] * wanted * log_probability) + strength * np.sum(weights[:-1] ** 2)
        return float(value), gradient.reshape(-1)

    start = np.zeros(inputs.shape[1] * len(classes))
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return Classifier(classes, mean, scale, found.x.reshape(inputs.shape[1], len(classes)))


def choose_classifier(features: np.ndarray, labels: Sequence[str], speakers: Sequence[str], seed: int = 1) -> Classifier:
    """The penalty with the highest balanced accuracy on training speakers left out, then fitted on all of them."""
    labels, speakers = np.asarray(labels), np.asarray(speakers)
    names = np.random.default_rng(seed).permutation(np.unique(speakers))
    folds = np.array_split(names, min(FOLDS, len(names)))
    rates = []
    for penalty in PENALTIES:
        said = np.empty_like(labels)
        for fold in folds:
            held = np.isin(speakers, fold)
            said[held] = fit_classifier(features[~held], labels[~held], penalty).predict(features[held])
        rates.append(np.mean([np.mean(said[labels == name] == name) for name in np.unique(labels)]))
    return fit_classifier(features, labels, PENALTIES[int(np.argmax(rates))])


def balanced_accuracy(
    said: Sequence[str], true: Sequence[str], speakers: Sequence[str], seed: int = 1
) -> dict[str, float | int]:
    """Mean recall of the classes in percent (UAR) with a 95 % interval.

    Speakers are resampled, then the recordings of each speaker drawn: with the two or three speakers of an acted emotion set,
    speakers alone would give an interval that is far too narrow.

    Returns:
        value, low, high (percent), chance, speakers, recordings.
    References:
        Davison & Hinkley 1997, "Bootstrap Methods and their Application", section 3.8 (hierarchical data)
    """
    said, true, speakers = (np.asarray(part) for part in (said, true, speakers))
    names, classes = np.unique(speakers), np.unique(true)
    rows = [np.flatnonzero(speakers == name) for name in names]

    def rate(picked: np.ndarray) -> float:
        right, truth = said[picked] == true[picked], true[picked]
        return float(np.mean([right[truth == name].mean() for name in classes if (truth == name).any()]))

    generator = np.random.default_rng(seed)
    resampled = []
    for _ in range(BOOTSTRAP_RESAMPLES):
        drawn = [rows[i] for i in generator.integers(len(names), size=len(names))]
        resampled.append(rate(np.concatenate([own[generator.integers(len(own), size=len(own))] for own in drawn])))
    low, high = np.percentile(resampled, [2.5, 97.5])
    return {
        "value": 100 * rate(np.arange(len(true))), "low": 100 * float(low), "high": 100 * float(high),
        "chance": 100 / len(classes), "speakers": len(names), "recordings": len(true),
    }


def _with_bias(features: np.ndarray) -> np.ndarray:
    return np.concatenate([features, np.ones((len(features), 1))], axis=1)
