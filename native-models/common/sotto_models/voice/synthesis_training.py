"""What the synthesis net learns: its loss, its validation, and the run loop they go into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ..options import Options
from ..run_loop import RunConfig, RunLoop
from .codebooks import Codebooks
from .encoder import VoiceEncoder
from .labels import VoiceLabels
from .mel import MelFrames, normalised_batch
from .source_filter import FILTER_BINS, source_filter
from .synthesis_data import (
    CODE_SAMPLES,
    Sentence,
    SynthesisData,
    SynthesisDataConfig,
    codebook_checksum,
    read_recordings,
    read_sentences,
)
from .synthesis_loss import LISTENING_RMS, recogniser_loss, spectral_loss
from .synthesis_net import MODES, SynthesisConfig, SynthesisNet
from .teacher import Teacher

EDGE_SAMPLES = CODE_SAMPLES
"""Cut off both ends of a crop before it is judged: there the pulses and noise of the neighbours are missing."""
VALIDATION_SEED = 99
LISTENING_MARGIN_FRAMES = 60
"""Of 20 ms: more than the encoder's context, and room for the loudness-weighted mean that it normalises with."""


@dataclass(frozen=True)
class SynthesisLossConfig(Options, part="loss"):
    """Weights beside that of the three STFTs, which is 1.

    The recogniser joins after `recogniser_from` of the schedule, and hears `recogniser_rows` of a batch's crops: it costs as
    much as all the rest.
    """

    mel_weight: float = 1.0
    recogniser_weight: float = 0.0
    recogniser_from: float = 0.1
    recogniser_rows: int = 6


@cache
def mel_frames() -> MelFrames:
    """The front end, made once."""
    return MelFrames()


Tensors = dict[str, Tensor]
"""A `synthesis_data.Batch` as tensors."""


def voices_of(net: nn.Module, batch: Tensors) -> Tensor:
    """The voice of each crop, (B, voice_size): of its reference where it is told by one, else of its mixture."""
    with torch.no_grad():
        mel = mel_frames()(LISTENING_RMS * batch["reference"])
    return torch.where(batch["referred"][:, None] > 0, net.reference(mel), net.voice(batch["weights"]))


def synthesise(net: nn.Module, batch: Tensors) -> Tensor:
    """The sound of a batch, (B, 480 T), 24 kHz."""
    filters = net(batch["z"], batch["pitch"], voices_of(net, batch), batch["mode"])
    return source_filter(batch["pulses"], batch["noise"], *filters.split(FILTER_BINS, dim=1))


def synthesis_loss(
    net: nn.Module, batch: Tensors, config: SynthesisLossConfig, teacher: Teacher | None, progress: float = 1.0
) -> tuple[Tensor, dict[str, float]]:
    """The loss of a batch and its parts.

    Args:
        teacher: needed where `recogniser_weight` is above 0.
        progress: 0..1 of the schedule.
    """
    estimate, target = (x[:, EDGE_SAMPLES:-EDGE_SAMPLES] for x in (synthesise(net, batch), batch["target"]))
    spectra, mel = spectral_loss(estimate, target, batch["band"])
    loss = spectra + config.mel_weight * mel
    parts = {"spectra": spectra.item(), "mel": mel.item()}
    if config.recogniser_weight > 0 and teacher is not None and progress >= config.recogniser_from:
        rows = slice(config.recogniser_rows)
        heard = recogniser_loss(teacher, estimate[rows], target[rows])
        loss = loss + config.recogniser_weight * heard
        parts["recogniser"] = heard.item()
    return loss, parts


class Listener:
    """Reads z from the sound of a batch with a trained encoder, so that the synthesis learns from the codes it will get.

    Args:
        encoder: frozen. books: what z is let through as. margin_frames: of 20 ms around the crop in `heard`.
    """

    def __init__(self, encoder: VoiceEncoder, books: Codebooks, margin_frames: int):
        self._encoder, self._margin = encoder.eval().requires_grad_(False), margin_frames
        self._first, self._residual = torch.from_numpy(books.first), torch.from_numpy(books.residual)

    @torch.no_grad()
    def z(self, batch: Tensors) -> Tensor:
        """z of each crop as its mode lets it through, (B, D, T); see `synthesis_data.mode_of_z`."""
        count = batch["z"].shape[2]
        mel = normalised_batch(mel_frames()(batch["heard"]))
        soft = self._encoder(mel)[:, :, self._margin : self._margin + count].transpose(1, 2)  # (B, T, D)
        strict = self._first[_nearest(soft, self._first)]
        balanced = strict + self._residual[_nearest(soft - strict, self._residual)]
        ways = torch.stack([strict, balanced, soft])  # in the order of MODES
        return torch.einsum("mbtd,bm->bdt", ways, batch["mode"])


def _nearest(points: Tensor, centres: Tensor) -> Tensor:
    """(B, T, D) and (codes, D) -> (B, T)."""
    return (0.5 * centres.square().sum(1) - points @ centres.T).argmin(2)


@dataclass
class SynthesisTask:
    """The synthesis as a `run_loop.Task`.

    Attributes:
        listener: reads z from the sound; None where the data holds z.
        judged: crops of held-out voices, the same ones every time; None where there are none.
        batches: how many batches of them for each mode.
    """

    data: SynthesisData
    judged: SynthesisData | None
    batches: int
    batch_size: int
    config: SynthesisLossConfig
    teacher: Teacher | None
    listener: Listener | None = None

    def batch(self, step: int) -> dict[str, np.ndarray]:
        """The crops of a step."""
        return self.data.batch(step, self.batch_size)

    def loss(self, network: nn.Module, batch: Tensors, progress: float) -> tuple[Tensor, dict[str, float]]:
        """See `synthesis_loss`."""
        return synthesis_loss(network, self._listened(batch), self.config, self.teacher, progress)

    def _listened(self, batch: Tensors) -> Tensors:
        return batch if self.listener is None else {**batch, "z": self.listener.z(batch)}

    @torch.no_grad()
    def measures(self, network: nn.Module) -> dict[str, float]:
        """Losses of each mode, and their mean as `valid_loss`; the recogniser is asked even before it trains."""
        if self.judged is None or not self.batches:
            return {}
        found: dict[str, list[float]] = {}
        for mode in MODES:
            for number in range(self.batches):
                batch = self.judged.batch(number, self.batch_size, [mode] * self.batch_size)
                tensors = {name: torch.from_numpy(value) for name, value in batch.items()}
                loss, parts = synthesis_loss(network, self._listened(tensors), self.config, self.teacher)
                for name, value in {"loss": loss.item(), **parts}.items():
                    found.setdefault(f"{mode}_{name}", []).append(value)
        means = {name: round(float(np.mean(values)), 5) for name, values in found.items()}
        return {"valid_loss": round(float(np.mean([means[f"{mode}_loss"] for mode in MODES])), 5), **means}

    def score(self, measures: dict[str, float]) -> float | None:
        """The lowest `valid_loss` is best."""
        return -measures["valid_loss"] if measures else None


def build_run(
    config: dict, labels: VoiceLabels, voices: Path, pairs: Path | None, folder: Path,
    codes: VoiceLabels | None = None, teacher: Teacher | None = None, encoder: VoiceEncoder | None = None,
) -> RunLoop:
    """A run out of a configuration file's contents; weights start from the configured seed.

    Args:
        config: parsed YAML with `network`, `data`, `loss`, `training` and `validation`.
        labels, codes: see `SynthesisData`. voices, pairs: see `read_sentences`.
        encoder: reads z from the sound instead, with LISTENING_MARGIN_FRAMES on either side of a crop.
    Raises:
        ValueError: there is no sentence to train on, or a recogniser loss without a recogniser.
    """
    training, sizes = RunConfig.from_dict(config["training"]), SynthesisConfig(**config["network"])
    listener = None if encoder is None else Listener(encoder, labels.codebooks, LISTENING_MARGIN_FRAMES)
    margin = 0 if encoder is None else LISTENING_MARGIN_FRAMES
    data_config = SynthesisDataConfig.from_dict({**config["data"], "heard_margin_frames": margin})
    loss_config = SynthesisLossConfig.from_dict(config["loss"])
    if loss_config.recogniser_weight > 0 and teacher is None:
        raise ValueError("Expected a recogniser, because recogniser_weight is above 0, found none.")
    torch.manual_seed(training.seed)
    network = SynthesisNet(sizes)
    chosen = {split: read_sentences(labels, voices, pairs, split, data_config.crop_frames) for split in ("train", "valid")}
    spoken = {split: read_recordings(labels, split, data_config.crop_frames) for split in chosen}
    data, judged = (
        SynthesisData(chosen[split], labels, with_recordings(data_config, spoken[split], split), seed, codes, spoken[split])
        if chosen[split] else None
        for split, seed in (("train", training.seed), ("valid", VALIDATION_SEED))
    )
    if data is None:
        raise ValueError("Expected labelled sentences, found none. Run make_voices.py, then label.py over its folder.")
    task = SynthesisTask(data, judged, config["validation"]["batches"], config["batch_size"], loss_config, teacher, listener)
    described = {"sizes": sizes.to_dict(), "data": asdict(data_config), "loss": asdict(loss_config)}
    loop = RunLoop(network, task, training, folder, {
        **described, "batch_size": task.batch_size, "codebook": codebook_checksum(labels.codebooks),
    })
    used = spoken["train"] if data_config.recording_share > 0 else []
    loop.note("data", **data_facts(chosen["train"]), recordings=data_facts(used), other_codes=codes is not None or encoder is not None)
    return loop


def with_recordings(config: SynthesisDataConfig, recordings: Sequence[Sentence], split: str) -> SynthesisDataConfig:
    """The configuration, without recordings where a valid split has none yet: labels come in turns, those of it last."""
    return config if recordings or split == "train" else replace(config, recording_share=0.0)


def data_facts(sentences: Sequence[Sentence]) -> dict:
    """How much there is to train on: sentences, hours, pairs."""
    hours = sum(s.clip.samples for s in sentences) / 16_000 / 3600
    return {"sentences": len(sentences), "hours": round(hours, 2), "pairs": sum(len(s.targets) > 1 for s in sentences)}
