"""The diary of training runs."""

import json

from sotto_models.run_diary import run_entry


def line(event, **entry):
    return {"time": "2026-01-01T10:00:00", "event": event, **entry}


def start(step, seed=1):
    return line("start", step=step, commit=f"c{step}", config={"seed": seed}, network={"width": 8})


FIRST = [line("data", clips=3), start(0), line("train", step=50, elapsed_seconds=30.0)]
SECOND = [
    line("data", clips=4), line("start_from", weights="other/best.pt"), start(0, seed=2),
    line("train", step=50, elapsed_seconds=60.0), line("valid", step=50, score=0.5),
    line("data", clips=4), start(50, seed=2), line("train", step=90, elapsed_seconds=120.0),
]


def test_a_resumed_run_is_one_entry_with_every_commit():
    entry = run_entry(SECOND)
    assert (entry["steps"], entry["minutes"], entry["seed"], entry["startedFrom"]) == (90, 2.0, 2, "other/best.pt")
    assert entry["commit"] == "c0, c50"
    assert entry["valid"] == [{"step": 50, "score": 0.5}]
    json.dumps(entry)


def test_a_name_used_twice_tells_of_the_second_run_alone():
    entry = run_entry(FIRST + SECOND)
    assert entry["data"] == {"clips": 4}
    assert entry["settings"] == run_entry(SECOND)["settings"] != run_entry(FIRST)["settings"]


def test_a_second_run_of_a_name_has_no_start_of_the_first():
    entry = run_entry(SECOND + FIRST)
    assert (entry["startedFrom"], entry["commit"], entry["valid"]) == (None, "c0", [])


def test_what_never_trained_is_no_run():
    assert run_entry([]) is None
    assert run_entry([line("data", clips=3), start(0)]) is None
