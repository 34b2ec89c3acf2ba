"""The three linear fits of the probes: logistic, multinomial and ridge; inputs are standardised inside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

LEAST_STANDARD_DEVIATION = 1e-3
"""Below it a feature says nothing; a bit that is on in one frame of a million would get a huge weight."""

MOST_ITERATIONS = 60


@dataclass(frozen=True)
class LinearFit:
    """outputs = features @ weights + bias.

    Attributes:
        weights: (features, outputs), for the features as they come.
        bias: (outputs,).
        importance: (features,), |weight| * standard deviation, its norm over several outputs.
    """

    weights: np.ndarray
    bias: np.ndarray
    importance: np.ndarray

    def predict(self, features: np.ndarray) -> np.ndarray:
        """(rows, features) -> (rows, outputs), float64."""
        return features.astype(np.float32) @ self.weights.astype(np.float32) + self.bias


def standardised(features: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features less their mean over their standard deviation (float32), the mean, and 1 / deviation (0 for constants)."""
    mean = features.mean(0, dtype=np.float64)
    deviation = np.sqrt(np.maximum(np.square(features).mean(0, dtype=np.float64) - mean**2, 0))
    scale = np.where(deviation > LEAST_STANDARD_DEVIATION, 1 / np.maximum(deviation, LEAST_STANDARD_DEVIATION), 0)
    return (features - mean.astype(np.float32)) * scale.astype(np.float32), mean, scale


def _unscaled(weights: np.ndarray, bias: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> LinearFit:
    real = weights * scale[:, None]
    return LinearFit(real, bias - mean @ real, np.linalg.norm(weights, axis=1))


class ClassFit:
    """Multinomial logistic regression with an L2 penalty; two classes give one output, the logit of class 1.

    Minimises the mean negative log likelihood + penalty / 2 * sum of squared standardised weights, by L-BFGS, each time
    from where the last penalty ended.

    Args:
        features: (rows, features), float32.
        classes: (rows,), 0 .. count - 1.
        count: number of classes.
        balanced: every class weighs the same, however many rows it has.
    """

    def __init__(self, features: np.ndarray, classes: np.ndarray, count: int, balanced: bool):
        self._x, self._mean, self._scale = standardised(features)
        outputs = 1 if count == 2 else count
        weight = 1 / np.maximum(np.bincount(classes, minlength=count), 1)[classes] if balanced else np.ones(len(classes))
        self._weight = weight / weight.sum()
        self._onehot = np.eye(count)[classes][:, 1:] if outputs == 1 else np.eye(count)[classes]
        self._table = np.zeros((self._x.shape[1] + 1, outputs))

    def at(self, penalty: float) -> LinearFit:
        """The fit at one penalty."""
        options = {"maxiter": MOST_ITERATIONS, "ftol": 1e-5, "gtol": 1e-5}
        found = minimize(self._loss, self._table.ravel(), (penalty,), jac=True, method="L-BFGS-B", options=options)
        self._table = found.x.reshape(self._table.shape)
        return _unscaled(self._table[:-1], self._table[-1], self._mean, self._scale)

    def _loss(self, flat: np.ndarray, penalty: float) -> tuple[float, np.ndarray]:
        table = flat.reshape(self._table.shape)
        logits = (self._x @ table[:-1].astype(np.float32)).astype(np.float64) + table[-1]
        if table.shape[1] == 1:
            value = np.logaddexp(0, logits) - self._onehot * logits
            slope = expit(logits) - self._onehot
        else:
            total = logsumexp(logits, axis=1, keepdims=True)
            value = total - (self._onehot * logits).sum(1, keepdims=True)
            slope = np.exp(logits - total) - self._onehot
        slope = slope * self._weight[:, None]
        gradient = np.vstack([self._x.T @ slope.astype(np.float32) + penalty * table[:-1], slope.sum(0)])
        return float(self._weight @ value.sum(1) + penalty / 2 * np.square(table[:-1]).sum()), gradient.ravel()


class ValueFit:
    """Ridge regression: mean squared error + penalty * sum of squared standardised weights, solved exactly.

    Args:
        features: (rows, features), float32.
        values: (rows,).
    """

    def __init__(self, features: np.ndarray, values: np.ndarray):
        x, self._mean, self._scale = standardised(features)
        self._centre = float(values.mean())
        self._deviation = float(values.std()) or 1.0
        self._gram = (x.T @ x).astype(np.float64) / len(x)
        target = ((values - self._centre) / self._deviation).astype(np.float32)
        self._slope = (x.T @ target).astype(np.float64) / len(x)

    def at(self, penalty: float) -> LinearFit:
        """The fit at one penalty, which is relative to values of deviation 1."""
        gram = self._gram + penalty * np.eye(len(self._gram))
        weights = solve(gram, self._slope, assume_a="pos") * self._deviation
        return _unscaled(weights[:, None], np.array([self._centre]), self._mean, self._scale)
