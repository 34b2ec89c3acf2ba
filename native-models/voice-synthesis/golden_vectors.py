"""Writes golden/: an F0 track and filters, and what the source-filter must make of them at three sample rates.

golden.json names the files; all are little-endian float32. The signal path is described in sotto_models/voice/source_filter.py;
the engine's TypeScript is held to these files, and so is Python (common/tests/test_source_filter.py).

Example:
    python golden_vectors.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.onnx_export import write_json  # noqa: E402
from sotto_models.voice.source_filter import FILTER_BINS, frame_sizes, pulse_train, xorshift32  # noqa: E402
from sotto_models.voice.source_filter_stream import SourceFilterStream  # noqa: E402

FRAMES = 40
NOISE_SEED = 20412
RATES_HZ = (16_000, 24_000, 44_100, 48_000)
MAX_ABSOLUTE_ERROR = 2e-5
"""Room for a float32 transform and for filters in float32; a pulse one sample off errs by more than 1e-2."""


def scene() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """F0 (40,) with a rise, a gap, one lonely voiced frame, a high voice; filters (40, 480) with moving formants; float32."""
    t, hertz = np.arange(FRAMES), np.arange(FILTER_BINS) * 25.0
    f0 = np.where(t < 15, 90 + 6.5 * t, np.where((t >= 24) & (t < 36), 310 - 4.0 * t, 0.0))
    f0[:2], f0[19] = 0.0, 140.0
    formants = ((600 + 8 * t, 90.0, 5.0), (1500 - 12 * t, 120.0, 4.0), (2600 + 5 * t, 200.0, 3.0))
    harmonic = -3.5 - hertz[None] / 4000 + sum(
        gain / (1 + ((hertz[None] - centre[:, None]) / width) ** 2) for centre, width, gain in formants
    )
    phase = 0.8 * np.sin(hertz[None] / 900 + t[:, None] / 7)
    aperiodic = np.where(f0[:, None] > 0, -7.0, -4.0) + hertz[None] / 6000
    return tuple(x.astype(np.float32) for x in (f0, harmonic, phase, aperiodic))


def render(rate_hz: int, samples: int) -> np.ndarray:
    """The scene through the streaming form, (samples,), float64."""
    f0, harmonic, phase, aperiodic = (x.astype(np.float64) for x in scene())
    noise, position = xorshift32(NOISE_SEED, samples), [0]

    def draw(count: int) -> np.ndarray:
        position[0] += count
        return noise[position[0] - count : position[0]]

    stream = SourceFilterStream(rate_hz, draw)
    parts = [stream.push(f0[t], np.exp(harmonic[t] + 1j * phase[t]), np.exp(aperiodic[t])) for t in range(FRAMES)]
    return np.concatenate([*parts, stream.finish(samples)])


def main() -> None:
    """Writes all files."""
    folder = HERE / "golden"
    folder.mkdir(exist_ok=True)
    names = ("f0", "harmonic", "phase", "aperiodic")
    for name, values in zip(names, scene(), strict=True):
        values.astype("<f4").tofile(folder / f"{name}.f32")
    outputs = []
    for rate_hz in RATES_HZ:
        samples = FRAMES * frame_sizes(rate_hz)[1] - 37  # not a whole number of hops, on purpose
        pulse_train(scene()[0], samples, rate_hz).astype("<f4").tofile(folder / f"pulses-{rate_hz}.f32")
        render(rate_hz, samples).astype("<f4").tofile(folder / f"sound-{rate_hz}.f32")
        outputs.append({"sampleRateHz": rate_hz, "samples": samples, "pulses": f"pulses-{rate_hz}.f32",
                        "sound": f"sound-{rate_hz}.f32"})
    write_json(folder / "golden.json", {
        "schema": "sotto.source-filter-golden/1", "type": "float32le", "framesPerSecond": 100, "frames": FRAMES,
        "bins": FILTER_BINS, "order": "frames,bins", "f0Hz": "f0.f32", "logHarmonic": "harmonic.f32", "phase": "phase.f32",
        "logAperiodic": "aperiodic.f32", "noise": {"generator": "xorshift32", "seed": NOISE_SEED}, "outputs": outputs,
        "maxAbsoluteError": MAX_ABSOLUTE_ERROR,
    })


if __name__ == "__main__":
    main()
