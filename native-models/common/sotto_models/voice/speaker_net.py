"""The speaker embedder: log mel to a vector whose angle to others tells whether the same person speaks."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..options import Options
from .mel import BANDS

LEAST_FRAMES = 40


@dataclass(frozen=True)
class SpeakerConfig(Options, part="network"):
    """Sizes: `channels` and `blocks` of the four stages, `size` of the vector."""

    channels: tuple[int, ...] = (16, 32, 64, 128)
    blocks: tuple[int, ...] = (3, 4, 6, 3)
    size: int = 192

    def to_dict(self) -> dict:
        """Plain values for a checkpoint."""
        return {**asdict(self), "channels": list(self.channels), "blocks": list(self.blocks)}


class _Block(nn.Module):
    """Two 3x3 convolutions and what came in, as ResNet-34 has them."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
        )

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.first_norm(self.first(x)))
        return torch.relu(self.second_norm(self.second(y)) + self.shortcut(x))


class SpeakerEmbedder(nn.Module):
    """Thin ResNet-34 over (bands, frames), mean and deviation over time, a projection.

    The first convolution halves both axes, which makes it four times as cheap as the original.

    References:
        Xie et al. 2019, "Utterance-level Aggregation for Speaker Recognition in the Wild", https://arxiv.org/abs/1902.10107
    """

    def __init__(self, config: SpeakerConfig):
        super().__init__()
        self.config = config
        first = config.channels[0]
        layers: list[nn.Module] = [nn.Conv2d(1, first, 3, 2, 1, bias=False), nn.BatchNorm2d(first), nn.ReLU()]
        inputs, bands = first, -(-BANDS // 2)
        for stage, (channels, blocks) in enumerate(zip(config.channels, config.blocks, strict=True)):
            for block in range(blocks):
                layers.append(_Block(inputs, channels, 2 if stage > 0 and block == 0 else 1))
                inputs = channels
            bands = bands if stage == 0 else -(-bands // 2)
        self.layers = nn.Sequential(*layers)
        self.project = nn.Linear(2 * inputs * bands, config.size)
        self.norm = nn.BatchNorm1d(config.size)

    def forward(self, mel: Tensor) -> Tensor:
        """(B, 80, T) log mel, 100 frames a second, T >= 40 -> (B, size). Each band's mean, that is the microphone, is taken out."""
        x = self.layers((mel - mel.mean(2, keepdim=True))[:, None]).flatten(1, 2)  # (B, 1, 80, T) -> (B, channels * bands, T / 16)
        return self.norm(self.project(torch.cat([x.mean(2), (x.var(2, correction=0) + 1e-5).sqrt()], dim=1)))


class AngularMargin(nn.Module):
    """Scores of speakers by angle, the right one's made worse by a margin: vectors of one speaker must lie close together.

    References:
        Deng et al. 2019, "ArcFace", https://arxiv.org/abs/1801.07698
    """

    SCALE, MARGIN = 30.0, 0.2

    def __init__(self, size: int, speakers: int):
        super().__init__()
        self.directions = nn.Parameter(torch.empty(speakers, size))
        nn.init.xavier_normal_(self.directions)

    def forward(self, vectors: Tensor, speaker: Tensor, margin: float = MARGIN) -> Tensor:
        """(B, size), (B,) -> logits (B, speakers)."""
        cosine = F.normalize(vectors) @ F.normalize(self.directions).T
        right = cosine.gather(1, speaker[:, None])
        sine = (1 - right.square()).clamp(min=1e-6).sqrt()
        worse = right * math.cos(margin) - sine * math.sin(margin)
        # Beyond a half turn the angle plus its margin would score better again.
        worse = torch.where(right > -math.cos(margin), worse, right - margin * math.sin(margin))
        return self.SCALE * cosine.scatter(1, speaker[:, None], worse)


class SpeakerInTraining(nn.Module):
    """The embedder with the scores that only its training needs."""

    def __init__(self, config: SpeakerConfig, speakers: int):
        super().__init__()
        self.embedder = SpeakerEmbedder(config)
        self.margin = AngularMargin(config.size, speakers)
