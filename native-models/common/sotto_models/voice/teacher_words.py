"""The words that the teacher itself still reads from changed features: its last layer and decoder, greedy, in plain PyTorch.

A quick look at what a projection or codebook costs before anything is trained. It is the teacher's own opinion: figures
about words that are published come from recognisers that no training saw.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .teacher import (
    HOP_SAMPLES,
    LAYERS,
    MOST_FRAMES,
    TEACHER_LAYER,
    WIDTH,
    Teacher,
    _Attention,
    default_folder,
    fetch_teacher,
    padded_to_frames,
)

VOCABULARY, TEXT_CONTEXT = 51_864, 448
END, START, NO_TIMES = 50_256, 50_257, 50_362
"""Of the English-only tokens; whatever lies behind END is no text."""
MOST_TOKENS = 120


class _CrossAttention(_Attention):
    def forward(self, x: Tensor, memory: Tensor | None = None, causal: bool = False) -> Tensor:
        memory = x if memory is None else memory
        query, key, value = (
            part(source).view(*source.shape[:2], self.heads, -1).transpose(1, 2)
            for part, source in ((self.query, x), (self.key, memory), (self.value, memory))
        )  # (B, T, heads * d) -> (B, heads, T, d)
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=causal)
        return self.out(mixed.transpose(1, 2).reshape(x.shape))  # (B, heads, T, d) -> (B, T, heads * d)


class _TextBlock(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.attn, self.attn_ln = _CrossAttention(width, heads), nn.LayerNorm(width)
        self.cross_attn, self.cross_attn_ln = _CrossAttention(width, heads), nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.mlp_ln = nn.LayerNorm(width)

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        x = x + self.attn(self.attn_ln(x), causal=True)
        x = x + self.cross_attn(self.cross_attn_ln(x), memory)
        return x + self.mlp(self.mlp_ln(x))


class TeacherWords(nn.Module):
    """Reads tokens out of sound whose layer-3 features a function has changed on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Teacher(LAYERS)
        self.ln_post = nn.LayerNorm(WIDTH)
        self.token_embedding = nn.Embedding(VOCABULARY, WIDTH)
        self.positional_embedding = nn.Parameter(torch.zeros(TEXT_CONTEXT, WIDTH))
        self.blocks = nn.ModuleList(_TextBlock(WIDTH, 6) for _ in range(LAYERS))
        self.ln = nn.LayerNorm(WIDTH)

    @torch.no_grad()
    def tokens(self, signal: np.ndarray, change: Callable[[np.ndarray], np.ndarray] | None = None) -> list[int]:
        """Text tokens of a recording.

        Args:
            signal: (samples,), 16 kHz, at most 29 s; silence is added up to the 30 s that the decoder was trained on.
            change: layer-3 features of the recording's own frames (frames, 384) -> the same shape.
        Raises:
            ValueError: the recording is longer.
        """
        padded = padded_to_frames(signal.astype(np.float32))
        frames = len(padded) // HOP_SAMPLES
        if frames > MOST_FRAMES - 50:
            raise ValueError(f"Expected at most 29 s, found {frames / 50:.1f} s.")
        whole = torch.from_numpy(np.pad(padded, (0, MOST_FRAMES * HOP_SAMPLES - len(padded))))[None]
        (features,) = self.encoder(whole, (TEACHER_LAYER,))
        if change:
            features = features.clone()
            features[0, :frames] = torch.from_numpy(change(features[0, :frames].numpy()).astype(np.float32))
        memory = features
        for block in self.encoder.blocks[TEACHER_LAYER:]:
            memory = block(memory)
        memory = self.ln_post(memory)
        text = [START, NO_TIMES]
        while len(text) < MOST_TOKENS:
            x = self.token_embedding(torch.tensor([text])) + self.positional_embedding[: len(text)]
            for block in self.blocks:
                x = block(x, memory)
            logits = self.ln(x[0, -1]) @ self.token_embedding.weight.T
            token = int(logits[: END + 1].argmax())
            if token == END:
                break
            text.append(token)
        return text[2:]


def load_teacher_words(folder: Path | None = None) -> TeacherWords:
    """The whole of tiny.en with its weights, frozen; see `load_teacher`."""
    state = torch.load(fetch_teacher(folder or default_folder()), weights_only=True, map_location="cpu")
    values = {}
    for name, value in state["model_state_dict"].items():
        part, rest = name.split(".", 1)
        values[f"encoder.{rest}" if part == "encoder" and not rest.startswith("ln_post") else rest] = value.float()
    words = TeacherWords()
    words.load_state_dict({name: values[name] for name in words.state_dict()})
    return words.eval().requires_grad_(False)


def edit_distance(first: list[int], second: list[int]) -> int:
    """Insertions, deletions and replacements that turn one list into the other."""
    row = np.arange(len(second) + 1)
    for position, item in enumerate(first, start=1):
        before, row = row, np.empty_like(row)
        row[0] = position
        for column, other in enumerate(second, start=1):
            row[column] = min(before[column] + 1, row[column - 1] + 1, before[column - 1] + (item != other))
    return int(row[-1])
