"""How clean a recording is, told from its samples alone: noise floor, clipping, upper band limit, outer silence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FRAME_SECONDS = 0.025
DIGITAL_FLOOR_DB = -96.0
"""Below the quantisation of 16 bit; floors that a gate has emptied count as this."""
CLIPPED_LEVEL = 0.985
SPEECH_SHARE, NOISE_SHARE = 0.30, 0.08
BAND_RANGE_DB = 55.0
KEPT_RANGE_DB, KEPT_MARGIN_SECONDS = 32.0, 0.25


@dataclass(frozen=True)
class Quality:
    """What was measured of one recording.

    Attributes:
        snr_db: loud frames over quiet ones: mean power of the loudest 30 % against the quietest 8 %, both above 80 Hz,
            without outer digital silence. Too low for speech without pauses; comparable between recordings of read sentences.
        clipped_share: samples at 98.5 % of full scale or more.
        bandwidth_hz: highest third of an octave within 55 dB of the loudest one.
        peak: greatest absolute sample, full scale 1.
    """

    snr_db: float
    clipped_share: float
    bandwidth_hz: float
    peak: float


def frame_levels_db(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Level of each 25 ms frame above 80 Hz in dBFS, not below `DIGITAL_FLOOR_DB`; (samples,) -> (frames,)."""
    spectrum, frequencies = _frame_powers(samples, rate_hz)
    power = spectrum[:, frequencies >= 80].sum(1)
    return np.maximum(10 * np.log10(np.maximum(power, 1e-20)), DIGITAL_FLOOR_DB)


def measure(samples: np.ndarray, rate_hz: int) -> Quality:
    """Quality of mono sound, (samples,), full scale 1, at its own rate.

    Raises:
        ValueError: less than a quarter of a second, from which nothing can be told.
    """
    if len(samples) < rate_hz // 4:
        raise ValueError(f"Expected at least {rate_hz // 4} samples to judge, found {len(samples)}.")
    powers, frequencies = _frame_powers(samples, rate_hz)
    audible = powers[:, frequencies >= 80].sum(1)
    floor = 10 ** (DIGITAL_FLOOR_DB / 10)
    # Coders pad with digital silence at either end, which says nothing about the room.
    sounding = np.flatnonzero(audible > 2 * floor)
    ordered = np.sort(audible[sounding[0] : sounding[-1] + 1] if len(sounding) else audible)
    quiet = ordered[: max(1, int(len(ordered) * NOISE_SHARE))].mean()
    loud = ordered[-max(1, int(len(ordered) * SPEECH_SHARE)) :].mean()
    peak = float(np.abs(samples).max())
    return Quality(
        snr_db=float(10 * np.log10(max(loud, floor) / max(quiet, floor))),
        clipped_share=float(np.mean(np.abs(samples) >= CLIPPED_LEVEL)),
        bandwidth_hz=_bandwidth(powers.mean(0), frequencies),
        peak=peak,
    )


def without_outer_silence(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """A view from the first to the last frame within 32 dB of the 97th-percentile level, with a margin of 0.25 s."""
    levels = frame_levels_db(samples, rate_hz)
    loud = np.flatnonzero(levels > np.percentile(levels, 97) - KEPT_RANGE_DB)
    if not len(loud):
        return samples
    frame, margin = int(FRAME_SECONDS * rate_hz), int(KEPT_MARGIN_SECONDS * rate_hz)
    return samples[max(0, loud[0] * frame - margin) : (loud[-1] + 1) * frame + margin]


def _frame_powers(samples: np.ndarray, rate_hz: int) -> tuple[np.ndarray, np.ndarray]:
    """Power of each frame and bin, whose sum over bins is the frame's mean square; Hann window, no overlap."""
    size = int(FRAME_SECONDS * rate_hz)
    frames = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64)
    window = np.hanning(size)
    spectrum = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    spectrum[:, 1:-1] *= 2
    return spectrum / (size * np.sum(window**2)), np.fft.rfftfreq(size, 1 / rate_hz)


def _bandwidth(power: np.ndarray, frequencies: np.ndarray) -> float:
    """Upper edge of the highest third-octave band that is within `BAND_RANGE_DB` of the loudest."""
    edges = [100 * 2 ** (k / 3) for k in range(40) if 100 * 2 ** ((k + 1) / 3) <= frequencies[-1] * 1.01]
    levels = []
    for low in edges:
        inside = (frequencies >= low) & (frequencies < low * 2 ** (1 / 3))
        levels.append(10 * np.log10(power[inside].mean() + 1e-20) if inside.any() else -200.0)
    loud = np.flatnonzero(np.array(levels) > max(levels) - BAND_RANGE_DB)
    return float(min(edges[loud[-1]] * 2 ** (1 / 3), frequencies[-1]))
