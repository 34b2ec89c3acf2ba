"""How training mixtures are drawn, and what is known about one that was drawn."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .corpus import Clip
from .options import Options

TRAINING_SPEECH_WEIGHTS = {
    "librispeech-train-clean-100": 0.55,
    "picovoice-speech-to-intent": 0.18,
    "rhasspy-kerstin": 0.10,
    "arabic-speech-commands": 0.08,
    "emodb": 0.09,
    "kokoro": 0.60,
    "common-voice": 0.50,
    "common-voice-en": 0.30,
    "common-voice-en-unheard": 0.25,
    "common-voice-fa": 0.05,
    "an4": 0.10,
    "picovoice-wake-word": 0.04,
    "speech-commands": 0.06,
    "rhasspy-kathleen": 0.06,
}
"""How often a source is drawn, relative to the others that are there: by its voices and rooms more than by its hours."""


@dataclass(frozen=True)
class MixingConfig(Options, part="mixing"):
    """How training mixtures are drawn; probabilities are per crop, levels in dB or dBFS.

    `noise_weights` chooses the main noise among: scene (recorded places), noise (single noises), event, babble
    (several training speakers at once), synthetic (coloured noise and mains hum) and music.

    `foreign_probability` and `room_tone_probability` are for crops without a voice: of tones, tunes or music, and of a
    quiet room at `room_tone_dbfs`. `clean_tone_probability` is how many clean crops have such a tone below the voice.
    """

    crop_seconds: float = 2.0
    snr_db: tuple[float, float] = (-5.0, 20.0)
    level_dbfs: tuple[float, float] = (-50.0, -10.0)
    typical_level_dbfs: tuple[float, float] = (-27.0, 7.0)
    clean_probability: float = 0.10
    noise_only_probability: float = 0.05
    foreign_probability: float = 0.0
    room_tone_probability: float = 0.0
    clean_tone_probability: float = 0.0
    room_tone_dbfs: tuple[float, float] = (-68.0, -52.0)
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


@dataclass(frozen=True)
class TalkPiece:
    """A stretch of a clip inside a talk, before its speed was changed; all in samples."""

    path: str
    clip_start: int
    position: int
    count: int


@dataclass(frozen=True)
class DrawnNoise:
    """One sound of those that make up a crop's noise.

    Attributes:
        kind: scene, noise, event, babble, synthetic, music, foreign or room-tone.
        clip: where it was cut from, None for what is made.
        level_db: relative to the main noise.
    """

    kind: str
    clip: Clip | None = None
    level_db: float = 0.0


@dataclass(frozen=True)
class Drawn:
    """A crop with what it was made of, for labels; samples are float32, (samples,).

    Attributes:
        mixture: what a network hears. target: the direct voice and its early echoes. Both as in `Mixer.example`.
        noise: all of the mixture that is no voice, late echoes and clipping left out.
        noises: what `noise` consists of, the main one first; empty for none.
        pieces: where the voice comes from; empty for nobody's.
        speed: how much faster than its clips the voice is.
    """

    mixture: np.ndarray
    target: np.ndarray
    noise: np.ndarray
    noises: tuple[DrawnNoise, ...]
    pieces: tuple[TalkPiece, ...]
    speed: float
