"""Sanitises the demo recordings with the product itself and judges raw and result against their clean speech.

The clean speech is in the corpus. The first channel is judged, at 16 kHz.

Example:
    python judge_demo.py --corpus FOLDER
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import torch

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]

from make_demo import CORPUS_RATE_HZ, DEMO_RECORDINGS, conversation, resample  # noqa: E402
from sotto_models import metrics  # noqa: E402
from sotto_models.corpus import corpus_folder  # noqa: E402
from sotto_models.onnx_export import write_json  # noqa: E402

PRESET = "clean-only"
MODEL_FOLDER = ROOT / "native-models" / "enhance-conv-fsenet"


def sanitise(inputs: list[Path], out: Path) -> list[dict]:
    """The entries of the product's own report, in the order of `inputs`; results are 32-bit float WAV in `out`."""
    report = out / "report.json"
    command = ["node", "build/sotto.mjs", "sanitize", *map(str, inputs), "--out", str(out), "--preset", PRESET,
               "--names", "source", "--format", "wav32f", "--json", str(report)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return json.loads(report.read_text(encoding="utf-8"))["files"]


def judged(path: Path, clean: np.ndarray) -> dict[str, float]:
    """All measures of the first channel of a recording; `clean` (samples,) is its speech at 16 kHz."""
    signal, rate_hz = soundfile.read(str(path), always_2d=True)
    signal = resample(signal[:, 0], rate_hz, CORPUS_RATE_HZ).astype(np.float32)
    count = min(len(signal), len(clean))
    signal, clean = signal[:count], clean[:count]
    pair = [torch.from_numpy(np.ascontiguousarray(x))[None] for x in (signal, clean)]
    return {
        "pesq": round(metrics.pesq_wideband(signal, clean), 3), "stoi": round(metrics.stoi(signal, clean), 3),
        "siSdrDb": round(metrics.si_sdr(*pair).item(), 2), "dnsmosOverall": round(metrics.dnsmos_overall(signal), 3),
    }


def main() -> None:
    """Parses the command line, runs the product, writes the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="corpus folder; default: environment variable SOTTO_CORPUS")
    parser.add_argument("--out", default=str(MODEL_FOLDER / "demo-evaluation.json"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    corpus, rows = corpus_folder(options.corpus), []
    inputs = [ROOT / "assets" / "demo" / demo.file for demo in DEMO_RECORDINGS]
    with tempfile.TemporaryDirectory() as folder:
        for demo, source, entry in zip(DEMO_RECORDINGS, inputs, sanitise(inputs, Path(folder)), strict=True):
            clean = conversation(corpus, demo.clips, CORPUS_RATE_HZ, demo.seconds).astype(np.float32)
            result = {"raw": judged(source, clean), "result": judged(Path(entry["output"]), clean)}
            rows.append({"file": demo.file, "stages": entry["stages"], **result})
            print(demo.file, result, flush=True)
    write_json(Path(options.out), {
        "schema": "sotto.demo-evaluation/1",
        "command": "python native-models/common/scripts/judge_demo.py --corpus FOLDER",
        "preset": PRESET, "recordings": rows,
    })


if __name__ == "__main__":
    main()
