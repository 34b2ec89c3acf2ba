"""Checkpoints that are not shipped, judged against each other: two tiny trainings that differ in how gates learn."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from load_script import load_script
from sotto_models.evaluation_list import EVALUATION_SNRS_DB, EvaluationMixture
from sotto_models.mixture_judging import MEASURES
from sotto_models.model_card import _ablation, ablation_table
from sotto_models.onnx_export import load_network, sha256_of
from sotto_models.stft import stft

MODEL_FOLDER = Path(__file__).resolve().parents[1]
TINY = MODEL_FOLDER.parent / "common" / "tests" / "data"


def script(name: str):
    return load_script(MODEL_FOLDER / f"{name}.py")


ablation = script("ablation")


def mixtures() -> list[EvaluationMixture]:
    """Two at each ratio, half a second each, of three speakers."""
    rng = np.random.default_rng(12)
    return [
        EvaluationMixture(
            name=f"{index:03d}", speaker=f"s{index % 3}", noise="rain", snr_db=float(EVALUATION_SNRS_DB[index % 6]),
            level_dbfs=-26.0, noisy=rng.standard_normal(8000).astype(np.float32) * 0.1,
            clean=rng.standard_normal(8000).astype(np.float32) * 0.1,
        )
        for index in range(12)
    ]


def level(arguments) -> dict[str, float]:
    """Stands in for the judges, which tests need not have: a figure that depends on the estimate."""
    estimate, _, noisy = arguments
    return dict.fromkeys(MEASURES, float(np.abs(estimate).mean() / np.abs(noisy).mean()))


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    config = yaml.safe_load((MODEL_FOLDER / "conf" / "smoke-gated.yaml").read_text())
    config["training"]["steps"] = 12
    files = []
    for step in ("surrogate", "gumbel"):
        config["training"]["step"] = step
        trainer = script("train").build_trainer(config, TINY, folder / step, folder / "cache")
        if files:
            trainer.start_from(files[0])
        trainer.run(report=lambda line: None)
        files.append(next((folder / step).glob("ema-*.pt")))
    return files


@pytest.fixture(scope="module")
def found(weights):
    runs = [ablation.judged_run(file, mixtures(), measure=level) for file in weights]
    return {"command": "python ablation.py", **ablation.ablation("how gates learn", runs, mixtures())}


def test_a_run_is_described_by_its_checkpoint_and_its_log(found, weights):
    surrogate, gumbel = found["runs"]
    assert (surrogate["id"], gumbel["id"]) == ("surrogate", "gumbel")
    assert [run["sha256"] for run in found["runs"]] == [sha256_of(file) for file in weights]
    assert surrogate["startedFrom"] is None and gumbel["startedFrom"] == f"surrogate/{weights[0].name}"
    assert surrogate["step"] == 12 and surrogate["training"]["seed"] == 7
    json.dumps(found)


def test_what_is_not_the_same_is_told_and_nothing_else(found, weights):
    assert found["differing"] == {
        "startedFrom": [None, f"surrogate/{weights[0].name}"], "training.step": ["surrogate", "gumbel"],
    }
    assert ablation.differing([found["runs"][0]] * 2) == {}


def test_the_use_of_channels_is_that_of_the_trained_net(found, weights):
    for run, file in zip(found["runs"], weights, strict=True):
        network, shares = load_network(file), []
        with torch.no_grad():
            for mixture in mixtures():
                shares.append(network.with_gates(stft(torch.from_numpy(mixture.noisy)[None]).abs())[1].mean().item())
        assert run["work"]["use"] == pytest.approx(np.mean(shares), abs=2e-3)
        config = network.config
        assert run["work"]["macsPerFrame"] == pytest.approx(config.macs_at_use(np.mean(shares)), rel=2e-3)


def test_differences_are_taken_mixture_by_mixture(found):
    (row,) = found["differences"]
    first, second = ([mixture["pesq"] for mixture in run["mixtures"]] for run in found["runs"])
    assert row["pesq"]["mean"] == pytest.approx(np.mean(second) - np.mean(first), abs=1e-4)
    assert row["pesq"]["low"] <= row["pesq"]["mean"] <= row["pesq"]["high"]
    same = ablation.compared([found["runs"][0]] * 2, [m.speaker for m in mixtures()])
    assert same[0]["pesq"] == {"mean": 0.0, "low": 0.0, "high": 0.0, "count": 12}
    # What all mixtures share does not widen the interval, however unlike the mixtures are.
    shifted = {**found["runs"][0], "mixtures": [{k: v + 0.25 for k, v in m.items()} for m in found["runs"][0]["mixtures"]]}
    (shift,) = ablation.compared([found["runs"][0], shifted], [m.speaker for m in mixtures()])
    assert shift["stoi"]["low"] == pytest.approx(0.25) == shift["stoi"]["high"]


def test_a_checkpoint_without_its_settings_is_refused(weights, tmp_path):
    state = torch.load(weights[0].parent / "last.pt", weights_only=True)
    del state["training"]  # as last.pt was before it held them
    torch.save(state, tmp_path / "last.pt")
    with pytest.raises(ValueError, match="best.pt"):
        ablation.run_facts(tmp_path / "last.pt")


def test_the_card_shows_the_table_where_there_is_one(found, tmp_path):
    assert _ablation(tmp_path) == ""
    (tmp_path / "ablation-gates.json").write_text(json.dumps(found))
    (tmp_path / "ablation-voices.json").write_text(json.dumps({**found, "question": "what voices bring"}))
    shown = _ablation(tmp_path)
    assert shown.index("## Ablation: how gates learn") < shown.index("## Ablation: what voices bring")
    assert ablation_table(found) in shown
    assert all(run["sha256"] in shown for run in found["runs"])
    pesq = found["runs"][1]["overall"]["pesq"]["mean"]
    assert f"| gumbel | 12 | {pesq:.2f} [" in shown
    assert "| gumbel minus surrogate |" in shown and "`training.step` surrogate, gumbel" in shown
