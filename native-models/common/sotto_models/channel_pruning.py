"""Structured pruning of a Conv-FSENet: a smaller net out of a trained larger one, without data."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

NORM_EPSILON = nn.BatchNorm1d(1).eps

FIRST_LOGIT_SPREAD = 0.4
"""Standard deviation of the first gates' biases: those within a few tenths of 0 learn at once, the others stand still until
their neighbours have settled."""
FIRST_GATE_WEIGHT = 0.25
"""Share of their random weights that the first gates keep: frames move logits by about .06, channels near the threshold only."""

State = dict[str, Tensor]
"""A ConvFsenet's state dict; hidden channels are axis 0 of everything in a block but `project.weight`, where they are axis 1."""

Moments = tuple[Tensor, Tensor]
"""Mean and standard deviation of each hidden channel over frames, both (H,)."""


def hidden_channels_of(state: State) -> int:
    """Hidden channels per block, H."""
    return state["blocks.0.expand.weight"].shape[0]


def has_gates(state: State) -> bool:
    """Whether the blocks choose among their channels frame by frame."""
    return any(".gate." in name for name in state)


def prune_hidden_channels(state: State, hidden_channels: int) -> State:
    """The net with only the most important hidden channels of each block, in their old order.

    A channel that always says the same goes into the bias of the block's last convolution. The means of others do not:
    on the trained dense net that was worse by 3 dB of SI-SDR than leaving them out. Norms keep the parameters and running
    statistics of the channels that stay. Gates are dropped: they were learnt for all channels.

    Args:
        state: of a ConvFsenet with H hidden channels, float32.
        hidden_channels: 1 to H, how many stay in each block.
    Returns:
        another state; the tensors that lost nothing are shared.
    Raises:
        ValueError: there are fewer than so many, or none are to stay.
    References:
        Li et al. 2017, "Pruning Filters for Efficient ConvNets", https://arxiv.org/abs/1608.08710, section 3.1 (norms of filters);
        Molchanov et al. 2017, "Pruning Convolutional Neural Networks for Resource Efficient Inference",
        https://arxiv.org/abs/1611.06440, section 2.2 (activations, which a batch norm knows without data)
    """
    found = hidden_channels_of(state)
    if not 1 <= hidden_channels <= found:
        raise ValueError(f"Expected 1 to {found} hidden channels to keep, found {hidden_channels}. Choose a smaller net.")
    pruned = {name: value for name, value in state.items() if ".gate." not in name}
    for block in _blocks(state):
        mean, deviation = output_moments(state, block)
        # Stable, so that among equals it is the first ones on every machine.
        order = torch.argsort(channel_importance(state, block), descending=True, stable=True)
        kept, dropped = order[:hidden_channels].sort().values, order[hidden_channels:]
        for name in _block_names(pruned, block):
            value = state[name]
            if name.startswith(f"{block}project."):
                if name.endswith("weight"):
                    pruned[name] = value[:, kept]
            elif value.ndim:  # a norm's count of batches belongs to all channels
                pruned[name] = value[kept]
        constant = state[f"{block}project.weight"][:, dropped, 0].double() @ (mean * (deviation == 0))[dropped]
        bias = state[f"{block}project.bias"]
        pruned[f"{block}project.bias"] = (bias.double() + constant).to(bias.dtype)
    return pruned


def gates_by_importance(state: State, use: float) -> State:
    """The first gates of a net that was trained without them: of each block the most important channels are on.

    With every gate open at the start, the sparsity loss closes whichever it reaches first and drives their logits so far that
    no gradient returns: in the first trained nets three quarters of the first block's gates never opened again, whatever
    their channels were worth.

    Args:
        state: of a gated ConvFsenet whose other weights are trained, float32.
        use: 0 to 1, exclusive: the share of channels that is on in each block.
    Returns:
        another state with other `gate.select` weights; the other tensors are shared.
    Raises:
        ValueError: the net has no gates, or no such share of channels exists.
    """
    channels = hidden_channels_of(state)
    on = round(use * channels)
    if not has_gates(state) or not 1 <= on < channels:
        raise ValueError(f"Expected a net with gates and a use that leaves some of {channels} channels on and some off, found {use:g}.")
    gated = dict(state)
    for block in _blocks(state):
        importance = channel_importance(state, block).clamp_min(torch.finfo(torch.float64).tiny).log()
        ranked = importance.sort(descending=True).values
        threshold = (ranked[on - 1] + ranked[on]) / 2
        # The median deviation, so that one dead channel does not make all others alike.
        spread = (importance - importance.median()).abs().median().clamp_min(1e-3) * 1.4826
        bias = (importance - threshold) / spread * FIRST_LOGIT_SPREAD
        gated[f"{block}gate.select.bias"] = bias.clamp(-3, 3).to(torch.float32)
        gated[f"{block}gate.select.weight"] = state[f"{block}gate.select.weight"] * FIRST_GATE_WEIGHT
    return gated


def channel_importance(state: State, block: str) -> Tensor:
    """How far each hidden channel moves the block's output: its deviation over frames times the norm of its outgoing weights.

    Args:
        block: prefix of its names, such as `blocks.0.`.
    Returns:
        (H,), float64, 0 and above: the rms over frames of the vector that the channel adds, its mean taken away.
    """
    _, deviation = output_moments(state, block)
    return deviation * state[f"{block}project.weight"][:, :, 0].double().norm(dim=0)


def output_moments(state: State, block: str) -> Moments:
    """Mean and deviation of what each channel hands to `project`, read from the norms: float64, (H,) each.

    A norm's running statistics say how its input varies, its weight and bias what becomes of that; taken as Gaussian, the
    moments behind the ReLU follow. A channel whose input is always 0 is constant, whatever its norm remembers.
    """
    expanded = _rectified(_normalised(state, f"{block}expand", incoming=torch.ones(hidden_channels_of(state)).double()))
    rms = torch.hypot(*expanded)
    return _rectified(_normalised(state, f"{block}depthwise", incoming=rms))


def _normalised(state: State, layer: str, incoming: Tensor) -> Moments:
    """Moments behind a convolution's norm; `incoming` (H,) is 0 where the convolution hears nothing."""
    weight, bias = state[f"{layer}.weight"].double(), state[f"{layer}.bias"].double()
    scale, shift, running_mean, running_variance = (
        state[f"{layer}_norm.{name}"].double() for name in ("weight", "bias", "running_mean", "running_var")
    )
    spread = torch.sqrt(running_variance + NORM_EPSILON)
    silent = weight.flatten(1).norm(dim=1) * incoming == 0
    mean = torch.where(silent, shift + scale * (bias - running_mean) / spread, shift)
    return mean, torch.where(silent, 0.0, scale.abs() * running_variance.sqrt() / spread)


def _rectified(moments: Moments) -> Moments:
    """Moments of max(0, x) for a Gaussian x."""
    mean, deviation = moments
    ratio = mean / deviation.clamp_min(torch.finfo(deviation.dtype).tiny)
    above = torch.special.ndtr(ratio)
    density = deviation * torch.exp(-0.5 * ratio.square()) / math.sqrt(2 * math.pi)
    first = (mean * above + density).clamp_min(0)
    second = (mean.square() + deviation.square()) * above + mean * density
    return first, (second - first.square()).clamp_min(0).sqrt() * (deviation > 0)


def _blocks(state: State) -> list[str]:
    """`blocks.0.`, `blocks.1.` and so on."""
    return sorted({".".join(name.split(".")[:2]) + "." for name in state if name.startswith("blocks.")})


def _block_names(state: State, block: str) -> list[str]:
    return [name for name in state if name.startswith(block)]
