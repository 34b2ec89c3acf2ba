"""Mixtures on the tiny committed set."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sotto_models.corpus import Clip, CorpusError, read_manifest, training_clips
from sotto_models.evaluation_list import evaluation_mixtures
from sotto_models.mixing import Mixer, change_speed, equalised, gain_for_snr, noise_groups, rms
from sotto_models.mixing_config import MixingConfig
from sotto_models.pcm_cache import open_cache, read_clip

TINY = Path(__file__).parent / "data"
SHORT = {"crop_seconds": 0.8, "room_count": 4}


@pytest.fixture(scope="module")
def clips():
    return training_clips(read_manifest(TINY))


@pytest.fixture(scope="module")
def cache(clips, tmp_path_factory):
    return open_cache(TINY, clips, tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize("snr_db", [-5, 0, 12.5])
def test_the_gain_hits_the_wanted_ratio(snr_db):
    rng = np.random.default_rng(1)
    speech, noise = rng.standard_normal(9000), 0.03 * rng.standard_normal(9000)
    scaled = gain_for_snr(speech, noise, snr_db) * noise
    assert 20 * np.log10(rms(speech) / rms(scaled)) == pytest.approx(snr_db, abs=1e-6)


def test_evaluation_mixtures_have_the_ratio_they_are_named_after(cache, clips):
    speech_and_noise = [c for c in clips if c.kind in ("speech", "noise")]
    mixtures = evaluation_mixtures(cache, speech_and_noise, per_snr=2, seed=5, longest_seconds=2.0)
    assert len(mixtures) == 12
    for item in mixtures:
        found = 20 * np.log10(rms(item.clean) / rms(item.noisy - item.clean))
        assert found == pytest.approx(item.snr_db, abs=0.05), item.name


def test_a_plain_training_mixture_has_its_ratio_inside_the_configured_range(cache, clips):
    plain = MixingConfig(clean_probability=0, noise_only_probability=0, reverb_probability=0, band_limit_probability=0,
                         clip_probability=0, level_dbfs=(-40.0, -30.0), snr_db=(3.0, 3.0), **SHORT)
    mixer = Mixer(cache, clips, plain, seed=1)
    for step in range(6):
        mixture, target = mixer.example(step, 0)
        assert 20 * np.log10(rms(target) / rms(mixture - target)) == pytest.approx(3.0, abs=0.05)
        assert -40.1 < 20 * np.log10(rms(mixture)) < -29.9


def test_the_same_seed_step_and_row_give_the_same_samples(cache, clips):
    first, again, other = (Mixer(cache, clips, MixingConfig(**SHORT), seed) for seed in (4, 4, 5))
    assert np.array_equal(first.batch(17, 3)[0], again.batch(17, 3)[0])
    assert not np.array_equal(first.batch(17, 3)[0], other.batch(17, 3)[0])
    assert not np.array_equal(first.batch(17, 3)[0], first.batch(18, 3)[0])


def test_mixtures_are_finite_and_within_full_scale(cache, clips):
    mixer = Mixer(cache, clips, MixingConfig(**SHORT), seed=6)
    for step in range(12):
        mixture, target = mixer.batch(step, 4)
        assert np.isfinite(mixture).all() and np.isfinite(target).all()
        assert np.abs(mixture).max() <= 1.0


def test_noise_only_crops_have_a_silent_target_and_clean_crops_equal_it(cache, clips):
    only = Mixer(cache, clips, MixingConfig(noise_only_probability=1.0, **SHORT), seed=1).example(0, 0)
    assert rms(only[0]) > 0 and rms(only[1]) == 0
    clean = MixingConfig(noise_only_probability=0, clean_probability=1.0, reverb_probability=0, clip_probability=0, **SHORT)
    mixture, target = Mixer(cache, clips, clean, seed=1).example(0, 0)
    assert np.array_equal(mixture, target)


def test_the_mixer_refuses_forbidden_clips(cache, clips):
    foreign = Clip("eval-nc/ravdess/a.flac", "speech", "ravdess", "CC-BY-NC-SA-4.0", "r1", "en", 3.0, "test")
    with pytest.raises(CorpusError):
        Mixer(cache, [*clips, foreign], MixingConfig(**SHORT), seed=1)


def test_unknown_options_are_errors():
    with pytest.raises(ValueError, match="snr"):
        MixingConfig.from_dict({"snr": [0, 1]})


def test_scenes_of_a_further_folder_are_scenes_and_families_are_drawn_evenly(clips):
    scenes = [replace(clip, path=f"/elsewhere/noise-scenes/more/{k}.flac", label="rain" if k else "wind")
              for k, clip in enumerate([c for c in clips if c.kind == "noise"][:1] * 4)]
    groups = noise_groups([*scenes, replace(scenes[0], path="/elsewhere/noise/more/saw.flac", label="saw")])
    assert {kind: sorted(labels) for kind, labels in groups.items()} == {"scene": ["rain", "wind"], "noise": ["saw"]}
    assert len(groups["scene"]["rain"]) == 3


def test_a_speed_change_moves_a_tone_by_its_factor():
    tone = np.sin(2 * np.pi * 1000 * np.arange(17_000) / 16_000).astype(np.float32)
    faster = change_speed(tone, 1.03, 16_000)
    assert np.abs(np.fft.rfft(faster)).argmax() == 1030


def test_the_cache_holds_what_the_decoder_reads(cache, clips):
    path = clips[0].path
    assert np.abs(cache.read(path) - read_clip(TINY, path)).max() == 0
    assert len(cache.read(path, start=100, count=50)) == 50


def test_a_thin_voice_loses_its_low_end_and_keeps_its_level():
    noise = np.random.default_rng(3).standard_normal(16_000).astype(np.float32)
    thin = equalised(np.random.default_rng(4), noise, spread_db=0.0, thin_probability=1.0)
    power = np.abs(np.fft.rfft(thin)) ** 2 / np.abs(np.fft.rfft(noise)) ** 2
    assert 10 * np.log10(power[50:100].mean() / power[4000:].mean()) < -12  # 50 to 100 Hz against 4 kHz and up
    assert rms(thin) == pytest.approx(rms(noise), rel=1e-4)


def test_an_equaliser_without_spread_changes_nothing_and_keeps_silence():
    noise = np.random.default_rng(5).standard_normal(8_000).astype(np.float32)
    same = equalised(np.random.default_rng(6), noise, spread_db=0.0, thin_probability=0.0)
    assert np.allclose(same, noise, atol=1e-5)
    assert not equalised(np.random.default_rng(6), noise * 0, spread_db=6.0, thin_probability=1.0).any()
