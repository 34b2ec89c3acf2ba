"""Delays, intervals and cards: what stands between outputs and the reported table."""

import json

import numpy as np
import pytest

from sotto_models.model_card import model_card, overall_table, ratio_table
from sotto_models.rival_systems import run_aligned
from sotto_models.statistics import bootstrap_mean


def late_by(samples: int):
    def system(signals):
        return [np.concatenate([np.zeros(samples, np.float32), s])[: len(s)] for s in signals], [0.5] * len(signals)

    return system


@pytest.mark.parametrize("samples", [0, 160, 511])
def test_a_late_system_is_moved_back_and_keeps_its_last_samples(samples):
    rng = np.random.default_rng(samples)
    signals = [rng.standard_normal(length).astype(np.float32) for length in (5000, 7001)]
    outputs, delay, seconds = run_aligned(late_by(samples), signals)
    assert delay == samples and seconds == [0.5, 0.5]
    for out, given in zip(outputs, signals, strict=True):
        assert np.array_equal(out, given)


def test_an_interval_over_speakers_is_wider_than_one_over_clips():
    rng = np.random.default_rng(8)
    speakers = [f"s{i // 10}" for i in range(60)]
    values = [float(int(s[1:])) + 0.1 * rng.standard_normal() for s in speakers]
    grouped = bootstrap_mean(values, speakers)
    loose = bootstrap_mean(values, [str(i) for i in range(60)])
    assert grouped["mean"] == pytest.approx(np.mean(values))
    assert grouped["high"] - grouped["low"] > 1.5 * (loose["high"] - loose["low"])
    assert grouped["low"] < grouped["mean"] < grouped["high"]


def test_undefined_measures_are_left_out_and_counted_so():
    assert bootstrap_mean([1.0, float("nan"), 3.0], ["a", "b", "c"])["count"] == 2


def evaluation(sha256: str) -> dict:
    value = {"mean": 2.0, "low": 1.9, "high": 2.1, "count": 2}
    measures = {name: value for name in ("pesq", "stoi", "siSdrDb", "siSdrImprovementDb", "dnsmosOverall")}
    system = {"id": "sotto-fp32", "title": "Ours", "delaySamples": 0, "realTimeFactor": 0.01, "overall": measures,
              "bySnrDb": {"0": measures}}
    return {"snrsDb": [0], "systems": [system], "weights": {"fp32": {"sha256": sha256}}}


def test_tables_hold_the_figures_of_the_json():
    assert "| Ours | 2.00 [1.90, 2.10] |" in overall_table(evaluation("a"))
    assert "| Ours | 2.000 |" in ratio_table(evaluation("a"), "stoi", "STOI", 3)


def test_a_card_for_another_weight_is_refused(tmp_path):
    (tmp_path / "model.json").write_text(json.dumps({"levels": [{"id": "fp32", "sha256": "b"}]}))
    (tmp_path / "evaluation.json").write_text(json.dumps(evaluation("a")))
    (tmp_path / "training.json").write_text("{}")
    with pytest.raises(ValueError, match="another"):
        model_card(tmp_path)
