"""The 64 directions of the teacher's features that tell phonemes from each other and do not tell who speaks, or where.

Principal components follow whatever varies most, and much of that is voice and room: of the phonemes that a linear classifier
finds in 384 features, 64 components lose every eighth (`voice-codes/label-study.json`). A discriminant analysis asks for directions that differ between
phonemes in their neighbourhood and agree within one over all voices, rooms and microphones.
"""

from __future__ import annotations

import numpy as np
import scipy.linalg

from .codebooks import CODE_SIZE, STORED_DIMENSIONS, Basis
from .phones import UNKNOWN

LEAST_FRAMES = 8
"""Of a class: rarer ones would tell about single sentences."""
BLOCK_FRAMES = 150
"""3 s: over so long the mean says who speaks and through which microphone, rather than what."""
RIDGE = 0.01
"""Of the mean variance, added to all directions: small ones must not win by having no variance at all."""


def neighbourhood_classes(phones: np.ndarray) -> np.ndarray:
    """Each frame's phoneme, which half of it, and the phoneme beside that half, as one number; -1 where unknown.

    Args:
        phones: (frames,), sentences one behind the other.
    """
    frames = len(phones)
    edges = np.flatnonzero(np.diff(phones)) + 1
    starts, stops = np.concatenate([[0], edges]), np.concatenate([edges, [frames]])
    values = phones[starts].astype(np.int64)
    before, after = np.concatenate([[UNKNOWN], values[:-1]]), np.concatenate([values[1:], [UNKNOWN]])
    run = np.repeat(np.arange(len(starts)), stops - starts)
    second_half = np.arange(frames) >= ((starts + stops) // 2)[run]
    beside = np.where(second_half, after[run], before[run])
    return np.where(phones >= 0, (phones.astype(np.int64) * 2 + second_half) * 200 + beside + 1, -1)


def fit_content_basis(
    features: np.ndarray, classes: np.ndarray, surroundings: np.ndarray, outputs: int = STORED_DIMENSIONS
) -> Basis:
    """A linear discriminant analysis with an extra share of what voices, rooms and microphones do.

    The outputs are ordered by how well they separate and are scaled so that the within-class scatter of the best has the size
    1, of lesser ones less, in proportion to the share of their variance that lies between classes.

    Args:
        features: (frames, inputs), of sentences with known phonemes, clean and disturbed, by many voices.
        classes: (frames,), as `neighbourhood_classes` makes them; negative ones are left out.
        surroundings: (frames, inputs), of real recordings one behind the other; means over 3 s count as scatter that must go.
    References:
        Fisher 1936, "The use of multiple measurements in taxonomic problems"; Haeb-Umbach & Ney 1992, "Linear discriminant
        analysis for improved large vocabulary continuous speech recognition" (classes smaller than phonemes)
    """
    between, within, mean = _scatter(features, classes)
    whole = len(surroundings) // BLOCK_FRAMES * BLOCK_FRAMES
    blocks = surroundings[:whole].reshape(-1, BLOCK_FRAMES, surroundings.shape[1]).astype(np.float32).mean(1)
    within = within + np.cov(blocks.T.astype(np.float64)) if len(blocks) > 1 else within
    within += RIDGE * np.trace(within) / len(within) * np.eye(len(within))
    values, vectors = scipy.linalg.eigh(between, within)
    values, vectors = np.maximum(values[::-1][:outputs], 0), vectors[:, ::-1][:, :outputs]
    # A sign convention, so that the same data gives the same basis everywhere.
    vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(0), np.arange(vectors.shape[1])])
    reliable = values / (1 + values)
    components = vectors * np.sqrt(reliable)
    spread = np.square((features.astype(np.float32) - mean) @ components[:, :CODE_SIZE]).mean()
    scale = 1 / np.sqrt(spread)
    kept = values[:CODE_SIZE].sum() / np.trace(np.linalg.solve(within, between))
    return Basis(mean.astype(np.float32), (components * scale).astype(np.float32), float(scale), float(kept))


def _scatter(features: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Covariance of class means, mean covariance inside classes, and the mean; classes with few frames are left out."""
    names, codes, counts = np.unique(classes, return_inverse=True, return_counts=True)
    kept = ((names >= 0) & (counts >= LEAST_FRAMES))[codes]
    _, codes, counts = np.unique(codes[kept], return_inverse=True, return_counts=True)
    points = features[kept].astype(np.float64)
    order = np.argsort(codes, kind="stable")
    sums = np.add.reduceat(points[order], np.concatenate([[0], np.cumsum(counts)[:-1]]))
    means, mean = sums / counts[:, None], points.mean(0)
    centred = means - mean
    between = (centred * counts[:, None]).T @ centred / len(points)
    points -= means[codes]
    return between, points.T @ points / len(points), mean
