"""From 384 teacher features to 64 dimensions and to codes: projections, k-means, residual k-means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

CODE_SIZE = 64
CODES = 512
STORED_DIMENSIONS = 128
"""Kept in the label cache; the first 64 are z, so that another size can be tried without the teacher."""


@dataclass(frozen=True)
class Basis:
    """A linear projection, scaled so that the first 64 outputs have a variance of 1 on average.

    Attributes:
        mean: (inputs,), float32.
        components: (inputs, outputs), float32, strongest first.
        scale: the one factor that is in all components, so that distances keep their proportions.
        kept: share of what the projection is after (variance, or separation of classes) in the first 64 outputs.
    """

    mean: np.ndarray
    components: np.ndarray
    scale: float
    kept: float

    def project(self, features: np.ndarray, size: int = CODE_SIZE) -> np.ndarray:
        """(frames, inputs) -> (frames, size), float32."""
        return (features - self.mean) @ self.components[:, :size]


@dataclass(frozen=True)
class Codebooks:
    """What z may be replaced by.

    Attributes:
        first: (512, 64), float32; the nearest centre is the code of a frame (strict).
        residual: (512, 64), float32; the nearest to what the first one leaves is its second code (balanced).
    """

    first: np.ndarray
    residual: np.ndarray

    def encode(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(frames, 64) -> first and second codes, (frames,) uint16 each."""
        first = nearest(z, self.first)
        return first, nearest(z - self.first[first], self.residual)

    def decode(self, first: np.ndarray, residual: np.ndarray | None = None) -> np.ndarray:
        """Codes -> (frames, 64), float32; without second codes the centres alone."""
        return self.first[first] if residual is None else self.first[first] + self.residual[residual]


def fit_basis(features: np.ndarray, outputs: int = STORED_DIMENSIONS) -> Basis:
    """Principal components of (frames, inputs) features, float16 or float32: orthogonal columns of the length `scale`.

    What the content projection is compared with; see `content_basis`.
    """
    mean = features.mean(0, dtype=np.float64)
    covariance = np.zeros((features.shape[1],) * 2)
    for start in range(0, len(features), 50_000):
        part = features[start : start + 50_000].astype(np.float32) - mean.astype(np.float32)
        covariance += part.T @ part
    values, vectors = np.linalg.eigh(covariance / len(features))
    values, vectors = values[::-1], vectors[:, ::-1]
    # A sign convention, so that the same data gives the same basis everywhere.
    vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(0), np.arange(len(values))])
    scale = 1 / np.sqrt(values[:CODE_SIZE].mean())
    return Basis(
        mean.astype(np.float32), (vectors[:, :outputs] * scale).astype(np.float32), float(scale),
        float(values[:CODE_SIZE].sum() / values.sum()),
    )


def nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Index of the nearest centre (Euclidean) of each point; (frames, d), (codes, d) -> (frames,) uint16."""
    table = torch.from_numpy(np.ascontiguousarray(centres, np.float32))
    half = 0.5 * table.square().sum(1)
    found = np.empty(len(points), np.uint16)
    for start in range(0, len(points), 20_000):
        part = torch.from_numpy(np.ascontiguousarray(points[start : start + 20_000], np.float32))
        found[start : start + 20_000] = (half - part @ table.T).argmin(1).numpy()
    return found


def fit_centres(points: np.ndarray, count: int, seed: int, rounds: int = 25) -> np.ndarray:
    """k-means: k-means++ start on a sample, Lloyd's rounds, empty centres restarted at far points.

    Args:
        points: (frames, d), float32, more than `count`.
        seed: the same one gives the same centres on the same machine.
    Returns:
        (count, d), float32.
    Raises:
        ValueError: there are fewer points than centres.
    References:
        Arthur & Vassilvitskii 2007, "k-means++: the advantages of careful seeding"
    """
    if len(points) < count:
        raise ValueError(f"Expected at least {count} frames to fit {count} centres, found {len(points)}.")
    rng = np.random.default_rng(seed)
    sample = points[rng.choice(len(points), min(len(points), 40 * count), replace=False)].astype(np.float32)
    centres = _spread_start(sample, count, rng)
    for _ in range(rounds):
        codes = nearest(points, centres)
        sizes = np.bincount(codes, minlength=count)
        sums = torch.zeros(count, points.shape[1], dtype=torch.float64)
        sums.index_add_(0, torch.from_numpy(codes.astype(np.int64)), torch.from_numpy(points).double())
        empty = sizes == 0
        centres = (sums.numpy() / np.maximum(sizes, 1)[:, None]).astype(np.float32)
        if empty.any():
            distances = np.square(points - centres[codes]).sum(1)
            centres[empty] = points[np.argsort(distances)[-empty.sum() :]]
    return centres


def _spread_start(sample: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """k-means++: each further centre is drawn in proportion to its squared distance from those there are."""
    norms = np.square(sample).sum(1)
    chosen = [int(rng.integers(len(sample)))]
    distances = np.full(len(sample), np.inf, np.float32)
    for _ in range(count - 1):
        last = sample[chosen[-1]]
        distances = np.minimum(distances, np.maximum(norms - 2 * sample @ last + norms[chosen[-1]], 0))
        mass = np.cumsum(distances, dtype=np.float64)
        if mass[-1] == 0:  # fewer different points than centres
            chosen.append(int(rng.integers(len(sample))))
        else:
            chosen.append(min(int(np.searchsorted(mass, rng.random() * mass[-1])), len(sample) - 1))
    return sample[chosen]


def fit_codebooks(z: np.ndarray, seed: int, codes: int = CODES) -> Codebooks:
    """Both codebooks of (frames, 64) z; the second one of what the first leaves."""
    first = fit_centres(z, codes, seed)
    return Codebooks(first, fit_centres(z - first[nearest(z, first)], codes, seed + 1))


def save_arrays(path: Path, **arrays: np.ndarray | float) -> None:
    """Writes an .npz beside the target and renames it."""
    partial = path.with_suffix(".part")
    with open(partial, "wb") as file:
        np.savez(file, **arrays)
    partial.rename(path)


def load_basis(path: Path) -> Basis:
    """A basis that `save_arrays(path, mean=, components=, scale=, kept=)` wrote."""
    with np.load(path) as kept:
        return Basis(kept["mean"], kept["components"], float(kept["scale"]), float(kept["kept"]))


def load_codebooks(path: Path) -> Codebooks:
    """Codebooks that `save_arrays(path, first=, residual=)` wrote."""
    with np.load(path) as kept:
        return Codebooks(kept["first"], kept["residual"])
