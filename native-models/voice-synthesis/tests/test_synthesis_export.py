"""From the smoke training to the graph, its voices and its golden files; and speech of exact length in a chosen voice."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from load_script import load_script
from sotto_models.onnx_export import ParityError, open_session, sha256_of
from sotto_models.voice.labels import VoiceLabels
from sotto_models.voice.mel import log_mel
from sotto_models.voice.synthesis_data import REFERENCE_SAMPLES, codebook_checksum, read_recipes, read_sentences
from sotto_models.voice.synthesis_export import (
    PARITY_TOLERANCE,
    REFERENCE_TOLERANCE,
    STREAMING_TOLERANCE,
    assert_chunks,
    assert_reference_parity,
    assert_synthesis_parity,
    filters_in_chunks,
)
from sotto_models.voice.synthesis_net import VOICE_NAMES, load_synthesis
from sotto_models.voice.synthesis_render import moved_to, registers_hz, render
from sotto_models.voice.synthesis_training import build_run, voices_of

MODEL_FOLDER = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return load_script(MODEL_FOLDER / "tests" / "tiny_voices.py").make_tiny_voices(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def exported(tiny, tmp_path_factory):
    voices, pairs, labels = tiny
    runs, folder = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("model")
    config = yaml.safe_load((MODEL_FOLDER / "conf" / "smoke.yaml").read_text())
    config["training"]["steps"] = 6
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sotto_models.run_loop.commit_of_the_code", lambda: "abc1234")
        build_run(config, VoiceLabels(labels), voices, pairs, runs / "smoke").run(report=lambda line: None)
    weights, codebook = runs / "smoke" / "best.pt", codebook_checksum(VoiceLabels(labels).codebooks)
    export = load_script(MODEL_FOLDER / "export.py")
    with pytest.raises(ValueError, match="know the codebook"):
        export.export_level(weights, "smoke", np.full(len(VOICE_NAMES), 150.0), "0" * 64, folder, "--config conf/smoke.yaml")
    with pytest.raises(ValueError, match="Give --recipe"):
        export.export_level(weights, "smoke", np.full(len(VOICE_NAMES), 150.0), codebook, folder)
    export.export_level(weights, "smoke", np.full(len(VOICE_NAMES), 150.0), codebook, folder, "--config conf/smoke.yaml")
    return load_synthesis(weights), folder


def test_the_graph_equals_the_net_and_chunks_equal_the_whole(exported):
    net, folder = exported
    assert assert_synthesis_parity(net, folder / "model.onnx") <= PARITY_TOLERANCE
    assert assert_chunks(folder / "model.onnx", net.config.context_frames) <= STREAMING_TOLERANCE


def test_parity_fails_on_another_net(exported):
    net, folder = exported
    with torch.no_grad():
        net.head.bias[3] += 0.01
    with pytest.raises(ParityError):
        assert_synthesis_parity(net, folder / "model.onnx")
    with torch.no_grad():
        net.head.bias[3] -= 0.01


def test_parity_of_the_reference_fails_on_another_net(exported):
    net, folder = exported
    assert assert_reference_parity(net.reference, folder / "reference.onnx") <= REFERENCE_TOLERANCE
    with torch.no_grad():
        net.reference.project.bias[0] += 0.1
    with pytest.raises(ParityError):
        assert_reference_parity(net.reference, folder / "reference.onnx")
    with torch.no_grad():
        net.reference.project.bias[0] -= 0.1


def test_the_reference_graph_hears_a_voice_as_training_did(exported):
    net, folder = exported
    entry = json.loads((folder / "model.json").read_text())["reference"]
    rng = np.random.default_rng(6)
    speech = rng.normal(size=REFERENCE_SAMPLES) * np.sin(np.arange(REFERENCE_SAMPLES) / 900)
    speech = (speech / np.sqrt(np.mean(speech**2))).astype(np.float32)
    batch = {"reference": torch.from_numpy(speech)[None], "referred": torch.ones(1), "weights": torch.zeros(1, len(VOICE_NAMES))}
    with torch.no_grad():
        wanted = voices_of(net, batch)[0].numpy()
    session = open_session(folder / entry["file"])
    mel = log_mel(entry["speechRms"] * speech, 16_000).T[None].astype(np.float32)
    assert list(mel.shape[1:]) == entry["input"]["shape"][1:]
    (found,) = session.run([entry["output"]["name"]], {entry["input"]["name"]: mel})
    assert found.shape == (1, entry["output"]["shape"][1])
    assert np.abs(found[0] - wanted).max() < 1e-3


def test_half_the_context_is_noticed(exported):
    net, folder = exported
    session, rng = open_session(folder / "model.onnx"), np.random.default_rng(4)
    inputs = {"z": rng.normal(size=(1, 64, 60)), "pitch": rng.normal(size=(1, 2, 120)), "voice": rng.normal(size=(1, 8)),
              "mode": np.eye(3)[:1]}
    inputs = {name: value.astype(np.float32) for name, value in inputs.items()}
    whole = filters_in_chunks(session, inputs, 60, 0)
    short = filters_in_chunks(session, inputs, 20, net.config.context_frames // 2)
    assert np.abs(short - whole).max() > STREAMING_TOLERANCE


def test_the_manifest_names_what_lies_beside_it(exported):
    _, folder = exported
    manifest = json.loads((folder / "model.json").read_text())
    (level,) = manifest["levels"]
    assert level["sha256"] == sha256_of(folder / level["file"])
    assert manifest["voices"]["sha256"] == sha256_of(folder / "voices.json")
    reference = manifest["reference"]
    assert reference["sha256"] == sha256_of(folder / reference["file"])
    assert reference["sizeBytes"] == (folder / reference["file"]).stat().st_size
    told = json.loads((folder / reference["golden"]["file"]).read_text())["tensors"]
    mel, voice = (np.fromfile(folder / "golden" / told[name]["file"], "<f4").reshape(told[name]["shape"]) for name in ("mel", "voice"))
    (again,) = open_session(folder / reference["file"]).run(None, {"mel": mel})
    assert np.abs(again - voice).max() <= reference["golden"]["maxAbsoluteError"]
    assert len(manifest["codebookSha256"]) == 64
    session = open_session(folder / level["file"])
    assert [t.name for t in session.get_inputs()] == [t["name"] for t in manifest["inputs"]]
    golden = json.loads((folder / manifest["golden"]["file"]).read_text())
    tensors, at = golden["tensors"], folder / "golden"
    read = {name: np.fromfile(at / t["file"], "<f4").reshape(t["shape"]) for name, t in tensors.items()}
    expected = read.pop("filters")
    assert np.abs(session.run(None, read)[0] - expected).max() <= golden["maxAbsoluteError"]
    facts = json.loads((folder / "training.json").read_text())["levels"]["fp32"]
    assert (facts["seed"], facts["steps"], facts["pairs"]) == (7, 6, 1)
    assert "Apache-2.0" in facts["licences"]["voices"]
    assert facts["commit"] == "abc1234"
    assert "train.py --config conf/smoke.yaml --voices FOLDER" in facts["command"]


def test_the_voices_of_the_file_make_the_vector_of_a_mixture(exported):
    net, folder = exported
    voices = json.loads((folder / "voices.json").read_text())["voices"]
    assert [voice["name"] for voice in voices] == list(VOICE_NAMES)
    weights = torch.zeros(1, len(VOICE_NAMES))
    weights[0, 3], weights[0, 40] = 0.25, 0.75
    mixed = 0.25 * np.array(voices[3]["vector"]) + 0.75 * np.array(voices[40]["vector"])
    assert np.abs(net.voice(weights).detach().numpy()[0] - mixed).max() < 1e-4


def test_registers_are_found_from_mixtures_and_unheard_voices_get_the_mean(tiny):
    voices, pairs, labels = tiny
    opened = VoiceLabels(labels)
    found = registers_hz(read_sentences(opened, voices, pairs, "train", 24), opened, read_recipes(voices))
    # The tiny set says 200 Hz everywhere.
    assert found == pytest.approx(np.full(len(VOICE_NAMES), 200.0))
    halved = {path: 0.5 for path in read_recipes(voices)}
    assert registers_hz(read_sentences(opened, voices, pairs, "train", 24), opened, halved) == pytest.approx(2 * found)


def test_speech_is_rendered_in_exact_length_with_the_chosen_pitch(exported):
    net, _ = exported
    rng = np.random.default_rng(8)
    z, f0 = rng.normal(size=(60, 64)).astype(np.float32), np.where(np.arange(120) < 100, 170.0, 0.0)
    chosen = moved_to(f0, 125.0)
    assert chosen[0] == pytest.approx(125) and chosen[110] == 0
    sound = render(net, z, chosen, {"af_heart": 1.0}, "strict", seed=1)
    assert sound.shape == (60 * 480,) and np.isfinite(sound).all()
    spectrum = np.abs(np.fft.rfft(sound[:24_000] * np.hanning(24_000)))
    harmonics, between = spectrum[250:3000:125], spectrum[312:3000:125]
    assert np.median(harmonics) > 3 * np.median(between)
    assert np.array_equal(sound, render(net, z, chosen, {"af_heart": 1.0}, "strict", seed=1))
    assert not np.array_equal(sound, render(net, z, chosen, {"am_adam": 1.0}, "strict", seed=1))
    with pytest.raises(ValueError, match="120 values"):
        render(net, z, f0[:-1], {"af_heart": 1.0}, "strict", seed=1)


def test_whispering_stays_unvoiced():
    assert not moved_to(np.zeros(8), 150.0).any()
