"""From embeddings to scores: cosine, or a two-covariance PLDA in an LDA space, chosen on training speakers alone.

An attacker is *informed* when this is fitted on sanitised recordings of other speakers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from .verification import equal_error_rate

FOLDS = 5
LEAST_VARIANCE = 1e-6


@dataclass(frozen=True)
class Backend:
    """Scores pairs of embeddings.

    Attributes:
        name: as it is reported.
        mean: (features,), of the training embeddings.
        projection: (features, dimensions), LDA, or the identity for cosine.
        between: (dimensions,), speaker variance relative to a within-speaker variance of 1; None for cosine.
        spread: (dimensions,), within-speaker standard deviation after length normalisation; None for cosine.
    """

    name: str
    mean: np.ndarray
    projection: np.ndarray
    between: np.ndarray | None = None
    spread: np.ndarray | None = None

    def project(self, embeddings: np.ndarray) -> np.ndarray:
        """(recordings, features) -> (recordings, dimensions) of unit length, in units of the within-speaker spread."""
        projected = unit_length((embeddings - self.mean) @ self.projection)
        return projected if self.spread is None else projected / self.spread

    def score(self, enrolled: np.ndarray, unknown: np.ndarray) -> np.ndarray:
        """(voices, features) and (recordings, features) -> (voices, recordings): cosine or log-likelihood ratio."""
        a, b = self.project(enrolled), self.project(unknown)
        if self.between is None:
            return a @ b.T
        # Pairs of one speaker have covariance [[1+v, v], [v, 1+v]] in each dimension, pairs of two [[1+v, 0], [0, 1+v]].
        v = self.between
        cross = v / (1 + 2 * v)
        square = 0.5 * (1 / (1 + v) - (1 + v) / (1 + 2 * v))
        constant = 0.5 * np.sum(2 * np.log1p(v) - np.log1p(2 * v))
        return (a * cross) @ b.T + (a**2 @ square)[:, None] + (b**2 @ square)[None, :] + constant


def unit_length(vectors: np.ndarray) -> np.ndarray:
    """Rows of length 1; rows that are nearly zero stay zero."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def cosine(embeddings: np.ndarray) -> Backend:
    """Cosine after taking the mean of these embeddings away."""
    return Backend("cosine", embeddings.mean(0), np.eye(embeddings.shape[1]))


def plda(embeddings: np.ndarray, speakers: Sequence[str], dimensions: int, shrinkage: float) -> Backend:
    """LDA, length normalisation and a two-covariance model with diagonal covariances.

    Args:
        embeddings: (recordings, features), several for each speaker.
        dimensions: of the LDA space; fewer where there are fewer speakers or features.
        shrinkage: 0 to 1, how far the within-speaker covariance is drawn towards a multiple of the identity.
    Raises:
        ValueError: no speaker has two recordings.
    References:
        Brummer & de Villiers 2010, "The speaker partitioning problem" (two-covariance model)
        Garcia-Romero & Espy-Wilson 2011, "Analysis of i-vector length normalization"
        Ledoit & Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices" (the kind of shrinkage)
    """
    mean = embeddings.mean(0)
    within, between, per_speaker = _covariances(embeddings - mean, speakers)
    between = between - within / per_speaker  # speaker means scatter by their speakers' own spread too
    features = embeddings.shape[1]
    level = max(float(np.trace(within)) / features, LEAST_VARIANCE)
    within = (1 - shrinkage) * within + shrinkage * level * np.eye(features)
    within += 1e-6 * level * np.eye(features)
    dimensions = min(dimensions, features, len(set(speakers)) - 1)
    _, vectors = linalg.eigh(between, within, subset_by_index=[features - dimensions, features - 1])
    projected = unit_length((embeddings - mean) @ vectors)
    within, between, per_speaker = _covariances(projected, speakers)
    within_variance = np.maximum(np.diag(within), LEAST_VARIANCE / dimensions)
    between_variance = np.maximum(np.diag(between) - within_variance / per_speaker, 0.0)
    return Backend(f"plda-{dimensions}", mean, vectors, between_variance / within_variance, np.sqrt(within_variance))


def _covariances(centred: np.ndarray, speakers: Sequence[str]) -> tuple[np.ndarray, np.ndarray, float]:
    """Within-speaker and between-speaker covariance, and the mean number of recordings of a speaker."""
    names, indices = np.unique(np.asarray(speakers), return_inverse=True)
    counts = np.bincount(indices)
    if len(names) < 2 or counts.max() < 2:
        raise ValueError(f"Expected several recordings of several speakers, found {len(centred)} of {len(names)}.")
    means = np.zeros((len(names), centred.shape[1]))
    np.add.at(means, indices, centred)
    means /= counts[:, None]
    residual = centred - means[indices]
    freedom = len(centred) - len(names)
    spread = means - means.mean(0)
    return residual.T @ residual / freedom, spread.T @ spread / (len(names) - 1), float(counts.mean())


CANDIDATES = (("cosine", 0, 0.0), *(("plda", d, s) for d in (24, 100) for s in (0.003, 0.03, 0.3, 0.9)))


def fitted(kind: str, dimensions: int, shrinkage: float, embeddings: np.ndarray, speakers: Sequence[str]) -> Backend:
    """One of CANDIDATES, fitted."""
    return cosine(embeddings) if kind == "cosine" else plda(embeddings, speakers, dimensions, shrinkage)


def choose_backend(
    embeddings: np.ndarray, speakers: Sequence[str], extra: np.ndarray | None = None, extra_speakers: Sequence[str] = (),
    seed: int = 1,
) -> tuple[Backend, float]:
    """The candidate with the lowest equal error rate on training speakers it was not fitted on, refitted on all.

    Args:
        embeddings: (recordings, features), of the recordings the attacker expects (sanitised ones when informed).
        extra: further recordings of the same training speakers, such as the raw ones, that a second fit of every candidate
            may use besides; none of a held-out speaker is used.
    Returns:
        the backend, and its cross-validated equal error rate (0 to 1).
    """
    speakers = np.asarray(speakers)
    names = np.unique(speakers)
    folds = np.array_split(np.random.default_rng(seed).permutation(names), min(FOLDS, len(names) // 2))
    sources = [(np.zeros((0, embeddings.shape[1])), np.array([], speakers.dtype))]
    if extra is not None:
        sources.append((extra, np.asarray(extra_speakers)))
    best: tuple[float, tuple, int] | None = None
    for source, (more, more_speakers) in enumerate(sources):
        for candidate in CANDIDATES:
            scores, targets = [], []
            for fold in folds:
                held, kept = np.isin(speakers, fold), ~np.isin(more_speakers, fold)
                backend = fitted(
                    *candidate, np.concatenate([embeddings[~held], more[kept]]),
                    np.concatenate([speakers[~held], more_speakers[kept]]),
                )
                table = backend.score(embeddings[held], embeddings[held])
                upper = np.triu_indices(len(table), 1)
                scores.append(table[upper])
                targets.append((speakers[held][:, None] == speakers[held][None, :])[upper])
            rate = float(np.mean([equal_error_rate(s, t) for s, t in zip(scores, targets, strict=True)]))
            if best is None or rate < best[0]:
                best = rate, candidate, source
    assert best is not None
    rate, candidate, source = best
    more, more_speakers = sources[source]
    backend = fitted(*candidate, np.concatenate([embeddings, more]), np.concatenate([speakers, more_speakers]))
    return backend, rate
