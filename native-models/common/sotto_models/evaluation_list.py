"""Seeded lists of evaluation mixtures, the same for every system and every run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .corpus import Clip, is_evaluation_only
from .mixing import gain_for_snr, rms
from .pcm_cache import SAMPLE_RATE_HZ, PcmCache

EVALUATION_SNRS_DB = (-5, 0, 5, 10, 15, 20)
SHORTEST_SPEECH_SECONDS = 3.0


@dataclass(frozen=True)
class EvaluationMixture:
    """One mixture to be judged.

    Attributes:
        noisy: float32, (samples,), 16 kHz.
        clean: float32, (samples,), aligned, at the level it has inside `noisy`.
    """

    name: str
    speaker: str
    noise: str
    snr_db: float
    level_dbfs: float
    noisy: np.ndarray
    clean: np.ndarray


def evaluation_clips(clips: Sequence[Clip], split: str) -> list[Clip]:
    """Speech and noise of one split, without NonCommercial material; speech of at least three seconds."""
    kinds = ("speech", "noise")
    return [
        c for c in clips
        if c.split == split and c.kind in kinds and not is_evaluation_only(c)
        and (c.kind == "noise" or c.duration_seconds >= SHORTEST_SPEECH_SECONDS)
    ]


def evaluation_mixtures(
    cache: PcmCache, clips: Sequence[Clip], per_snr: int, seed: int, longest_seconds: float = 8.0
) -> list[EvaluationMixture]:
    """`per_snr` mixtures at each of -5, 0, 5, 10, 15 and 20 dB (ratio of mean powers over the clip).

    Speakers and noise classes take turns in a seeded order; levels are drawn between -32 and -20 dBFS rms.

    Args:
        cache: PCM of `clips`.
        clips: result of `evaluation_clips`.
    """
    rng = np.random.default_rng([seed, 4])
    speech = [c for c in clips if c.kind == "speech"]
    speakers = sorted({c.speaker for c in speech})
    noises = [c for c in clips if c.kind == "noise"]
    labels = sorted({c.label for c in noises})
    speaker_turn, label_turn = rng.permutation(len(speakers)), rng.permutation(len(labels))
    mixtures = []
    for index in range(per_snr * len(EVALUATION_SNRS_DB)):
        snr_db = EVALUATION_SNRS_DB[index % len(EVALUATION_SNRS_DB)]
        speaker = speakers[speaker_turn[index % len(speakers)]]
        label = labels[label_turn[(index + index // len(labels)) % len(labels)]]
        talk = _choose([c for c in speech if c.speaker == speaker], rng)
        sound = _choose([c for c in noises if c.label == label], rng)
        clean = cache.read(talk.path, 0, int(longest_seconds * SAMPLE_RATE_HZ))
        recorded = cache.read(sound.path)
        repeats = -(-len(clean) // len(recorded))
        noise = np.tile(recorded, repeats)[: len(clean)]
        noisy = clean + gain_for_snr(clean, noise, snr_db) * noise
        level_dbfs = float(rng.uniform(-32, -20))
        gain = 10 ** (level_dbfs / 20) / max(rms(noisy), 1e-9)
        gain = min(gain, 0.98 / max(float(np.abs(noisy).max()), 1e-9))
        mixtures.append(
            EvaluationMixture(
                name=f"{index:03d}-{label}-{snr_db}dB", speaker=speaker, noise=sound.path, snr_db=float(snr_db),
                level_dbfs=level_dbfs, noisy=(noisy * gain).astype(np.float32), clean=(clean * gain).astype(np.float32),
            )
        )
    return mixtures


def _choose(items: list[Clip], rng: np.random.Generator) -> Clip:
    return items[int(rng.integers(len(items)))]
