"""The training loop of mask networks: seeded, resumable, logged as JSON lines, validated on the valid split."""

from __future__ import annotations

import copy
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from .channel_pruning import has_gates, hidden_channels_of, prune_hidden_channels
from .crop_labels import LabelledMixer, as_tensors
from .evaluation_list import EvaluationMixture
from .gate_heads import GateHeads, silence_loss
from .losses import compressed_spectral_loss
from .mask_loss import mask_loss
from .metrics import si_sdr
from .mixing import Mixer
from .networks.channel_gate import gumbel_step, sparsity_loss, surrogate_step
from .networks.conv_fsenet import ConvFsenet, enhance
from .networks.frame_major import Step, forward_frame_major
from .options import Options
from .run_loop import commit_of_the_code


USE_MARGIN = 0.12
"""By which share of its target the measured use of channels may exceed it in a checkpoint that is kept as the best: mixtures of
the valid split hold fewer pauses, which cost less, than training crops do."""


@dataclass(frozen=True)
class TrainingConfig(Options, part="training"):
    """Optimiser and bookkeeping; minutes are wall time.

    `target_use` is Phi, the share of hidden channels that a gated net may use on average; `step` how its gates learn:
    `surrogate` or `gumbel`. The weight of the sparsity loss is 0 for the first tenth of the schedule and grows to
    `sparsity_weight` over the next fifth.

    `gate_heads` are the weights of the heads that read the gates (see `GateHeads`), and `silence_weight` that of
    `silence_loss`, which grows as the sparsity loss does; with either, batches come with labels.

    `until_minutes`, when above 0, replaces `steps`: the cosine then follows the wall clock, so that a shared machine
    always ends at the low learning rate. Such a run cannot be repeated exactly, and the log says so.
    """

    seed: int = 20412
    steps: int = 40_000
    until_minutes: float = 0.0
    batch_size: int = 16
    learning_rate: float = 1e-3
    final_learning_rate: float = 1e-5
    warmup_steps: int = 300
    weight_decay: float = 0.01
    gradient_clip: float = 1.0
    ema_decay: float = 0.999
    target_use: float = 1.0
    sparsity_weight: float = 2.0
    step: str = "surrogate"
    gate_heads: dict[str, float] = field(default_factory=dict)
    silence_weight: float = 0.0
    silence_share: float = 0.7
    intelligibility_weight: float = 0.0
    log_every_steps: int = 100
    checkpoint_minutes: float = 3.0
    validate_minutes: float = 6.0
    loader_workers: int = 1
    threads: int = 2

    @property
    def needs_labels(self) -> bool:
        """Whether the mixer must be a `LabelledMixer`."""
        return bool(self.gate_heads) or self.silence_weight > 0


Batch = tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]
"""Mixture and target (batch, samples), and labels (batch, frames) by name; none from a plain mixer."""


class _Steps(Dataset):
    """Batches by step number, so that a resumed run draws exactly what an uninterrupted one would."""

    def __init__(self, mixer: Mixer | LabelledMixer, batch_size: int, first: int, last: int):
        self._mixer, self._batch_size, self._first, self._count = mixer, batch_size, first, last - first

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Batch:
        if index >= self._count:
            raise IndexError(index)
        torch.set_num_threads(1)
        mixture, target, *labels = self._mixer.batch(self._first + index, self._batch_size)
        return torch.from_numpy(mixture), torch.from_numpy(target), as_tensors(labels[0] if labels else {})


class Trainer:
    """Trains one mask network inside one run folder.

    Args:
        network: magnitude (B, 257, T) -> mask (B, 257, T).
        mixer: source of training batches, labelled when the configuration needs that.
        validation: mixtures of the valid split, or an empty list.
        folder: receives log.jsonl, last.pt, best.pt and one EMA snapshot per validation.
        network_config: plain values stored beside the weights.
    Raises:
        ValueError: labels are needed and the mixer has none, or the network has no gates to read.
    """

    def __init__(
        self,
        network: ConvFsenet,
        mixer: Mixer | LabelledMixer,
        validation: list[EvaluationMixture],
        config: TrainingConfig,
        folder: Path,
        network_config: dict,
    ):
        self.network, self.ema = network, copy.deepcopy(network).eval().requires_grad_(False)
        self.config, self.folder = config, folder
        self._mixer, self._validation, self._network_config = mixer, validation, network_config
        sizes = network.config
        if config.needs_labels and not (isinstance(mixer, LabelledMixer) and sizes.gate_channels):
            raise ValueError("Expected a labelled mixer and a net with gates for gate_heads or silence_weight, found others.")
        bits = sizes.block_count * sizes.hidden_channels
        self._heads = GateHeads(bits, config.gate_heads, config.target_use) if config.gate_heads else None
        parts = [network, self._heads] if self._heads else [network]
        self._optimiser = torch.optim.AdamW(
            [{"params": list(part.parameters())} for part in parts],
            lr=config.learning_rate, weight_decay=config.weight_decay,
        )
        self.step, self._elapsed_seconds, self._best = 0, 0.0, -math.inf
        self._noted: dict[str, list[float]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def resume(self) -> bool:
        """Continues from last.pt; False when there is none."""
        path = self.folder / "last.pt"
        if not path.exists():
            return False
        state = torch.load(path, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.ema.load_state_dict(state["ema"])
        if self._heads:
            self._heads.load_state_dict(state["heads"])
        self._optimiser.load_state_dict(state["optimiser"])
        self.step, self._elapsed_seconds, self._best = state["step"], state["elapsed_seconds"], state["best"]
        self._log(event="resume", step=self.step)
        return True

    def note(self, event: str, **entry) -> None:
        """Writes a line into the run's log, for the card."""
        self._log(event=event, **entry)

    def start_from(self, weights: Path) -> None:
        """Takes what another run learnt; what this network has beyond it (gates) keeps its first values.

        Of a net with more hidden channels the most important ones are taken, without its gates.

        Raises:
            ValueError: the other network has other sizes, or parts that this one lacks.
        """
        state = torch.load(weights, weights_only=True)["network"]
        own, pruned = self.network.state_dict(), {}
        if hidden_channels_of(state) > self.network.config.hidden_channels:
            pruned = {"pruned_from_hidden_channels": hidden_channels_of(state), "dropped_gates": has_gates(state)}
            state = prune_hidden_channels(state, self.network.config.hidden_channels)
        strange = [name for name, value in state.items() if name not in own or own[name].shape != value.shape]
        if strange:
            raise ValueError(f"Expected weights of the same sizes in {weights}, found others: {', '.join(strange[:5])}.")
        self.network.load_state_dict({**own, **state})
        self.ema.load_state_dict({**own, **state})
        self._log(event="start_from", weights=f"{weights.parent.name}/{weights.name}", **pruned)

    def run(self, stop_after_step: int | None = None, report: Callable[[str], None] = print) -> None:
        """Trains to the end of the schedule, or to `stop_after_step` (for tests and interruptions).

        Raises:
            FloatingPointError: the loss stopped being finite.
        """
        config = self.config
        torch.set_num_threads(config.threads)
        self._log(event="start", step=self.step, commit=commit_of_the_code(), by_wall_clock=config.until_minutes > 0,
                  config=asdict(config), network=self._network_config)
        last = 10**9 if config.until_minutes > 0 else config.steps
        loader = DataLoader(
            _Steps(self._mixer, config.batch_size, self.step, last), batch_size=None, shuffle=False,
            num_workers=config.loader_workers, prefetch_factor=4 if config.loader_workers else None,
            sampler=_InOrder(last - self.step),
        )
        begun, saved, validated = time.monotonic() - self._elapsed_seconds, time.monotonic(), time.monotonic()
        losses: list[float] = []
        self.network.train()
        for batch in loader:
            self._elapsed_seconds = time.monotonic() - begun
            progress = self._progress()
            if progress >= 1:
                break
            losses.append(self._update(batch, progress))
            if self.step % config.log_every_steps == 0:
                entry = dict(step=self.step, loss=float(np.mean(losses)), lr=self._optimiser.param_groups[0]["lr"],
                             elapsed_seconds=round(self._elapsed_seconds, 1))
                entry |= {name: round(float(np.mean(values)), 4) for name, values in self._noted.items()}
                self._noted = {}
                self._log(event="train", **entry)
                report(json.dumps(entry))
                losses = []
            if stop_after_step is not None and self.step >= stop_after_step:
                self.save()
                return
            if time.monotonic() - saved > config.checkpoint_minutes * 60:
                self.save()
                saved = time.monotonic()
            if time.monotonic() - validated > config.validate_minutes * 60:
                self.validate(report)
                validated = time.monotonic()
        self.save()
        self.validate(report)

    def validate(self, report: Callable[[str], None] = print) -> dict[str, float]:
        """Judges the averaged weights on the valid mixtures, keeps a snapshot, and the best one as best.pt."""
        measures = {}
        if self._validation:
            measures = validation_measures(self.ema, self._validation)
            self._log(event="valid", step=self.step, **measures)
            report(json.dumps({"step": self.step, **measures}))
        score = measures.get("si_sdr_improvement_db", float(self.step))
        self._save_weights(self.folder / f"ema-{self.step:06d}.pt")
        # A gated net is judged once it works as little as it should: before that it is another, larger net.
        if measures.get("use", 0.0) <= self.config.target_use * (1 + USE_MARGIN) and score > self._best:
            self._best = score
            self._save_weights(self.folder / "best.pt")
        return measures

    def save(self) -> None:
        """Writes last.pt with everything that `resume` needs; beside the target, then renamed."""
        state = {
            "network": self.network.state_dict(), "ema": self.ema.state_dict(),
            "optimiser": self._optimiser.state_dict(), "step": self.step, "best": self._best,
            "elapsed_seconds": self._elapsed_seconds, "network_config": self._network_config,
            "heads": self._heads.state_dict() if self._heads else None,
        }
        _write(state, self.folder / "last.pt")

    def _save_weights(self, path: Path) -> None:
        _write({"network": self.ema.state_dict(), "step": self.step, "network_config": self._network_config,
                "training": asdict(self.config), "elapsed_seconds": self._elapsed_seconds}, path)

    def _progress(self) -> float:
        """Share of the schedule that is done, by wall clock or by steps."""
        if self.config.until_minutes > 0:
            return self._elapsed_seconds / (self.config.until_minutes * 60)
        return self.step / self.config.steps

    def _update(self, batch: Batch, progress: float) -> float:
        """One step; returns its loss without that of heads and silence, so that runs with and without them compare."""
        config, (mixture, target, labels) = self.config, batch
        floor = config.final_learning_rate
        rate = floor + (config.learning_rate - floor) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
        rate *= min(1.0, (self.step + 1) / max(1, config.warmup_steps))
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        gates: list[torch.Tensor] = []
        forward = partial(forward_frame_major, self.network, step=self._gate_step(progress), gates=gates)
        loss = mask_loss(forward, mixture, target, config.intelligibility_weight)
        if gates:
            loss = loss + config.sparsity_weight * sparsity_ramp(progress) * sparsity_loss(gates, config.target_use)
            self._note(use=float(np.mean([gate.mean().item() for gate in gates])))
        whole = loss + self._gate_losses(gates, labels, progress) if config.needs_labels else loss
        if not torch.isfinite(whole):
            raise FloatingPointError(f"Expected a finite loss at step {self.step}, found {whole.item()}.")
        self._optimiser.zero_grad(set_to_none=True)
        whole.backward()
        for group in self._optimiser.param_groups:
            # The heads apart: their gradients must not shorten the network's step.
            nn.utils.clip_grad_norm_(group["params"], config.gradient_clip)
        self._optimiser.step()
        self.step += 1
        self._average()
        return loss.item()

    def _gate_losses(self, gates: list[torch.Tensor], labels: dict[str, torch.Tensor], progress: float) -> torch.Tensor:
        """What the gates should tell and do beside leaving channels off, weighted."""
        config, total = self.config, torch.zeros(())
        if self._heads:
            total, each = self._heads.loss(gates, labels)
            self._note(**{f"head_{name}": value for name, value in each.items()})
        if config.silence_weight:
            loss, uses = silence_loss(gates, labels["speech"], config.silence_share)
            total = total + config.silence_weight * sparsity_ramp(progress) * loss
            self._note(**uses)
        return total

    def _note(self, **values: float) -> None:
        """Figures of a step, whose means go into the next line of the log."""
        for name, value in values.items():
            self._noted.setdefault(name, []).append(value)

    def _gate_step(self, progress: float) -> Step:
        if self.config.step == "surrogate":
            return surrogate_step
        return partial(gumbel_step, temperature=1.0 - 0.5 * min(1.0, progress))

    @torch.no_grad()
    def _average(self) -> None:
        """Exponential moving average; a shorter memory at the start, when old weights are worthless."""
        decay = min(self.config.ema_decay, (1 + self.step) / (10 + self.step))
        for averaged, value in zip(self.ema.state_dict().values(), self.network.state_dict().values(), strict=True):
            if averaged.dtype.is_floating_point:
                averaged.lerp_(value, 1 - decay)
            else:
                averaged.copy_(value)

    def _log(self, **entry) -> None:
        entry = {"time": time.strftime("%Y-%m-%dT%H:%M:%S"), **entry}
        with open(self.folder / "log.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def sparsity_ramp(progress: float) -> float:
    """Share of the sparsity weight at a point 0..1 of the schedule: 0 to a tenth, then linear, 1 from three tenths."""
    return min(1.0, max(0.0, (progress - 0.1) / 0.2))


class _InOrder(torch.utils.data.Sampler):
    """0, 1, 2, ... without a list of a billion entries."""

    def __init__(self, count: int):
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self):
        return iter(range(self._count))


@torch.no_grad()
def validation_measures(network: ConvFsenet, mixtures: list[EvaluationMixture]) -> dict[str, float]:
    """Mean loss, SI-SDR improvement in dB, and, of a gated net, the share of channels in use, over mixtures."""
    network.eval()
    losses, improvements, uses = [], [], []

    def mask_of(magnitude: torch.Tensor) -> torch.Tensor:
        mask, gates = network.with_gates(magnitude)
        if gates is not None:
            uses.append(gates.mean().item())
        return mask

    for item in mixtures:
        noisy, clean = torch.from_numpy(item.noisy)[None], torch.from_numpy(item.clean)[None]
        estimate = enhance(mask_of, noisy)
        losses.append(compressed_spectral_loss(estimate, clean, noisy).item())
        improvements.append((si_sdr(estimate, clean) - si_sdr(noisy, clean)).item())
    measures = {"valid_loss": float(np.mean(losses)), "si_sdr_improvement_db": float(np.mean(improvements))}
    return {**measures, "use": float(np.mean(uses))} if uses else measures


def _write(state: dict, path: Path) -> None:
    partial = path.with_suffix(".part")
    torch.save(state, partial)
    os.replace(partial, path)
