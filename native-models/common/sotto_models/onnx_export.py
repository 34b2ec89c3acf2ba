"""From trained weights to the ONNX file and manifest that the engine reads; parity is asserted, not reported."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn

from .networks.conv_fsenet import ConvFsenet, ConvFsenetConfig

OPSET = 17
PARITY_TOLERANCE = 1e-5
"""Float32 rounding over nine blocks with batch norms folded into the weights; measured well below."""

STREAMING_TOLERANCE = 1e-5
"""The same sums in another order; measured below 1e-6, and half the context errs by more than 1e-3."""


class ParityError(AssertionError):
    """An exported graph does not compute what the trained network computes."""


def load_network(weights: Path) -> ConvFsenet:
    """The averaged network out of best.pt, an ema-*.pt snapshot, or last.pt; in evaluation mode."""
    state = torch.load(weights, weights_only=True)
    values = state["network_config"]
    network = ConvFsenet(ConvFsenetConfig(**{**values, "dilations": tuple(values["dilations"])}))
    network.load_state_dict(state.get("ema", state["network"]))
    return network.eval()


def export_network(network: nn.Module, path: Path) -> None:
    """Writes the graph: `magnitude` (batch, 257, frames) -> `mask`, same shape; batch and frames are free.

    Written beside the target and renamed only after onnxruntime agreed with PyTorch.

    Raises:
        ParityError: onnxruntime and PyTorch differ by more than PARITY_TOLERANCE.
    """
    partial = path.with_suffix(".part.onnx")
    axes = {0: "batch", 2: "frames"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, (torch.rand(1, network.config.bins, 64),), str(partial), input_names=["magnitude"],
            output_names=["mask"], dynamic_axes={"magnitude": axes, "mask": axes}, opset_version=OPSET, dynamo=False,
        )
    assert_parity(network, partial)
    os.replace(partial, path)


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """A session on one thread of the CPU, as the engine and the evaluation run it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def assert_parity(network: nn.Module, path: Path) -> float:
    """The largest difference between onnxruntime and PyTorch over two batch sizes, three lengths, three levels.

    Raises:
        ParityError: it exceeds PARITY_TOLERANCE.
    """
    session = open_session(path)
    generator = torch.Generator().manual_seed(1)
    worst = 0.0
    for batch, frames, level in ((1, 1, 1.0), (1, 130, 0.01), (3, 77, 30.0)):
        magnitude = torch.rand(batch, network.config.bins, frames, generator=generator) * level
        with torch.no_grad():
            expected = network(magnitude).numpy()
        (mask,) = session.run(["mask"], {"magnitude": magnitude.numpy()})
        worst = max(worst, float(np.abs(mask - expected).max()))
    if not worst <= PARITY_TOLERANCE:
        raise ParityError(f"Expected ONNX to equal PyTorch within {PARITY_TOLERANCE}, found a difference of {worst}.")
    return worst


def stream_mask(
    session: onnxruntime.InferenceSession, magnitude: np.ndarray, chunk_frames: int, context_frames: int
) -> np.ndarray:
    """The mask in chunks, each with its left context, as the engine does it.

    Args:
        magnitude: (1, bins, frames), float32.
        chunk_frames: new frames per call.
        context_frames: earlier frames that go along and whose outputs are dropped; fewer at the start.
    Returns:
        (1, bins, frames).
    """
    parts = []
    for start in range(0, magnitude.shape[2], chunk_frames):
        context = min(start, context_frames)
        chunk = np.ascontiguousarray(magnitude[:, :, start - context : start + chunk_frames])
        (mask,) = session.run(["mask"], {"magnitude": chunk})
        parts.append(mask[:, :, context:])
    return np.concatenate(parts, axis=2)


def assert_streaming(path: Path, context_frames: int, bins: int) -> float:
    """The largest difference between chunked and whole runs, over several chunk sizes.

    Raises:
        ParityError: it exceeds STREAMING_TOLERANCE.
    """
    session = open_session(path)
    magnitude = np.random.default_rng(2).random((1, bins, 205), dtype=np.float32) * 5
    (whole,) = session.run(["mask"], {"magnitude": magnitude})
    worst = 0.0
    for chunk_frames in (1, 13, 63, 128):
        streamed = stream_mask(session, magnitude, chunk_frames, context_frames)
        worst = max(worst, float(np.abs(streamed - whole).max()))
    if not worst <= STREAMING_TOLERANCE:
        raise ParityError(f"Expected chunks to equal the whole within {STREAMING_TOLERANCE}, found {worst}.")
    return worst


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_json(path: Path, value: dict) -> None:
    """Writes indented JSON beside the target and renames it."""
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    os.replace(partial, path)


def refresh_levels(manifest_file: Path) -> dict:
    """Writes checksum and size of every level's file into model.json, and returns its contents."""
    manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
    for level in manifest["levels"]:
        file = manifest_file.parent / level["file"]
        level["sha256"], level["sizeBytes"] = sha256_of(file), file.stat().st_size
    write_json(manifest_file, manifest)
    return manifest
