"""The encoder as an ONNX graph, its parity with PyTorch, and chunked runs that equal whole ones; all asserted."""

from __future__ import annotations

import copy
import os
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ..onnx_export import OPSET, ParityError, open_session
from .codebooks import Codebooks
from .encoder import EncoderConfig, VoiceEncoder
from .mel import BANDS

PARITY_TOLERANCE = 1e-4
"""z has a variance of about 1; float32 rounding over a dozen layers with folded norms, measured below 1e-5."""

STREAMING_TOLERANCE = 1e-4
"""The same sums in another order; half the context errs by more than 1e-2."""


def expect_centres(weights: Path, first: np.ndarray) -> None:
    """Refuses weights that learnt another first codebook: their z lies elsewhere, and nothing else would show it.

    Args:
        first: (512, 64), that of the labels.
    Raises:
        ValueError: they did.
    """
    state = torch.load(weights, weights_only=True)
    found = state.get("ema", state["network"])["centres"].numpy()
    if not np.array_equal(found, first):
        raise ValueError(
            f"Expected {weights} to know the codebook of these labels, found another one. Train on these labels, or give its own."
        )


def load_encoder(weights: Path, books: Codebooks) -> VoiceEncoder:
    """The averaged encoder out of best.pt, ema-*.pt or last.pt, without what it only needed to learn; in evaluation mode.

    Raises:
        ValueError: it learnt other codebooks than `books`.
    """
    expect_centres(weights, books.first)
    state = torch.load(weights, weights_only=True)
    encoder = VoiceEncoder(EncoderConfig.from_dict(state["network_config"]["encoder"]))
    prefix = "encoder."
    values = state.get("ema", state["network"])
    encoder.load_state_dict({n.removeprefix(prefix): v for n, v in values.items() if n.startswith(prefix)})
    return encoder.eval()


def without_norms(encoder: VoiceEncoder) -> VoiceEncoder:
    """A copy in evaluation mode whose batch norms are folded into the convolutions in front of them."""
    folded = copy.deepcopy(encoder).eval()
    for block in folded.stem:
        block[0], block[1] = fuse_conv_bn_eval(block[0], block[1]), nn.Identity()
    for block in folded.context:
        block.depthwise, block.norm = fuse_conv_bn_eval(block.depthwise, block.norm), nn.Identity()
    return folded


def export_encoder(encoder: VoiceEncoder, path: Path) -> float:
    """Writes the graph `mel` (batch, 80, frames) -> `z` (batch, 64, frames / 2); batch and an even number of frames are free.

    Written beside the target and renamed only after onnxruntime agreed with PyTorch.

    Returns:
        the largest difference found.
    Raises:
        ParityError: onnxruntime and PyTorch differ by more than PARITY_TOLERANCE.
    """
    partial = path.with_suffix(".part.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            without_norms(encoder), (torch.randn(1, BANDS, 64),), str(partial), input_names=["mel"], output_names=["z"],
            opset_version=OPSET, dynamo=False, dynamic_axes={"mel": {0: "batch", 2: "frames"}, "z": {0: "batch", 2: "codes"}},
        )
    worst = assert_encoder_parity(encoder, partial)
    os.replace(partial, path)
    return worst


@torch.no_grad()
def assert_encoder_parity(encoder: VoiceEncoder, path: Path) -> float:
    """The largest difference between onnxruntime and PyTorch over batch sizes and lengths.

    Raises:
        ParityError: it exceeds PARITY_TOLERANCE.
    """
    session, generator, worst = open_session(path), torch.Generator().manual_seed(1), 0.0
    for batch, frames in ((1, 4), (1, 330), (3, 78)):
        mel = torch.randn(batch, BANDS, frames, generator=generator) * 2
        (z,) = session.run(None, {"mel": mel.numpy()})
        worst = max(worst, float(np.abs(z - encoder(mel).numpy()).max()))
    if not worst <= PARITY_TOLERANCE:
        raise ParityError(f"Expected ONNX to equal PyTorch within {PARITY_TOLERANCE}, found a difference of {worst}.")
    return worst


def encode_in_chunks(
    session: onnxruntime.InferenceSession, mel: np.ndarray, chunk_frames: int, context_frames: int
) -> np.ndarray:
    """z of a recording in chunks that carry context on both sides, as the engine does it.

    Args:
        mel: (80, frames), normalised, frames even.
        chunk_frames: new mel frames per call, even.
        context_frames: on either side, even; fewer at the ends of the recording.
    Returns:
        (64, frames / 2), float32.
    """
    parts = []
    frames = mel.shape[1]
    for start in range(0, frames, chunk_frames):
        first, stop = max(0, start - context_frames), min(frames, start + chunk_frames + context_frames)
        (z,) = session.run(None, {"mel": np.ascontiguousarray(mel[None, :, first:stop], np.float32)})
        kept = (min(frames, start + chunk_frames) - start) // 2
        parts.append(z[0, :, (start - first) // 2 :][:, :kept])
    return np.concatenate(parts, axis=1)


def assert_chunks(path: Path, context_frames: int) -> float:
    """The largest difference between chunked and whole runs, over several chunk sizes.

    Raises:
        ParityError: it exceeds STREAMING_TOLERANCE.
    """
    session = open_session(path)
    mel = np.random.default_rng(2).normal(0, 2, (BANDS, 610)).astype(np.float32)
    whole, worst = encode_in_chunks(session, mel, 610, 0), 0.0
    for chunk_frames in (2, 100, 256):
        worst = max(worst, float(np.abs(encode_in_chunks(session, mel, chunk_frames, context_frames) - whole).max()))
    if not worst <= STREAMING_TOLERANCE:
        raise ParityError(f"Expected chunks to equal the whole within {STREAMING_TOLERANCE}, found {worst}.")
    return worst
