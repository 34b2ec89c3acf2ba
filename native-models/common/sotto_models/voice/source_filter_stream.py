"""The streaming form of `source_filter`, in float64 and plain loops: what the engine's TypeScript is written after."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .source_filter import (
    FILTER_BINS,
    OVERLAP,
    PULSE_HALF_WIDTH_SECONDS,
    REFERENCE_RATE_HZ,
    frame_sizes,
    noise_level,
    pulse_shape,
)


class SourceFilterStream:
    """Makes sound out of frames that come a few at a time; bounded memory, one result for any division into calls.

    Interpolating F0 needs the next frame, a pulse may begin 1 ms before the sample that completes it, and frame t reaches two hops
    ahead: so frame t is shaped when frame t + 3 has come, and with it the samples before (t - 1) * hop are final.

    State: phase; next sample to draw; a window of sources and one of output, each from a first sample number on.

    Args:
        sample_rate_hz: see `frame_sizes`.
        draw: the noise in +-1, (count,) for a count; called for every sample in order, `samples` in all.
    """

    def __init__(self, sample_rate_hz: int, draw: Callable[[int], np.ndarray]):
        self._rate = sample_rate_hz
        self._size, self._hop = frame_sizes(sample_rate_hz)
        self._draw = draw
        self._bins = min(FILTER_BINS, self._size // 2)
        self._window = 0.5 - 0.5 * np.cos(2 * math.pi * np.arange(self._size) / self._size)
        self._reach = math.ceil(PULSE_HALF_WIDTH_SECONDS * sample_rate_hz)
        self._phase = 0.0
        self._drawn = 0
        self._frames: list[tuple[float, np.ndarray, np.ndarray]] = []
        self._received = self._dropped = 0
        self._shaped = -1
        self._origin = -3 * self._hop
        self._pulses, self._noise, self._output = (np.zeros(0) for _ in range(3))
        self._given = 0

    def push(self, f0_hz: float, harmonic: np.ndarray, aperiodic: np.ndarray) -> np.ndarray:
        """Takes one frame and returns the samples that are final by it, (0 or hop,) in order, float64.

        Args:
            f0_hz: 0 where unvoiced.
            harmonic: (480,), complex filter of the pulses. aperiodic: (480,), magnitude of the noise's filter.
        """
        self._frames.append((f0_hz, harmonic[: self._bins], aperiodic[: self._bins]))
        self._received += 1
        # The newest frame's F0 reaches back to the middle between it and its neighbour, and interpolates on the way to it.
        self._generate((self._received - 1) * self._hop)
        return self._advance(self._drawn - self._reach - 1, None)

    def finish(self, samples: int) -> np.ndarray:
        """The samples still owed, so that exactly `samples` were given in all.

        Raises:
            ValueError: no frame came, or too few frames for so many samples.
        """
        if not (self._received - 1) * self._hop < samples <= self._received * self._hop:
            raise ValueError(f"Expected {self._received} frames to make up to {self._received * self._hop} samples, found {samples}.")
        self._generate(samples)
        self._cut(samples)
        return self._advance(None, samples)

    def _frame(self, number: int) -> tuple[float, np.ndarray, np.ndarray]:
        return self._frames[min(max(number, 0), self._received - 1) - self._dropped]

    def _generate(self, until: int) -> None:
        """Draws sources up to a sample, not included."""
        self._extend(until + self._reach + 1)
        for n in range(self._drawn, until):
            before, nearest = n // self._hop, (2 * n + self._hop) // (2 * self._hop)
            f0, a, b = (self._frame(t)[0] for t in (nearest, before, before + 1))
            if f0 <= 0:
                self._phase = 0.0
                continue
            if a > 0 and b > 0:
                f0 = a + (n / self._hop - before) * (b - a)
            self._phase += f0 / self._rate
            if self._phase >= 1:
                self._phase -= 1
                self._add_pulse(n - self._phase * self._rate / f0, math.sqrt(REFERENCE_RATE_HZ / f0))
        if until > self._drawn:
            first = self._drawn - self._origin
            noise = self._draw(until - self._drawn) * noise_level(self._rate)
            self._noise[first : first + len(noise)] = noise
            self._drawn = until

    def _add_pulse(self, time: float, amplitude: float) -> None:
        first, last = math.floor(time) - self._reach, math.floor(time) + self._reach + 1
        index = np.arange(max(first, 0), last + 1)
        shape = amplitude * pulse_shape((index - time) / self._rate, self._rate)
        self._pulses[index - self._origin] += shape

    def _extend(self, until: int) -> None:
        missing = until - self._origin - len(self._pulses)
        if missing > 0:
            more = np.zeros(missing)
            self._pulses, self._noise, self._output = (np.concatenate([x, more]) for x in (self._pulses, self._noise, self._output))

    def _cut(self, samples: int) -> None:
        self._extend(samples + 4 * self._hop)
        self._pulses[samples - self._origin :] = 0

    def _advance(self, final: int | None, samples: int | None) -> np.ndarray:
        """Shapes every frame whose sources are final (all when None) and gives out what no later frame touches."""
        size, hop = self._size, self._hop
        last = self._received + 1 if samples is not None else self._received - 1
        while self._shaped <= last and (final is None or self._shaped * hop + size // 2 <= final):
            first = self._shaped * hop - size // 2 - self._origin
            self._extend(self._shaped * hop + size // 2)
            part = slice(first, first + size)
            _, harmonic, aperiodic = self._frame(self._shaped)
            spectrum = np.zeros(size // 2 + 1, complex)
            spectrum[: self._bins] = np.fft.rfft(self._pulses[part] * self._window)[: self._bins] * harmonic
            spectrum[: self._bins] += np.fft.rfft(self._noise[part] * self._window)[: self._bins] * aperiodic
            self._output[part] += np.fft.irfft(spectrum, size) * self._window / OVERLAP
            self._shaped += 1
        ready = samples if samples is not None else max(self._given, self._shaped * hop - size // 2)
        given = self._output[self._given - self._origin : ready - self._origin].copy()
        self._given = ready
        self._forget()
        return given

    def _forget(self) -> None:
        """Drops what no frame to come needs: sources and output before the next frame, and old filters."""
        keep = self._shaped * self._hop - self._size // 2
        drop = min(keep, self._given) - self._origin
        if drop > 0:
            self._pulses, self._noise, self._output = (x[drop:] for x in (self._pulses, self._noise, self._output))
            self._origin += drop
        oldest = max(0, min(self._shaped, self._drawn // self._hop))
        del self._frames[: max(0, oldest - self._dropped)]
        self._dropped = max(self._dropped, oldest)
