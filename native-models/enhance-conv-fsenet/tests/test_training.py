"""A real training from conf/smoke.yaml on the tiny committed set: seconds, but every part of the real loop."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from load_script import load_script
from sotto_models.channel_pruning import prune_hidden_channels
from sotto_models.corpus import read_manifest, training_clips
from sotto_models.mask_loss import mask_loss
from sotto_models.mixing import Mixer
from sotto_models.mixing_config import MixingConfig
from sotto_models.model_card import _levels
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


def recipe(name: str = "train"):
    return load_script(MODEL_FOLDER / f"{name}.py")


def smoke_trainer(folder: Path, name: str, configuration: str = "smoke.yaml", **training: object):
    config = yaml.safe_load((MODEL_FOLDER / "conf" / configuration).read_text())
    config["training"] |= training
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


def test_gates_by_importance_work_as_little_as_they_should_from_the_first_step(trained):
    folder, _ = trained
    trainer = smoke_trainer(folder, "important", "smoke-gated.yaml", first_gates="importance")
    trainer.start_from(folder / "whole" / "best.pt")
    trainer.run(report=lambda line: None)
    lines = map(json.loads, (folder / "important" / "log.jsonl").read_text().splitlines())
    uses = [entry["use"] for entry in lines if entry["event"] == "train"]
    target = trainer.config.target_use
    assert all(abs(use - target) < 0.15 for use in uses), uses


def test_steady_norms_keep_the_statistics_that_a_run_began_with(trained):
    folder, _ = trained
    trainer = smoke_trainer(folder, "steady", "smoke-gated.yaml", first_gates="importance", steady_norms=True, steps=20)
    trainer.start_from(folder / "whole" / "best.pt")
    before = {name: value.clone() for name, value in trainer.network.state_dict().items()}
    trainer.run(report=lambda line: None)
    after = trainer.network.state_dict()
    statistics = [name for name in before if "running_" in name]
    assert statistics and all(torch.equal(after[name], before[name]) for name in statistics)
    assert not torch.equal(after["blocks.0.depthwise_norm.weight"], before["blocks.0.depthwise_norm.weight"])


@pytest.mark.parametrize("option", [{"first_gates": "importance"}, {"steady_norms": True}])
def test_what_builds_on_weights_does_not_train_without_them(tmp_path, option):
    with pytest.raises(ValueError, match="--start-from"):
        smoke_trainer(tmp_path, "bare", "smoke-gated.yaml", **option).run(report=lambda line: None)


@pytest.mark.parametrize("option", [{"first_gates": "importnce"}, {"step": "sigmoid"}])
def test_a_word_nobody_knows_is_refused(tmp_path, option):
    with pytest.raises(ValueError, match="one of"):
        smoke_trainer(tmp_path, "typo", "smoke-gated.yaml", **option)


def with_heads(folder: Path, name: str, seed: int = 7):
    """The gated smoke training with heads on its gates; the pitch of a clip is labelled by a rule, not tracked."""
    config = yaml.safe_load((MODEL_FOLDER / "conf" / "smoke-gated.yaml").read_text())
    config["training"] |= {
        "gate_heads": {"speech": 0.1, "f0": 0.05, "noise": 0.05, "domain": 0.05}, "silence_weight": 0.5, "seed": seed,
    }
    config["mixing"] |= {"foreign_probability": 0.1}

    def tracker():
        def track(signal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            frames = -(-len(signal) // 256) + 1
            return np.full(frames, 100.0 if len(signal) % 2 else 200.0), np.ones(frames)
        return track

    return recipe().build_trainer(config, TINY, folder / name, folder / "cache", tracker=tracker)


def test_heads_on_gates_learn_while_the_net_does_and_leave_no_trace_in_its_weights(tmp_path):
    trainer = with_heads(tmp_path, "heads")
    trainer.run(report=lambda line: None)
    lines = [json.loads(line) for line in (tmp_path / "heads" / "log.jsonl").read_text().splitlines()]
    logged = [entry for entry in lines if entry["event"] == "train"]
    for head in ("head_speech", "head_f0", "head_noise"):
        assert np.mean([e[head] for e in logged[-3:]]) < logged[0][head], head
    assert {"use", "use_speech", "use_pause", "head_domain"} <= logged[-1].keys()
    stored = torch.load(next((tmp_path / "heads").glob("ema-*.pt")), weights_only=True)["network"]
    assert set(stored) == set(trainer.network.state_dict())


def test_a_resumed_run_with_heads_ends_exactly_where_an_uninterrupted_one_does(tmp_path):
    whole = with_heads(tmp_path, "one")
    whole.run(stop_after_step=12, report=lambda line: None)
    with_heads(tmp_path, "two").run(stop_after_step=7, report=lambda line: None)
    resumed = with_heads(tmp_path, "two", seed=7)
    assert resumed.resume()
    resumed.run(stop_after_step=12, report=lambda line: None)
    first, second = (torch.load(tmp_path / n / "last.pt", weights_only=True) for n in ("one", "two"))
    for part in ("network", "heads"):
        for name, value in first[part].items():
            assert torch.equal(value, second[part][name]), name


def test_a_net_without_gates_has_nothing_for_heads_to_read(tmp_path):
    config = yaml.safe_load((MODEL_FOLDER / "conf" / "smoke.yaml").read_text())
    config["training"]["gate_heads"] = {"speech": 1.0}
    with pytest.raises(ValueError, match="gates"):
        recipe().build_trainer(config, TINY, tmp_path / "run", tmp_path / "cache", tracker=lambda: lambda s: (
            np.zeros(len(s) // 256 + 2), np.zeros(len(s) // 256 + 2)))


def test_weights_of_other_sizes_are_not_started_from(trained):
    folder, _ = trained
    config = yaml.safe_load((MODEL_FOLDER / "conf" / "smoke.yaml").read_text())
    config["network"]["channels"] = 8
    other = recipe().build_trainer(config, TINY, folder / "other", folder / "cache")
    with pytest.raises(ValueError, match="same sizes"):
        other.start_from(folder / "whole" / "best.pt")


def smaller_net(folder: Path, name: str, hidden_channels: int):
    config = yaml.safe_load((MODEL_FOLDER / "conf" / "smoke.yaml").read_text())
    config["network"]["hidden_channels"] = hidden_channels
    return recipe().build_trainer(config, TINY, folder / name, folder / "cache")


def test_a_smaller_net_starts_from_the_important_channels_of_a_larger_one(trained):
    folder, dense = trained
    trainer = smaller_net(folder, "pruned", 16)
    trainer.start_from(folder / "whole" / "best.pt")
    expected = prune_hidden_channels(dense.ema.state_dict(), 16)
    for network in (trainer.network, trainer.ema):
        for name, value in network.state_dict().items():
            assert torch.equal(value, expected[name]), name
    # It knows what the larger one learnt: better than its own first values.
    mixture, target = fixed_batch(folder)
    with torch.no_grad():
        pruned, untrained = (
            mask_loss(partial(forward_frame_major, network.eval()), mixture, target).item()
            for network in (trainer.network, smaller_net(folder, "small", 16).network)
        )
    assert pruned < 0.95 * untrained


def test_the_facts_of_an_export_tell_what_a_net_was_pruned_from(trained):
    folder, _ = trained
    export = recipe("export")
    for start in ("whole", "gated-start"):
        if start == "gated-start":
            smoke_trainer(folder, start, "smoke-gated.yaml").validate(report=lambda line: None)
        trainer = smaller_net(folder, f"from-{start}", 16)
        trainer.start_from(folder / start / "best.pt")
        trainer.run(stop_after_step=1, report=lambda line: None)
        trainer.validate(report=lambda line: None)
        facts = export.training_facts(folder / f"from-{start}" / "best.pt", "x", "conf/smoke.yaml", TINY)
        assert facts["prunedFrom"] == {"weights": f"{start}/best.pt", "hiddenChannels": 24, "droppedGates": start != "whole"}
        assert f"--start-from {start}/best.pt" in facts["command"]
        assert f"Pruned from `{start}/best.pt`: of its 24 hidden channels" in card_line(facts)
    assert export.training_facts(folder / "whole" / "best.pt", "x", "conf/smoke.yaml", TINY)["prunedFrom"] is None


def card_line(facts: dict) -> str:
    level = {"id": "x", "title": "X", "file": "x.onnx", "sizeBytes": 1, "sha256": "0"}
    return _levels({"levels": [level], "hopSamples": 256}, {"x": facts})


def test_a_net_that_works_more_than_it_should_is_not_kept_as_the_best(tmp_path):
    trainer = smoke_trainer(tmp_path, "gated", "smoke-gated.yaml")
    task = trainer._task
    measured = iter(({"si_sdr_improvement_db": 9.0, "use": 0.6}, {"si_sdr_improvement_db": 1.0, "use": 0.5}))
    task.measures = lambda network: next(measured)
    trainer.validate(report=lambda line: None)
    assert not (tmp_path / "gated" / "best.pt").exists()
    trainer.validate(report=lambda line: None)
    assert (tmp_path / "gated" / "best.pt").exists()


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
