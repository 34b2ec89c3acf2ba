"""What mask networks learn, and how a run of them begins; the loop around it is `run_loop.RunLoop`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .channel_pruning import gates_by_importance, has_gates, hidden_channels_of, prune_hidden_channels
from .crop_labels import LabelledMixer
from .evaluation_list import EvaluationMixture
from .gate_heads import GateHeads, silence_loss
from .losses import compressed_spectral_loss
from .mask_loss import mask_loss
from .metrics import si_sdr
from .mixing import Mixer
from .networks.channel_gate import gumbel_step, sparsity_loss, surrogate_step
from .networks.conv_fsenet import ConvFsenet, enhance
from .networks.frame_major import Step, forward_frame_major
from .run_loop import RunConfig, RunLoop

USE_MARGIN = 0.12
"""By which share of its target the measured use of channels may exceed it in a checkpoint that is kept as the best: mixtures of
the valid split hold fewer pauses, which cost less, than training crops do."""


@dataclass(frozen=True)
class TrainingConfig(RunConfig):
    """How mask networks learn.

    `target_use` is Phi, the share of hidden channels that a gated net may use on average; `step` how its gates learn:
    `surrogate` or `gumbel`. `first_gates` are `open`, and then the weight of the sparsity loss is 0 for the first tenth of the
    schedule and grows to `sparsity_weight` over the next fifth; or chosen by `importance` in the net without gates that the
    run starts from (see `gates_by_importance`), and then it is `sparsity_weight` throughout.

    `steady_norms` keeps the statistics of batch norms as they were at the start. A channel that is rarely on has a small variance
    in most batches and thus in the running average, and what it says in the recording that needs it would be blown up.

    `gate_heads` are the weights of the heads that read the gates (see `GateHeads`), and `silence_weight` that of
    `silence_loss`, which grows as the sparsity loss does; with either, batches come with labels.
    """

    seed: int = 20412
    steps: int = 40_000
    batch_size: int = 16
    warmup_steps: int = 300
    target_use: float = 1.0
    sparsity_weight: float = 2.0
    step: str = "surrogate"
    first_gates: str = "open"
    steady_norms: bool = False
    gate_heads: dict[str, float] = field(default_factory=dict)
    silence_weight: float = 0.0
    silence_share: float = 0.7
    intelligibility_weight: float = 0.0
    log_every_steps: int = 100
    validate_minutes: float = 6.0
    loader_workers: int = 1
    threads: int = 2

    def __post_init__(self) -> None:
        for name, known in (("step", ("surrogate", "gumbel")), ("first_gates", ("open", "importance"))):
            if getattr(self, name) not in known:
                raise ValueError(f"Expected {name} to be one of {known}, found {getattr(self, name)!r}.")

    @property
    def needs_labels(self) -> bool:
        """Whether the mixer must be a `LabelledMixer`."""
        return bool(self.gate_heads) or self.silence_weight > 0


class MaskTask:
    """Masks that clean mixtures, and gates that leave channels off.

    Args:
        mixer: source of training batches, labelled when the configuration needs that.
        validation: mixtures of the valid split, or an empty list.
        heads: read the gates; None without `gate_heads`.
    """

    def __init__(
        self, mixer: Mixer | LabelledMixer, validation: list[EvaluationMixture], config: TrainingConfig, heads: GateHeads | None
    ):
        self.mixer, self._validation, self._config, self._heads = mixer, validation, config, heads

    def batch(self, step: int) -> dict[str, np.ndarray]:
        """`mixture` and `target` (batch, samples), and labels (batch, frames) by name; none from a plain mixer."""
        mixture, target, *labels = self.mixer.batch(step, self._config.batch_size)
        return {"mixture": mixture, "target": target, **(labels[0] if labels else {})}

    def loss(self, network: ConvFsenet, batch: dict[str, Tensor], progress: float) -> tuple[Tensor, dict[str, float]]:
        """The logged `loss` is without that of heads and silence, so that runs with and without them compare."""
        config, gates = self._config, []
        if config.steady_norms:
            for norm in network.modules():
                if isinstance(norm, nn.BatchNorm1d):
                    norm.eval()
        forward = partial(forward_frame_major, network, step=self._gate_step(progress), gates=gates)
        loss = mask_loss(forward, batch["mixture"], batch["target"], config.intelligibility_weight)
        figures = {}
        if gates:
            loss = loss + config.sparsity_weight * self._ramp(progress) * sparsity_loss(gates, config.target_use)
            figures["use"] = float(np.mean([gate.mean().item() for gate in gates]))
        figures["loss"] = loss.item()
        if self._heads:
            said, each = self._heads.loss(gates, batch)
            loss = loss + said
            figures |= {f"head_{name}": value for name, value in each.items()}
        if config.silence_weight:
            silent, uses = silence_loss(gates, batch["speech"], config.silence_share)
            loss = loss + config.silence_weight * self._ramp(progress) * silent
            figures |= uses
        return loss, figures

    def measures(self, network: ConvFsenet) -> dict[str, float]:
        """See `validation_measures`."""
        return validation_measures(network, self._validation) if self._validation else {}

    def score(self, measures: dict[str, float]) -> float | None:
        """SI-SDR improvement; a gated net is judged once it works as little as it should: before it is another, larger net."""
        if measures.get("use", 0.0) > self._config.target_use * (1 + USE_MARGIN):
            return -math.inf
        return measures.get("si_sdr_improvement_db")

    def _ramp(self, progress: float) -> float:
        return 1.0 if self._config.first_gates == "importance" else sparsity_ramp(progress)

    def _gate_step(self, progress: float) -> Step:
        if self._config.step == "surrogate":
            return surrogate_step
        return partial(gumbel_step, temperature=1.0 - 0.5 * min(1.0, progress))


class Trainer(RunLoop):
    """Trains one mask network inside one run folder.

    Args:
        network: magnitude (B, 257, T) -> mask (B, 257, T).
        mixer, validation: see `MaskTask`.
        folder, network_config: see `RunLoop`.
    Raises:
        ValueError: labels are needed and the mixer has none, or the network has no gates to read.
    """

    _begun_from_weights = False

    def __init__(
        self,
        network: ConvFsenet,
        mixer: Mixer | LabelledMixer,
        validation: list[EvaluationMixture],
        config: TrainingConfig,
        folder: Path,
        network_config: dict,
    ):
        sizes = network.config
        if config.needs_labels and not (isinstance(mixer, LabelledMixer) and sizes.gate_channels):
            raise ValueError("Expected a labelled mixer and a net with gates for gate_heads or silence_weight, found others.")
        bits = sizes.block_count * sizes.hidden_channels
        heads = GateHeads(bits, config.gate_heads, config.target_use) if config.gate_heads else None
        super().__init__(network, MaskTask(mixer, validation, config, heads), config, folder, network_config, heads)

    def run(self, stop_after_step: int | None = None, report: Callable[[str], None] = print) -> None:
        """See `RunLoop.run`.

        Raises:
            ValueError: the configuration builds on weights that the run never got.
        """
        config = self.config
        if self.step == 0 and not self._begun_from_weights and (config.steady_norms or config.first_gates == "importance"):
            raise ValueError("Expected weights to start from, as first_gates: importance and steady_norms need; found none. Use --start-from.")
        super().run(stop_after_step, report)

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
        begun = {**own, **state}
        if self.config.first_gates == "importance" and not has_gates(state):
            begun = gates_by_importance(begun, self.config.target_use)
        for network in (self.network, self.ema):
            network.load_state_dict(begun)
        self._begun_from_weights = True
        self.note("start_from", weights=f"{weights.parent.name}/{weights.name}", **pruned)


def sparsity_ramp(progress: float) -> float:
    """Share of the sparsity weight at a point 0..1 of the schedule: 0 to a tenth, then linear, 1 from three tenths."""
    return min(1.0, max(0.0, (progress - 0.1) / 0.2))


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
