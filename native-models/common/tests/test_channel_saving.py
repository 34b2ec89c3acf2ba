"""What leaving channels out saves and costs: percentages of an evaluation that was made up so that they are known."""

import numpy as np
import pytest

from sotto_models.channel_saving import channel_saving, saving_table
from sotto_models.statistics import bootstrap_percent_change

HARDNESS = [1.2, 1.4, 2.0, 2.2, 3.0, 3.1]
SPEAKERS = ["a", "a", "b", "b", "c", "c"]


def system(identifier: str, factor: float, macs: int | None) -> dict:
    return {
        "id": identifier, "title": identifier.upper(), "work": macs and {"use": 0.5, "macsPerFrame": macs},
        "mixtures": [{"pesq": hardness * factor} for hardness in HARDNESS],
    }


def evaluation(*systems: dict) -> dict:
    return {"systems": list(systems), "mixtures": [{"speaker": speaker} for speaker in SPEAKERS]}


def test_percentages_are_those_of_the_json():
    rows = channel_saving(evaluation(
        system("noisy", 0.5, None), system("sotto-fp32", 1.0, 1000), system("sotto-phi100", 1.1, 1100),
        system("sotto-phi25", 0.99, 440),
    ))
    found = {(row["title"], row["against"]): row for row in rows}
    assert set(found) == {
        ("SOTTO-PHI25", "SOTTO-PHI100"), ("SOTTO-PHI25", "SOTTO-FP32"), ("SOTTO-PHI100", "SOTTO-FP32"),
    }
    assert found["SOTTO-PHI25", "SOTTO-PHI100"]["savedPercent"] == pytest.approx(60)
    assert found["SOTTO-PHI25", "SOTTO-PHI100"]["pesqPercent"]["mean"] == pytest.approx(-10)
    assert found["SOTTO-PHI25", "SOTTO-FP32"]["pesqPercent"]["mean"] == pytest.approx(-1)
    assert found["SOTTO-PHI100", "SOTTO-FP32"]["savedPercent"] == pytest.approx(-10)


def test_pairing_takes_what_all_mixtures_share_out_of_the_interval():
    exact = bootstrap_percent_change([0.9 * value for value in HARDNESS], HARDNESS, SPEAKERS)
    assert (exact["low"], exact["high"]) == (pytest.approx(-10), pytest.approx(-10))
    unlike = bootstrap_percent_change([2.0, 1.2, 1.2, 2.4, 3.0, 3.3], HARDNESS, SPEAKERS)
    assert unlike["low"] < unlike["mean"] < unlike["high"]


def test_a_mixture_that_only_one_was_judged_on_counts_for_neither():
    found = bootstrap_percent_change([1.0, np.nan, 2.0], [2.0, 8.0, 4.0], ["a", "b", "c"])
    assert found["mean"] == pytest.approx(-50) and found["count"] == 2


def test_the_table_ends_with_the_paper_and_is_left_out_without_a_pair():
    table = saving_table(evaluation(system("sotto-fp32", 1.0, 1000), system("sotto-phi25", 0.99, 440)))
    lines = table.splitlines()
    assert lines[2] == "| SOTTO-PHI25 | SOTTO-FP32 | 56.0 | -1.00 [-1.00, -1.00] |"
    assert lines[3].endswith("| 29.6 | -0.75 |")
    assert saving_table(evaluation(system("sotto-fp32", 1.0, 1000))) == ""
