"""Training crops of the encoder: what it hears is disturbed, what it must say is what the teacher said of the clean sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..corpus import Clip
from ..mixing import change_speed
from ..pcm_cache import PcmCache
from .codebooks import CODE_SIZE
from .disturbance import Disturbance, DisturbanceConfig
from .labels import LabelledClip, VoiceLabels, source_weights
from .mel import BANDS
from .phones import UNKNOWN, PhoneTracks
from .teacher import HOP_SAMPLES

EQUALISER_BANDS = 6


@dataclass(frozen=True)
class CropConfig(DisturbanceConfig):
    """How crops are drawn; probabilities are per crop.

    Attributes:
        batch_size: crops of a step.
        frames: of 20 ms, of a crop.
        speed_change: voice, formants and tempo together, the teacher's frames moved along; +- this share.
        warp: formants and harmonics along the mel axis, tempo untouched; +- this share.
        offset_nepers: deviation of a smooth curve added to the normalised log mel, because the product's running mean is
            not that of the crop.
        source_factors: how much oftener a source is drawn than the root of its hours times its speakers says.
    """

    batch_size: int = 16
    frames: int = 128
    speed_change: float = 0.12
    warp: float = 0.12
    offset_nepers: float = 0.4
    source_factors: dict[str, float] = field(default_factory=dict)


class EncoderCrops:
    """Draws batches; every crop is a function of (seed, step, row).

    A source is drawn with the root of its hours times its speakers, then a speaker, then clips of that speaker until the
    crop is full.

    Args:
        labels: of all `clips`.
        clips: what may train.
        cache: PCM of `clips` and `noises`.
        noises: train rows of noise, events and music; may be empty.
    Raises:
        CorpusError: a noise may not be used for training.
        ValueError: there are no clips.
    """

    def __init__(
        self, labels: VoiceLabels, clips: Sequence[LabelledClip], cache: PcmCache, noises: Sequence[Clip],
        config: CropConfig, seed: int,
    ):
        if not clips:
            raise ValueError("Expected labelled speech of the train split, found none. Run label.py.")
        self._labels, self._cache, self._config, self._seed = labels, cache, config, seed
        self._phones = PhoneTracks()
        self._speech: dict[str, dict[str, list[LabelledClip]]] = {}
        for clip in clips:
            self._speech.setdefault(clip.source, {}).setdefault(clip.speaker, []).append(clip)
        self.speakers = sorted({(clip.source, clip.speaker) for clip in clips})
        self._speaker_numbers = {key: number for number, key in enumerate(self.speakers)}
        weights = source_weights(clips, config.source_factors)
        self._sources, self._source_weights = list(weights), np.array(list(weights.values()))
        self._disturbed = Disturbance(config, cache, noises, seed)

    def batch(self, step: int) -> dict[str, np.ndarray]:
        """`sound` (B, samples), `z` (B, T, 64), `phones` (B, T), `known` (B, T) 1 where there is sound, `speaker` (B,),
        `warp` (B,) factor of frequencies, `offset` (B, 80) nepers."""
        rows = [self._crop(np.random.default_rng([self._seed, step, row])) for row in range(self._config.batch_size)]
        return {name: np.stack([row[name] for row in rows]) for name in rows[0]}

    def _crop(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        config = self._config
        factor = 1 + rng.uniform(-1, 1) * config.speed_change
        source = self._sources[rng.choice(len(self._sources), p=self._source_weights)]
        speaker = sorted(self._speech[source])[rng.integers(len(self._speech[source]))]
        needed = int(np.ceil(config.frames * factor)) + 2
        sound, z, phones, known = self._joined(rng, self._speech[source][speaker], needed)
        sound = change_speed(sound, factor, config.frames * HOP_SAMPLES)
        at = np.arange(config.frames) * factor
        before, share = at.astype(int), (at % 1)[:, None].astype(np.float32)
        nearest = np.rint(at).astype(int)
        points = rng.normal(0, config.offset_nepers, EQUALISER_BANDS)
        return {
            "sound": self._disturbed(rng, sound), "z": z[before] * (1 - share) + z[before + 1] * share,
            "phones": phones[nearest].astype(np.int64), "known": known[nearest],
            "speaker": np.int64(self._speaker_numbers[source, speaker]),
            "warp": np.float32(1 + rng.uniform(-1, 1) * config.warp),
            "offset": np.interp(np.linspace(0, 1, BANDS), np.linspace(0, 1, EQUALISER_BANDS), points).astype(np.float32),
        }

    def _joined(self, rng: np.random.Generator, clips: list[LabelledClip], needed: int):
        """Clips of one speaker one behind the other, cut at whole frames; the first one may start anywhere."""
        sound = np.zeros(needed * HOP_SAMPLES, np.float32)
        z = np.zeros((needed, CODE_SIZE), np.float32)
        phones, known = np.full(needed, UNKNOWN, np.int8), np.zeros(needed, np.float32)
        position = 0
        for part in range(12):
            if position >= needed:
                break
            clip = clips[rng.integers(len(clips))]
            start = int(rng.integers(clip.frames - needed + 1)) if part == 0 and clip.frames > needed else 0
            count = min(clip.frames - start, needed - position)
            samples = self._cache.read(clip.path, start * HOP_SAMPLES, count * HOP_SAMPLES)
            sound[position * HOP_SAMPLES :][: len(samples)] = samples
            z[position : position + count] = self._labels.z(clip, start, count)
            phones[position : position + count] = self._phones.of(clip.path, clip.source, clip.frames)[start : start + count]
            known[position : position + count] = 1
            position += count
        return sound, z, phones, known
