"""z of a trained encoder instead of the teacher's: kept in the labels' form, and what training hears then."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from load_script import load_script
from sotto_models.voice.codebooks import save_arrays
from sotto_models.voice.encoder import EncoderConfig, VoiceEncoder
from sotto_models.voice.labels import VoiceLabels
from sotto_models.voice.synthesis_data import SynthesisData, SynthesisDataConfig, read_sentences

MODEL_FOLDER = Path(__file__).resolve().parents[1]
HALF_PRECISION = 2e-3
"""z is stored as float16."""


@pytest.fixture(scope="module")
def encoded(tmp_path_factory):
    script, root = load_script(MODEL_FOLDER / "encoded.py"), tmp_path_factory.mktemp("tiny")
    voices, pairs, labels = load_script(MODEL_FOLDER / "tests" / "tiny_voices.py").make_tiny_voices(root)
    torch.manual_seed(4)
    encoder = VoiceEncoder(EncoderConfig(width=16, dilations=(1,), kernel=3)).eval()
    opened, folder = VoiceLabels(labels), root / "codes"
    script.encode_all(encoder, opened.clips[:2], opened, folder)
    script.encode_all(encoder, opened.clips, opened, folder)
    return script, encoder, opened, VoiceLabels(folder), voices, pairs


def test_every_clip_has_the_encoders_z_and_the_labels_pitch_once(encoded):
    script, encoder, labels, codes, *_ = encoded
    assert [dataclasses.asdict(clip) for clip in codes.clips] == [dataclasses.asdict(clip) for clip in labels.clips]
    for clip in codes.clips:
        z = script.encode(encoder, soundfile.read(clip.path, dtype="float32")[0])
        assert codes.z(clip).shape == labels.z(clip).shape == z.shape
        assert np.abs(codes.z(clip) - z).max() <= HALF_PRECISION * max(1.0, np.abs(z).max())
        assert np.array_equal(codes.f0_hz(clip), labels.f0_hz(clip))


def test_training_hears_the_encoders_z_and_aims_at_the_same_sound(encoded):
    _, _, labels, codes, voices, pairs = encoded
    sentences, config = read_sentences(labels, voices, pairs, "train", 24), SynthesisDataConfig(crop_frames=24)
    of_teacher = SynthesisData(sentences, labels, config, 3).batch(0, 3, ["clear"] * 3)
    of_encoder = SynthesisData(sentences, labels, config, 3, codes).batch(0, 3, ["clear"] * 3)
    assert not np.allclose(of_teacher["z"], of_encoder["z"])
    assert np.array_equal(of_teacher["target"], of_encoder["target"])


def test_codes_among_another_codebooks_centres_are_refused(encoded, tmp_path):
    _, _, labels, codes, voices, pairs = encoded
    shutil.copytree(codes.folder, tmp_path / "codes")
    save_arrays(tmp_path / "codes" / "codebooks.npz", first=labels.codebooks.first + 0.1, residual=labels.codebooks.residual)
    sentences = read_sentences(labels, voices, pairs, "train", 24)
    with pytest.raises(ValueError, match="encoded.py again"):
        SynthesisData(sentences, labels, SynthesisDataConfig(crop_frames=24), 3, VoiceLabels(tmp_path / "codes"))


def test_a_folder_belongs_to_one_encoder(encoded, tmp_path):
    script, *_ = encoded
    for name in ("one", "two"):
        (tmp_path / name).write_text(name)
    script.remember_encoder(tmp_path / "one", tmp_path / "folder")
    script.remember_encoder(tmp_path / "one", tmp_path / "folder")
    with pytest.raises(ValueError, match="another encoder"):
        script.remember_encoder(tmp_path / "two", tmp_path / "folder")
