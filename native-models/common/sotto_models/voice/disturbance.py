"""What happens to speech before a voice model hears it: rooms, noise, telephones, levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import signal as scipy_signal

from ..corpus import Clip, refuse_forbidden
from ..mixing import coloured_noise, gain_for_snr, rms, room_responses
from ..options import Options
from ..pcm_cache import SAMPLE_RATE_HZ, PcmCache


@dataclass(frozen=True)
class DisturbanceConfig(Options, part="crops"):
    """How often and how much; probabilities are per crop.

    Attributes:
        noise_probability, snr_db: recorded or coloured noise.
        reverb_probability, reverb_seconds: synthetic rooms.
        narrow_probability: telephone band, 4 or 5.5 kHz.
    """

    noise_probability: float = 0.6
    snr_db: tuple[float, float] = (5.0, 30.0)
    reverb_probability: float = 0.3
    reverb_seconds: tuple[float, float] = (0.1, 0.5)
    narrow_probability: float = 0.1
    room_count: int = 100


class Disturbance:
    """Disturbs sound at 16 kHz; what it does is drawn from the generator it is given.

    Args:
        cache: PCM of `noises`.
        noises: train rows of noise, events and music; may be empty.
        seed: of the rooms.
    Raises:
        CorpusError: a noise may not be used for training.
    """

    def __init__(self, config: DisturbanceConfig, cache: PcmCache, noises: Sequence[Clip], seed: int):
        refuse_forbidden(noises)
        self._config, self._cache = config, cache
        self._noises: dict[tuple[str, str], list[Clip]] = {}
        for noise in noises:
            self._noises.setdefault((noise.kind, noise.label), []).append(noise)
        self._rooms = room_responses(config.room_count, config.reverb_seconds, 40.0, seed)
        self._filters = [
            scipy_signal.butter(4, [300, 3400], "bandpass", fs=SAMPLE_RATE_HZ, output="sos"),
            scipy_signal.butter(8, 4000, "lowpass", fs=SAMPLE_RATE_HZ, output="sos"),
            scipy_signal.butter(8, 5500, "lowpass", fs=SAMPLE_RATE_HZ, output="sos"),
        ]

    def __call__(self, rng: np.random.Generator, sound: np.ndarray) -> np.ndarray:
        """The sound as another room, microphone, telephone and level would bring it, (samples,), float32."""
        config, count = self._config, len(sound)
        if rng.random() < config.reverb_probability:
            response, _ = self._rooms[rng.integers(len(self._rooms))]
            sound = scipy_signal.fftconvolve(sound, response)[:count].astype(np.float32)
        if rng.random() < config.noise_probability:
            noise = self._noise(rng, count)
            sound = sound + gain_for_snr(sound, noise, rng.uniform(*config.snr_db)) * noise
        if rng.random() < config.narrow_probability:
            sound = scipy_signal.sosfilt(self._filters[rng.integers(len(self._filters))], sound)
        return (sound * 10 ** (rng.uniform(-45, -12) / 20) / max(rms(sound), 1e-6)).astype(np.float32)

    def _noise(self, rng: np.random.Generator, count: int) -> np.ndarray:
        if not self._noises or rng.random() < 0.2:
            return coloured_noise(rng, count)
        keys = sorted(self._noises)
        clips = self._noises[keys[rng.integers(len(keys))]]
        path = clips[rng.integers(len(clips))].path
        length = self._cache.length(path)
        noise = self._cache.read(path, int(rng.integers(max(1, length - count))), count)
        return np.resize(noise, count) if len(noise) else coloured_noise(rng, count)
