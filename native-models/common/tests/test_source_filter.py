"""The source-filter: pulses where F0 says, one sound for every division, rate and implementation, and its golden files."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from load_script import load_script
from sotto_models.voice.source_filter import FILTER_BINS, noise_level, pulse_train, source_filter, xorshift32
from sotto_models.voice.source_filter_stream import SourceFilterStream

FOLDER = Path(__file__).resolve().parents[2] / "voice-synthesis"
FLOAT64_TOLERANCE = 1e-9
"""Both forms compute in float64; phases are summed in another order."""


@pytest.fixture(scope="module")
def vectors():
    return load_script(FOLDER / "golden_vectors.py")


def spectrum_peaks(signal: np.ndarray, rate_hz: int) -> np.ndarray:
    """Magnitudes at every Hz of a signal, window taken off."""
    return np.abs(np.fft.rfft(signal * np.hanning(len(signal)), rate_hz)) / (len(signal) / 2)


@pytest.mark.parametrize("rate_hz", [16_000, 24_000, 44_100, 48_000])
def test_pulses_have_equal_harmonics_of_the_chosen_f0_and_nothing_between(rate_hz):
    pulses = pulse_train(np.full(100, 200.0), rate_hz, rate_hz)
    magnitude = spectrum_peaks(pulses, rate_hz)
    passed = magnitude[200 : min(9_800, int(rate_hz * 0.41)) : 200]
    assert 20 * np.log10(passed.max() / passed.min()) < 0.1
    assert magnitude[100:7_000:200].max() < 1e-3 * passed.min()
    # Up to there the window around a pulse lets a little through; filters end at 12 kHz anyway.
    assert magnitude[12_400:].max(initial=0) < 2e-3 * passed.min()


@pytest.mark.parametrize("f0_hz", [70.0, 180.0, 420.0])
def test_the_power_of_pulses_depends_neither_on_f0_nor_on_the_rate(f0_hz):
    for rate_hz in (24_000, 44_100, 48_000):
        pulses = pulse_train(np.full(200, f0_hz), 2 * rate_hz, rate_hz)
        assert np.mean(pulses**2) == pytest.approx(11 / 12, rel=0.04)


def test_pulses_follow_a_glide_and_stop_where_nobody_speaks():
    f0 = np.concatenate([np.zeros(20), np.linspace(100, 200, 60), np.zeros(20)])
    pulses = pulse_train(f0, 24_000)
    at = np.flatnonzero((pulses[1:-1] > 2) & (pulses[1:-1] > pulses[:-2]) & (pulses[1:-1] >= pulses[2:])) + 1
    assert at.min() > 20 * 240 - 120 and at.max() < 80 * 240
    middle = (at[1:] + at[:-1]) / 2
    expected = np.interp(middle / 240, np.arange(100), f0)
    inside = (middle > 20.5 * 240) & (middle < 78 * 240)
    assert np.abs(24_000 / np.diff(at)[inside] / expected[inside] - 1).max() < 0.02
    assert not pulses[: 19 * 240].any() and not pulses[81 * 240 :].any()


def test_the_generator_gives_marsaglias_numbers():
    # 723471715, 2497366906, 2064144800: the first three states from the seed of the paper, 2463534242.
    states = np.round((xorshift32(2463534242, 3) + 1) * 2**31).astype(np.int64)
    assert states.tolist() == [723471715, 2497366906, 2064144800]
    with pytest.raises(ValueError, match="other than 0"):
        xorshift32(0, 1)


@pytest.mark.parametrize("rate_hz", [24_000, 48_000])
def test_noise_through_a_flat_filter_has_the_same_density_at_every_rate(rate_hz):
    # Below 12 kHz its power is 1 at 24 kHz, and half of that again of a 48 kHz signal that has no more.
    rng = np.random.default_rng(3)
    stream = SourceFilterStream(rate_hz, lambda count: rng.uniform(-1, 1, count))
    flat, none = np.ones(FILTER_BINS), np.zeros(FILTER_BINS, complex)
    parts = [stream.push(0.0, none, flat) for _ in range(200)]
    sound = np.concatenate([*parts, stream.finish(2 * rate_hz)])
    assert np.mean(sound**2) == pytest.approx(1.0, rel=0.03)


def test_the_stream_equals_the_differentiable_form(vectors):
    f0, harmonic, phase, aperiodic = (x.astype(np.float64) for x in vectors.scene())
    samples = vectors.FRAMES * 240
    streamed = vectors.render(24_000, samples)
    noise = xorshift32(vectors.NOISE_SEED, samples) * noise_level(24_000)
    filters = [torch.from_numpy(x.T.copy())[None] for x in (harmonic, phase, aperiodic)]
    whole = source_filter(torch.from_numpy(pulse_train(f0, samples))[None], torch.from_numpy(noise)[None], *filters)
    assert np.abs(whole[0].numpy() - streamed).max() < FLOAT64_TOLERANCE
    assert np.abs(streamed).max() > 0.05


def test_the_stream_gives_every_sample_once_and_keeps_a_bounded_state(vectors):
    f0, harmonic, phase, aperiodic = (x.astype(np.float64) for x in vectors.scene())
    stream = SourceFilterStream(48_000, lambda count: np.zeros(count))
    given, held = 0, []
    for t in range(20 * vectors.FRAMES):
        at = t % vectors.FRAMES
        given += len(stream.push(f0[at], np.exp(harmonic[at] + 1j * phase[at]), np.exp(aperiodic[at])))
        held.append(len(stream._output) + 480 * len(stream._frames))
        assert given == max(0, (t - 4) * 480)
    assert max(held) < 8_000
    assert given + len(stream.finish(20 * vectors.FRAMES * 480 - 5)) == 20 * vectors.FRAMES * 480 - 5


def test_a_wrong_length_is_refused():
    stream = SourceFilterStream(24_000, lambda count: np.zeros(count))
    stream.push(0.0, np.ones(FILTER_BINS, complex), np.ones(FILTER_BINS))
    with pytest.raises(ValueError, match="up to 240 samples"):
        stream.finish(241)
    with pytest.raises(ValueError, match="multiple of 100 Hz"):
        SourceFilterStream(11_025, lambda count: np.zeros(count))


def test_gradients_reach_every_filter():
    filters = [torch.randn(1, FILTER_BINS, 6, requires_grad=True) for _ in range(3)]
    pulses = torch.from_numpy(pulse_train(np.full(6, 150.0), 6 * 240)).float()[None]
    source_filter(pulses, torch.randn(1, 6 * 240), *filters).square().sum().backward()
    assert all(f.grad.abs().amax((0, 1)).min() > 0 for f in filters)


def test_the_golden_files_are_what_the_stream_makes(vectors):
    folder = FOLDER / "golden"
    golden = json.loads((folder / "golden.json").read_text())
    for name, values in zip(("f0Hz", "logHarmonic", "phase", "logAperiodic"), vectors.scene(), strict=True):
        assert np.allclose(np.fromfile(folder / golden[name], "<f4"), values.reshape(-1), atol=1e-6)
    for output in golden["outputs"]:
        expected = np.fromfile(folder / output["sound"], "<f4")
        assert np.abs(vectors.render(output["sampleRateHz"], output["samples"]) - expected).max() <= golden["maxAbsoluteError"]
