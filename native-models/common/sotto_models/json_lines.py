"""Growing .jsonl files, one object per line, that may be read while somebody writes them."""

from __future__ import annotations

import json
from pathlib import Path


def read_json_lines(path: Path) -> list[dict]:
    """Every whole line; a last one that is still being written, or that an interruption left half, is left out.

    No file has no lines.
    """
    if not path.exists():
        return []
    # As bytes, because half a line may end inside a character, and only at newlines, because text may hold other separators.
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    return [json.loads(line) for line in whole.split(b"\n") if line]


def cut_half_line(path: Path) -> None:
    """Takes off what an interruption left behind the last newline, so that the next line begins on its own; for the writer."""
    if not path.exists():
        return
    written = path.read_bytes()
    whole = written.rfind(b"\n") + 1
    if whole < len(written):
        with open(path, "r+b") as file:
            file.truncate(whole)
