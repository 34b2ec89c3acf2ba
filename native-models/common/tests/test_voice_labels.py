"""Codebooks, phoneme frames and the label folder, on made-up numbers: no teacher, tracker or corpus is needed."""

import json
from pathlib import Path

import numpy as np
import pytest

from sotto_models.corpus import Clip, CorpusError
from sotto_models.voice.codebooks import CODE_SIZE, Codebooks, fit_basis, fit_centres, fit_codebooks, nearest
from sotto_models.voice.labels import (
    LabelWriter,
    VoiceLabels,
    at_hundred_a_second,
    balanced,
    speech_clips,
)
from sotto_models.voice.phones import PHONES, SILENCE, UNKNOWN, is_held_out_voice, phone_frames, phone_information

TINY = Path(__file__).parent / "data"


def random_features(frames: int = 600, inputs: int = 200, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    strength = np.linspace(3, 0.01, inputs)
    directions = np.linalg.qr(rng.normal(size=(inputs, inputs)))[0]
    return (rng.normal(size=(frames, inputs)) * strength @ directions + 5).astype(np.float32)


def test_principal_components_keep_distances_up_to_one_factor():
    features = random_features()
    basis = fit_basis(features)
    z = basis.project(features, 128)
    assert np.square(basis.project(features)).mean() == pytest.approx(1, rel=1e-3)
    whole = np.linalg.norm(features[0] - features[1]) * basis.scale
    assert np.linalg.norm(z[0] - z[1]) == pytest.approx(whole, rel=0.03)
    assert 0.5 < basis.kept < 1


def test_the_same_features_give_the_same_signs():
    features = random_features()
    np.testing.assert_allclose(fit_basis(features).components, fit_basis(features[::-1]).components, atol=1e-4)


def test_centres_find_separate_groups():
    rng = np.random.default_rng(1)
    truth = rng.normal(size=(12, 8)) * 10
    points = (truth[rng.integers(12, size=2000)] + rng.normal(size=(2000, 8)) * 0.1).astype(np.float32)
    centres = fit_centres(points, 12, seed=5)
    distances = np.linalg.norm(truth[:, None] - centres[None], axis=2).min(1)
    assert distances.max() < 0.1
    np.testing.assert_array_equal(centres, fit_centres(points, 12, seed=5))


def test_more_centres_than_different_points_do_not_fail():
    points = np.repeat(np.eye(4, dtype=np.float32), 10, 0)
    assert np.isfinite(fit_centres(points, 8, seed=1)).all()
    with pytest.raises(ValueError, match="at least 41"):
        fit_centres(points, 41, seed=1)


def test_nearest_equals_a_plain_search():
    rng = np.random.default_rng(2)
    points, centres = rng.normal(size=(100, 6)).astype(np.float32), rng.normal(size=(9, 6)).astype(np.float32)
    expected = np.square(points[:, None] - centres[None]).sum(2).argmin(1)
    np.testing.assert_array_equal(nearest(points, centres), expected)


def test_the_second_code_brings_z_nearer():
    z = np.random.default_rng(4).normal(size=(3000, CODE_SIZE)).astype(np.float32)
    books = fit_codebooks(z, seed=1, codes=64)
    first, second = books.encode(z)
    assert first.dtype == second.dtype == np.uint16
    one, two = (np.square(z - decoded).mean() for decoded in (books.decode(first), books.decode(first, second)))
    assert two < one < np.square(z).mean()


def test_phonemes_stand_where_their_durations_say():
    # padding 2, h 2, stress 1, A 3, short space 2, b 2, comma 4, space 1, w 2, length 2, padding 2: 23 frames of 25 ms
    phones = phone_frames("hˈA b, wː", [2, 2, 1, 3, 2, 2, 4, 1, 2, 2, 2], 28)
    h, a, b, w = (PHONES.index(symbol) for symbol in "hAbw")
    fine = [SILENCE] * 2 + [h] * 2 + [a] * 4 + [UNKNOWN] * 2 + [b] * 2 + [SILENCE] * 5 + [w] * 4 + [SILENCE] * 2
    expected = [fine[t * 20 // 25] if t * 20 // 25 < len(fine) else SILENCE for t in range(28)]
    assert phones.tolist() == expected


def test_durations_of_another_sentence_are_refused():
    with pytest.raises(ValueError, match="Expected 4 durations"):
        phone_frames("ab", [1, 2, 3], 10)


def test_units_that_are_the_phonemes_tell_all_and_constant_ones_nothing():
    phones = np.random.default_rng(1).integers(-1, 10, 5000)
    assert phone_information(phones, np.maximum(phones, 0) + 3) == pytest.approx(1)
    assert phone_information(phones, np.zeros(5000, int)) == pytest.approx(0)
    assert phone_information(phones, np.maximum(phones, 0) // 2) < 0.9


def test_every_eighth_synthetic_voice_is_held_out():
    assert [n for n in range(20) if is_held_out_voice(f"kokoro-{n}")] == [7, 15]
    assert not is_held_out_voice("librispeech-7") and not is_held_out_voice("kokoro")


def test_pitch_is_interpolated_on_a_logarithmic_scale_inside_voiced_runs_only():
    hertz = np.array([0, 0, 100, 100, 200, 200, 0, 0, 0, 0], np.float32)
    sure = np.array([0, 0, 1, 1, 1, 1, 0, 0, 0, 0], np.float32)
    track = at_hundred_a_second(hertz, sure, 16)
    voiced = np.flatnonzero(track)
    # 16 ms a value: voiced from value 2 to 5, 32 to 80 ms
    assert voiced.tolist() == [3, 4, 5, 6, 7, 8]
    at = 5 * 160 / 256
    assert track[5] == pytest.approx(100 * 2 ** (at - 3))
    assert not at_hundred_a_second(np.zeros(10), np.ones(10), 16).any()


def clip(name: str, speaker: str = "a", split: str = "train") -> tuple[Clip, Path]:
    return Clip(name, "speech", "made-up", "CC0-1.0", speaker, "en", 10.0, split), Path("/nowhere") / name


def test_no_speaker_owns_the_sample_and_held_out_ones_are_not_in_it():
    clips = [clip(f"a{n}") for n in range(50)] + [clip("b0", "b"), clip("v0", "v", "valid"), clip("k", "kokoro-7")]
    chosen = [c.speaker for c, _ in balanced(clips, 60.0, seed=1)]
    assert chosen.count("a") == 6 and chosen.count("b") == 1 and len(chosen) == 7


def test_only_permitted_speech_is_labelled():
    paths = {path.name for _, path in speech_clips([TINY])}
    assert paths == {"de_rhasspy-0004.flac", "de_rhasspy-0063.flac", "de_rhasspy-0084.flac"}


def test_labels_come_back_as_written_and_an_interrupted_run_goes_on(tmp_path):
    features, basis = random_features(700, 384), fit_basis(random_features(700, 384))
    pitch = np.arange(200, dtype=np.float32)
    writer = LabelWriter(tmp_path, basis)
    writer.append(*clip("one"), 32_000, features[:100], pitch)
    writer.close()
    # What an interruption leaves: arrays without a line, and half a line.
    for name in ("teacher.f16", "pitch.f32"):
        with open(tmp_path / name, "ab") as file:
            file.write(b"12345678")
    with open(tmp_path / "index.jsonl", "a") as file:
        file.write('{"path": "/nowhere/ha')
    again = LabelWriter(tmp_path, basis)
    assert again.paths == {"/nowhere/one"}
    again.append(*clip("two", "kokoro-15"), 16_000, features[100:150], pitch[:100])
    again.close()

    labels = VoiceLabels(tmp_path)
    assert [(c.path, c.split) for c in labels.clips] == [("/nowhere/one", "train"), ("/nowhere/two", "valid")]
    second = labels.clip("/nowhere/two")
    # float16 as stored
    np.testing.assert_allclose(labels.z(second, 10, 5), basis.project(features[110:115]), rtol=1e-3, atol=1e-3)
    np.testing.assert_array_equal(labels.f0_hz(second, 90, 99), pitch[90:100])
    assert labels.z(second, 45, 99).shape == (5, CODE_SIZE)
    assert labels.chosen("valid") == [second]
    with pytest.raises(CorpusError, match="three"):
        labels.clip("/nowhere/three")
    with pytest.raises(CorpusError, match="codebooks"):
        _ = labels.codebooks


def test_a_folder_opens_while_a_clip_is_being_written(tmp_path):
    features, basis = random_features(700, 384), fit_basis(random_features(700, 384))
    writer = LabelWriter(tmp_path, basis)
    assert VoiceLabels(tmp_path).clips == []
    pitch = np.arange(200, dtype=np.float32)
    writer.append(*clip("one"), 32_000, features[:100], pitch)
    whole = VoiceLabels(tmp_path)
    for name in ("teacher.f16", "pitch.f32"):
        with open(tmp_path / name, "ab") as file:
            file.write(b"123")
    half = VoiceLabels(tmp_path)
    (one,) = half.clips
    np.testing.assert_array_equal(half.z(one), whole.z(one))
    np.testing.assert_array_equal(half.f0_hz(one), pitch)
    writer.close()


def test_labels_of_another_teacher_are_not_continued(tmp_path):
    basis = fit_basis(random_features(700, 384))
    LabelWriter(tmp_path, basis).close()
    facts = json.loads((tmp_path / "teacher.json").read_text())
    (tmp_path / "teacher.json").write_text(json.dumps({**facts, "layer": 4}))
    with pytest.raises(CorpusError, match="another folder"):
        LabelWriter(tmp_path, basis)
    with pytest.raises(CorpusError, match="label.py"):
        VoiceLabels(tmp_path / "empty")


def test_a_folder_and_its_pitch_must_have_the_same_length(tmp_path):
    basis = fit_basis(random_features(700, 384))
    writer = LabelWriter(tmp_path, basis)
    with pytest.raises(ValueError, match="200 pitch frames"):
        writer.append(*clip("one"), 32_000, random_features(100, 384), np.zeros(100, np.float32))
    writer.close()


def test_codebooks_decode_what_they_encode():
    books = Codebooks(np.eye(3, CODE_SIZE, dtype=np.float32), np.eye(3, CODE_SIZE, dtype=np.float32) * 0.1)
    first, second = books.encode(books.first + books.residual[::-1])
    assert first.tolist() == [0, 1, 2] and second.tolist() == [2, 1, 0]
