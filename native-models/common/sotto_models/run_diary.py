"""What a training run was, out of its log: the diary of every weight that was tried, shipped or not."""

from __future__ import annotations

import hashlib
import json

from .run_log import last_run, noted_command, noted_commits, noted_data, started_from


def run_entry(lines: list[dict]) -> dict | None:
    """Facts of one run from the lines of its log.jsonl; None when it never began.

    A name that was used for a second run from step 0 tells of the second.

    Returns:
        `started` and `ended` (local time), `steps`, `minutes` of training, `seed`, `commit`, `command` (None before it was noted),
        `startedFrom` (RUN/FILE or None),
        `settings` (first 12 hexadecimal digits over options and sizes: equal settings, equal digits), `config`, `network`, `data`, and
        `valid`: measures of each validation by step.
    """
    own = last_run(lines)
    start = next((line for line in reversed(own) if line["event"] == "start"), None)
    trained = [line for line in own if line["event"] == "train"]
    if start is None or not trained:
        return None
    settings = {"config": start["config"], "network": start["network"]}
    return {
        "started": own[0]["time"], "ended": own[-1]["time"],
        "steps": max(line["step"] for line in own if "step" in line),
        "minutes": round(max(line["elapsed_seconds"] for line in trained) / 60, 1),
        "seed": start["config"]["seed"], "commit": noted_commits(own), "command": noted_command(own),
        "startedFrom": (started_from(own) or {}).get("weights"),
        "settings": hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12],
        **settings,
        "data": {k: v for k, v in (noted_data(own) or {}).items() if k not in ("time", "event")},
        "valid": [{k: v for k, v in line.items() if k not in ("time", "event")} for line in own if line["event"] == "valid"],
    }
