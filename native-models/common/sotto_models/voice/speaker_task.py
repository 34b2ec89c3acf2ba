"""What the speaker embedder learns: who speaks, whatever is said, wherever and over whichever microphone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..corpus import Clip
from ..judging.verification import Trials, error_rate_with_interval
from ..pcm_cache import SAMPLE_RATE_HZ, PcmCache
from .disturbance import Disturbance, DisturbanceConfig
from .mel import MelFrames
from .speaker_net import AngularMargin, SpeakerEmbedder, SpeakerInTraining

MARGIN_FROM, MARGIN_FULL = 0.1, 0.4
"""Shares of the schedule between which the margin grows: from the start on it would keep everything apart from nothing."""
PIECE_SECONDS = 3.0
MOST_PIECES = 6


@dataclass(frozen=True)
class SpeakerCropConfig(DisturbanceConfig):
    """How crops are drawn.

    Attributes:
        batch_size, seconds: of a step's crops.
        most_seconds: that count of one speaker when speakers are drawn with the root of what they said.
    """

    batch_size: int = 32
    seconds: float = 2.0
    most_seconds: float = 120.0


class SpeakerCrops:
    """Draws batches; every crop is a function of (seed, step, row).

    Args:
        clips: speech that may train; its sound and that of `noises` in `cache`.
    Raises:
        ValueError: there are fewer than two speakers.
    """

    def __init__(self, clips: Sequence[Clip], cache: PcmCache, noises: Sequence[Clip], config: SpeakerCropConfig, seed: int):
        self._cache, self._config, self._seed = cache, config, seed
        by_speaker: dict[tuple[str, str], list[Clip]] = {}
        for clip in clips:
            by_speaker.setdefault((clip.source, clip.speaker), []).append(clip)
        self.speakers = sorted(by_speaker)
        if len(self.speakers) < 2:
            raise ValueError(f"Expected speech of several speakers, found {len(self.speakers)}.")
        self._clips = [by_speaker[key] for key in self.speakers]
        said = [min(config.most_seconds, sum(clip.duration_seconds for clip in clips)) for clips in self._clips]
        self._weights = np.sqrt(said) / np.sqrt(said).sum()
        self._disturbed = Disturbance(config, cache, noises, seed)

    def batch(self, step: int) -> dict[str, np.ndarray]:
        """`sound` (B, samples), `speaker` (B,) numbers in the order of `speakers`."""
        rows = [self._crop(np.random.default_rng([self._seed, step, row])) for row in range(self._config.batch_size)]
        return {"sound": np.stack([sound for sound, _ in rows]), "speaker": np.array([number for _, number in rows], np.int64)}

    def _crop(self, rng: np.random.Generator) -> tuple[np.ndarray, int]:
        number = int(rng.choice(len(self._clips), p=self._weights))
        clips, needed = self._clips[number], int(self._config.seconds * SAMPLE_RATE_HZ)
        parts, missing = [], needed
        while missing > 0:
            path = clips[rng.integers(len(clips))].path
            length = self._cache.length(path)
            part = self._cache.read(path, int(rng.integers(max(1, length - missing + 1))), missing)
            parts.append(part)
            missing -= max(1, len(part))
        return self._disturbed(rng, np.resize(np.concatenate(parts), needed)), number


class SpeakerTask:
    """A `run_loop.Task`.

    Args:
        judged: speech of the valid split, sound in `cache`; every clip is cut into pieces of 3 s.
    """

    def __init__(self, crops: SpeakerCrops, judged: Sequence[Clip], cache: PcmCache):
        self._crops, self._mel = crops, MelFrames()
        self._pieces = pieces_of(judged, cache)

    def batch(self, step: int) -> dict[str, np.ndarray]:
        """See `SpeakerCrops.batch`."""
        return self._crops.batch(step)

    def loss(self, network: SpeakerInTraining, batch: dict[str, Tensor], progress: float) -> tuple[Tensor, dict[str, float]]:
        """Cross entropy of the angular scores; `right` is the share of crops whose speaker scores best without a margin."""
        with torch.no_grad():
            mel = self._mel(batch["sound"])
        vectors = network.embedder(mel)
        grown = min(1.0, max(0.0, (progress - MARGIN_FROM) / (MARGIN_FULL - MARGIN_FROM)))
        loss = F.cross_entropy(network.margin(vectors, batch["speaker"], grown * AngularMargin.MARGIN), batch["speaker"])
        with torch.no_grad():
            right = (network.margin(vectors, batch["speaker"], 0.0).argmax(1) == batch["speaker"]).float().mean()
        return loss, {"right": right.item(), "margin": grown * AngularMargin.MARGIN}

    @torch.no_grad()
    def measures(self, network: SpeakerInTraining) -> dict[str, float]:
        """Equal error rate among speakers that shaped nothing; pieces of one recording are not compared with each other
        unless a speaker has no other."""
        if len({speaker for speaker, _, _ in self._pieces}) < 2:
            return {}
        found = error_rate_with_interval(trials_of(network.embedder, self._pieces))
        return {"equal_error_rate": found["value"], "low": found["low"], "high": found["high"]}

    def score(self, measures: dict[str, float]) -> float | None:
        """The lowest equal error rate is best."""
        return -measures["equal_error_rate"] if measures else None


Piece = tuple[str, str, np.ndarray]
"""Speaker, recording, sound (48000,) at 16 kHz."""


def pieces_of(clips: Sequence[Clip], cache: PcmCache) -> list[Piece]:
    """Up to six pieces of 3 s of each clip, one behind the other."""
    length, pieces = int(PIECE_SECONDS * SAMPLE_RATE_HZ), []
    for clip in clips:
        sound = cache.read(clip.path)
        for number in range(min(MOST_PIECES, len(sound) // length)):
            pieces.append((f"{clip.source}/{clip.speaker}", clip.path, sound[number * length : (number + 1) * length]))
    return pieces


@torch.no_grad()
def embed(embedder: SpeakerEmbedder, sounds: np.ndarray) -> np.ndarray:
    """(pieces, samples) at 16 kHz -> vectors of length 1, (pieces, size)."""
    mel = MelFrames()
    parts = [F.normalize(embedder(mel(torch.from_numpy(sounds[at : at + 16])))) for at in range(0, len(sounds), 16)]
    return torch.cat(parts).numpy()


def trials_of(embedder: SpeakerEmbedder, pieces: Sequence[Piece]) -> Trials:
    """Every piece against every other; same-recording pairs count only for speakers of a single recording."""
    speakers, recordings = (np.array([piece[k] for piece in pieces]) for k in (0, 1))
    return pairs_of(embed(embedder.eval(), np.stack([sound for *_, sound in pieces])), speakers, recordings)


def pairs_of(vectors: np.ndarray, speakers: np.ndarray, recordings: np.ndarray) -> Trials:
    """Each vector against every other, by cosine; same-recording pairs count only for speakers of a single recording.

    Args:
        vectors: (pieces, size), of length 1.
        speakers, recordings: (pieces,), whose they are and where they come from.
    """
    several = {speaker for speaker in speakers if len(set(recordings[speakers == speaker])) > 1}
    same_recording = recordings[:, None] == recordings[None, :]
    has_several = np.array([speaker in several for speaker in speakers])
    allowed = np.triu(np.ones((len(vectors),) * 2, bool), 1) & ~(same_recording & has_several[:, None])
    return Trials(vectors @ vectors.T, speakers, speakers, allowed)
