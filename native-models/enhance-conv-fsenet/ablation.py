"""Judges checkpoints against each other on the valid split, to answer one question, and writes ablation-NAME.json.

The first checkpoint is what the others are compared with, mixture by mixture. card.py shows every table.

Example:
    python ablation.py --corpus FOLDER --name gates --question "how gates learn" phi25-surrogate/best.pt phi25-gumbel/best.pt
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.corpus import corpus_folder, read_manifest  # noqa: E402
from sotto_models.evaluation_list import EvaluationMixture, evaluation_clips, evaluation_mixtures  # noqa: E402
from sotto_models.mixture_judging import (  # noqa: E402
    MEASURES,
    SEED,
    Measure,
    judged,
    measure,
    mixture_counts,
    mixture_rows,
    package_versions,
)
from sotto_models.model_card import ablation_table  # noqa: E402
from sotto_models.onnx_export import average_work, export_network, load_network, sha256_of, write_json  # noqa: E402
from sotto_models.pcm_cache import open_cache, runs_folder  # noqa: E402
from sotto_models.rival_systems import exported_model  # noqa: E402
from sotto_models.run_log import noted_commits, noted_data, pruned_from, read_run_log, started_from  # noqa: E402
from sotto_models.statistics import bootstrap_mean  # noqa: E402
from sotto_models.training import TrainingConfig  # noqa: E402

SPLIT = "valid"
"""The test split is for what is shipped."""


def run_facts(weights: Path) -> dict:
    """What a checkpoint and the log beside it say about a run.

    Raises:
        ValueError: the checkpoint does not hold its settings.
    """
    state = torch.load(weights, weights_only=True)
    if "training" not in state:
        raise ValueError(f"Expected a checkpoint with its settings, found {weights.name}. Take best.pt or an ema-*.pt.")
    log = read_run_log(weights.parent / "log.jsonl")
    start = started_from(log)
    return {
        "file": f"{weights.parent.name}/{weights.name}", "sha256": sha256_of(weights), "step": state["step"],
        "minutes": round(state["elapsed_seconds"] / 60, 1), "commit": noted_commits(log),
        "startedFrom": start["weights"] if start else None, "prunedFrom": pruned_from(start),
        "trainingClips": (noted_data(log) or {}).get("clips"),
        # Options that the run did not know yet had their defaults.
        "training": asdict(TrainingConfig.from_dict(state["training"])), "network": state["network_config"],
    }


def differing(runs: list[dict]) -> dict[str, list]:
    """Settings that are not the same in all runs -> their values in the order of the runs: what is tried, and what spoils it."""
    flat = [
        {"startedFrom": run["startedFrom"], "trainingClips": run["trainingClips"], "step": run["step"],
         **{f"training.{name}": value for name, value in run["training"].items()},
         **{f"network.{name}": value for name, value in run["network"].items()}}
        for run in runs
    ]
    names = dict.fromkeys(name for run in flat for name in run)
    return {name: [run.get(name) for run in flat] for name in names if any(run.get(name) != flat[0].get(name) for run in flat)}


def judged_run(weights: Path, mixtures: list[EvaluationMixture], each: Callable = map, measure: Measure = measure) -> dict:
    """A checkpoint exported to a temporary graph and judged, its use of channels included.

    Args:
        weights: RUN/FILE.
        each: `map`, or that of a pool of processes.
    """
    network = load_network(weights)
    with tempfile.TemporaryDirectory() as folder:
        graph = Path(folder) / "network.onnx"
        export_network(network, graph)
        found = judged(exported_model(graph), mixtures, each, measure)
        work = average_work(graph, network.config.macs_per_frame, [m.noisy for m in mixtures])
    return {"id": weights.parent.name, **run_facts(weights), "work": work, **found}


def compared(runs: list[dict], speakers: list[str]) -> list[dict]:
    """Each later run minus the first, mixture by mixture: measure -> mean of the differences with interval."""
    first = runs[0]
    return [
        {"id": run["id"], "against": first["id"], **{
            name: bootstrap_mean([b[name] - a[name] for a, b in zip(first["mixtures"], run["mixtures"], strict=True)], speakers)
            for name in MEASURES
        }}
        for run in runs[1:]
    ]


def ablation(question: str, runs: list[dict], mixtures: list[EvaluationMixture]) -> dict:
    """The contents of ablation-NAME.json, without the command line's part."""
    return {
        "schema": "sotto.ablation/1", "question": question, "finished": time.strftime("%Y-%m-%d"), "split": SPLIT, **mixture_counts(mixtures),
        "packages": package_versions(("pesq", "pystoi", "speechmos", "onnxruntime", "torch", "numpy")),
        "differing": differing(runs), "runs": runs, "differences": compared(runs, [m.speaker for m in mixtures]),
        "mixtures": mixture_rows(mixtures),
    }


def main() -> None:
    """Parses the command line, judges, writes the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", nargs="+", help="RUN/FILE of each checkpoint; the others are compared with the first")
    parser.add_argument("--corpus", help="corpus folder; default: environment variable SOTTO_CORPUS")
    parser.add_argument("--runs", default=str(runs_folder()), help="folder of all runs")
    parser.add_argument("--per-snr", type=int, default=16, help="mixtures at each of the six ratios")
    parser.add_argument("--jobs", type=int, default=1, help="processes that judge")
    parser.add_argument("--name", required=True, help="what the file is called: ablation-NAME.json")
    parser.add_argument("--question", required=True, help="in a few words, for the card")
    parser.add_argument("--out-folder", default=str(HERE), help="default: beside this script")
    options = parser.parse_args()
    files = [Path(options.runs) / name for name in options.weights]
    if len({file.parent.name for file in files}) < max(2, len(files)):
        parser.error(f"Expected at least two checkpoints, each of another run, found {', '.join(options.weights)}.")
    torch.set_num_threads(1)
    corpus = corpus_folder(options.corpus)
    clips = evaluation_clips(read_manifest(corpus), SPLIT)
    mixtures = evaluation_mixtures(open_cache(corpus, clips, runs_folder() / "cache"), clips, options.per_snr, SEED)
    with ProcessPoolExecutor(options.jobs) as pool:
        runs = [judged_run(file, mixtures, partial(pool.map, chunksize=2)) for file in files]
    written = ablation(options.question, runs, mixtures)
    per_snr = f" --per-snr {options.per_snr}" if options.per_snr != parser.get_default("per_snr") else ""
    named = f'--name {options.name} --question "{options.question}"'
    command = f"python native-models/enhance-conv-fsenet/ablation.py --corpus FOLDER {named} {' '.join(options.weights)}{per_snr}"
    out = Path(options.out_folder) / f"ablation-{options.name}.json"
    write_json(out, {"command": command, **written})
    print(ablation_table(written))
    print(f"Written: {out}")


if __name__ == "__main__":
    main()
