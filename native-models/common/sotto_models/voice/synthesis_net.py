"""The synthesis net: what is said, a chosen F0 and a voice, to the filters of pulses and of noise, 100 times a second."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .reference import VoiceReference
from .source_filter import FILTER_BINS

MODES = ("strict", "balanced", "clear")
"""What z is: the centre of a code, the sum of two codebooks' centres, or the encoder's own values."""
PITCH_CENTRE_OCTAVES = 7.3
"""log2 of 158 Hz: F0 enters as octaves above it."""
FIRST_HARMONIC, FIRST_APERIODIC = -3.5, -5.0
LOWEST_LOG, HIGHEST_LOG = -14.0, 4.0

# In alphabetical order, which is the order of the table's rows; never changed, as weights depend on it.
VOICE_NAMES = tuple(
    "af_alloy af_aoede af_bella af_heart af_jessica af_kore af_nicole af_nova af_river af_sarah af_sky am_adam am_echo am_eric "
    "am_fenrir am_liam am_michael am_onyx am_puck am_santa bf_alice bf_emma bf_isabella bf_lily bm_daniel bm_fable bm_george "
    "bm_lewis ef_dora em_alex em_santa ff_siwis hf_alpha hf_beta hm_omega hm_psi if_sara im_nicola jf_alpha jf_gongitsune "
    "jf_nezumi jf_tebukuro jm_kumo pf_dora pm_alex pm_santa zf_xiaobei zf_xiaoni zf_xiaoxiao zf_xiaoyi zm_yunjian zm_yunxi "
    "zm_yunxia zm_yunyang".split()
)


@dataclass(frozen=True)
class SynthesisConfig:
    """Sizes of the net; z has `code_size` values 50 times a second."""

    code_size: int = 64
    voice_size: int = 64
    width: int = 256
    expansion: int = 3
    blocks: int = 8
    kernel: int = 7

    @property
    def context_frames(self) -> int:
        """Code frames (20 ms) on either side that an output depends on: whole ones that hold the kernels' reach."""
        return -(-(self.blocks + 1) * (self.kernel // 2) // 2)

    def to_dict(self) -> dict:
        """Plain values, for checkpoints."""
        return asdict(self)


class _Block(nn.Module):
    """ConvNeXt with the voice's own scale and shift after the normalisation.

    References:
        Liu et al. 2022, "A ConvNet for the 2020s", https://arxiv.org/abs/2201.03545
    """

    def __init__(self, config: SynthesisConfig):
        super().__init__()
        width = config.width
        self.depthwise = nn.Conv1d(width, width, config.kernel, padding=config.kernel // 2, groups=width)
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.voice = nn.Linear(config.voice_size + len(MODES), 2 * width)
        self.expand = nn.Linear(width, config.expansion * width)
        self.project = nn.Linear(config.expansion * width, width)
        self.gain = nn.Parameter(torch.full((width,), 0.3))
        nn.init.zeros_(self.voice.weight)
        nn.init.zeros_(self.voice.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """x (B, T, C), condition (B, voice + modes) -> (B, T, C)."""
        scale, shift = self.voice(condition)[:, None].chunk(2, dim=-1)
        y = self.depthwise(x.transpose(1, 2)).transpose(1, 2)  # (B, T, C) -> (B, C, T) -> (B, T, C)
        y = self.norm(y) * (1 + scale) + shift
        return x + self.gain * self.project(F.gelu(self.expand(y), approximate="tanh"))


class SynthesisNet(nn.Module):
    """Filters of the source-filter synthesis, see `source_filter`."""

    def __init__(self, config: SynthesisConfig):
        super().__init__()
        self.config = config
        self.voices = nn.Embedding(len(VOICE_NAMES), config.voice_size)
        self.reference = VoiceReference(config.voice_size)
        self.encoder = nn.Conv1d(config.code_size + 2, config.width, config.kernel, padding=config.kernel // 2)
        self.first_norm = nn.LayerNorm(config.width)
        self.blocks = nn.ModuleList(_Block(config) for _ in range(config.blocks))
        self.last_norm = nn.LayerNorm(config.width)
        self.head = nn.Linear(config.width, 3 * FILTER_BINS)
        with torch.no_grad():
            self.head.weight.mul_(0.3)
            self.head.bias.copy_(torch.tensor([FIRST_HARMONIC, 0.0, FIRST_APERIODIC]).repeat_interleave(FILTER_BINS))

    def voice(self, weights: Tensor) -> Tensor:
        """Vectors of mixtures: (B, 54) weights that sum to 1, in the order of VOICE_NAMES -> (B, voice_size)."""
        return weights @ self.voices.weight

    def forward(self, z: Tensor, pitch: Tensor, voice: Tensor, mode: Tensor) -> Tensor:
        """Filters of every 10 ms.

        Args:
            z: (B, code_size, T).
            pitch: (B, 2, 2 T): octaves above 2^7.3 Hz, 0 where unvoiced; 1 where voiced, else 0.
            voice: (B, voice_size), see `voice`.
            mode: (B, 3), one-hot in the order of MODES.
        Returns:
            (B, 1440, 2 T): log magnitude of the pulses' filter, its phase in radians, log magnitude of the noise's filter.
        """
        said = z.repeat_interleave(2, dim=2)  # (B, D, T) -> (B, D, 2 T)
        x = self.encoder(torch.cat([said, pitch], dim=1)).transpose(1, 2)  # (B, D + 2, 2 T) -> (B, 2 T, C)
        x = self.first_norm(x)
        condition = torch.cat([voice, mode], dim=1)
        for block in self.blocks:
            x = block(x, condition)
        harmonic, phase, aperiodic = self.head(self.last_norm(x)).transpose(1, 2).chunk(3, dim=1)
        bounds = LOWEST_LOG, HIGHEST_LOG
        return torch.cat([harmonic.clamp(*bounds), phase, aperiodic.clamp(*bounds)], dim=1)


def pitch_input(f0_hz: np.ndarray) -> np.ndarray:
    """F0 as the net takes it: (T,), Hz, 0 unvoiced -> (2, T), float32."""
    voiced = f0_hz > 0
    octaves = np.where(voiced, np.log2(np.maximum(f0_hz, 1.0)) - PITCH_CENTRE_OCTAVES, 0.0)
    return np.stack([octaves, voiced]).astype(np.float32)


def mixture_weights(mixture: dict[str, float]) -> np.ndarray:
    """(54,), float32, of a mixture by names.

    Raises:
        ValueError: a voice is unknown.
    """
    unknown = set(mixture) - set(VOICE_NAMES)
    if unknown:
        raise ValueError(f"Expected voices of VOICE_NAMES, found {', '.join(sorted(unknown))}.")
    return np.array([mixture.get(name, 0.0) for name in VOICE_NAMES], np.float32)


def load_synthesis(weights: Path, codebook: str | None = None) -> SynthesisNet:
    """The averaged net out of best.pt, a snapshot, or last.pt; in evaluation mode.

    Args:
        codebook: checksum of the codebook whose codes it is to speak, see `synthesis_data.codebook_checksum`.
    Raises:
        ValueError: it learnt another codebook's codes.
    """
    state = torch.load(weights, weights_only=True)
    expect_codebook(weights, codebook)
    net = SynthesisNet(SynthesisConfig(**state["network_config"]["sizes"]))
    net.load_state_dict(state.get("ema", state["network"]))
    return net.eval()


def expect_codebook(weights: Path, codebook: str | None) -> None:
    """Refuses weights that learnt another codebook's codes: they would speak nonsense without any other sign.

    Raises:
        ValueError: they did.
    """
    found = torch.load(weights, weights_only=True)["network_config"]["codebook"]
    if codebook is not None and found != codebook:
        raise ValueError(f"Expected {weights} to know the codebook {codebook[:16]}, found {found[:16]}. Train on these labels.")
