"""What a run's log.jsonl tells a card: commits, data, starts. `entries` are its lines, as `read_run_log` reads them."""

from __future__ import annotations

from pathlib import Path

from .json_lines import read_json_lines


def read_run_log(log: Path) -> list[dict]:
    """The lines of the last run in a log.jsonl; no file has none."""
    return last_run(read_json_lines(log))


def last_run(lines: list[dict]) -> list[dict]:
    """What stands in a log since a run of that name last began at step 0, whose weights have replaced those from before."""
    starts = [number for number, line in enumerate(lines) if line["event"] == "start" and line["step"] == 0]
    begin = starts[-1] if starts else 0
    # What stands right before the start (command, data, weights begun from) belongs to it.
    while begin > 0 and lines[begin - 1]["event"] in ("command", "data", "start_from"):
        begin -= 1
    return lines[begin:]


def noted_commits(entries: list[dict]) -> str:
    """The commits a run was trained with; several where it was resumed with other code."""
    commits = [entry.get("commit", "unknown") for entry in entries if entry["event"] == "start"]
    return ", ".join(dict.fromkeys(commits)) or "unknown"


def noted_command(entries: list[dict]) -> str | None:
    """The command that trained a run, and what it was resumed by where that differs; None for runs from before it was noted."""
    commands = dict.fromkeys(entry["words"] for entry in entries if entry["event"] == "command")
    return ", then ".join(commands) or None


def resumptions(entries: list[dict]) -> str:
    """How often a run was resumed and where its wall-clock budget was changed, as a clause; empty when neither."""
    starts = [entry for entry in entries if entry["event"] == "start"]
    clause = f"; resumed {len(starts) - 1} times" if len(starts) > 1 else ""
    for before, after in zip(starts, starts[1:], strict=False):
        minutes = [entry["config"]["until_minutes"] for entry in (before, after)]
        if minutes[0] != minutes[1]:
            clause += f", budget {minutes[0]:g} to {minutes[1]:g} minutes at step {after['step']}"
    return clause


def noted_data(entries: list[dict]) -> dict | None:
    """What a run says about its clips; None for runs from before it was noted."""
    return next((entry for entry in reversed(entries) if entry["event"] == "data"), None)


def started_from(entries: list[dict]) -> dict | None:
    """What a run says about the weights it began with: `weights`, RUN/FILE, and how they were pruned, if they were."""
    return next((entry for entry in reversed(entries) if entry["event"] == "start_from"), None)


def pruned_from(start: dict | None) -> dict | None:
    """The net that a run's first weights were pruned from; None when they were not."""
    if start is None or "pruned_from_hidden_channels" not in start:
        return None
    return {
        "weights": start["weights"], "hiddenChannels": start["pruned_from_hidden_channels"],
        "droppedGates": start["dropped_gates"],
    }


def noted_curve(entries: list[dict], most: int = 12) -> list[dict]:
    """What a run says of its averaged weights on the valid split, step by step: about `most` of its lines, the last one always."""
    lines = [
        {name: value for name, value in entry.items() if name not in ("time", "event")}
        for entry in entries if entry["event"] == "valid"
    ]
    stride = max(1, -(-len(lines) // most))
    return lines[(len(lines) - 1) % stride :: stride]
