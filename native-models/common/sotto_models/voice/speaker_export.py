"""The speaker embedder as an ONNX graph, and its parity with PyTorch, asserted."""

from __future__ import annotations

import copy
import os
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from ..onnx_export import OPSET, ParityError, open_session
from .mel import BANDS, FRAMES_PER_SECOND
from .speaker_net import LEAST_FRAMES, SpeakerConfig, SpeakerEmbedder, _Block
from .speech_windows import WINDOW_FRAMES

PARITY_TOLERANCE = 1e-4
"""Of vectors of unit length; float32 rounding over three dozen layers with folded norms, measured below 1e-6."""


def load_embedder(weights: Path) -> SpeakerEmbedder:
    """The averaged embedder out of best.pt, ema-*.pt or last.pt, without the scores of its training; in evaluation mode."""
    state = torch.load(weights, weights_only=True)
    embedder = SpeakerEmbedder(SpeakerConfig.from_dict(state["network_config"]["embedder"]))
    prefix, values = "embedder.", state.get("ema", state["network"])
    embedder.load_state_dict({n.removeprefix(prefix): v for n, v in values.items() if n.startswith(prefix)})
    return embedder.eval()


def without_norms(embedder: SpeakerEmbedder) -> SpeakerEmbedder:
    """A copy in evaluation mode whose batch norms are folded into the layers in front of them."""
    folded = copy.deepcopy(embedder).eval()
    folded.layers[0], folded.layers[1] = fuse_conv_bn_eval(folded.layers[0], folded.layers[1]), nn.Identity()
    for block in folded.layers:
        if not isinstance(block, _Block):
            continue
        block.first, block.first_norm = fuse_conv_bn_eval(block.first, block.first_norm), nn.Identity()
        block.second, block.second_norm = fuse_conv_bn_eval(block.second, block.second_norm), nn.Identity()
        if isinstance(block.shortcut, nn.Sequential):
            block.shortcut = fuse_conv_bn_eval(*block.shortcut)
    folded.project, folded.norm = fuse_linear_bn_eval(folded.project, folded.norm), nn.Identity()
    return folded


def export_embedder(embedder: SpeakerEmbedder, path: Path) -> float:
    """Writes the graph `mel` (batch, 80, frames) -> `vector` (batch, size); batch and frames, 40 or more, are free.

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
            without_norms(embedder), (torch.randn(1, BANDS, WINDOW_FRAMES),), str(partial), input_names=["mel"],
            output_names=["vector"], opset_version=OPSET, dynamo=False,
            dynamic_axes={"mel": {0: "batch", 2: "frames"}, "vector": {0: "batch"}},
        )
    worst = assert_embedder_parity(embedder, partial)
    os.replace(partial, path)
    return worst


@torch.no_grad()
def assert_embedder_parity(embedder: SpeakerEmbedder, path: Path) -> float:
    """The largest difference between vectors of unit length by onnxruntime and by PyTorch, over batch sizes and lengths.

    Raises:
        ParityError: it exceeds PARITY_TOLERANCE.
    """
    session, generator, worst = open_session(path), torch.Generator().manual_seed(1), 0.0
    for batch, frames in ((1, LEAST_FRAMES), (1, WINDOW_FRAMES), (3, 173)):
        mel = torch.randn(batch, BANDS, frames, generator=generator) * 2 - 15
        (vector,) = session.run(None, {"mel": mel.numpy()})
        expected = embedder(mel).numpy()
        both = [one / np.linalg.norm(one, axis=1, keepdims=True) for one in (vector, expected)]
        worst = max(worst, float(np.abs(both[0] - both[1]).max()))
    if not worst <= PARITY_TOLERANCE:
        raise ParityError(f"Expected ONNX to equal PyTorch within {PARITY_TOLERANCE}, found a difference of {worst}.")
    return worst


@torch.no_grad()
def macs_per_second(embedder: SpeakerEmbedder) -> int:
    """Multiply-accumulates for a second of speech, counted on a window of 3 s."""
    counted: list[int] = []

    def count(layer: nn.Module, inputs: tuple, output: torch.Tensor) -> None:
        each = layer.in_features if isinstance(layer, nn.Linear) else layer.weight[0].numel()
        counted.append(output.numel() * each)

    layers = [layer for layer in embedder.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    embedder(torch.zeros(1, BANDS, WINDOW_FRAMES))
    for hook in hooks:
        hook.remove()
    return round(sum(counted) * FRAMES_PER_SECOND / WINDOW_FRAMES)
