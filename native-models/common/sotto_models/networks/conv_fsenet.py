"""Conv-FSENet: a causal mask estimator of pointwise and depthwise convolutions over frames."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..stft import BINS, istft, stft

INPUT_COMPRESSION = 0.3
INPUT_FLOOR = 1e-9
KERNEL_FRAMES = 3


@dataclass(frozen=True)
class ConvFsenetConfig:
    """Sizes of a Conv-FSENet; the defaults are the dense net of 662 528 multiply-accumulates per frame."""

    bins: int = BINS
    channels: int = 128
    hidden_channels: int = 256
    stacks: int = 3
    dilations: tuple[int, ...] = (1, 2, 4)

    @property
    def context_frames(self) -> int:
        """Past frames that one output frame depends on: 42 for the defaults."""
        return self.stacks * sum((KERNEL_FRAMES - 1) * dilation for dilation in self.dilations)

    @property
    def macs_per_frame(self) -> int:
        """Multiply-accumulates per frame, batch norms folded away."""
        block = 2 * self.channels * self.hidden_channels + KERNEL_FRAMES * self.hidden_channels
        return 2 * self.bins * self.channels + self.stacks * len(self.dilations) * block

    def to_dict(self) -> dict:
        """Plain values for a checkpoint or a JSON file."""
        return {**asdict(self), "dilations": list(self.dilations)}


class CausalBlock(nn.Module):
    """Residual block: 1x1 up, BN, ReLU; causal dilated depthwise, BN, ReLU; 1x1 down.

    `forward` has the two places where dynamic channel pruning multiplies its per-frame channel mask; the dense net
    has no gate.
    """

    def __init__(self, channels: int, hidden_channels: int, dilation: int):
        super().__init__()
        self.left_padding = (KERNEL_FRAMES - 1) * dilation
        self.expand = nn.Conv1d(channels, hidden_channels, 1)
        self.expand_norm = nn.BatchNorm1d(hidden_channels)
        self.depthwise = nn.Conv1d(
            hidden_channels, hidden_channels, KERNEL_FRAMES, dilation=dilation, groups=hidden_channels
        )
        self.depthwise_norm = nn.BatchNorm1d(hidden_channels)
        self.project = nn.Conv1d(hidden_channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, T) -> (B, C, T); frame t sees frames t - left_padding .. t, zeros before the first."""
        u = F.relu(self.expand_norm(self.expand(x)))  # (B, C, T) -> (B, H, T)
        # A gate's mask m(x), (B, H, T) in {0, 1}, multiplies u here ...
        v = F.relu(self.depthwise_norm(self.depthwise(F.pad(u, (self.left_padding, 0)))))
        # ... and v here, before the projection.
        return x + self.project(v)  # (B, H, T) -> (B, C, T)


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
            CausalBlock(c.channels, c.hidden_channels, dilation) for _ in range(c.stacks) for dilation in c.dilations
        )
        self.decoder = nn.Conv1d(c.channels, c.bins, 1)

    def forward(self, magnitude: Tensor) -> Tensor:
        """Estimates the mask.

        Args:
            magnitude: (batch, 257, frames), float32, |X| of the unnormalised STFT of a +-1 signal, uncompressed.
        Returns:
            (batch, 257, frames), float32 in [0, 1].
        """
        x = (magnitude + INPUT_FLOOR) ** INPUT_COMPRESSION
        x = F.relu(self.encoder(x))  # (B, F, T) -> (B, C, T)
        for block in self.blocks:
            x = block(x)
        return torch.sigmoid(self.decoder(x))  # (B, C, T) -> (B, F, T)


def enhance(network: nn.Module, signal: Tensor) -> Tensor:
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
