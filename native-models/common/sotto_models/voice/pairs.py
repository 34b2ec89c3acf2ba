"""The same sentence in another voice with the same timing: targets for a net that must not keep the voice it heard."""

from __future__ import annotations

import numpy as np

from ..kokoro import Kokoro, Phonemiser

SEED = 4243
ENGLISH_SHARE = 0.7
VOICES_SHARES = (0.2, 0.6, 0.2)
"""How often a target is one voice, a mixture of two, of three: pure ones pin the table of voices down, mixtures fill it."""
F0_SPREAD_OCTAVES = 0.12


class TimingError(ValueError):
    """The front half of Kokoro did not say a sentence as it did when the corpus was made."""


def target_mixture(rng: np.random.Generator, names: list[str]) -> dict[str, float]:
    """A voice to aim at: one to three of Kokoro's, mostly English ones, weights that sum to 1."""
    english, others = [n for n in names if n[0] in "ab"], [n for n in names if n[0] not in "ab"]
    count = 1 + int(rng.choice(len(VOICES_SHARES), p=VOICES_SHARES))
    chosen: list[str] = []
    while len(chosen) < count:
        pool = english if rng.random() < ENGLISH_SHARE or not others else others
        name = str(pool[rng.integers(len(pool))])
        if name not in chosen:
            chosen.append(name)
    weights = rng.dirichlet(np.full(count, 2.0))
    return {name: float(weight) for name, weight in zip(chosen, weights, strict=True)}


def mean_log_f0(f0_hz: np.ndarray) -> float:
    """Mean of ln F0 where voiced.

    Raises:
        ValueError: nothing is voiced.
    """
    voiced = f0_hz[f0_hz > 10]
    if voiced.size == 0:
        raise ValueError("Expected some voiced frames, found none.")
    return float(np.log(voiced).mean())


def speak_again(kokoro: Kokoro, phonemiser: Phonemiser, entry: dict, mixture: dict[str, float],
                rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """A sentence of the corpus in another voice, frame by frame in step with the first rendering.

    F0 is the source's contour moved by the ratio of both voices' mean F0 for this sentence, and a random bit more.

    Args:
        entry: a line of make_voices.py's sentences.jsonl.
    Returns:
        sound (samples,), float32, 24 kHz, below full scale, as long as the first rendering; and the factor on F0.
    Raises:
        TimingError: the durations differ from those in the entry.
    """
    ids = phonemiser.ids(entry["phonemes"])
    source, target = (kokoro.style(voices, len(ids)) for voices in (entry["voices"], mixture))
    prosody = kokoro.front(ids, source, entry["speed"])
    if [int(d) for d in prosody.durations] != entry["durations"]:
        found = f"Expected the durations of sentence {entry['index']}, found others."
        raise TimingError(f"{found} Was the corpus made with another Kokoro?")
    own = kokoro.front(ids, target, entry["speed"])
    ratio = np.exp(mean_log_f0(own.f0) - mean_log_f0(prosody.f0))
    factor = float(ratio * 2 ** rng.normal(0, F0_SPREAD_OCTAVES))
    audio = kokoro.speak(prosody, target, factor)
    return audio * min(1.0, 0.9 / max(float(np.abs(audio).max()), 1e-6)), factor
