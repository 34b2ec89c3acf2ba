"""Writes native-models/runs.json: every training run of this machine, beside those that other machines noted there before.

Example:
    python common/scripts/log_runs.py
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from sotto_models.json_lines import read_json_lines  # noqa: E402
from sotto_models.onnx_export import write_json  # noqa: E402
from sotto_models.pcm_cache import runs_folder  # noqa: E402
from sotto_models.run_diary import run_entry  # noqa: E402

DIARY = HERE.parents[1] / "runs.json"


def noted(diary: Path, runs: Path) -> dict:
    """The diary with this machine's runs added or brought up to date, by name."""
    known = json.loads(diary.read_text(encoding="utf-8"))["runs"] if diary.exists() else {}
    here = {log.parent.name: run_entry(read_json_lines(log)) for log in runs.glob("*/log.jsonl")}
    merged = known | {name: entry for name, entry in here.items() if entry}
    return {"schema": "sotto.runs/1", "runs": dict(sorted(merged.items(), key=lambda item: item[1]["started"]))}


def main() -> None:
    """Parses the command line and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", default=str(runs_folder()), help="folder of all runs")
    parser.add_argument("--out", default=str(DIARY))
    options = parser.parse_args()
    diary = noted(Path(options.out), Path(options.runs))
    write_json(Path(options.out), diary)
    for name, run in diary["runs"].items():
        last = run["valid"][-1] if run["valid"] else {}
        figures = ", ".join(f"{key} {value:.3g}" for key, value in last.items() if key != "step")
        print(f"{name:20} {run['steps']:6} steps {run['minutes']:6.1f} min  {figures}")
    print(f"Written: {options.out}")


if __name__ == "__main__":
    main()
