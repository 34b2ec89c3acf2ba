"""A training run of any network: seeded, resumable, logged as JSON lines, judged by its averaged weights.

What is learnt stands in a `Task`; this is the loop around it.
"""

from __future__ import annotations

import copy
import json
import math
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, Sampler

from .options import Options


@dataclass(frozen=True)
class RunConfig(Options, part="training"):
    """Optimiser and bookkeeping; minutes are wall time.

    `until_minutes`, when above 0, replaces `steps`: the cosine then follows the wall clock, so that a shared machine
    always ends at the low learning rate. Such a run cannot be repeated exactly, and the log says so.
    """

    seed: int = 1
    steps: int = 15_000
    until_minutes: float = 0.0
    learning_rate: float = 1e-3
    final_learning_rate: float = 1e-5
    warmup_steps: int = 200
    weight_decay: float = 0.01
    gradient_clip: float = 1.0
    ema_decay: float = 0.999
    log_every_steps: int = 50
    checkpoint_minutes: float = 3.0
    validate_minutes: float = 8.0
    loader_workers: int = 0
    threads: int = 1


class Task(Protocol):
    """What a run learns."""

    def batch(self, step: int) -> dict[str, np.ndarray]:
        """The data of a step; the same step gives the same data in every process."""

    def loss(self, network: nn.Module, batch: dict[str, Tensor], progress: float) -> tuple[Tensor, dict[str, float]]:
        """What is minimised at a point 0..1 of the schedule, and figures for the log; `loss` among them is logged in its place."""

    def measures(self, network: nn.Module) -> dict[str, float]:
        """Judges the averaged network, in evaluation mode, on the valid split; empty when there is nothing to judge on."""

    def score(self, measures: dict[str, float]) -> float | None:
        """Higher is better, for choosing best.pt; None keeps the latest, minus infinity never."""


def commit_of_the_code() -> str:
    """Short name of the commit that this code is checked out at; `unknown` without git."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        )
    except OSError:
        return "unknown"
    return found.stdout.strip() or "unknown"


class RunLoop:
    """Trains one network inside one run folder.

    Args:
        network: with everything that has weights, heads that are only needed while training included.
        folder: receives log.jsonl, last.pt, best.pt and one snapshot of the averaged weights per validation.
        network_config: plain values stored beside the weights.
        heads: learn along, clipped by themselves so that their gradients do not shorten the network's step; they are neither
            averaged nor in a snapshot.
    """

    def __init__(
        self, network: nn.Module, task: Task, config: RunConfig, folder: Path, network_config: dict,
        heads: nn.Module | None = None,
    ):
        self.network, self.ema = network, copy.deepcopy(network).eval().requires_grad_(False)
        self.config, self.folder = config, folder
        self._task, self._network_config, self._heads = task, network_config, heads
        groups = [{"params": list(part.parameters())} for part in ([network, heads] if heads else [network])]
        self._optimiser = torch.optim.AdamW(groups, config.learning_rate, weight_decay=config.weight_decay)
        self.step, self._elapsed_seconds, self._best = 0, 0.0, -math.inf
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
        self.note("resume", step=self.step)
        return True

    def start_from(self, weights: Path) -> list[str]:
        """Takes what another run learnt wherever name and shape agree; returns the names that keep their first values.

        Raises:
            ValueError: nothing agrees.
        """
        state = torch.load(weights, weights_only=True)
        state = state.get("ema", state["network"])
        own = self.network.state_dict()
        taken = {name: value for name, value in state.items() if name in own and own[name].shape == value.shape}
        if not taken:
            raise ValueError(f"Expected weights of this kind of network in {weights}, found none that fits.")
        for network in (self.network, self.ema):
            network.load_state_dict({**own, **taken})
        left = sorted(set(own) - set(taken))
        self.note("start_from", weights=f"{weights.parent.name}/{weights.name}", left=left)
        return left

    def run(self, stop_after_step: int | None = None, report: Callable[[str], None] = print) -> None:
        """Trains to the end of the schedule, or to `stop_after_step` (for tests and interruptions).

        Raises:
            FloatingPointError: the loss stopped being finite.
        """
        config = self.config
        torch.set_num_threads(config.threads)
        self.note("start", step=self.step, commit=commit_of_the_code(), by_wall_clock=config.until_minutes > 0,
                  config=asdict(config), network=self._network_config)
        last = 10**9 if config.until_minutes > 0 else config.steps
        loader = DataLoader(
            _Steps(self._task, last), batch_size=None, sampler=_InOrder(self.step, last), num_workers=config.loader_workers,
            prefetch_factor=4 if config.loader_workers else None,
        )
        begun, saved, validated = time.monotonic() - self._elapsed_seconds, time.monotonic(), time.monotonic()
        noted: dict[str, list[float]] = {}
        self.network.train()
        for batch in loader:
            self._elapsed_seconds = time.monotonic() - begun
            if self._progress() >= 1:
                break
            for name, value in self._update(batch).items():
                noted.setdefault(name, []).append(value)
            if self.step % config.log_every_steps == 0:
                entry = {"step": self.step, **{name: round(float(np.mean(values)), 6) for name, values in noted.items()},
                         "lr": self._optimiser.param_groups[0]["lr"], "elapsed_seconds": round(self._elapsed_seconds, 1)}
                self.note("train", **entry)
                report(json.dumps(entry))
                noted = {}
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
        """Judges the averaged weights, keeps a snapshot, and the best one as best.pt."""
        measures = self._task.measures(self.ema)
        if measures:
            self.note("valid", step=self.step, **measures)
            report(json.dumps({"step": self.step, **measures}))
        score = self._task.score(measures)
        self._save_weights(self.folder / f"ema-{self.step:06d}.pt")
        if score is None or score > self._best:
            self._best = self._best if score is None else score
            self._save_weights(self.folder / "best.pt")
        return measures

    def save(self) -> None:
        """Writes last.pt with everything that `resume` needs; beside the target, then renamed."""
        _write({
            "network": self.network.state_dict(), "ema": self.ema.state_dict(), "optimiser": self._optimiser.state_dict(),
            "step": self.step, "best": self._best, "elapsed_seconds": self._elapsed_seconds,
            "network_config": self._network_config, "training": asdict(self.config),
            "heads": self._heads.state_dict() if self._heads else None,
        }, self.folder / "last.pt")

    def note(self, event: str, **entry) -> None:
        """Writes a line into the run's log."""
        entry = {"time": time.strftime("%Y-%m-%dT%H:%M:%S"), "event": event, **entry}
        with open(self.folder / "log.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def _save_weights(self, path: Path) -> None:
        _write({"network": self.ema.state_dict(), "step": self.step, "network_config": self._network_config,
                "training": asdict(self.config), "elapsed_seconds": self._elapsed_seconds}, path)

    def _progress(self) -> float:
        """Share of the schedule that is done, by wall clock or by steps."""
        if self.config.until_minutes > 0:
            return self._elapsed_seconds / (self.config.until_minutes * 60)
        return self.step / self.config.steps

    def _update(self, batch: dict[str, Tensor]) -> dict[str, float]:
        config, progress = self.config, self._progress()
        # Dropout and the like draw from torch's generator: seeded by the step, a resumed run draws the same.
        torch.manual_seed(config.seed * 1_000_003 + self.step)
        floor = config.final_learning_rate
        rate = floor + (config.learning_rate - floor) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
        for group in self._optimiser.param_groups:
            group["lr"] = rate * min(1.0, (self.step + 1) / max(1, config.warmup_steps))
        loss, figures = self._task.loss(self.network, batch, progress)
        if not torch.isfinite(loss):
            raise FloatingPointError(f"Expected a finite loss at step {self.step}, found {loss.item()}.")
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        for group in self._optimiser.param_groups:
            nn.utils.clip_grad_norm_(group["params"], config.gradient_clip)
        self._optimiser.step()
        self.step += 1
        self._average()
        return {"loss": loss.item(), **figures}

    @torch.no_grad()
    def _average(self) -> None:
        """Exponential moving average; a shorter memory at the start, when old weights are worthless."""
        decay = min(self.config.ema_decay, (1 + self.step) / (10 + self.step))
        for averaged, value in zip(self.ema.state_dict().values(), self.network.state_dict().values(), strict=True):
            if averaged.dtype.is_floating_point:
                averaged.lerp_(value, 1 - decay)
            else:
                averaged.copy_(value)


class _Steps(Dataset):
    """Batches by step number, so that a resumed run draws exactly what an uninterrupted one would."""

    def __init__(self, task: Task, last: int):
        self._task, self._last = task, last

    def __len__(self) -> int:
        return self._last

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        return {name: torch.from_numpy(value) for name, value in self._task.batch(step).items()}


class _InOrder(Sampler):
    """first, first + 1, ... without a list of a billion entries."""

    def __init__(self, first: int, last: int):
        self._range = range(first, last)

    def __len__(self) -> int:
        return len(self._range)

    def __iter__(self) -> Iterator[int]:
        return iter(self._range)


def _write(state: dict, path: Path) -> None:
    partial = path.with_suffix(".part")
    torch.save(state, partial)
    os.replace(partial, path)
