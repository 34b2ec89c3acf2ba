"""Mixtures of clean speech and noise, made while training and reproducible from (seed, step, row) alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePath

import numpy as np
from scipy import signal as scipy_signal

from .corpus import Clip, refuse_forbidden
from .mixing_config import Drawn, DrawnNoise, MixingConfig, TalkPiece
from .pcm_cache import SAMPLE_RATE_HZ, PcmCache

DIGITAL_SILENCE = 1e-4


def rms(signal: np.ndarray) -> float:
    """Root mean square of a signal of any shape; 0 for an empty one."""
    return float(np.sqrt(np.mean(np.square(signal, dtype=np.float64)))) if signal.size else 0.0


def gain_for_snr(speech: np.ndarray, noise: np.ndarray, snr_db: float) -> float:
    """The factor for `noise` that gives this ratio of mean powers over the whole crop; 0 when either is silent."""
    speech_rms, noise_rms = rms(speech), rms(noise)
    if speech_rms == 0 or noise_rms == 0:
        return 0.0
    return speech_rms / noise_rms * 10 ** (-snr_db / 20)


def change_speed(signal: np.ndarray, factor: float, count: int) -> np.ndarray:
    """Linear resampling by a factor near 1; (>= ceil(count * factor) + 1,) -> (count,)."""
    return np.interp(np.arange(count) * factor, np.arange(len(signal)), signal).astype(np.float32)


def room_responses(count: int, seconds: tuple[float, float], early_milliseconds: float, seed: int):
    """Synthetic room responses: a direct pulse and a decaying noise tail that loses its treble with time.

    Returns:
        list of (response, early response), each float32 (samples,), the direct pulse first and of height 1; the
        early one ends after `early_milliseconds`.
    """
    rng = np.random.default_rng([seed, 77])
    rooms = []
    for _ in range(count):
        decay_seconds = rng.uniform(*seconds)
        length = int(min(decay_seconds, 0.6) * SAMPLE_RATE_HZ)
        time = np.arange(length) / SAMPLE_RATE_HZ
        tail = rng.standard_normal(length)
        dull = scipy_signal.lfilter([1 - (p := rng.uniform(0.3, 0.75))], [1, -p], tail)
        late = np.clip(time / 0.15, 0, 1)
        tail = (tail * (1 - late) + dull / max(rms(dull), 1e-9) * late) * np.exp(-6.9 * time / decay_seconds)
        first = int(rng.uniform(0.001, 0.008) * SAMPLE_RATE_HZ)
        tail[:first] = 0
        direct_to_reverb_db = rng.uniform(-3, 14)
        tail *= 10 ** (-direct_to_reverb_db / 20) / max(np.sqrt(np.sum(tail**2)), 1e-9)
        tail[0] = 1.0
        response = tail.astype(np.float32)
        rooms.append((response, response[: int(early_milliseconds * SAMPLE_RATE_HZ / 1000)]))
    return rooms


def coloured_noise(rng: np.random.Generator, count: int) -> np.ndarray:
    """Noise with a random spectral slope (white to brown), sometimes with mains hum; (count,), rms about 1."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequency = np.maximum(np.fft.rfftfreq(count, 1 / SAMPLE_RATE_HZ), 20.0)
    noise = np.fft.irfft(spectrum * frequency ** (-rng.uniform(0.0, 1.1)), count)
    noise = noise / max(rms(noise), 1e-9)
    if rng.random() < 0.35:
        mains = rng.choice([50.0, 60.0]) * rng.uniform(0.995, 1.005)
        time = np.arange(count) / SAMPLE_RATE_HZ
        harmonics = range(1, int(rng.integers(4, 20)))
        hum = sum(rng.uniform(0, 1) / k**0.7 * np.sin(2 * np.pi * (k * mains * time + rng.random())) for k in harmonics)
        noise = noise * rng.uniform(0.02, 1.0) + hum / max(rms(hum), 1e-9)
    return noise.astype(np.float32)


EQUALISER_POINTS_HZ = (60.0, 200.0, 600.0, 1500.0, 3500.0, 8000.0)
THIN_VOICE_CORNER_HZ = (200.0, 1000.0)


def equalised(
    rng: np.random.Generator, signal: np.ndarray, spread_db: float, thin_probability: float
) -> np.ndarray:
    """A voice through another microphone: a random smooth frequency response, sometimes without its low end.

    The clean corpus has few microphones; without this, a voice that has nothing below 800 Hz is taken for noise.

    Args:
        signal: (samples,), float32.
        spread_db: standard deviation of the response at each of `EQUALISER_POINTS_HZ`, in dB.
        thin_probability: how often a second-order high pass with a corner in `THIN_VOICE_CORNER_HZ` is added.
    Returns:
        (samples,), float32, zero phase, the rms of `signal`.
    """
    frequency = np.maximum(np.fft.rfftfreq(len(signal), 1 / SAMPLE_RATE_HZ), 20.0)
    points_db = rng.normal(0, spread_db, len(EQUALISER_POINTS_HZ)) if spread_db else np.zeros(len(EQUALISER_POINTS_HZ))
    response = 10 ** (np.interp(np.log(frequency), np.log(EQUALISER_POINTS_HZ), points_db) / 20)
    if rng.random() < thin_probability:
        corner = np.exp(rng.uniform(*np.log(THIN_VOICE_CORNER_HZ)))
        response = response / np.sqrt(1 + (corner / frequency) ** 4)
    result = np.fft.irfft(np.fft.rfft(signal) * response, len(signal))
    return (result * (rms(signal) / max(rms(result), 1e-9))).astype(np.float32)


class Mixer:
    """Draws training mixtures out of permitted clips.

    Args:
        cache: PCM of all `clips`.
        clips: train or valid rows; evaluation-only and test rows are refused.
        seed: with (step, row) it fixes every mixture.
        foreign: makes sounds of so many samples, rms 1; needed for a `foreign_probability` above 0.
    Raises:
        CorpusError: a clip may not be used for training.
        ValueError: there is no speech, or nothing makes the foreign sounds that are asked for.
    """

    def __init__(
        self, cache: PcmCache, clips: Sequence[Clip], config: MixingConfig, seed: int,
        foreign: Callable[[np.random.Generator, int], np.ndarray] | None = None,
    ):
        refuse_forbidden(clips)
        if config.foreign_probability and foreign is None:
            raise ValueError("Expected a maker of foreign sounds for foreign_probability above 0, found none.")
        self._foreign = foreign
        self._cache, self._config, self._seed = cache, config, seed
        self._count = int(round(config.crop_seconds * SAMPLE_RATE_HZ))
        self._speech = _by_source_and_speaker([c for c in clips if c.kind in ("speech", "emotion")])
        if not self._speech:
            raise ValueError("Expected speech among the clips, found none.")
        self._sources = sorted(self._speech)
        weights = np.array([config.speech_weights.get(s, 0.05) for s in self._sources])
        self._source_weights = weights / weights.sum()
        self._noises = noise_groups(clips)
        kinds = [k for k in config.noise_weights if k in ("synthetic", "babble") or self._noises.get(k)]
        self._noise_kinds = kinds
        kind_weights = np.array([config.noise_weights[k] for k in kinds])
        self._noise_kind_weights = kind_weights / kind_weights.sum()
        self._rooms = room_responses(config.room_count, config.reverb_seconds, config.early_milliseconds, seed)
        self._filters = [
            scipy_signal.butter(4, [300, 3400], "bandpass", fs=SAMPLE_RATE_HZ, output="sos"),
            scipy_signal.butter(8, 4000, "lowpass", fs=SAMPLE_RATE_HZ, output="sos"),
            scipy_signal.butter(8, 5500, "lowpass", fs=SAMPLE_RATE_HZ, output="sos"),
            scipy_signal.butter(8, 7000, "lowpass", fs=SAMPLE_RATE_HZ, output="sos"),
        ]

    def batch(self, step: int, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Mixture and target of one step: two float32 arrays (size, samples)."""
        pairs = [self.example(step, row) for row in range(size)]
        return np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs])

    def example(self, step: int, row: int) -> tuple[np.ndarray, np.ndarray]:
        """One (mixture, target), each float32 (samples,); the same arguments give the same samples."""
        drawn = self.draw(step, row)
        return drawn.mixture, drawn.target

    def draw(self, step: int, row: int) -> Drawn:
        """`example` with what it was made of."""
        config = self._config
        rng = np.random.default_rng([self._seed, step, row])
        kind = rng.random()
        speech = target = noise = np.zeros(self._count, np.float32)
        noises, pieces, speed, tone_only = (), (), 1.0, False
        if kind >= 1 - config.foreign_probability - config.room_tone_probability:
            tone_only = kind >= 1 - config.room_tone_probability
            noise, noises = self._room_tone(rng) if tone_only else self._foreign_sound(rng)
        else:
            if kind >= config.noise_only_probability:
                speech, target, pieces, speed = self._speech_and_target(rng)
            if not config.noise_only_probability <= kind < config.noise_only_probability + config.clean_probability:
                noise, noises = self._noise(rng)
                snr_db = rng.uniform(*config.snr_db)
                noise = (gain_for_snr(speech, noise, snr_db) if target.any() else 1.0) * noise
        mixture, target, noise = self._channel(rng, speech + noise, target, noise, tone_only)
        if pieces and not noises and config.clean_tone_probability and rng.random() < config.clean_tone_probability:
            # Below the voice by 20 dB or more, as a clean recording has it.
            noise, noises = self._room_tone(rng)
            noise = noise * min(1.0, 0.1 * rms(target) / max(rms(noise), 1e-9))
            mixture = mixture + noise
        mixture, target, noise = (part.astype(np.float32) for part in (mixture, target, noise))
        return Drawn(mixture, target, noise, noises, pieces, speed)

    def _room_tone(self, rng: np.random.Generator) -> tuple[np.ndarray, tuple[DrawnNoise, ...]]:
        level = 10 ** (rng.uniform(*self._config.room_tone_dbfs) / 20)
        tone = coloured_noise(rng, self._count)
        return tone * (level / rms(tone)), (DrawnNoise("room-tone"),)

    def _foreign_sound(self, rng: np.random.Generator) -> tuple[np.ndarray, tuple[DrawnNoise, ...]]:
        if self._noises.get("music") and rng.random() < 0.5:
            sound, clip = self._recorded(rng, "music")
            return sound, (DrawnNoise("foreign", clip),)
        return self._foreign(rng, self._count), (DrawnNoise("foreign"),)

    def _speech_and_target(
        self, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, tuple[TalkPiece, ...], float]:
        config = self._config
        talk, pieces, speed = self._talk(rng, self._count)
        dry = equalised(rng, talk, config.equaliser_db, config.thin_voice_probability)
        if rng.random() >= config.reverb_probability:
            return dry, dry, pieces, speed
        response, early = self._rooms[rng.integers(len(self._rooms))]
        wet = scipy_signal.fftconvolve(dry, response)[: self._count].astype(np.float32)
        return wet, scipy_signal.fftconvolve(dry, early)[: self._count].astype(np.float32), pieces, speed

    def _talk(self, rng: np.random.Generator, count: int) -> tuple[np.ndarray, tuple[TalkPiece, ...], float]:
        """Speech of one speaker, clips joined with short pauses until `count` samples are full; pieces and speed."""
        source = self._sources[rng.choice(len(self._sources), p=self._source_weights)]
        speakers = self._speech[source]
        clips = speakers[sorted(speakers)[rng.integers(len(speakers))]]
        factor = 1 + rng.uniform(-1, 1) * self._config.speed_change
        needed = int(np.ceil(count * factor)) + 2
        talk = np.zeros(needed, np.float32)
        position = int(rng.uniform(0.1, 1.0) * SAMPLE_RATE_HZ) if rng.random() < 0.15 else 0
        level, pieces = 0.0, []
        for part in range(8):
            if position >= needed:
                break
            path = clips[rng.integers(len(clips))].path
            length = self._cache.length(path)
            start = int(rng.integers(max(1, length - needed // 2))) if part == 0 and length > needed // 2 else 0
            piece = self._cache.read(path, start, needed - position)
            level = level or rms(piece)
            if level and part:
                piece = piece * (level / max(rms(piece), 1e-4))
            talk[position : position + len(piece)] = piece
            pieces.append(TalkPiece(path, start, position, len(piece)))
            position += len(piece) + int(rng.uniform(0.05, 0.5) * SAMPLE_RATE_HZ)
        talk = change_speed(talk, factor, count)
        loudness = rms(talk)
        return (talk / loudness, tuple(pieces), factor) if loudness > DIGITAL_SILENCE else (talk * 0, (), factor)

    def _noise(self, rng: np.random.Generator) -> tuple[np.ndarray, tuple[DrawnNoise, ...]]:
        config = self._config
        noise, main = self._main_noise(rng)
        noises = [main]
        if rng.random() < config.second_noise_probability:
            second, other = self._main_noise(rng)
            level_db = -rng.uniform(0, 12)
            noise = noise + second * 10 ** (level_db / 20)
            noises.append(replace(other, level_db=level_db))
        if self._noises.get("event") and rng.random() < config.event_probability:
            event, clip = self._recorded(rng, "event")
            level_db = rng.uniform(-6, 6)
            noise = noise + event * 10 ** (level_db / 20)
            noises.append(DrawnNoise("event", clip, level_db))
        return noise, tuple(noises)

    def _main_noise(self, rng: np.random.Generator) -> tuple[np.ndarray, DrawnNoise]:
        kind = self._noise_kinds[rng.choice(len(self._noise_kinds), p=self._noise_kind_weights)]
        if kind == "synthetic":
            return coloured_noise(rng, self._count), DrawnNoise(kind)
        if kind == "babble":
            voices = int(rng.integers(3, 9))
            babble = sum(self._talk(rng, self._count)[0] * 10 ** (rng.uniform(-6, 0) / 20) for _ in range(voices))
            response, _ = self._rooms[rng.integers(len(self._rooms))]
            noise = scipy_signal.fftconvolve(babble, response)[: self._count].astype(np.float32)
            return noise / max(rms(noise), DIGITAL_SILENCE), DrawnNoise(kind)
        sound, clip = self._recorded(rng, kind)
        return self._tilted(rng, sound), DrawnNoise(kind, clip)

    def _recorded(self, rng: np.random.Generator, kind: str) -> tuple[np.ndarray, Clip]:
        """A stretch of one recorded noise, rms 1; short ones repeat after a random gap, or stand alone (events)."""
        groups = self._noises[kind]
        clips = groups[sorted(groups)[rng.integers(len(groups))]]
        chosen = clips[rng.integers(len(clips))]
        path = chosen.path
        factor = 1 + rng.uniform(-1, 1) * self._config.noise_speed_change
        needed = int(np.ceil(self._count * factor)) + 2
        length = self._cache.length(path)
        if length > needed:
            sound = self._cache.read(path, int(rng.integers(length - needed)), needed)
            if rms(sound) < DIGITAL_SILENCE:
                sound = self._cache.read(path, 0, needed)
        else:
            clip = _without_silent_end(self._cache.read(path))
            sound = np.zeros(needed, np.float32)
            position = int(rng.integers(0, max(1, needed - len(clip)))) if kind == "event" else 0
            while position < needed:
                piece = clip[: needed - position]
                sound[position : position + len(piece)] = piece
                position += len(piece) + (int(rng.uniform(0.0, 1.5) * SAMPLE_RATE_HZ) if kind == "event" else 0)
        sound = change_speed(sound, factor, self._count)
        if kind != "event" and rng.random() < self._config.noise_reverse_probability:
            sound = sound[::-1]
        if self._config.noise_equaliser_db:
            sound = equalised(rng, sound, self._config.noise_equaliser_db, 0.0)
        return sound / max(rms(sound), DIGITAL_SILENCE), chosen

    def _tilted(self, rng: np.random.Generator, signal: np.ndarray) -> np.ndarray:
        """A random gentle spectral tilt; two taps, minimum phase."""
        amount = rng.uniform(-1, 1) * self._config.tilt
        tilted = signal.copy()
        tilted[1:] += amount * signal[:-1]
        return tilted

    def _channel(
        self, rng: np.random.Generator, mixture: np.ndarray, target: np.ndarray, noise: np.ndarray, keep_level: bool
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What microphone and transport do to all: level, band limit; and to the mixture alone: mild clipping."""
        config = self._config
        if rng.random() < 0.3:
            level = rng.uniform(*config.level_dbfs)
        else:
            level = np.clip(rng.normal(*config.typical_level_dbfs), *config.level_dbfs)
        if not keep_level:
            gain = 10 ** (level / 20) / max(rms(mixture), 1e-6)
            mixture, target, noise = mixture * gain, target * gain, noise * gain
        if rng.random() < config.band_limit_probability:
            sos = self._filters[rng.integers(len(self._filters))]
            mixture, target, noise = scipy_signal.sosfilt(sos, np.stack([mixture, target, noise]))
        peak = float(np.abs(mixture).max())
        if rng.random() < config.clip_probability and peak > 0:
            ceiling = peak * rng.uniform(0.35, 0.9)
            mixture = np.clip(mixture, -ceiling, ceiling)
        if peak > 0.999:
            mixture = np.clip(mixture, -0.999, 0.999)
        return mixture, target, noise


def _by_source_and_speaker(clips: Sequence[Clip]) -> dict[str, dict[str, list[Clip]]]:
    grouped: dict[str, dict[str, list[Clip]]] = {}
    for clip in clips:
        grouped.setdefault(clip.source, {}).setdefault(clip.speaker, []).append(clip)
    return grouped


def noise_groups(clips: Sequence[Clip]) -> dict[str, dict[str, list[Clip]]]:
    """kind -> label -> clips, kinds as in `MixingConfig`; labels are drawn evenly so that no class dominates."""
    grouped: dict[str, dict[str, list[Clip]]] = {}
    for clip in clips:
        if clip.kind == "noise":
            # Further folders have absolute paths.
            kind = "scene" if "noise-scenes" in PurePath(clip.path).parts else "noise"
        elif clip.kind in ("event", "music"):
            kind = clip.kind
        else:
            continue
        grouped.setdefault(kind, {}).setdefault(clip.label, []).append(clip)
    return grouped


def _without_silent_end(sound: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(sound) > 3 * DIGITAL_SILENCE)
    return sound[loud[0] : loud[-1] + 1] if len(loud) > 160 else sound
