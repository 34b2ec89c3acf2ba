"""Sounds unlike anything the net was trained on: tones, sweeps, beeps, chords and simple tunes."""

from __future__ import annotations

import numpy as np

from ..mixing import rms
from ..pcm_cache import SAMPLE_RATE_HZ

SEMITONE = 2 ** (1 / 12)
SCALE = (0, 2, 4, 5, 7, 9, 11, 12, 14, 16)


def foreign_sound(rng: np.random.Generator, count: int) -> np.ndarray:
    """One of the makers below, in turn by chance; (count,), float32, rms 1."""
    maker = (steady_tones, sweep, beeps, tune)[rng.choice(4, p=[0.2, 0.15, 0.15, 0.5])]
    sound = maker(rng, count)
    return (sound / max(rms(sound), 1e-9)).astype(np.float32)


def steady_tones(rng: np.random.Generator, count: int) -> np.ndarray:
    """One to four steady sines of 80 to 6000 Hz; (count,)."""
    time = np.arange(count) / SAMPLE_RATE_HZ
    pitches = np.exp(rng.uniform(np.log(80), np.log(6000), int(rng.integers(1, 5))))
    return sum(rng.uniform(0.2, 1) * np.sin(2 * np.pi * (hertz * time + rng.random())) for hertz in pitches)


def sweep(rng: np.random.Generator, count: int) -> np.ndarray:
    """A logarithmic sweep up or down, once or several times; (count,)."""
    ends = np.exp(rng.uniform(np.log(60), np.log(7000), 2))
    turns = rng.uniform(0.5, 4)
    place = np.abs((np.arange(count) / count * turns) % 2 - 1)
    hertz = ends[0] * (ends[1] / ends[0]) ** place
    return np.sin(2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE_HZ)


def beeps(rng: np.random.Generator, count: int) -> np.ndarray:
    """Pairs of sines switched on and off, as signalling tones are; (count,)."""
    time = np.arange(count) / SAMPLE_RATE_HZ
    pair = sum(np.sin(2 * np.pi * hertz * time) for hertz in rng.uniform(350, 2200, 2))
    gate = ((time * rng.uniform(0.5, 6)) % 1) < rng.uniform(0.3, 0.8)
    return pair * np.convolve(gate, np.hanning(160) / np.hanning(160).sum(), "same")


def tune(rng: np.random.Generator, count: int) -> np.ndarray:
    """Plucked or held notes of one key over slow chords, sometimes with a beat; (count,)."""
    root = np.exp(rng.uniform(np.log(110), np.log(330)))
    beat = int(rng.uniform(0.15, 0.6) * SAMPLE_RATE_HZ)
    decay, brightness = rng.uniform(0.5, 6), rng.uniform(0.4, 1.6)
    sound = np.zeros(count)
    for start in range(0, count, beat):
        hertz = root * 2 * SEMITONE ** SCALE[int(rng.integers(len(SCALE)))]
        _add(sound, start, _note(rng, hertz, int(beat * rng.uniform(0.8, 2)), decay, brightness))
        if (start // beat) % 4 == 0:
            first = int(rng.integers(0, 6))
            for step in (0, 2, 4):
                hertz = root * SEMITONE ** SCALE[first + step]
                _add(sound, start, 0.6 * _note(rng, hertz, 4 * beat, decay / 4, brightness))
        if rng.random() < 0.5:
            length = int(0.08 * SAMPLE_RATE_HZ)
            _add(sound, start, rng.uniform(0, 0.8) * rng.standard_normal(length) * np.exp(-np.arange(length) / 250))
    return sound


def _note(rng: np.random.Generator, hertz: float, length: int, decay: float, brightness: float) -> np.ndarray:
    time = np.arange(length) / SAMPLE_RATE_HZ
    harmonics = range(1, max(2, min(12, int(7500 / hertz))))
    tone = sum(k**-brightness * np.sin(2 * np.pi * (k * hertz * time + rng.random())) for k in harmonics)
    return tone * np.exp(-decay * time) * np.clip(time / 0.01, 0, 1) * np.clip((time[-1] - time) / 0.02, 0, 1)


def _add(sound: np.ndarray, start: int, part: np.ndarray) -> None:
    part = part[: len(sound) - start]
    sound[start : start + len(part)] += part
