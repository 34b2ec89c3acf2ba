"""Mixtures of clean speech and noise, made while training and reproducible from (seed, step, row) alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from scipy import signal as scipy_signal

from .corpus import Clip, refuse_forbidden
from .pcm_cache import SAMPLE_RATE_HZ, PcmCache

TRAINING_SPEECH_WEIGHTS = {
    "librispeech-train-clean-100": 0.55,
    "picovoice-speech-to-intent": 0.18,
    "rhasspy-kerstin": 0.10,
    "arabic-speech-commands": 0.08,
    "emodb": 0.09,
    "kokoro": 0.60,
}
DIGITAL_SILENCE = 1e-4


@dataclass(frozen=True)
class MixingConfig:
    """How training mixtures are drawn; probabilities are per crop, levels in dB or dBFS.

    `noise_weights` chooses the main noise among: scene (recorded places), noise (single noises), event, babble
    (several training speakers at once), synthetic (coloured noise and mains hum) and music.
    """

    crop_seconds: float = 2.0
    snr_db: tuple[float, float] = (-5.0, 20.0)
    level_dbfs: tuple[float, float] = (-50.0, -10.0)
    typical_level_dbfs: tuple[float, float] = (-27.0, 7.0)
    clean_probability: float = 0.10
    noise_only_probability: float = 0.05
    second_noise_probability: float = 0.20
    event_probability: float = 0.15
    reverb_probability: float = 0.30
    reverb_seconds: tuple[float, float] = (0.15, 0.8)
    early_milliseconds: float = 40.0
    speed_change: float = 0.03
    noise_speed_change: float = 0.03
    noise_equaliser_db: float = 0.0
    noise_reverse_probability: float = 0.0
    tilt: float = 0.35
    equaliser_db: float = 6.0
    thin_voice_probability: float = 0.25
    band_limit_probability: float = 0.15
    clip_probability: float = 0.06
    room_count: int = 160
    noise_weights: dict[str, float] = field(
        default_factory=lambda: {
            "scene": 0.42, "noise": 0.24, "babble": 0.12, "event": 0.10, "synthetic": 0.09, "music": 0.03,
        }
    )
    speech_weights: dict[str, float] = field(default_factory=lambda: dict(TRAINING_SPEECH_WEIGHTS))

    @classmethod
    def from_dict(cls, values: dict) -> MixingConfig:
        """Reads the `mixing` part of a configuration file; unknown names are errors."""
        known = {f.name for f in fields(cls)}
        unknown = set(values) - known
        if unknown:
            raise ValueError(f"Expected mixing options {sorted(known)}, found {sorted(unknown)}.")
        return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


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
    Raises:
        CorpusError: a clip may not be used for training.
        ValueError: there is no speech or no noise.
    """

    def __init__(self, cache: PcmCache, clips: Sequence[Clip], config: MixingConfig, seed: int):
        refuse_forbidden(clips)
        self._cache, self._config, self._seed = cache, config, seed
        self._count = int(round(config.crop_seconds * SAMPLE_RATE_HZ))
        self._speech = _by_source_and_speaker([c for c in clips if c.kind in ("speech", "emotion")])
        if not self._speech:
            raise ValueError("Expected speech among the clips, found none.")
        self._sources = sorted(self._speech)
        weights = np.array([config.speech_weights.get(s, 0.05) for s in self._sources])
        self._source_weights = weights / weights.sum()
        self._noises = _noise_groups(clips)
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
        config = self._config
        rng = np.random.default_rng([self._seed, step, row])
        kind = rng.random()
        speech = target = np.zeros(self._count, np.float32)
        if kind >= config.noise_only_probability:
            speech, target = self._speech_and_target(rng)
        mixture = speech
        if not config.noise_only_probability <= kind < config.noise_only_probability + config.clean_probability:
            noise = self._noise(rng)
            snr_db = rng.uniform(*config.snr_db)
            gain = gain_for_snr(speech, noise, snr_db) if target.any() else 1.0
            mixture = speech + gain * noise
        mixture, target = self._channel(rng, mixture, target)
        return mixture.astype(np.float32), target.astype(np.float32)

    def _speech_and_target(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        config = self._config
        dry = equalised(rng, self._talk(rng, self._count), config.equaliser_db, config.thin_voice_probability)
        if rng.random() >= config.reverb_probability:
            return dry, dry
        response, early = self._rooms[rng.integers(len(self._rooms))]
        wet = scipy_signal.fftconvolve(dry, response)[: self._count].astype(np.float32)
        return wet, scipy_signal.fftconvolve(dry, early)[: self._count].astype(np.float32)

    def _talk(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Speech of one speaker, clips joined with short pauses until `count` samples are full."""
        source = self._sources[rng.choice(len(self._sources), p=self._source_weights)]
        speakers = self._speech[source]
        clips = speakers[sorted(speakers)[rng.integers(len(speakers))]]
        factor = 1 + rng.uniform(-1, 1) * self._config.speed_change
        needed = int(np.ceil(count * factor)) + 2
        talk = np.zeros(needed, np.float32)
        position = int(rng.uniform(0.1, 1.0) * SAMPLE_RATE_HZ) if rng.random() < 0.15 else 0
        level = 0.0
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
            position += len(piece) + int(rng.uniform(0.05, 0.5) * SAMPLE_RATE_HZ)
        talk = change_speed(talk, factor, count)
        loudness = rms(talk)
        return talk / loudness if loudness > DIGITAL_SILENCE else talk * 0

    def _noise(self, rng: np.random.Generator) -> np.ndarray:
        config = self._config
        noise = self._main_noise(rng)
        if rng.random() < config.second_noise_probability:
            noise = noise + self._main_noise(rng) * 10 ** (-rng.uniform(0, 12) / 20)
        if self._noises.get("event") and rng.random() < config.event_probability:
            event = self._recorded(rng, "event")
            noise = noise + event * 10 ** (rng.uniform(-6, 6) / 20)
        return noise

    def _main_noise(self, rng: np.random.Generator) -> np.ndarray:
        kind = self._noise_kinds[rng.choice(len(self._noise_kinds), p=self._noise_kind_weights)]
        if kind == "synthetic":
            return coloured_noise(rng, self._count)
        if kind == "babble":
            voices = int(rng.integers(3, 9))
            babble = sum(self._talk(rng, self._count) * 10 ** (rng.uniform(-6, 0) / 20) for _ in range(voices))
            response, _ = self._rooms[rng.integers(len(self._rooms))]
            noise = scipy_signal.fftconvolve(babble, response)[: self._count].astype(np.float32)
            return noise / max(rms(noise), DIGITAL_SILENCE)
        return self._tilted(rng, self._recorded(rng, kind))

    def _recorded(self, rng: np.random.Generator, kind: str) -> np.ndarray:
        """A stretch of one recorded noise, rms 1; short ones repeat after a random gap, or stand alone (events)."""
        groups = self._noises[kind]
        clips = groups[sorted(groups)[rng.integers(len(groups))]]
        path = clips[rng.integers(len(clips))].path
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
        return sound / max(rms(sound), DIGITAL_SILENCE)

    def _tilted(self, rng: np.random.Generator, signal: np.ndarray) -> np.ndarray:
        """A random gentle spectral tilt; two taps, minimum phase."""
        amount = rng.uniform(-1, 1) * self._config.tilt
        tilted = signal.copy()
        tilted[1:] += amount * signal[:-1]
        return tilted

    def _channel(self, rng: np.random.Generator, mixture: np.ndarray, target: np.ndarray):
        """What microphone and transport do to both: level, band limit; and to the mixture alone: mild clipping."""
        config = self._config
        if rng.random() < 0.3:
            level = rng.uniform(*config.level_dbfs)
        else:
            level = np.clip(rng.normal(*config.typical_level_dbfs), *config.level_dbfs)
        gain = 10 ** (level / 20) / max(rms(mixture), 1e-6)
        mixture, target = mixture * gain, target * gain
        if rng.random() < config.band_limit_probability:
            sos = self._filters[rng.integers(len(self._filters))]
            mixture, target = scipy_signal.sosfilt(sos, np.stack([mixture, target]))
        peak = float(np.abs(mixture).max())
        if rng.random() < config.clip_probability and peak > 0:
            ceiling = peak * rng.uniform(0.35, 0.9)
            mixture = np.clip(mixture, -ceiling, ceiling)
        if peak > 0.999:
            mixture = np.clip(mixture, -0.999, 0.999)
        return mixture, target


def _by_source_and_speaker(clips: Sequence[Clip]) -> dict[str, dict[str, list[Clip]]]:
    grouped: dict[str, dict[str, list[Clip]]] = {}
    for clip in clips:
        grouped.setdefault(clip.source, {}).setdefault(clip.speaker, []).append(clip)
    return grouped


def _noise_groups(clips: Sequence[Clip]) -> dict[str, dict[str, list[Clip]]]:
    """kind -> label -> clips; labels are drawn evenly so that no class dominates."""
    grouped: dict[str, dict[str, list[Clip]]] = {}
    for clip in clips:
        if clip.kind == "noise":
            kind = "scene" if clip.path.startswith("noise-scenes/") else "noise"
        elif clip.kind in ("event", "music"):
            kind = clip.kind
        else:
            continue
        grouped.setdefault(kind, {}).setdefault(clip.label, []).append(clip)
    return grouped


def _without_silent_end(sound: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(sound) > 3 * DIGITAL_SILENCE)
    return sound[loud[0] : loud[-1] + 1] if len(loud) > 160 else sound
