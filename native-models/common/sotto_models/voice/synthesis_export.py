"""The synthesis net and its reference net as ONNX graphs, equal to PyTorch, and chunked runs that equal whole ones; all asserted."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from ..onnx_export import OPSET, ParityError, open_session
from .mel import BANDS, FRAMES_PER_SECOND
from .reference import REFERENCE_SECONDS, VoiceReference
from .source_filter import FILTER_BINS
from .synthesis_net import MODES, SynthesisNet

PARITY_TOLERANCE = 2e-4
"""Logarithms of magnitudes and radians: 2e-4 is .002 dB; float32 rounding over eight blocks is measured below."""
STREAMING_TOLERANCE = 2e-4
"""The same sums in another order; half the context errs by more than 1e-3."""
INPUTS = ("z", "pitch", "voice", "mode")
REFERENCE_FRAMES = int(REFERENCE_SECONDS * FRAMES_PER_SECOND)
REFERENCE_TOLERANCE = 1e-5
"""Of vectors of variance 1: float32 rounding over three layers."""


def export_synthesis(net: SynthesisNet, path: Path) -> float:
    """Writes the graph `z`, `pitch`, `voice`, `mode` -> `filters`; shapes as in `SynthesisNet.forward`, batch and frames free.

    Written beside the target and renamed only after onnxruntime agreed with PyTorch.

    Returns:
        the largest difference found.
    Raises:
        ParityError: onnxruntime and PyTorch differ by more than PARITY_TOLERANCE.
    """
    partial = path.with_suffix(".part.onnx")
    free = {"z": {0: "batch", 2: "codes"}, "pitch": {0: "batch", 2: "frames"}, "voice": {0: "batch"}, "mode": {0: "batch"},
            "filters": {0: "batch", 2: "frames"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(net.eval(), _example(net.config.code_size, net.config.voice_size, 1, 32), str(partial), input_names=list(INPUTS), output_names=["filters"],
                          opset_version=OPSET, dynamo=False, dynamic_axes=free)
    worst = assert_synthesis_parity(net, partial)
    os.replace(partial, path)
    return worst


@torch.no_grad()
def assert_synthesis_parity(net: SynthesisNet, path: Path) -> float:
    """The largest difference between onnxruntime and PyTorch over batch sizes and lengths.

    Raises:
        ParityError: it exceeds PARITY_TOLERANCE.
    """
    session, worst = open_session(path), 0.0
    for batch, codes in ((1, 1), (1, 150), (3, 21)):
        inputs = _example(net.config.code_size, net.config.voice_size, batch, codes)
        (filters,) = session.run(None, {name: value.numpy() for name, value in zip(INPUTS, inputs, strict=True)})
        worst = max(worst, float(np.abs(filters - net(*inputs).numpy()).max()))
    if not worst <= PARITY_TOLERANCE:
        raise ParityError(f"Expected ONNX to equal PyTorch within {PARITY_TOLERANCE}, found a difference of {worst}.")
    return worst


def export_reference(reference: VoiceReference, path: Path) -> float:
    """Writes the graph `mel` (batch, 80, 200) -> `voice` (batch, voice_size), batch free.

    `mel` is the log mel of 2 s of speech, of sound whose speech has the rms LISTENING_RMS: what `synthesis_training.voices_of`
    gives. Written beside the target and renamed only after onnxruntime agreed with PyTorch.

    Returns:
        the largest difference found.
    Raises:
        ParityError: onnxruntime and PyTorch differ by more than REFERENCE_TOLERANCE.
    """
    partial = path.with_suffix(".part.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(reference.eval(), (reference_example(1),), str(partial), input_names=["mel"], output_names=["voice"],
                          opset_version=OPSET, dynamo=False, dynamic_axes={"mel": {0: "batch"}, "voice": {0: "batch"}})
    worst = assert_reference_parity(reference, partial)
    os.replace(partial, path)
    return worst


@torch.no_grad()
def assert_reference_parity(reference: VoiceReference, path: Path) -> float:
    """The largest difference between onnxruntime and PyTorch over batch sizes.

    Raises:
        ParityError: it exceeds REFERENCE_TOLERANCE.
    """
    session, worst = open_session(path), 0.0
    for batch in (1, 3):
        mel = reference_example(batch)
        (voice,) = session.run(None, {"mel": mel.numpy()})
        worst = max(worst, float(np.abs(voice - reference(mel).numpy()).max()))
    if not worst <= REFERENCE_TOLERANCE:
        raise ParityError(f"Expected the reference's ONNX to equal PyTorch within {REFERENCE_TOLERANCE}, found {worst}.")
    return worst


def reference_example(batch: int) -> torch.Tensor:
    """(batch, 80, 200): as loud, and as uneven over bands and frames, as log mel of speech is."""
    generator = torch.Generator().manual_seed(20412 + batch)
    bands, frames = torch.randn(batch, BANDS, 1, generator=generator), torch.randn(batch, 1, REFERENCE_FRAMES, generator=generator)
    return -16 + 3 * bands + 2 * frames + torch.randn(batch, BANDS, REFERENCE_FRAMES, generator=generator)


def filters_in_chunks(
    session: onnxruntime.InferenceSession, inputs: dict[str, np.ndarray], chunk_codes: int, context_codes: int
) -> np.ndarray:
    """The filters of a recording in chunks that carry context on both sides, as the engine does it.

    Args:
        inputs: of one recording, batch 1.
        chunk_codes: new codes (20 ms) per call.
        context_codes: on either side; fewer at the ends of the recording.
    Returns:
        (1440, 2 * codes), float32.
    """
    codes, parts = inputs["z"].shape[2], []
    for start in range(0, codes, chunk_codes):
        stop = min(codes, start + chunk_codes)
        first, last = max(0, start - context_codes), min(codes, stop + context_codes)
        feed = {**inputs, "z": np.ascontiguousarray(inputs["z"][:, :, first:last]),
                "pitch": np.ascontiguousarray(inputs["pitch"][:, :, 2 * first : 2 * last])}
        (filters,) = session.run(None, feed)
        parts.append(filters[0, :, 2 * (start - first) :][:, : 2 * (stop - start)])
    return np.concatenate(parts, axis=1)


def assert_chunks(path: Path, context_codes: int) -> float:
    """The largest difference between chunked and whole runs, over several chunk sizes.

    Raises:
        ParityError: it exceeds STREAMING_TOLERANCE.
    """
    session = open_session(path)
    sizes = {tensor.name: tensor.shape[1] for tensor in session.get_inputs()}
    values = _example(sizes["z"], sizes["voice"], 1, 170)
    inputs = {name: value.numpy() for name, value in zip(INPUTS, values, strict=True)}
    whole, worst = filters_in_chunks(session, inputs, 170, 0), 0.0
    for chunk_codes in (1, 50, 128):
        chunked = filters_in_chunks(session, inputs, chunk_codes, context_codes)
        worst = max(worst, float(np.abs(chunked - whole).max()))
    if not worst <= STREAMING_TOLERANCE:
        raise ParityError(f"Expected chunks to equal the whole within {STREAMING_TOLERANCE}, found {worst}.")
    return worst


def macs_per_second(net: SynthesisNet) -> int:
    """Multiply-accumulates for a second of speech; what is computed once a call (voice) is left out."""
    c = net.config
    block = c.width * c.kernel + 2 * c.width * c.expansion * c.width
    return 100 * ((c.code_size + 2) * c.kernel * c.width + c.blocks * block + c.width * 3 * FILTER_BINS)


def _example(code_size: int, voice_size: int, batch: int, codes: int) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(batch * 1000 + codes)
    z = torch.randn(batch, code_size, codes, generator=generator)
    voiced = (torch.rand(batch, 2 * codes, generator=generator) > 0.4).float()
    pitch = torch.stack([torch.randn(batch, 2 * codes, generator=generator) * 0.4 * voiced, voiced], dim=1)
    voice = torch.randn(batch, voice_size, generator=generator) * 0.7
    mode = torch.eye(len(MODES))[torch.arange(batch) % len(MODES)]
    return z, pitch, voice, mode
