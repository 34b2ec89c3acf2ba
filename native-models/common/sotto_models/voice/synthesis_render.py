"""From codes, F0 and a mixture of voices to sound, as the product does it, in PyTorch; and how high each voice speaks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from .labels import VoiceLabels
from .source_filter import FILTER_BINS, REFERENCE_RATE_HZ, noise_level, pulse_train, source_filter
from .synthesis_data import CODE_SAMPLES, Sentence, chosen_f0, mode_vector
from .synthesis_net import VOICE_NAMES, SynthesisNet, mixture_weights, pitch_input

REGISTER_RIDGE = 1.0
"""In sentences: so much a voice is drawn to the mean of all until it was heard."""


def mean_octaves(f0_hz: np.ndarray) -> float | None:
    """Mean log2 of F0 where voiced; None where nothing is."""
    voiced = f0_hz[f0_hz > 0]
    return float(np.log2(voiced).mean()) if voiced.size else None


def registers_hz(sentences: Sequence[Sentence], labels: VoiceLabels, recipes: dict[str, float]) -> np.ndarray:
    """How high each of VOICE_NAMES speaks, (54,), Hz: least squares over the mixtures' mean log F0, drawn to the overall mean.

    Args:
        recipes: factor on F0 with which each rendering (by path) was spoken; taken out again.
    Raises:
        ValueError: no sentence is voiced.
    """
    rows, heights = [], []
    for sentence in sentences:
        height = mean_octaves(labels.f0_hz(sentence.clip))
        if height is not None:
            rows.append(mixture_weights(sentence.targets[0].mixture))
            heights.append(height - np.log2(recipes[sentence.clip.path]))
    if not rows:
        raise ValueError("Expected voiced sentences, found none.")
    weights, wanted = np.array(rows, np.float64), np.array(heights)
    mean = wanted.mean()
    normal = weights.T @ weights + REGISTER_RIDGE * np.eye(len(VOICE_NAMES))
    return 2 ** (mean + np.linalg.solve(normal, weights.T @ (wanted - mean)))


def moved_to(f0_hz: np.ndarray, register_hz: float) -> np.ndarray:
    """A track moved as a whole so that its mean log F0 is that of a register; unvoiced stays 0."""
    height = mean_octaves(f0_hz)
    return f0_hz.astype(np.float64) if height is None else chosen_f0(f0_hz, register_hz / 2**height)


@torch.no_grad()
def render(net: SynthesisNet, z: np.ndarray, f0_hz: np.ndarray, mixture: dict[str, float], mode: str, seed: int) -> np.ndarray:
    """Speech at 24 kHz, (frames * 480,), float32, at about rms 1 where somebody speaks.

    Args:
        z: (frames, code_size), as the mode lets it through. f0_hz: (2 * frames,), chosen.
        seed: of the noise.
    Raises:
        ValueError: z and F0 do not fit.
    """
    if len(f0_hz) != 2 * len(z):
        raise ValueError(f"Expected {2 * len(z)} values of F0 for {len(z)} codes, found {len(f0_hz)}.")
    samples = len(z) * CODE_SAMPLES
    noise = np.random.default_rng(seed).uniform(-1, 1, samples) * noise_level(REFERENCE_RATE_HZ)
    parts = z.T, pitch_input(f0_hz), mixture_weights(mixture), mode_vector(mode), pulse_train(f0_hz, samples), noise
    said, pitch, weights, kind, pulses, hiss = (torch.from_numpy(np.ascontiguousarray(p, np.float32))[None] for p in parts)
    filters = net(said, pitch, net.voice(weights), kind)
    return source_filter(pulses, hiss, *filters.split(FILTER_BINS, dim=1))[0].numpy()
