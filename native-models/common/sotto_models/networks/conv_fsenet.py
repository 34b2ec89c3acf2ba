"""Conv-FSENet: a causal mask estimator of pointwise and depthwise convolutions over frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..options import Options
from ..stft import BINS, istft, stft
from .channel_gate import ChannelGate

INPUT_COMPRESSION = 0.3
INPUT_FLOOR = 1e-9
KERNEL_FRAMES = 3


@dataclass(frozen=True)
class ConvFsenetConfig(Options, part="network"):
    """Sizes of a Conv-FSENet; the defaults are the dense net of 662 528 multiply-accumulates per frame."""

    bins: int = BINS
    channels: int = 128
    hidden_channels: int = 256
    stacks: int = 3
    dilations: tuple[int, ...] = (1, 2, 4)
    gate_channels: int = 0
    """Width of each block's gate; 0 makes the dense net."""

    @property
    def context_frames(self) -> int:
        """Past frames that one output frame depends on: 42 for the defaults."""
        return self.stacks * sum((KERNEL_FRAMES - 1) * dilation for dilation in self.dilations)

    @property
    def block_count(self) -> int:
        """Residual blocks, 9 for the defaults."""
        return self.stacks * len(self.dilations)

    @property
    def macs_per_frame(self) -> int:
        """Multiply-accumulates per frame with every channel on, batch norms folded away."""
        return round(self.macs_at_use(1.0))

    def macs_at_use(self, use: float) -> float:
        """Multiply-accumulates per frame when gates leave on average this share of the hidden channels on.

        Args:
            use: 0..1; a dense net always uses 1.
        """
        channel = 2 * self.channels + KERNEL_FRAMES
        gate = self.gate_channels * (self.channels + self.hidden_channels)
        return 2 * self.bins * self.channels + self.block_count * (gate + channel * self.hidden_channels * use)

    def to_dict(self) -> dict:
        """Plain values for a checkpoint or a JSON file."""
        return {**asdict(self), "dilations": list(self.dilations)}


class CausalBlock(nn.Module):
    """Residual block: 1x1 up, BN, ReLU; causal dilated depthwise, BN, ReLU; 1x1 down.

    With a gate, dynamic channel pruning: a binary mask per frame switches hidden channels off, in front of the depthwise
    convolution and behind it, so that a kernel need not compute them at all.
    """

    def __init__(self, channels: int, hidden_channels: int, dilation: int, gate_channels: int = 0):
        super().__init__()
        self.gate = ChannelGate(channels, hidden_channels, gate_channels) if gate_channels else None
        self.left_padding = (KERNEL_FRAMES - 1) * dilation
        self.expand = nn.Conv1d(channels, hidden_channels, 1)
        self.expand_norm = nn.BatchNorm1d(hidden_channels)
        self.depthwise = nn.Conv1d(
            hidden_channels, hidden_channels, KERNEL_FRAMES, dilation=dilation, groups=hidden_channels
        )
        self.depthwise_norm = nn.BatchNorm1d(hidden_channels)
        self.project = nn.Conv1d(hidden_channels, channels, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """(B, C, T) -> (B, C, T) and the gate's mask (B, H, T), None without a gate.

        Frame t sees frames t - left_padding .. t, zeros before the first.
        """
        u = F.relu(self.expand_norm(self.expand(x)))  # (B, C, T) -> (B, H, T)
        mask = None if self.gate is None else (self.gate(x) > 0).to(x.dtype)
        if mask is not None:
            u = u * mask
        v = F.relu(self.depthwise_norm(self.depthwise(F.pad(u, (self.left_padding, 0)))))
        if mask is not None:
            v = v * mask
        return x + self.project(v), mask  # (B, H, T) -> (B, C, T)


class ConvFsenet(nn.Module):
    """Magnitude spectrogram in, mask out; causal, stateless, zero-padded per layer at the start.

    Streaming: run chunks with `config.context_frames` frames of left context and drop those outputs; the first chunk
    carries none.

    References:
        "Scalable Speech Enhancement with Dynamic Channel Pruning", https://arxiv.org/abs/2412.17121
    """

    sample_rate_hz = 16_000

    def __init__(self, config: ConvFsenetConfig | None = None):
        super().__init__()
        self.config = config or ConvFsenetConfig()
        c = self.config
        self.encoder = nn.Conv1d(c.bins, c.channels, 1)
        self.blocks = nn.ModuleList(
            CausalBlock(c.channels, c.hidden_channels, dilation, c.gate_channels)
            for _ in range(c.stacks)
            for dilation in c.dilations
        )
        self.decoder = nn.Conv1d(c.channels, c.bins, 1)

    def forward(self, magnitude: Tensor) -> Tensor:
        """Estimates the mask.

        Args:
            magnitude: (batch, 257, frames), float32, |X| of the unnormalised STFT of a +-1 signal, uncompressed.
        Returns:
            (batch, 257, frames), float32 in [0, 1].
        """
        return self.with_gates(magnitude)[0]

    def with_gates(self, magnitude: Tensor) -> tuple[Tensor, Tensor | None]:
        """The mask, and which hidden channels were on.

        Returns:
            mask as in `forward`; gates (batch, block_count * hidden_channels, frames) of 0 and 1, blocks in order,
            None for a net without gates.
        """
        x = (magnitude + INPUT_FLOOR) ** INPUT_COMPRESSION
        x = F.relu(self.encoder(x))  # (B, F, T) -> (B, C, T)
        gates = []
        for block in self.blocks:
            x, gate = block(x)
            gates.append(gate)
        mask = torch.sigmoid(self.decoder(x))  # (B, C, T) -> (B, F, T)
        return mask, torch.cat(gates, 1) if self.config.gate_channels else None


def enhance(network: Callable[[Tensor], Tensor], signal: Tensor) -> Tensor:
    """Runs a mask network on a signal: STFT, mask on the noisy spectrum (phase kept), inverse STFT.

    Args:
        network: magnitude (B, 257, T) -> mask (B, 257, T).
        signal: (batch, samples) at 16 kHz, +-1 full scale.
    Returns:
        (batch, samples), aligned with the input.
    """
    spectrum = stft(signal)
    mask = network(spectrum.abs())
    return istft(spectrum * mask, signal.shape[-1])
