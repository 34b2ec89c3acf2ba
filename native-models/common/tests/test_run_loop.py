"""The loop around any training, on a line that two numbers describe."""

import json
import re

import numpy as np
import pytest
import torch
from torch import nn

from sotto_models.json_lines import read_json_lines
from sotto_models.run_log import last_run, noted_commits
from sotto_models.run_loop import RunConfig, RunLoop, commit_of_the_code


class Line:
    """Learns y = 3 x - 1 with dropout, so that torch's generator takes part."""

    def batch(self, step):
        x = np.random.default_rng([1, step]).normal(size=(16, 1)).astype(np.float32)
        return {"x": x, "y": 3 * x - 1}

    def loss(self, network, batch, progress):
        loss = (network(batch["x"]) - batch["y"]).square().mean()
        return loss, {"progress": progress}

    def measures(self, network):
        batch = {name: torch.from_numpy(value) for name, value in self.batch(10**6).items()}
        return {"error": (network(batch["x"]) - batch["y"]).square().mean().item()}

    def score(self, measures):
        return -measures["error"]


def loop(folder, **options):
    torch.manual_seed(4)
    network = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.1))
    config = RunConfig(**{"steps": 60, "learning_rate": 0.2, "final_learning_rate": 1e-3, "warmup_steps": 3,
                          "log_every_steps": 20, **options})
    return RunLoop(network, Line(), config, folder, {"size": 1})


def quiet(line):
    """Says nothing."""


def test_a_run_learns_logs_and_keeps_its_best(tmp_path, monkeypatch):
    monkeypatch.setattr("sotto_models.run_loop.commit_of_the_code", lambda: "abc1234")
    run = loop(tmp_path)
    before = run.validate(quiet)["error"]
    run.run(report=quiet)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if line["event"] == "train"] == [20, 40, 60]
    after = [line["error"] for line in lines if line["event"] == "valid"][-1]
    assert after < 0.05 * before
    assert noted_commits(lines) == "abc1234"
    best = torch.load(tmp_path / "best.pt", weights_only=True)
    assert best["step"] == 60 and best["network_config"] == {"size": 1}


def test_a_resumed_run_ends_exactly_where_an_uninterrupted_one_does(tmp_path):
    whole = loop(tmp_path / "whole")
    whole.run(report=quiet)
    loop(tmp_path / "parts").run(stop_after_step=23, report=quiet)
    resumed = loop(tmp_path / "parts")
    assert resumed.resume() and resumed.step == 23
    resumed.run(report=quiet)
    for first, second in ((whole.network, resumed.network), (whole.ema, resumed.ema)):
        for name, value in first.state_dict().items():
            assert torch.equal(value, second.state_dict()[name]), name


def test_the_commits_of_a_run_are_those_it_began_and_resumed_with():
    def start(step, **commit):
        return {"event": "start", "step": step, **commit}

    lines = [start(0, commit="old"), {"event": "train", "step": 9}]
    lines += [start(0, commit="a"), start(9, commit="a"), start(20, commit="b")]
    assert noted_commits(last_run(lines)) == "a, b"
    assert re.fullmatch("[0-9a-f]{7,}|unknown", commit_of_the_code())
    assert noted_commits([start(0)]) == noted_commits([]) == "unknown"


def test_other_weights_are_taken_where_they_fit(tmp_path):
    first = loop(tmp_path / "first")
    first.run(report=quiet)
    second = loop(tmp_path / "second")
    assert second.start_from(tmp_path / "first" / "best.pt") == []
    assert torch.equal(second.network[0].weight, first.ema[0].weight)
    second.network[0] = nn.Linear(7, 7)
    with pytest.raises(ValueError, match="none that fits"):
        second.start_from(tmp_path / "first" / "best.pt")


def test_nothing_to_resume_is_said(tmp_path):
    assert loop(tmp_path).resume() is False


def test_a_loss_that_is_not_a_number_stops_the_run(tmp_path):
    run = loop(tmp_path)
    with torch.no_grad():
        run.network[0].weight.fill_(float("nan"))
    with pytest.raises(FloatingPointError):
        run.run(report=quiet)


def test_unknown_options_are_errors():
    with pytest.raises(ValueError, match="unknown_option"):
        RunConfig.from_dict({"unknown_option": 1})


class WithHead(Line):
    """As the line, with a head beside it whose gradients are enormous."""

    def __init__(self, head):
        self.head = head

    def loss(self, network, batch, progress):
        loss, figures = super().loss(network, batch, progress)
        return loss + 1e6 * (self.head.weight - 3).square().sum(), {**figures, "loss": loss.item()}


def loop_with_head(folder):
    torch.manual_seed(9)
    plain, head = loop(folder), nn.Linear(1, 1, bias=False)
    return RunLoop(plain.network, WithHead(head), plain.config, folder, {"size": 1}, head), head


def test_heads_learn_beside_the_network_and_change_nothing_in_it(tmp_path):
    alone = loop(tmp_path / "alone")
    alone.run(report=quiet)
    (beside, head), begun = loop_with_head(tmp_path / "beside"), loop_with_head(tmp_path / "untouched")[1]
    beside.run(report=quiet)
    assert abs(head.weight.item() - 3) < abs(begun.weight.item() - 3)
    for name, value in alone.network.state_dict().items():
        assert torch.equal(value, beside.network.state_dict()[name]), name
    logged = [read_json_lines(tmp_path / name / "log.jsonl")[-2]["loss"] for name in ("alone", "beside")]
    assert logged[0] == logged[1]
    stored = torch.load(tmp_path / "beside" / "best.pt", weights_only=True)["network"]
    assert set(stored) == set(alone.network.state_dict())
    resumed, again = loop_with_head(tmp_path / "beside")
    assert resumed.resume() and torch.equal(again.weight, head.weight)
