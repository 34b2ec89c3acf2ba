"""What a probe may look at in each frame: gate bits, logits in front of their threshold, log-mel, untrained gates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

from ..networks.conv_fsenet import ConvFsenet, ConvFsenetConfig
from ..stft import BINS, stft

MEL_BANDS = 64
LOWEST_MEL_HZ, HIGHEST_MEL_HZ = 20.0, 8000.0

FrameFeatures = Callable[[np.ndarray], np.ndarray]
"""(samples,) at 16 kHz, +-1 -> (frames, features)."""


class NotGatedError(ValueError):
    """A weight has no gates to probe."""


class GateReader:
    """Runs a gated net and gives its gate bits, or the logits that the gates threshold.

    Args:
        model: exported net with an output `gates`.
    Raises:
        NotGatedError: the graph has no such output.
    """

    def __init__(self, model: Path):
        graph = onnx.load(str(model))
        if "gates" not in [output.name for output in graph.graph.output]:
            raise NotGatedError(f"Expected a net with an output `gates` in {model}, found none. Take a gated level.")
        logits = [
            node.output[0] for node in graph.graph.node
            if node.op_type == "Conv" and node.input[1].endswith(".gate.select.weight")
        ]
        self._logit_names = sorted(logits, key=lambda name: int(name.split("blocks.")[1].split("/")[0]))
        for name in self._logit_names:
            graph.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            graph.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def bits(self, signal: np.ndarray) -> np.ndarray:
        """Gate bits, (samples,) -> (frames, bits) of uint8 0 and 1; bit number = block * hidden channels + channel."""
        (gates,) = self._session.run(["gates"], {"magnitude": magnitudes(signal)})
        return (gates[0].T > 0.5).astype(np.uint8)  # (1, bits, T) -> (T, bits)

    def logits(self, signal: np.ndarray) -> np.ndarray:
        """What each gate compares with 0, (samples,) -> (frames, bits), float32, in the order of `bits`."""
        parts = self._session.run(self._logit_names, {"magnitude": magnitudes(signal)})
        return np.concatenate([part[0] for part in parts]).T  # blocks x (1, hidden, T) -> (T, bits)


def magnitudes(signal: np.ndarray) -> np.ndarray:
    """The net's input, (samples,) -> (1, 257, frames), float32; STFT as `sotto_models.stft`."""
    return stft(torch.from_numpy(np.ascontiguousarray(signal, np.float32))[None]).abs().numpy()


def log_mel(signal: np.ndarray) -> np.ndarray:
    """64 log10 mel energies of the same STFT, (samples,) -> (frames, 64); triangles, 20 Hz to 8 kHz, HTK's scale."""
    power = magnitudes(signal)[0] ** 2
    return np.log10(mel_filters() @ power + 1e-6).T.astype(np.float32)  # (64, T) -> (T, 64)


def mel_filters() -> np.ndarray:
    """(64, 257), float64; each triangle peaks at 1."""
    ends = 2595 * np.log10(1 + np.array([LOWEST_MEL_HZ, HIGHEST_MEL_HZ]) / 700)
    edges = 700 * (10 ** (np.linspace(*ends, MEL_BANDS + 2) / 2595) - 1)
    hertz = np.linspace(0, HIGHEST_MEL_HZ, BINS)
    rising = (hertz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - hertz) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling))


def untrained_gates(signals: Sequence[np.ndarray], use: Sequence[float], seed: int) -> FrameFeatures:
    """Gate bits of a net that never learnt: random weights, each block's gates open as often as the trained ones.

    Batch norms are set from `signals`, block by block; each channel's bias is the quantile of its own logit that opens it
    for its block's share of the frames.

    Args:
        signals: a few recordings to set norms and biases by.
        use: share of open gates of each block of the trained net.
        seed: of the random weights.
    """
    torch.manual_seed(seed)
    network = ConvFsenet(ConvFsenetConfig(gate_channels=16)).eval()
    if len(use) != len(network.blocks):
        raise ValueError(f"Expected the use of {len(network.blocks)} blocks, found {len(use)}.")
    with torch.no_grad():
        inputs = torch.cat([torch.from_numpy(magnitudes(s)) for s in signals], 2)
        x = torch.relu(network.encoder((inputs + 1e-9) ** 0.3))
        for block, share in zip(network.blocks, use, strict=True):
            nn.init.normal_(block.gate.reduce.weight, std=1.0)
            nn.init.normal_(block.gate.select.weight, std=1.0)
            nn.init.zeros_(block.gate.select.bias)
            cut = torch.quantile(block.gate(x)[0], 1 - min(max(share, 0.001), 0.999), dim=1)
            block.gate.select.bias.copy_(-cut)
            for norm in (block.expand_norm, block.depthwise_norm):
                norm.momentum = 1.0  # one pass sets mean and variance
            block.train()
            block(x)
            block.eval()
            x, _ = block(x)

    def features(signal: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            gates = network.with_gates(torch.from_numpy(magnitudes(signal)))[1]
        return (gates[0].T > 0.5).numpy().astype(np.uint8)

    return features


def window_means(values: np.ndarray, rows: np.ndarray, average_frames: int, delay_frames: int) -> np.ndarray:
    """Means over the window that describes each wanted frame: [t + delay - average + 1, t + delay], frames that exist.

    Args:
        values: (frames, features), any type.
        rows: (wanted,), frame numbers t.
        average_frames: > delay_frames, so that the window holds t.
    Returns:
        (wanted, features), float32.
    """
    return means_of_totals(running_totals(values), rows, average_frames, delay_frames)


def running_totals(values: np.ndarray) -> np.ndarray:
    """Sums of all frames before each, (frames, features) -> (frames + 1, features), int32 for bits, else float64."""
    kind = np.int32 if values.dtype == np.uint8 else np.float64
    total = np.zeros((len(values) + 1, values.shape[1]), kind)
    np.cumsum(values, 0, dtype=kind, out=total[1:])
    return total


def means_of_totals(total: np.ndarray, rows: np.ndarray, average_frames: int, delay_frames: int) -> np.ndarray:
    """`window_means` out of `running_totals`, for several windows on the same frames."""
    if not 0 <= delay_frames < average_frames:
        raise ValueError(f"Expected 0 <= delay < average, found {delay_frames} and {average_frames}.")
    first = np.maximum(rows + delay_frames - average_frames + 1, 0)
    last = np.minimum(rows + delay_frames + 1, len(total) - 1)
    return ((total[last] - total[first]) / (last - first)[:, None]).astype(np.float32)
