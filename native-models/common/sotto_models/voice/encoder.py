"""The encoder of the codes: log-mel frames at 100 a second to z at 50 a second, convolutions only."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..options import Options
from .codebooks import CODE_SIZE
from .mel import BANDS


@dataclass(frozen=True)
class EncoderConfig(Options, part="network"):
    """Sizes.

    Attributes:
        width: channels; 768 in the paper, 384 for the edge.
        dilations: of the context blocks behind the paper's five convolutions, one block each.
        kernel: frames that a context block sees, odd.
        expansion: how much wider a context block is inside.
    """

    width: int = 384
    dilations: tuple[int, ...] = (1, 2, 4, 8)
    kernel: int = 5
    expansion: int = 2

    def to_dict(self) -> dict:
        """Plain values for a checkpoint."""
        return {**asdict(self), "dilations": list(self.dilations)}

    @property
    def context_frames(self) -> int:
        """Mel frames on either side of a chunk that its outputs depend on, rounded up to even."""
        coded = 2 + sum(d * (self.kernel // 2) for d in self.dilations)
        # Output t sees hidden frames t +- coded; hidden frame s sees mel frames 2 s - 3 to 2 s + 4.
        return 2 * coded + 4

    @property
    def macs_per_second(self) -> int:
        """Multiply-accumulates for a second of sound, batch norms folded."""
        fast = 3 * BANDS * self.width + 3 * self.width**2
        slow = (4 + 3 + 3) * self.width**2 + self.width * CODE_SIZE
        block = self.width * (self.kernel + 2 * self.expansion * self.width)
        return 100 * fast + 50 * (slow + len(self.dilations) * block)


class _ConvBlock(nn.Sequential):
    """Convolution without bias, batch norm, ReLU, as the paper has them."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1):
        super().__init__(
            nn.Conv1d(inputs, outputs, kernel, stride, padding=1, bias=False), nn.BatchNorm1d(outputs), nn.ReLU()
        )


class _ContextBlock(nn.Module):
    """Depthwise dilated convolution and two pointwise ones around a ReLU, added to what came in."""

    def __init__(self, width: int, kernel: int, dilation: int, expansion: int):
        super().__init__()
        padding = dilation * (kernel // 2)
        self.depthwise = nn.Conv1d(width, width, kernel, padding=padding, dilation=dilation, groups=width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        self.expand = nn.Conv1d(width, expansion * width, 1)
        self.reduce = nn.Conv1d(expansion * width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.reduce(torch.relu(self.expand(self.norm(self.depthwise(x)))))


class VoiceEncoder(nn.Module):
    """Five convolutions of the paper (3, 3, 4 with stride 2, 3, 3), context blocks, and a projection to 64.

    The paper's encoder sees 17 mel frames; with so few it learns one frame in three of the teacher's units. The
    context blocks widen that to `config.context_frames` on either side.

    References:
        EDGY (Aloufi et al.), encoder of its VQ-VAE
    """

    def __init__(self, config: EncoderConfig):
        super().__init__()
        self.config = config
        width = config.width
        self.stem = nn.Sequential(
            _ConvBlock(BANDS, width, 3), _ConvBlock(width, width, 3), _ConvBlock(width, width, 4, stride=2),
            _ConvBlock(width, width, 3), _ConvBlock(width, width, 3),
        )
        self.context = nn.Sequential(
            *(_ContextBlock(width, config.kernel, dilation, config.expansion) for dilation in config.dilations)
        )
        self.project = nn.Conv1d(width, CODE_SIZE, 1)

    def forward(self, mel: Tensor) -> Tensor:
        """Normalised log mel (batch, 80, frames), frames even -> z (batch, 64, frames / 2)."""
        return self.project(self.context(self.stem(mel)))


class _ReversedGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, weight: float) -> Tensor:
        ctx.weight = weight
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        return -ctx.weight * gradient, None


class EncoderInTraining(nn.Module):
    """The encoder with what it only needs while it learns: centres, phoneme head, speaker classifier.

    Args:
        centres: (512, 64), the first codebook; fixed.
        phones: classes of the phoneme head.
        speakers: classes of the speaker classifier, through which the gradient is reversed.
    """

    def __init__(self, config: EncoderConfig, centres: Tensor, phones: int, speakers: int):
        super().__init__()
        self.encoder = VoiceEncoder(config)
        self.register_buffer("centres", centres.clone())
        # Softplus of it scales squared distances to logits. About a third of z's variance lies inside a cell.
        self.sharpness = nn.Parameter(torch.tensor(-1.0))
        self.phones = nn.Conv1d(CODE_SIZE, phones, 1)
        self.speakers = nn.Sequential(nn.Linear(2 * CODE_SIZE, 128), nn.ReLU(), nn.Linear(128, speakers))

    def unit_logits(self, z: Tensor) -> Tensor:
        """(batch, 64, T) -> (batch, 512, T): minus scaled squared distances, so that the nearest centre is the likeliest."""
        flat = z.transpose(1, 2)  # (B, 64, T) -> (B, T, 64)
        squared = flat.square().sum(2, keepdim=True) - 2 * flat @ self.centres.T + self.centres.square().sum(1)
        return -F.softplus(self.sharpness) * squared.transpose(1, 2)  # (B, T, 512) -> (B, 512, T)

    def speaker_logits(self, z: Tensor, known: Tensor, reversal: float) -> Tensor:
        """Mean and deviation of z over known frames -> (batch, speakers); the encoder gets the reversed gradient.

        Args:
            known: (batch, 1, T), 1 where there is sound.
        """
        reversed_z, count = _ReversedGradient.apply(z, reversal), known.sum(2).clamp(min=1)
        mean = (reversed_z * known).sum(2) / count
        variance = ((reversed_z - mean[..., None]).square() * known).sum(2) / count
        return self.speakers(torch.cat([mean, (variance + 1e-4).sqrt()], 1))  # 2 x (B, 64) -> (B, speakers)
