"""Linear heads that read a net's gates while it trains, so that the gates tell what probes will be fitted on later.

The heads are dropped with the training. Their gradient goes through the binary gates to the logits and on into the net, by
the same surrogate as the gradient of the enhancement loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .probing.probe_tasks import TASKS

OUTPUTS = {task.name: 1 if task.classes in (0, 2) else task.classes for task in TASKS}
WINDOWS = {task.name: task.window for task in TASKS}
CENTRES_AND_SPREADS = {"f0": (7.3, 0.4), "snr": (12.0, 10.0)}
"""Mean and standard deviation of log2 F0 and of the ratio in dB over speech corpora: an error of one spread costs 1."""


class GateHeads(nn.Module):
    """One linear head per question, on the bits of all gates, its sums averaged over the window that the probe has.

    A sum of averaged bits is the average of the sums, so that only some numbers per frame are averaged. The heads begin at
    zero: they push a net that was trained before only once they know whereto.

    Args:
        bits: number of gates, blocks * hidden channels.
        weights: question (a probe's name) -> share of its loss; those left out or at 0 are not asked.
        target_use: what is subtracted from each bit, so that weights need not move the bias too.
    Raises:
        ValueError: a question is unknown or a weight negative.
    """

    def __init__(self, bits: int, weights: Mapping[str, float], target_use: float):
        super().__init__()
        if set(weights) - set(OUTPUTS) or any(weight < 0 for weight in weights.values()):
            raise ValueError(f"Expected weights of 0 or more for some of {sorted(OUTPUTS)}, found {dict(weights)}.")
        self._weights = {name: weight for name, weight in weights.items() if weight > 0}
        self._target_use = target_use
        self._sizes = [OUTPUTS[name] for name in self._weights]
        self.table = nn.Parameter(torch.zeros(bits, sum(self._sizes)))
        self.bias = nn.Parameter(torch.zeros(sum(self._sizes)))

    def forward(self, gates: Sequence[Tensor]) -> dict[str, Tensor]:
        """What each head says about each frame.

        Args:
            gates: one mask (batch, frames, hidden) of 0 and 1 per block.
        Returns:
            question -> (batch, frames, outputs): logits, or values in spreads from their centre.
        """
        sums = self.bias - self._target_use * self.table.sum(0)
        for gate, table in zip(gates, self.table.split(gates[0].shape[-1]), strict=True):
            sums = sums + gate @ table  # (B, T, H) @ (H, O) -> (B, T, O)
        parts = sums.split(self._sizes, -1)
        return {name: window_mean(part, *WINDOWS[name]) for name, part in zip(self._weights, parts, strict=True)}

    def loss(self, gates: Sequence[Tensor], labels: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
        """The weighted sum of all heads' losses, and each of them alone.

        Args:
            gates: as in `forward`.
            labels: as `crop_labels` makes them, (batch, frames) each; unknown frames do not count.
        """
        total, each = self.table.new_zeros(()), {}
        for name, said in self(gates).items():
            loss = _head_loss(name, said, labels[name])
            if loss is not None:
                total = total + self._weights[name] * loss
                each[name] = loss.item()
        return total, each


def window_mean(values: Tensor, average_frames: int, delay_frames: int) -> Tensor:
    """Means over frames t + delay - average + 1 .. t + delay that exist; (batch, frames, outputs), as `window_means`."""
    frames = values.shape[1]
    total = F.pad(values.cumsum(1), (0, 0, 1, 0))
    rows = torch.arange(frames, device=values.device)
    first = (rows + delay_frames - average_frames + 1).clamp_min(0)
    last = (rows + delay_frames + 1).clamp_max(frames)
    return (total[:, last] - total[:, first]) / (last - first)[:, None]


def _head_loss(name: str, said: Tensor, truth: Tensor) -> Tensor | None:
    """Mean over known frames; of the domain, the mean of both classes' means. None where nothing is known."""
    if name in CENTRES_AND_SPREADS:
        known = torch.isfinite(truth)
        centre, spread = CENTRES_AND_SPREADS[name]
        return F.mse_loss(said[known][:, 0], (truth[known] - centre) / spread) if known.any() else None
    known = truth >= 0
    if not known.any():
        return None
    said, truth = said[known], truth[known]
    if said.shape[1] > 1:
        return F.cross_entropy(said, truth)
    losses = F.binary_cross_entropy_with_logits(said[:, 0], truth.to(said.dtype), reduction="none")
    if name != "domain":
        return losses.mean()
    return torch.stack([losses[truth == c].mean() for c in (0, 1) if (truth == c).any()]).mean()


def silence_loss(gates: Sequence[Tensor], speech: Tensor, share: float) -> tuple[Tensor, dict[str, float]]:
    """How far the use of channels in pauses is above a share of that during speech; 0 when it is below.

    relu(use in pauses - share * use in speech). The sparsity loss fixes the mean over all frames; this one moves work from
    pauses to speech, whatever the mean is, and stops once pauses are cheap enough: a target for each would also forbid the
    net to use less in pauses than asked.

    Args:
        gates: one mask (batch, frames, hidden) per block.
        speech: (batch, frames), 1, 0, or negative where nobody knows.
        share: above 0.
    Returns:
        scalar, and both uses by name; 0 without gradient when the batch lacks one of them.
    """
    use = torch.stack([gate.mean(-1) for gate in gates]).mean(0)  # blocks x (B, T, H) -> (B, T)
    talk, pause = use[speech == 1], use[speech == 0]
    if not len(talk) or not len(pause):
        return use.new_zeros(()), {}
    in_talk, in_pause = talk.mean(), pause.mean()
    return F.relu(in_pause - share * in_talk), {"use_speech": in_talk.item(), "use_pause": in_pause.item()}
