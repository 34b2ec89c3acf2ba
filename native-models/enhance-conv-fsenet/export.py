"""Exports a checkpoint as one level of the model, asserts parity and streaming, refreshes model.json and training.json.

The level's golden files are written too.

Example:
    python export.py --run dense --weights best.pt --corpus FOLDER
    python export.py --run phi25 --level phi25 --corpus FOLDER
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.corpus import corpus_folder, hours_by_kind, read_manifest, training_clips  # noqa: E402
from sotto_models.golden import SAMPLE_RATE_HZ, write_golden  # noqa: E402
from sotto_models.mixing import gain_for_snr, rms  # noqa: E402
from sotto_models.onnx_export import (  # noqa: E402
    assert_parity,
    assert_streaming,
    export_network,
    load_network,
    open_session,
    put_level,
    write_json,
)
from sotto_models.pcm_cache import read_clip, runs_folder  # noqa: E402
from sotto_models.run_log import noted_commits, noted_data, pruned_from, read_run_log, resumptions, started_from  # noqa: E402

CROP_SECONDS = 2.0
FIRST_LEVEL = "fp32"
TITLES = {
    "fp32": "Dense",
    "phi100": "Gated, every channel allowed",
    "phi50": "Gated, half of the channels",
    "phi25": "Gated, a quarter of the channels",
    "phi12": "Gated, an eighth of the channels",
    "static25": "Without gates, as small as a quarter",
}
CONFIGURATIONS = {FIRST_LEVEL: "conf/dense.yaml"}
GOLDEN_SPEECH = "speech/librispeech/7067/7067-76047-0000.flac"
GOLDEN_NOISE = "noise/rain/esc_2-82367-A.flac"
GOLDEN_ATTRIBUTION = (
    "Speech: LibriSpeech speaker 7067, (c) 2014 Vassil Panayotov, CC BY 4.0. "
    "Noise: rain, Freesound 82367 by way of ESC-10 (Piczak 2015), CC0. Mixed at 5 dB; CC BY 4.0."
)


def golden_mixture(corpus: Path, seconds: float = 2.5, snr_db: float = 5.0) -> np.ndarray:
    """Test-split speech in rain, (samples,), -26 dBFS rms."""
    count = int(seconds * SAMPLE_RATE_HZ) + 37  # not a whole number of hops, on purpose
    speech = read_clip(corpus, GOLDEN_SPEECH)[8000 : 8000 + count]
    noise = read_clip(corpus, GOLDEN_NOISE)[:count]
    noisy = speech + gain_for_snr(speech, noise, snr_db) * noise
    return (noisy * 10 ** (-26 / 20) / rms(noisy)).astype(np.float32)


def corpus_data(corpus: Path) -> dict:
    """The same facts out of the corpus' manifest."""
    clips = training_clips(read_manifest(corpus))
    return {"clips": len(clips), "synthetic_voices": False, **hours_by_kind(clips)}


def training_facts(weights: Path, run: str, configuration: str, corpus: Path) -> dict:
    """What the model card says about the training, out of the checkpoint, its log and the manifest."""
    state = torch.load(weights, weights_only=True)
    settings, network = state["training"], load_network(weights)
    by_clock = settings["until_minutes"] > 0
    log = read_run_log(weights.parent / "log.jsonl")
    data = noted_data(log) or corpus_data(corpus)
    start = started_from(log)
    length = f"--until-minutes {settings['until_minutes']:g}" if by_clock else f"--steps {settings['steps']}"
    return {
        "command": f"python native-models/enhance-conv-fsenet/train.py --corpus FOLDER --config {configuration} --run {run}"
        + (" --voices FOLDER" if data["synthetic_voices"] else "") + (f" --start-from {start['weights']}" if start else "") + f" {length}",
        "prunedFrom": pruned_from(start),
        "configuration": configuration, "commit": noted_commits(log), "seed": settings["seed"],
        "steps": state["step"], "minutes": round(state["elapsed_seconds"] / 60, 1),
        "batchSize": settings["batch_size"], "cropSeconds": CROP_SECONDS,
        "schedule": (
            f"AdamW, {settings['learning_rate']:g} to {settings['final_learning_rate']:g} by a cosine over "
            + ("the wall clock, so another run differs" if by_clock else "the steps")
            + f"; weights averaged with decay {settings['ema_decay']:g}{resumptions(log)}"
        ),
        "chosen": f"{weights.name} (step {state['step']}), by its measures on mixtures of the valid split",
        "parameters": sum(p.numel() for p in network.parameters()), "macsPerFrame": network.config.macs_per_frame,
        "targetUse": settings.get("target_use", 1.0) if network.config.gate_channels else None,
        "trainingClips": data["clips"], "speechHours": data["speech_hours"], "noiseHours": data["noise_hours"],
        "syntheticVoices": data["synthetic_voices"],
    }


def main() -> None:
    """Parses the command line and exports."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="corpus folder for the golden recording; default: SOTTO_CORPUS")
    parser.add_argument("--run", default="dense", help="name of the run folder")
    parser.add_argument("--runs", default=str(runs_folder()))
    parser.add_argument("--weights", default="best.pt", help="file in the run folder")
    parser.add_argument("--level", default=FIRST_LEVEL, choices=tuple(TITLES))
    parser.add_argument("--config", help="what the run was trained from, for the card; default: conf/LEVEL.yaml (fp32: dense.yaml)")
    options = parser.parse_args()
    configuration = options.config or CONFIGURATIONS.get(options.level, f"conf/{options.level}.yaml")
    if not (HERE / configuration).is_file():
        parser.error(f"Expected a configuration such as conf/phi25-heads.yaml, found {configuration!r}.")
    weights = Path(options.runs) / options.run / options.weights
    network = load_network(weights)
    first = options.level == FIRST_LEVEL
    graph = HERE / ("model.onnx" if first else f"{options.level}.onnx")
    export_network(network, graph)
    print(f"ONNX against PyTorch: {assert_parity(network, graph):.2e}")
    print(f"Chunks against whole: {assert_streaming(graph, network.config.context_frames, network.config.bins):.2e}")
    corpus = corpus_folder(options.corpus)
    facts_file = HERE / "training.json"
    facts = json.loads(facts_file.read_text(encoding="utf-8"))["levels"] if facts_file.exists() else {}
    facts[options.level] = training_facts(weights, options.run, configuration, corpus)
    write_json(facts_file, {"levels": {level: facts[level] for level in TITLES if level in facts}})
    level = put_level(HERE / "model.json", {
        "id": options.level, "file": graph.name, "title": TITLES[options.level],
        "gates": bool(network.config.gate_channels), "macsPerFrame": network.config.macs_per_frame,
    }, list(TITLES))
    write_golden(open_session(graph), options.level, golden_mixture(corpus), HERE / "golden", GOLDEN_ATTRIBUTION)
    print(f"{graph}: {level['sizeBytes']} bytes, sha256 {level['sha256']}, from {weights}")


if __name__ == "__main__":
    main()
