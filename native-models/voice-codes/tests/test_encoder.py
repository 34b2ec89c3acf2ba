"""A real training of the encoder from conf/smoke.yaml on the tiny committed set, with labels of a made-up teacher."""

import json
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from load_script import load_script
from sotto_models.onnx_export import ParityError, open_session
from sotto_models.pcm_cache import read_clip
from sotto_models.voice.code_voicing import code_voicing
from sotto_models.voice.codebooks import Basis, Codebooks, fit_basis, fit_codebooks, save_arrays
from sotto_models.voice.encoder import EncoderConfig, EncoderInTraining, VoiceEncoder
from sotto_models.voice.encoder_export import (
    STREAMING_TOLERANCE,
    assert_chunks,
    assert_encoder_parity,
    encode_in_chunks,
    export_encoder,
    load_encoder,
)
from sotto_models.voice.encoder_task import warped
from sotto_models.voice.labels import LabelWriter, VoiceLabels, speech_clips
from sotto_models.voice.mel import BANDS, log_mel
from sotto_models.voice.mel_scale import mel_edges_hz

MODEL_FOLDER = Path(__file__).resolve().parents[1]
TINY = MODEL_FOLDER.parent / "common" / "tests" / "data"


def recipe(name: str):
    return load_script(MODEL_FOLDER / f"{name}.py")


def made_up_features(sound: np.ndarray) -> np.ndarray:
    """(frames, 384): a fixed random picture of the log mel, so that there is something to learn without the real teacher."""
    mel = log_mel(sound, 16_000)[::2]
    picture = np.random.default_rng(8).normal(size=(BANDS, 384)) / np.sqrt(BANDS)
    return (mel @ picture).astype(np.float32)


@pytest.fixture(scope="module")
def labels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labels")
    clips = speech_clips([TINY])
    features = {path: made_up_features(read_clip(path.parent, path.name)) for _, path in clips}
    basis = fit_basis(np.concatenate(list(features.values())))
    writer = LabelWriter(folder, basis)
    for clip, path in clips:
        writer.append(clip, path, len(read_clip(path.parent, path.name)), features[path], np.zeros(2 * len(features[path])))
    writer.close()
    z = np.concatenate([basis.project(values) for values in features.values()])
    books = fit_codebooks(z, seed=1, codes=32)
    save_arrays(folder / "codebooks.npz", first=books.first, residual=books.residual)
    return VoiceLabels(folder)


def smoke_run(labels: VoiceLabels, folder: Path, name: str, **training):
    config = yaml.safe_load((MODEL_FOLDER / "conf" / "smoke.yaml").read_text())
    config["training"] |= training
    return recipe("train").build_run(config, [TINY], labels.folder, folder / name, folder / "cache")


@pytest.fixture(scope="module")
def trained(labels, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    run = smoke_run(labels, folder, "whole")
    run.run(report=lambda line: None)
    return folder, run


def logged(folder: Path, event: str) -> list[dict]:
    return [line for line in map(json.loads, (folder / "log.jsonl").read_text().splitlines()) if line["event"] == event]


def test_smoke_training_lowers_the_loss(trained):
    folder, _ = trained
    losses = [line["distance"] for line in logged(folder / "whole", "train")]
    assert len(losses) == 4
    # Crops are drawn anew for every step; measured 0.6 of the first after forty steps.
    assert losses[-1] < 0.85 * losses[0]


def test_the_log_says_what_was_trained_on(trained):
    folder, _ = trained
    (data,) = logged(folder / "whole", "data")
    assert data["hours"] == {"rhasspy-kerstin": pytest.approx(0.0025, abs=1e-3)} and data["speakers"] == 1
    assert data["noises"] == 4  # three noises and an event of the train split, not the one of valid


def test_a_resumed_run_ends_exactly_where_an_uninterrupted_one_does(trained, labels):
    folder, whole = trained
    smoke_run(labels, folder, "parts").run(stop_after_step=17, report=lambda line: None)
    resumed = smoke_run(labels, folder, "parts")
    assert resumed.resume() and resumed.step == 17
    resumed.run(report=lambda line: None)
    for name, value in whole.ema.state_dict().items():
        assert torch.equal(value, resumed.ema.state_dict()[name]), name


def test_weights_of_another_codebook_are_refused(trained, labels, tmp_path):
    folder, _ = trained
    begin, weights = recipe("train").begin_with_its_codebook, folder / "whole" / "best.pt"
    run = smoke_run(labels, folder, "beside")
    fresh = Namespace(runs=str(folder), run="beside", resume=False, start_from="whole/best.pt")
    begin(run, fresh, "python train.py")
    assert logged(folder / "beside", "start_from")[0]["weights"] == "whole/best.pt"
    assert logged(folder / "beside", "command")[0]["words"] == "python train.py"
    run.save()
    run.network.centres[3] += 0.01
    for options in (fresh, Namespace(runs=str(folder), run="beside", resume=True, start_from=None)):
        with pytest.raises(ValueError, match="codebook of these labels"):
            begin(run, options, "python train.py")
    books = Codebooks(labels.codebooks.first[::-1].copy(), labels.codebooks.residual)
    with pytest.raises(ValueError, match="codebook of these labels"):
        load_encoder(weights, books)


def test_crops_are_a_function_of_the_step_and_disturb_the_sound_only(trained, labels):
    folder, _ = trained
    config = yaml.safe_load((MODEL_FOLDER / "conf" / "smoke.yaml").read_text())
    first, second = (smoke_run(labels, folder, f"crops{n}")._task.batch(5) for n in (1, 2))
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name], err_msg=name)
    assert first["sound"].shape == (3, config["crops"]["frames"] * 320) and first["z"].shape == (3, 40, 64)
    stored = np.concatenate([labels.z(clip) for clip in labels.clips])
    # Frames between two of the teacher's, so not further out than they are.
    assert first["z"].max() <= stored.max() and first["z"].min() >= stored.min()


def test_validation_judges_whole_clips_against_the_teacher(trained, labels):
    folder, run = trained
    task = run._task
    task._judged = labels.clips
    good = task.measures(run.ema)
    torch.manual_seed(1)
    poor = task.measures(smoke_run(labels, folder, "fresh").ema)
    assert good["frames_real"] == 450
    assert good["explained_real"] > poor["explained_real"]
    assert task.score(good) == good["explained_real"] and task.score({}) is None


def test_context_is_what_the_manifest_will_say():
    config = EncoderConfig(width=8, dilations=(1, 3), kernel=5)
    torch.manual_seed(2)
    encoder = VoiceEncoder(config).eval()
    mel = torch.randn(1, BANDS, 300)
    with torch.no_grad():
        whole = encoder(mel)
        changed = mel.clone()
        changed[:, :, : 150 - config.context_frames] += 5
        changed[:, :, 152 + config.context_frames :] += 5
        assert torch.allclose(encoder(changed)[:, :, 75], whole[:, :, 75], atol=1e-6)
        nearer = mel.clone()
        nearer[:, :, 152 + config.context_frames - 6 :] += 5
        assert not torch.allclose(encoder(nearer)[:, :, 75], whole[:, :, 75], atol=1e-6)


def test_the_shipped_sizes_see_between_four_tenths_and_one_second_each_way():
    for name in ("edge", "paper"):
        config = yaml.safe_load((MODEL_FOLDER / "conf" / f"{name}.yaml").read_text())
        assert 40 <= EncoderConfig.from_dict(config["network"]).context_frames <= 100


def test_the_nearest_centre_is_the_likeliest_unit():
    torch.manual_seed(3)
    network = EncoderInTraining(EncoderConfig(width=8, dilations=(1,)), torch.randn(20, 64), 5, 3)
    z = torch.randn(2, 64, 7)
    distances = torch.cdist(z.transpose(1, 2), network.centres.expand(2, -1, -1))
    assert torch.equal(network.unit_logits(z).argmax(1), distances.argmin(2))


def test_the_speaker_classifier_learns_while_the_encoder_gets_the_opposite():
    torch.manual_seed(3)
    network = EncoderInTraining(EncoderConfig(width=8, dilations=(1,)), torch.randn(20, 64), 5, 3)
    z = torch.randn(4, 64, 9, requires_grad=True)
    known, who = torch.ones(4, 1, 9), torch.tensor([0, 1, 2, 0])
    gradients = {}
    for weight in (0.0, 0.5, 1.0):
        torch.nn.functional.cross_entropy(network.speaker_logits(z, known, weight), who).backward()
        gradients[weight], z.grad = z.grad.clone(), None
    assert not gradients[0.0].any()
    torch.testing.assert_close(gradients[1.0], 2 * gradients[0.5])
    # What an optimiser does with a gradient: a step against it, which must make the speaker harder to tell.
    with torch.no_grad():
        before, after = (
            torch.nn.functional.cross_entropy(network.speaker_logits(z - step * gradients[1.0], known, 1.0), who)
            for step in (0.0, 1.0)
        )
    assert after > before


def test_warping_moves_a_peak_by_the_factor_and_one_changes_nothing():
    centres = mel_edges_hz(BANDS, 0, 8000)[1:-1]
    mel = torch.from_numpy(-np.square((centres - 2000) / 300)).float()[None, :, None].expand(2, -1, 3)
    moved = warped(mel, torch.tensor([1.0, 1.1]))
    torch.testing.assert_close(moved[0], mel[0], atol=1e-3, rtol=1e-3)
    assert centres[int(moved[1, :, 1].argmax())] == pytest.approx(2000 / 1.1, rel=0.03)


@pytest.fixture(scope="module")
def exported(trained, labels):
    folder, _ = trained
    encoder = load_encoder(folder / "whole" / "best.pt", labels.codebooks)
    path = folder / "smoke.onnx"
    export_encoder(encoder, path)
    return encoder, path


def test_the_exported_graph_equals_the_network(exported):
    encoder, path = exported
    assert_encoder_parity(encoder, path)
    with torch.no_grad():
        encoder.project.bias[3] += 0.01
    with pytest.raises(ParityError):
        assert_encoder_parity(encoder, path)
    with torch.no_grad():
        encoder.project.bias[3] -= 0.01


def test_chunks_with_context_equal_the_whole_and_half_of_it_is_noticed(exported):
    encoder, path = exported
    assert assert_chunks(path, encoder.config.context_frames) <= STREAMING_TOLERANCE
    with pytest.raises(ParityError):
        assert_chunks(path, encoder.config.context_frames // 4 * 2)


def test_a_code_is_as_voiced_as_the_frames_that_have_it(labels, tmp_path):
    rng, centres = np.random.default_rng(2), np.eye(64, dtype=np.float32)[:3]
    codes = rng.integers(0, 2, 200)  # the third code is never used
    f0 = np.where(np.repeat(codes, 2) == 1, 150.0, 0.0)
    f0[:2] = 0
    writer = LabelWriter(tmp_path, Basis(np.zeros(64, np.float32), np.eye(64, 128, dtype=np.float32), 1.0, 1.0))
    clip, path = speech_clips([TINY])[0]
    writer.append(clip, path, 64_000, centres[codes], f0)
    writer.close()
    found = code_voicing(VoiceLabels(tmp_path), centres)
    assert found[0] == 0 and found[2] == 0
    assert found[1] == pytest.approx(((codes == 1).sum() - (codes[0] == 1)) / (codes == 1).sum())


def test_an_export_writes_all_that_the_engine_needs(trained, labels, tmp_path):
    folder, _ = trained
    manifest = recipe("export").export_level(folder / "whole" / "best.pt", "whole", "edge", labels, tmp_path)
    (level,) = manifest["levels"]
    assert (tmp_path / level["file"]).stat().st_size == level["sizeBytes"]
    golden = json.loads((tmp_path / "golden" / "golden.json").read_text())["levels"]["edge"]
    z = np.fromfile(tmp_path / "golden" / golden["z"]["file"], "<f4").reshape(golden["z"]["shape"])
    first = np.fromfile(tmp_path / manifest["codebooks"]["first"]["file"], "<f4").reshape(-1, 64)
    assert np.square(z[:, None] - first[None]).sum(2).argmin(1).tolist() == golden["codes"]
    voicing = np.fromfile(tmp_path / manifest["codebooks"]["voicing"]["file"], np.uint8)
    assert voicing.tolist() == [0] * len(first)  # these labels have no F0 anywhere
    facts = json.loads((tmp_path / "training.json").read_text())["levels"]["edge"]
    assert facts["seed"] == 7 and facts["steps"] == 40 and facts["noises"] == 4
    assert facts["commit"] == logged(folder / "whole", "start")[0]["commit"]
    session = open_session(tmp_path / level["file"])
    mel = np.zeros((BANDS, 100), np.float32)
    assert encode_in_chunks(session, mel, 40, manifest["contextFrames"]).shape == (64, 50)
