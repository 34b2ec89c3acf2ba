"""What a training run was, out of its log: the diary of every weight that was tried, shipped or not."""

from __future__ import annotations

import hashlib
import json

from .run_log import noted_command, noted_commits


def run_entry(lines: list[dict]) -> dict | None:
    """Facts of one run from the lines of its log.jsonl; None when it never began.

    A name that was used for a second run from step 0 tells of the second.

    Returns:
        `started` and `ended` (local time), `steps`, `minutes` of training, `seed`, `commit`, `command` (None before it was noted),
        `startedFrom` (RUN/FILE or None),
        `settings` (first 12 hexadecimal digits over options and sizes: equal settings, equal digits), `config`, `network`, `data`, and
        `valid`: measures of each validation by step.
    """
    starts = [number for number, line in enumerate(lines) if line["event"] == "start"]
    if not starts:
        return None
    fresh = max((number for number in starts if lines[number]["step"] == 0), default=starts[0])
    # What stands right before the start (data, weights begun from) belongs to it.
    begin = fresh
    while begin > 0 and lines[begin - 1]["event"] not in ("start", "train", "valid"):
        begin -= 1
    own = lines[begin:]
    start = next(line for line in reversed(own) if line["event"] == "start")
    trained = [line for line in own if line["event"] == "train"]
    if not trained:
        return None
    settings = {"config": start["config"], "network": start["network"]}
    return {
        "started": own[0]["time"], "ended": own[-1]["time"],
        "steps": max(line["step"] for line in own if "step" in line),
        "minutes": round(max(line["elapsed_seconds"] for line in trained) / 60, 1),
        "seed": start["config"]["seed"], "commit": noted_commits(own), "command": noted_command(own),
        "startedFrom": next((line["weights"] for line in own if line["event"] == "start_from"), None),
        "settings": hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12],
        **settings,
        "data": next(({k: v for k, v in line.items() if k not in ("time", "event")} for line in own if line["event"] == "data"), None),
        "valid": [{k: v for k, v in line.items() if k not in ("time", "event")} for line in own if line["event"] == "valid"],
    }
