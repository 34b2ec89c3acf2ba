"""A real training from conf/smoke.yaml on the tiny committed set: seconds, but every part of the real loop."""

import importlib.util
import json
from functools import partial
from pathlib import Path

import pytest
import torch
import yaml

from sotto_models.corpus import read_manifest, training_clips
from sotto_models.mask_loss import mask_loss
from sotto_models.mixing import Mixer, MixingConfig
from sotto_models.networks.frame_major import forward_frame_major
from sotto_models.onnx_export import (
    PARITY_TOLERANCE,
    STREAMING_TOLERANCE,
    ParityError,
    assert_parity,
    assert_streaming,
    export_network,
    load_network,
    open_session,
    stream_mask,
)
from sotto_models.pcm_cache import open_cache

MODEL_FOLDER = Path(__file__).resolve().parents[1]
TINY = MODEL_FOLDER.parent / "common" / "tests" / "data"


def recipe():
    spec = importlib.util.spec_from_file_location("enhance_train", MODEL_FOLDER / "train.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def smoke_trainer(folder: Path, name: str, configuration: str = "smoke.yaml"):
    config = yaml.safe_load((MODEL_FOLDER / "conf" / configuration).read_text())
    return recipe().build_trainer(config, TINY, folder / name, folder / "cache")


def logged_losses(folder: Path) -> list[float]:
    lines = (folder / "log.jsonl").read_text().splitlines()
    return [entry["loss"] for entry in map(json.loads, lines) if entry["event"] == "train"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    trainer = smoke_trainer(folder, "whole")
    trainer.run(report=lambda line: None)
    return folder, trainer


def fixed_batch(folder: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """Mixtures and targets that no step drew, (32, samples) each."""
    config = yaml.safe_load((MODEL_FOLDER / "conf" / "smoke.yaml").read_text())
    clips = training_clips(read_manifest(TINY))
    mixer = Mixer(open_cache(TINY, clips, folder / "cache"), clips, MixingConfig.from_dict(config["mixing"]), seed=99)
    mixture, target = mixer.batch(0, 32)
    return torch.from_numpy(mixture), torch.from_numpy(target)


@torch.no_grad()
def test_smoke_training_lowers_the_loss(trained):
    # On one fixed batch: the logged losses are means of a few crops of very different difficulty.
    folder, trainer = trained
    mixture, target = fixed_batch(folder)
    before, after = (
        mask_loss(partial(forward_frame_major, network.eval()), mixture, target).item()
        for network in (smoke_trainer(folder, "untrained").network, trainer.ema)
    )
    assert len(logged_losses(folder / "whole")) == 6
    # Measured .82 after sixty steps; a network that learns nothing stays at 1.
    assert after < 0.9 * before


def test_a_resumed_run_ends_exactly_where_an_uninterrupted_one_does(trained):
    folder, whole = trained
    smoke_trainer(folder, "parts").run(stop_after_step=25, report=lambda line: None)
    resumed = smoke_trainer(folder, "parts")
    assert resumed.resume() and resumed.step == 25
    resumed.run(report=lambda line: None)
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[name]), name
    for name, value in whole.ema.state_dict().items():
        assert torch.equal(value, resumed.ema.state_dict()[name]), name


def test_gates_that_start_from_a_dense_net_learn_to_leave_channels_off(trained):
    folder, dense = trained
    trainer = smoke_trainer(folder, "gated", "smoke-gated.yaml")
    trainer.start_from(folder / "whole" / "best.pt")
    assert torch.equal(trainer.network.encoder.weight, dense.ema.encoder.weight)
    trainer.run(report=lambda line: None)
    lines = map(json.loads, (folder / "gated" / "log.jsonl").read_text().splitlines())
    uses = [entry["use"] for entry in lines if entry["event"] == "train"]
    assert uses[0] > 0.85
    assert uses[-1] < 0.75


def test_weights_of_other_sizes_are_not_started_from(trained):
    folder, _ = trained
    config = yaml.safe_load((MODEL_FOLDER / "conf" / "smoke.yaml").read_text())
    config["network"]["channels"] = 8
    other = recipe().build_trainer(config, TINY, folder / "other", folder / "cache")
    with pytest.raises(ValueError, match="same sizes"):
        other.start_from(folder / "whole" / "best.pt")


def test_nothing_to_resume_is_said(tmp_path):
    assert smoke_trainer(tmp_path, "empty").resume() is False


@pytest.fixture(scope="module")
def exported(trained):
    folder, _ = trained
    network = load_network(folder / "whole" / "best.pt")
    path = folder / "smoke.onnx"
    export_network(network, path)
    return network, path


def test_the_exported_graph_equals_the_network(exported):
    assert assert_parity(*exported) <= PARITY_TOLERANCE


def test_parity_fails_on_another_network(exported):
    network, path = exported
    with torch.no_grad():
        network.decoder.bias[3] += 0.01
    with pytest.raises(ParityError):
        assert_parity(network, path)
    with torch.no_grad():
        network.decoder.bias[3] -= 0.01


def test_chunks_with_context_equal_the_whole(exported):
    network, path = exported
    assert assert_streaming(path, network.config.context_frames, network.config.bins) <= STREAMING_TOLERANCE


def test_half_the_context_is_noticed(exported):
    network, path = exported
    magnitude = torch.rand(1, 257, 120, generator=torch.Generator().manual_seed(4)).numpy() * 5
    session = open_session(path)
    (whole,) = session.run(["mask"], {"magnitude": magnitude})
    short = stream_mask(session, magnitude, 20, network.config.context_frames // 2)
    assert abs(short - whole).max() > STREAMING_TOLERANCE
