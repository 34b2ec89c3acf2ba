"""The voice front end: the same bands at every rate, in numpy and torch, and means that silence does not move."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from scipy import signal as scipy_signal

from sotto_models.voice.mel import (
    BANDS,
    FLOOR,
    MelFrames,
    analysis_window,
    band_weights,
    fft_size,
    frame_count,
    log_mel,
    normalised,
    normalised_batch,
    running_normalised,
)

DATA = Path(__file__).parent / "data"

RATE_TOLERANCE, MEAN_RATE_TOLERANCE = 0.7, 0.015
"""In nepers of power: bins of another width cut the narrow low bands differently (0.46 found below 74 Hz, 0.008 on
average); a frame shifted by 10 ms errs by more than 2, and by 0.3 on average."""

TORCH_TOLERANCE = 2e-3
"""float32 against float64; the quiet bands of a loud frame lose most."""


def speech() -> np.ndarray:
    samples, rate = soundfile.read(str(DATA / "de_rhasspy-0004.flac"), dtype="float64")
    assert rate == 16_000
    return samples


@pytest.mark.parametrize(("rate", "size"), [(8000, 1024), (16_000, 2048), (44_100, 4096), (48_000, 4096), (96_000, 8192)])
def test_bins_are_never_wider_than_twelve_hertz(rate, size):
    assert fft_size(rate) == size
    assert size >= 2 * len(analysis_window(rate))


@pytest.mark.parametrize("up_down", [(3, 1), (6, 1), (441, 160), (2, 1)])
def test_a_resampled_recording_has_the_same_bands(up_down):
    clean = speech()
    # Nothing near the edge of the original band, which resamplers treat differently; some noise, so that no band is empty.
    clean = clean + np.random.default_rng(5).normal(0, 1e-3, len(clean))
    clean = scipy_signal.sosfiltfilt(scipy_signal.butter(10, 6000, fs=16_000, output="sos"), clean)
    other = scipy_signal.resample_poly(clean, *up_down, window=("kaiser", 14.0))
    rate = 16_000 * up_down[0] // up_down[1]
    first, second = log_mel(clean, 16_000), log_mel(other, rate)
    assert first.shape == second.shape
    below = slice(0, 66)  # up to 5.6 kHz
    errors = np.abs(first - second)[2:-2, below]
    assert errors.max() < RATE_TOLERANCE
    assert errors.mean() < MEAN_RATE_TOLERANCE


def test_an_eight_kilohertz_recording_leaves_the_upper_bands_empty():
    narrow = log_mel(speech()[::2], 8000)
    assert np.all(narrow[:, 70:] == np.log(FLOOR))


def test_white_noise_has_its_density_times_the_pre_emphasis():
    noise = np.random.default_rng(1).normal(0, 0.1, 160_000)
    expected = band_weights(16_000).sum(1) * 0.1**2 * np.square(analysis_window(16_000)).sum()
    measured = np.exp(log_mel(noise, 16_000)).mean(0)
    # 1000 frames of few degrees of freedom
    np.testing.assert_allclose(measured, expected, rtol=0.15)


def test_frames_are_two_for_each_twenty_milliseconds():
    assert [frame_count(n, 16_000) for n in (1, 320, 640, 641, 16_000)] == [4, 4, 4, 6, 100]
    assert frame_count(44_100, 44_100) == 100
    assert log_mel(np.zeros(641), 16_000).shape == (6, BANDS)


def test_a_click_stands_in_the_frame_it_is_centred_on():
    for rate in (16_000, 22_050, 44_100):
        click = np.zeros(rate)
        click[int(np.floor(37 * rate / 100 + 0.5))] = 0.5
        loud = log_mel(click, rate).sum(1)
        assert int(loud.argmax()) == 37
        np.testing.assert_allclose(loud[36], loud[38], rtol=5e-3)


def test_torch_computes_the_same_as_the_reference():
    clean = speech()[: 16_000 + 123].astype(np.float32)
    expected = log_mel(clean, 16_000)
    found = MelFrames()(torch.from_numpy(np.stack([clean, clean * 0.1])))
    assert found.shape == (2, BANDS, len(expected))
    np.testing.assert_allclose(found[0].T.numpy(), expected, atol=TORCH_TOLERANCE)
    np.testing.assert_allclose(normalised_batch(found)[0].T.numpy(), normalised(expected), atol=2 * TORCH_TOLERANCE)


def test_the_normalised_frames_do_not_know_the_level():
    clean = speech() + np.random.default_rng(2).normal(0, 1e-3, len(speech()))
    loud, quiet = (normalised(log_mel(clean * gain, 16_000)) for gain in (1.0, 0.1))
    # The floor shows in the lowest bands, where pre-emphasis takes 30 dB (0.024 on average).
    assert np.abs(loud - quiet).mean() < 0.05


def test_digital_silence_does_not_move_the_mean():
    clean = speech()
    alone, with_pause = normalised(log_mel(clean, 16_000)), normalised(log_mel(np.concatenate([clean, np.zeros(80_000)]), 16_000))
    # What moves it is the cut at the recording's end; a plain mean would move by several nepers.
    np.testing.assert_allclose(with_pause[: len(alone) - 4], alone[:-4], atol=0.1)


def test_silence_alone_is_zero_everywhere():
    for normalise in (normalised, running_normalised):
        assert not normalise(log_mel(np.zeros(8000), 16_000)).any()
    assert not normalised_batch(MelFrames()(torch.zeros(1, 8000))).any()


def test_the_running_mean_looks_one_second_ahead_and_no_further():
    clean = np.tile(speech(), 2)
    whole = running_normalised(log_mel(clean, 16_000))
    cut = running_normalised(log_mel(clean[: 3 * 16_000], 16_000))
    np.testing.assert_allclose(cut[: 300 - 103], whole[: 300 - 103], atol=1e-9)
    # With everything known it is close to the mean of the whole, and at the end differs by its fading alone.
    assert np.abs(whole[-1] - normalised(log_mel(clean, 16_000))[-1]).max() < 1.0


def test_a_rate_below_eight_kilohertz_is_refused():
    with pytest.raises(ValueError, match="8000"):
        log_mel(np.zeros(100), 4000)


GOLDEN = Path(__file__).resolve().parents[2] / "voice-codes" / "golden"


def test_the_golden_files_hold_what_the_front_end_computes():
    index = json.loads((GOLDEN / "front-end.json").read_text())
    assert {case["sampleRateHz"] for case in index["cases"]} == {16_000, 44_100, 48_000}
    for case in index["cases"]:
        sound, rate = soundfile.read(str(GOLDEN / case["sound"]), dtype="float64")
        logarithms = log_mel(sound, rate)
        computed = {"logMel": logarithms, "normalised": normalised(logarithms)}
        computed["runningNormalised"] = running_normalised(logarithms)
        for kind in computed.keys() & case.keys():
            stored = np.fromfile(GOLDEN / case[kind], "<f4").reshape(case["shape"])
            # float32 as stored
            np.testing.assert_allclose(computed[kind], stored, atol=1e-5, err_msg=f"{rate} {kind}")
