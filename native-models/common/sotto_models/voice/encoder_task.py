"""What the encoder learns: the teacher's z and units from disturbed sound, phonemes where known, and nothing of who speaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..options import Options
from ..pcm_cache import PcmCache
from .codebooks import nearest
from .encoder import EncoderInTraining, VoiceEncoder
from .encoder_crops import EncoderCrops
from .labels import LabelledClip, VoiceLabels
from .mel import CLAMP, MelFrames, normalised_batch
from .mel_scale import hz_to_mel, mel_edges_hz
from .phones import PhoneTracks, phone_information

LEAST_FRAMES_FOR_INFORMATION = 2_000


@dataclass(frozen=True)
class EncoderLosses(Options, part="losses"):
    """Weights of the parts of the loss; `speaker` is also how strongly its gradient is reversed."""

    units: float = 0.5
    cosine: float = 0.5
    distance: float = 1.0
    phones: float = 0.3
    speaker: float = 0.1


def warped(mel: Tensor, factor: Tensor) -> Tensor:
    """Moves what lies at f * factor to f, along the bands; the outermost values repeat.

    Args:
        mel: (batch, bands, frames) log mel. factor: (batch,), of frequencies; 1 changes nothing.
    """
    bands = mel.shape[1]
    centres = mel_edges_hz(bands, 0.0, 8000.0)[1:-1]
    step = float(hz_to_mel(8000.0)) / (bands + 1)
    asked = hz_to_mel(centres * factor.double().cpu().numpy()[:, None]) / step - 1
    place = torch.from_numpy(np.clip(asked, 0, bands - 1.001).astype(np.float32)).to(mel.device)
    below = place.long()
    share = (place - below).unsqueeze(2)
    index = below.unsqueeze(2).expand(-1, -1, mel.shape[2])
    return mel.gather(1, index) * (1 - share) + mel.gather(1, index + 1) * share


class EncoderTask:
    """A `run_loop.Task`.

    Args:
        crops: training data.
        judged: labelled clips of the valid split; their sound in `cache`.
        seconds: of validation at most, taken in turns from the speakers.
    """

    def __init__(
        self, crops: EncoderCrops, judged: Sequence[LabelledClip], cache: PcmCache, labels: VoiceLabels,
        losses: EncoderLosses, seconds: float,
    ):
        self._crops, self._losses, self._mel = crops, losses, MelFrames()
        self._labels, self._cache, self._phones = labels, cache, PhoneTracks()
        self._centres = labels.codebooks.first
        self._judged = in_turns_of_speakers(judged, seconds)

    def batch(self, step: int) -> dict[str, np.ndarray]:
        """See `EncoderCrops.batch`."""
        return self._crops.batch(step)

    def loss(self, network: EncoderInTraining, batch: dict[str, Tensor], progress: float) -> tuple[Tensor, dict[str, float]]:
        """The weighted sum, means over known frames, and each part for the log."""
        with torch.no_grad():
            mel = normalised_batch(warped(self._mel(batch["sound"]), batch["warp"]))
            mel = (mel + batch["offset"].unsqueeze(2)).clamp(-CLAMP, CLAMP)
            target = batch["z"].transpose(1, 2)  # (B, T, 64) -> (B, 64, T)
            units = network.unit_logits(target).argmax(1)
        known = batch["known"].unsqueeze(1)  # (B, T) -> (B, 1, T)
        z = network.encoder(mel)
        logits = network.unit_logits(z)
        frames = known.sum().clamp(min=1)

        def mean(values: Tensor) -> Tensor:
            return (values * known[:, 0]).sum() / frames

        phones = F.cross_entropy(network.phones(z), batch["phones"], ignore_index=-1, reduction="sum")
        weights, reversal = self._losses, min(1.0, 4 * progress)
        parts = {
            "units": mean(F.cross_entropy(logits, units, reduction="none")),
            "cosine": mean(1 - F.cosine_similarity(z, target, dim=1)),
            "distance": mean((z - target).square().mean(1)),
            "phones": phones / (batch["phones"] >= 0).sum().clamp(min=1),
            "speaker": F.cross_entropy(network.speaker_logits(z, known, reversal), batch["speaker"]),
        }
        figures = {name: part.item() for name, part in parts.items()}
        figures["units_right"] = mean((logits.argmax(1) == units).float()).item()
        return sum(getattr(weights, name) * part for name, part in parts.items()), figures

    @torch.no_grad()
    def measures(self, network: EncoderInTraining) -> dict[str, float]:
        """On whole clean clips of voices that shaped nothing: real ones, and synthetic ones whose phonemes are known."""
        return judge_encoder(partial(encode_clip, network.encoder), self._judged, self._labels, self._cache, self._centres, self._phones)

    def score(self, measures: dict[str, float]) -> float | None:
        """Explained variance of z on real voices, or on whatever voices there are; None when nothing was judged."""
        return next((measures[name] for name in ("explained_real", "explained_synthetic") if name in measures), None)


def in_turns_of_speakers(clips: Sequence[LabelledClip], seconds: float) -> list[LabelledClip]:
    """About so many seconds, half of them synthetic, one clip of each speaker before a second one of any."""
    chosen = []
    for synthetic in (False, True):
        turns: dict[str, int] = {}
        keyed = []
        for clip in clips:
            if (clip.source == "kokoro") == synthetic:
                turns[clip.speaker] = turns.get(clip.speaker, 0) + 1
                keyed.append((turns[clip.speaker], clip))
        spent = 0.0
        for _, clip in sorted(keyed, key=lambda entry: entry[0]):
            if spent >= seconds / 2:
                break
            spent += clip.frames / 50
            chosen.append(clip)
    return chosen


@torch.no_grad()
def encode_clip(encoder: VoiceEncoder, sound: np.ndarray) -> np.ndarray:
    """z of a whole recording, (frames, 64), from (samples,) at 16 kHz, as the training normalises."""
    mel = normalised_batch(MelFrames()(torch.from_numpy(sound)[None]))
    return encoder(mel)[0].T.numpy()


def judge_encoder(
    encode: Callable[[np.ndarray], np.ndarray], clips: Sequence[LabelledClip], labels: VoiceLabels, cache: PcmCache,
    centres: np.ndarray, phones: PhoneTracks,
) -> dict[str, float]:
    """Agreement with the teacher, `_real` and `_synthetic` voices apart, and PNMI on synthetic ones.

    Args:
        encode: (samples,) at 16 kHz -> z (frames, 64).
        centres: the first codebook.

    `explained` is 1 - mean squared error / variance of the teacher's z, `cosine` is of frames without the mean z,
    `units_right` the share of frames with the teacher's unit; `phone_information` of the encoder's units and, beside
    it, of the teacher's on the same frames.
    """
    measures: dict[str, float] = {}
    for kind, chosen in (
        ("real", [c for c in clips if c.source != "kokoro"]), ("synthetic", [c for c in clips if c.source == "kokoro"]),
    ):
        if not chosen:
            continue
        found = [encode(cache.read(clip.path))[: clip.frames] for clip in chosen]
        z, target = np.concatenate(found), np.concatenate([labels.z(clip) for clip in chosen])
        centre = target.mean(0)
        error, variance = np.square(z - target).sum(), np.square(target - centre).sum()
        a, b = z - centre, target - centre
        cosine = (a * b).sum(1) / np.maximum(np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1), 1e-6)
        units, right = nearest(z, centres), nearest(target, centres)
        measures |= {
            f"explained_{kind}": float(1 - error / variance), f"cosine_{kind}": float(cosine.mean()),
            f"units_right_{kind}": float((units == right).mean()), f"frames_{kind}": float(len(z)),
        }
        classes = np.concatenate([phones.of(clip.path, clip.source, clip.frames) for clip in chosen])
        if (classes >= 0).sum() >= LEAST_FRAMES_FOR_INFORMATION:
            measures["phone_information"] = phone_information(classes, units)
            measures["phone_information_teacher"] = phone_information(classes, right)
    return measures
