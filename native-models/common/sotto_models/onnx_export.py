"""From trained weights to the ONNX file and manifest that the engine reads; parity is asserted, not reported."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from .networks.conv_fsenet import KERNEL_FRAMES, ConvFsenet, ConvFsenetConfig
from .stft import stft

OPSET = 17
PARITY_TOLERANCE = 1e-5
"""Float32 rounding over nine blocks with batch norms folded into the weights; measured well below."""

STREAMING_TOLERANCE = 1e-5
"""The same sums in another order; measured below 1e-6, and half the context errs by more than 1e-3."""


FLIPPED_TOLERANCE = 1e-4
"""Share of gate bits that rounding may flip; measured below 1e-6."""


class ParityError(AssertionError):
    """An exported graph does not compute what the trained network computes."""


def load_network(weights: Path) -> ConvFsenet:
    """The averaged network out of best.pt, an ema-*.pt snapshot, or last.pt; in evaluation mode."""
    state = torch.load(weights, weights_only=True)
    network = ConvFsenet(ConvFsenetConfig.from_dict(state["network_config"]))
    network.load_state_dict(state.get("ema", state["network"]))
    return network.eval()


def export_network(network: ConvFsenet, path: Path) -> None:
    """Writes the graph: `magnitude` (batch, 257, frames) -> `mask`, same shape; batch and frames are free.

    A gated net also has the output `gates` (batch, block_count * hidden_channels, frames) of 0 and 1. Batch norms are
    folded into the convolutions, and the weights keep the names they have in the network (`blocks.0.expand.weight`), so
    that the frame kernel reads them out of the same file; the metadata entry `dilations` holds the dilation of each block.
    Written beside the target and renamed only after onnxruntime agreed with PyTorch.

    Raises:
        ParityError: onnxruntime and PyTorch differ by more than PARITY_TOLERANCE.
    """
    partial = path.with_suffix(".part.onnx")
    outputs = ["mask", "gates"] if network.config.gate_channels else ["mask"]
    free = {0: "batch", 2: "frames"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Exported(without_norms(network)), (torch.rand(1, network.config.bins, 64),), str(partial),
            input_names=["magnitude"], output_names=outputs, opset_version=OPSET, dynamo=False,
            dynamic_axes={name: free for name in ("magnitude", *outputs)},
        )
    graph = onnx.load(str(partial))
    for initializer in graph.graph.initializer:
        initializer.name = initializer.name.removeprefix("network.")
    for node in graph.graph.node:
        for names in (node.input, node.output):  # an output too: of two equal weights the exporter keeps one and a copy
            names[:] = [name.removeprefix("network.") for name in names]
    dilations = list(network.config.dilations) * network.config.stacks
    onnx.helper.set_model_props(graph, {"dilations": ",".join(map(str, dilations))})
    onnx.save(graph, str(partial))
    assert_parity(network, partial)
    os.replace(partial, path)


class _Exported(nn.Module):
    """The outputs of a network as the graph gives them."""

    def __init__(self, network: ConvFsenet):
        super().__init__()
        self.network = network

    def forward(self, magnitude: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        mask, gates = self.network.with_gates(magnitude)
        return mask if gates is None else (mask, gates)


def without_norms(network: ConvFsenet) -> ConvFsenet:
    """A copy in evaluation mode whose batch norms are folded into the convolutions in front of them."""
    folded = copy.deepcopy(network).eval()
    for block in folded.blocks:
        block.expand = fuse_conv_bn_eval(block.expand, block.expand_norm)
        block.depthwise = fuse_conv_bn_eval(block.depthwise, block.depthwise_norm)
        block.expand_norm = block.depthwise_norm = nn.Identity()
    return folded


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """A session on one thread of the CPU, as the engine and the evaluation run it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def assert_parity(network: ConvFsenet, path: Path) -> float:
    """The largest difference between onnxruntime and PyTorch over two batch sizes, three lengths, three levels.

    A gate whose logit is within rounding of 0 may open in one of them and not in the other; the frames that such a bit
    reaches are not compared, and there may be hardly any of them.

    Raises:
        ParityError: it exceeds PARITY_TOLERANCE, or more than FLIPPED_TOLERANCE of the gates' bits differ.
    """
    session = open_session(path)
    generator = torch.Generator().manual_seed(1)
    worst = 0.0
    for batch, frames, level in ((1, 1, 1.0), (1, 130, 0.01), (3, 77, 30.0)):
        magnitude = torch.rand(batch, network.config.bins, frames, generator=generator) * level
        with torch.no_grad():
            expected, expected_gates = network.with_gates(magnitude)
        mask, *gates = session.run(None, {"magnitude": magnitude.numpy()})
        difference = np.abs(mask - expected.numpy()).max(axis=1)  # (B, F, T) -> (B, T)
        if expected_gates is not None:
            flipped = gates[0] != expected_gates.numpy()
            if flipped.mean() > FLIPPED_TOLERANCE:
                raise ParityError(f"Expected the same gates in ONNX and PyTorch, found {flipped.mean():.2e} different.")
            difference[_reached(flipped.any(axis=1), network.config.context_frames)] = 0
        worst = max(worst, float(difference.max()))
    if not worst <= PARITY_TOLERANCE:
        raise ParityError(f"Expected ONNX to equal PyTorch within {PARITY_TOLERANCE}, found a difference of {worst}.")
    return worst


def _reached(flipped: np.ndarray, context_frames: int) -> np.ndarray:
    """(B, T) frames with a flipped bit -> (B, T) frames that depend on one."""
    reached = np.zeros_like(flipped)
    for delay in range(min(context_frames + 1, flipped.shape[1])):
        reached[:, delay:] |= flipped[:, : flipped.shape[1] - delay]
    return reached


def average_work(path: Path, full_macs: int | None, signals: list[np.ndarray]) -> dict:
    """What a level computes per frame when switched-off channels are skipped, on average over some recordings.

    Args:
        full_macs: multiply-accumulates per frame with every channel on, gates included; None when unknown.
        signals: (samples,) each, 16 kHz.
    Returns:
        `use`, the share of hidden channels that are on (1 without gates), and `macsPerFrame`.
    """
    session = open_session(path)
    if all(output.name != "gates" for output in session.get_outputs()):
        return {"use": 1.0, "macsPerFrame": full_macs}
    open_bits = all_bits = frames = 0
    for signal in signals:
        magnitude = stft(torch.from_numpy(signal)[None]).abs().numpy()
        (gates,) = session.run(["gates"], {"magnitude": magnitude})
        open_bits, all_bits, frames = open_bits + float(gates.sum()), all_bits + gates.size, frames + gates.shape[2]
    weights = {w.name: w for w in onnx.load(str(path)).graph.initializer}
    channel_macs = 2 * weights["encoder.bias"].dims[0] + KERNEL_FRAMES
    skipped = (all_bits - open_bits) / frames * channel_macs
    macs = None if full_macs is None else round(full_macs - skipped)
    return {"use": round(open_bits / all_bits, 4), "macsPerFrame": macs}


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


def put_level(manifest_file: Path, level: dict, order: list[str]) -> dict:
    """Adds or replaces one level in model.json, with checksum and size of its file beside it.

    Args:
        level: `id`, `file` and whatever else the manifest says about a level.
        order: all ids there may be, in the order of the manifest.
    Returns:
        the level as written.
    """
    manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
    file = manifest_file.parent / level["file"]
    level = {**level, "sha256": sha256_of(file), "sizeBytes": file.stat().st_size}
    others = [known for known in manifest["levels"] if known["id"] != level["id"]]
    manifest["levels"] = sorted([*others, level], key=lambda known: order.index(known["id"]))
    write_json(manifest_file, manifest)
    return level
