"""A voice out of a sample of it: what the synthesis is told of speakers whose voices have no name in its table."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .mel import BANDS

REFERENCE_SECONDS = 2.0
LEAST_REFERENCE_SECONDS = 0.5
"""Of a voice, from which a reference is made by repeating: less is a word or a pause."""
WIDTHS = (128, 192, 192)


class VoiceReference(nn.Module):
    """Log mel of a few seconds to a voice vector: strided convolutions, mean and deviation over time, a projection.

    It learns together with the synthesis, which needs it to tell its many real speakers apart; that keeps the
    speaker out of what has to be read from the codes. Vectors have mean 0 and variance 1, as the table's rows begin.
    """

    def __init__(self, voice_size: int):
        super().__init__()
        widths = (BANDS, *WIDTHS)
        self.layers = nn.Sequential(*(
            nn.Sequential(nn.Conv1d(a, b, 5, stride=2, padding=2), nn.GroupNorm(1, b), nn.ReLU())
            for a, b in zip(widths, widths[1:], strict=False)
        ))
        self.project = nn.Linear(2 * widths[-1], voice_size)
        self.norm = nn.LayerNorm(voice_size, elementwise_affine=False)

    def forward(self, mel: Tensor) -> Tensor:
        """(B, 80, T) log mel, 100 frames a second, T >= 8 -> (B, voice_size). Its level is taken out."""
        x = self.layers(mel - mel.mean(dim=(1, 2), keepdim=True))
        return self.norm(self.project(torch.cat([x.mean(2), x.std(2)], dim=1)))
