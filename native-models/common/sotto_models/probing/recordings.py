"""Recordings to fit and judge probes on: speech with real pauses in known noise, and sounds without speech."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import numpy as np
from scipy import signal as scipy_signal

from ..corpus import Clip
from ..mixing import change_speed, coloured_noise, equalised, gain_for_snr, rms, room_responses
from ..pcm_cache import SAMPLE_RATE_HZ, PcmCache
from .foreign_sounds import foreign_sound

SECONDS = 9.0
FAMILIES = (
    "animals_night", "babble", "crackle", "machine", "office", "rain", "traffic", "transport", "water", "wind",
)
NO_NOISE = "speech-free silence"
NOISE_LABELS = (*FAMILIES, NO_NOISE)

FAMILY_OF_SINGLE_SOUND = {
    "rain": "rain", "wind": "wind", "sea_waves": "water", "water_drops": "water", "pouring_water": "water",
    "toilet_flush": "water", "crackling_fire": "crackle", "vacuum_cleaner": "machine", "washing_machine": "machine",
    "boiler": "machine", "chainsaw": "machine", "airplane": "transport", "train": "transport",
    "helicopter": "transport", "keyboard_typing": "office", "mouse_click": "office", "clock_tick": "office",
    "crickets": "animals_night", "insects": "animals_night", "chirping_birds": "animals_night",
}
"""Labels of single recorded noises that belong to one of the ten families without doubt; others are not used."""

KINDS = {"mixture": 0.60, "clean": 0.10, "noise": 0.10, "silence": 0.05, "over-music": 0.03, "foreign": 0.12}
SNR_DB = (-5.0, 20.0)
LEVEL_DBFS, TYPICAL_LEVEL_DBFS = (-45.0, -14.0), (-27.0, 6.0)
ROOM_TONE_DBFS = (-68.0, -52.0)
REVERB_PROBABILITY = 0.2
ROOM_COUNT = 40


@dataclass(frozen=True)
class ProbeRecording:
    """One recording with its parts, 16 kHz float32, (samples,) each.

    Attributes:
        kind: mixture, clean, noise, silence, over-music or foreign.
        speaker: whose voice it is, empty for nobody's.
        noise_source: the recording that the noise is cut from; empty for none.
        noise_label: one of NOISE_LABELS; empty where the noise has no family.
        noisy: what a microphone heard.
        voice: the direct voice and its early echoes, at the level it has in `noisy`.
        noise: all of `noisy` that is no voice, late echoes left out.
    """

    name: str
    kind: str
    speaker: str
    noise_source: str
    noise_label: str
    noisy: np.ndarray
    voice: np.ndarray = field(repr=False)
    noise: np.ndarray = field(repr=False)


def family_of(clip: Clip) -> str:
    """The noise family of a clip, empty for none."""
    if clip.kind != "noise":
        return ""
    return clip.label if clip.label in FAMILIES else FAMILY_OF_SINGLE_SOUND.get(clip.label, "")


def source_recording(clip: Clip) -> str:
    """What a clip was cut from: `scene_cafe_03` and `_07` are one recording, `esc_2-82367-A` and `-B`, music's `_00` and `_01`."""
    stem = PurePosixPath(clip.path).stem
    if clip.kind == "music":
        return re.sub(r"_\d+$", "", stem)
    return stem.rsplit("_", 1)[0] if clip.label in FAMILIES and stem.startswith("scene_") else stem.rsplit("-", 1)[0]


class RecordingMaker:
    """Draws recordings, each a function of (seed, index) and of the clips.

    Args:
        cache: PCM of all `clips`.
        clips: speech, noise and music; the caller answers for their split.
        seed: another seed, other recordings.
        babble_of_voices: make some babble out of several of the clips' own speakers, for more variety while fitting.
    Raises:
        ValueError: there is no speech or no noise of a known family.
    """

    def __init__(self, cache: PcmCache, clips: Sequence[Clip], seed: int, babble_of_voices: bool = False):
        self._cache, self._seed, self._babble_of_voices = cache, seed, babble_of_voices
        self._voices: dict[str, list[Clip]] = {}
        self._noises: dict[str, dict[str, list[Clip]]] = {}
        for clip in clips:
            if clip.kind in ("speech", "emotion"):
                self._voices.setdefault(clip.speaker or clip.source, []).append(clip)
            elif family := family_of(clip):
                self._noises.setdefault(family, {}).setdefault(source_recording(clip), []).append(clip)
        self._music = [c for c in clips if c.kind == "music"]
        if not self._voices or not self._noises:
            raise ValueError("Expected speech and noises of known families among the clips, found none of one of them.")
        self._speakers, self._families = sorted(self._voices), sorted(self._noises)
        self._rooms = room_responses(ROOM_COUNT, (0.15, 0.7), 40.0, seed)
        self._count = int(SECONDS * SAMPLE_RATE_HZ)

    def make(self, index: int) -> ProbeRecording:
        """The recording of this index; kinds, families and speakers take turns in a seeded order."""
        rng = np.random.default_rng([self._seed, 6, index])
        kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
        speaker, family, source = "", "", ""
        dry = wet = np.zeros(self._count, np.float32)
        if kind in ("mixture", "clean", "over-music"):
            turn = np.random.default_rng([self._seed, 7, index // len(self._speakers)]).permutation(len(self._speakers))
            speaker = self._speakers[turn[index % len(self._speakers)]]
            dry, wet = self._in_a_room(rng, self._talk(rng, speaker))
        if kind in ("mixture", "noise"):
            family = self._families[index % len(self._families)]
            source, noise = self._family_noise(rng, family)
        elif kind == "foreign" or kind == "over-music":
            source, noise = self._foreign(rng, music_only=kind == "over-music")
        else:
            family, noise = NO_NOISE, coloured_noise(rng, self._count)
        level = 10 ** (np.clip(rng.normal(*TYPICAL_LEVEL_DBFS), *LEVEL_DBFS) / 20)
        if kind == "silence":
            noise = noise * 10 ** (rng.uniform(*ROOM_TONE_DBFS) / 20) / rms(noise)
        elif kind == "clean":
            dry, wet = dry * level, wet * level
            tone = min(10 ** (rng.uniform(*ROOM_TONE_DBFS) / 20), level / 30)
            noise = noise * tone / rms(noise)
        else:
            snr_db = rng.uniform(*SNR_DB) if kind == "mixture" else rng.uniform(5, 20)
            noise = noise * (gain_for_snr(dry, noise, snr_db) if speaker else 1.0)
            gain = level / max(rms(wet + noise), 1e-9)
            dry, wet, noise = dry * gain, wet * gain, noise * gain
        peak = float(np.abs(wet + noise).max())
        scale = min(1.0, 0.98 / max(peak, 1e-9))
        dry, wet, noise = ((part * scale).astype(np.float32) for part in (dry, wet, noise))
        return ProbeRecording(
            f"{index:04d}-{kind}-{family or source}", kind, speaker, source, family, wet + noise, dry, noise
        )

    def _talk(self, rng: np.random.Generator, speaker: str) -> np.ndarray:
        """Stretches of one speaker's clips with pauses between them, through another microphone; rms 1 while it talks."""
        clips = self._voices[speaker]
        talk = np.zeros(self._count, np.float32)
        position = int(rng.uniform(0.2, 1.6) * SAMPLE_RATE_HZ)
        while position < self._count - SAMPLE_RATE_HZ // 2:
            path = clips[rng.integers(len(clips))].path
            wanted = int(rng.uniform(1.0, 3.2) * SAMPLE_RATE_HZ)
            start = int(rng.integers(max(1, self._cache.length(path) - wanted)))
            piece = self._cache.read(path, start, min(wanted, self._count - position))
            fade = min(240, len(piece) // 2)
            piece[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
            piece[len(piece) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
            talk[position : position + len(piece)] = piece / max(_loud_rms(piece), 1e-4)
            position += len(piece) + int(rng.uniform(0.5, 2.4) * SAMPLE_RATE_HZ)
        return equalised(rng, talk, 4.0, 0.1)

    def _in_a_room(self, rng: np.random.Generator, talk: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if rng.random() >= REVERB_PROBABILITY:
            return talk, talk
        response, early = self._rooms[rng.integers(len(self._rooms))]
        parts = (scipy_signal.fftconvolve(talk, r)[: self._count].astype(np.float32) for r in (early, response))
        return tuple(parts)

    def _family_noise(self, rng: np.random.Generator, family: str) -> tuple[str, np.ndarray]:
        if family == "babble" and self._babble_of_voices and rng.random() < 0.4:
            voices = [self._speakers[i] for i in rng.integers(len(self._speakers), size=int(rng.integers(4, 9)))]
            crowd = sum(self._talk(rng, v) * 10 ** (rng.uniform(-6, 0) / 20) for v in voices)
            response, _ = self._rooms[rng.integers(len(self._rooms))]
            return "voices", scipy_signal.fftconvolve(crowd, response)[: self._count].astype(np.float32)
        recordings = self._noises[family]
        scenes = [name for name in sorted(recordings) if name.startswith("scene_")]
        singles = [name for name in sorted(recordings) if not name.startswith("scene_")]
        names = scenes if scenes and (not singles or rng.random() < 0.6) else singles
        name = names[rng.integers(len(names))]
        clips = recordings[name]
        return name, self._stretch(rng, clips[rng.integers(len(clips))].path)

    def _foreign(self, rng: np.random.Generator, music_only: bool) -> tuple[str, np.ndarray]:
        if self._music and (music_only or rng.random() < 0.5):
            clip = self._music[rng.integers(len(self._music))]
            return f"music {source_recording(clip)}", self._stretch(rng, clip.path)
        return "synthetic", foreign_sound(rng, self._count)

    def _stretch(self, rng: np.random.Generator, path: str) -> np.ndarray:
        """A stretch of one recording at a slightly other speed, rms 1; short ones repeat, joined by a short fade."""
        sound = self._cache.read(path)
        loud = np.flatnonzero(np.abs(sound) > 3e-4)
        sound = sound[loud[0] : loud[-1] + 1] if len(loud) > SAMPLE_RATE_HZ // 10 else sound
        fade = min(800, len(sound) // 4)
        sound[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
        sound[len(sound) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
        factor = 1 + rng.uniform(-0.03, 0.03)
        needed = int(self._count * factor) + 2
        start = int(rng.integers(len(sound)))
        sound = np.tile(sound, -(-(start + needed) // len(sound)))[start : start + needed]
        sound = change_speed(sound, factor, self._count)
        return sound / max(rms(sound), 1e-4)


def _loud_rms(piece: np.ndarray) -> float:
    """Rms of the louder half of the 20 ms blocks, so that inner pauses do not raise a clip's level."""
    blocks = piece[: len(piece) // 320 * 320].reshape(-1, 320)
    if not len(blocks):
        return rms(piece)
    power = np.sort(np.mean(blocks**2, 1))
    return float(np.sqrt(power[len(power) // 2 :].mean()))
