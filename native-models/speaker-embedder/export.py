"""Exports a checkpoint with its calibration, golden files and manifest; parity is asserted.

The calibration says in cosines what recordings of one person, and of two, reach on speakers that shaped nothing but the choice
of the checkpoint.

Example:
    python export.py --run speaker-1 --corpus FOLDER
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import soundfile
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.corpus import corpus_folder, read_manifest, training_clips  # noqa: E402
from sotto_models.onnx_export import sha256_of, write_json  # noqa: E402
from sotto_models.pcm_cache import read_clip, runs_folder  # noqa: E402
from sotto_models.run_log import noted_command, noted_commits, noted_curve, noted_data, read_run_log, started_from  # noqa: E402
from sotto_models.voice import mel  # noqa: E402
from sotto_models.voice import speech_windows as windows  # noqa: E402
from sotto_models.voice.exported_embedder import ExportedEmbedder  # noqa: E402
from sotto_models.voice.speaker_export import export_embedder, load_embedder, macs_per_second  # noqa: E402
from sotto_models.voice.speaker_judging import VoicePairs, speaking_clips  # noqa: E402

LEVEL = "fp32"
GOLDEN_SOUND = HERE / "golden" / "speech-16000.wav"
MAX_ABSOLUTE_ERROR = 1e-3
"""Of a vector of length 1: room for a float32 front end; one missed frame of speech in a window moves it by more."""


def write_golden(graph: Path, folder: Path) -> dict:
    """The embedding of the golden recording; returns golden.json."""
    sound, rate = soundfile.read(str(GOLDEN_SOUND), dtype="float64")
    vector, seconds = ExportedEmbedder(graph)(sound, rate)
    if vector is None:
        raise ValueError(f"Expected speech in {GOLDEN_SOUND}, found none. Write it again with speech_golden.py.")
    folder.mkdir(parents=True, exist_ok=True)
    vector.astype("<f4").tofile(folder / "embedding.f32")
    golden = {
        "schema": "sotto.embedder-golden/1", "input": GOLDEN_SOUND.name, "speechSeconds": seconds,
        "levels": {LEVEL: {"embedding": {"file": "embedding.f32", "type": "float32le", "shape": [len(vector)]}}},
        "maxAbsoluteError": MAX_ABSOLUTE_ERROR,
    }
    write_json(folder / "golden.json", golden)
    return golden


def manifest(graph: Path, size: int, macs: int, calibration: dict) -> dict:
    """model.json: what the engine needs to measure how alike two voices are, and to say it in words."""
    return {
        "schema": "sotto.model/1", "id": "speaker-embedder", "stage": "similarity", "title": "Speaker embedder (thin ResNet-34)",
        "runner": "speaker-embedder", "licence": "MIT",
        "frontEnd": {"bands": mel.BANDS, "framesPerSecond": mel.FRAMES_PER_SECOND, "windowSeconds": mel.WINDOW_SECONDS,
                     "highestHz": mel.HIGHEST_HZ, "preEmphasis": mel.PREEMPHASIS, "floor": mel.FLOOR, "normalisation": "in-graph"},
        "windows": {"frames": windows.WINDOW_FRAMES, "leastFrames": windows.LEAST_FRAMES, "leastSlots": windows.LEAST_SLOTS,
                    "mostSlots": windows.MOST_SLOTS, "secondsOfASlot": windows.SECONDS_OF_A_SLOT},
        "contextFrames": 0,
        "inputs": [{"name": "mel", "shape": ["batch", mel.BANDS, "frames"], "role": "log-mel"}],
        "outputs": [{"name": "vector", "shape": ["batch", size], "role": "speaker-embedding"}],
        "levels": [{"id": LEVEL, "file": graph.name, "title": f"{size} values", "macsPerSecond": macs,
                    "sha256": sha256_of(graph), "sizeBytes": graph.stat().st_size}],
        "calibration": {"split": "valid", **calibration},
        "golden": {"file": "golden/golden.json", "maxAbsoluteError": MAX_ABSOLUTE_ERROR}, "measures": "evaluation.json",
    }


def training_facts(weights: Path, run: str) -> dict:
    """What the card says about the training, out of checkpoint and log."""
    state, lines = torch.load(weights, weights_only=True), read_run_log(weights.parent / "log.jsonl")
    data, begun = noted_data(lines) or {}, started_from(lines)
    command = noted_command(lines) or f"python native-models/speaker-embedder/train.py --run {run}"
    return {
        "command": command, "commit": noted_commits(lines), "seed": state["training"]["seed"], "steps": state["step"],
        "chosen": weights.name, "curve": noted_curve(lines), "minutes": round(state["elapsed_seconds"] / 60, 1),
        "resumed": sum(line["event"] == "resume" for line in lines),
        **({"startedFrom": begun["weights"]} if begun else {}),
        **{n: data[n] for n in ("hours", "clips", "speakers", "noises", "parameters") if n in data},
    }


def export_model(weights: Path, run: str, corpus: Path, folder: Path) -> dict:
    """Writes graph, golden files, model.json and training.json into `folder`; returns the manifest.

    Args:
        corpus: whose valid split calibrates.
    Raises:
        ParityError: ONNX differs from PyTorch.
        ValueError: the valid split has too few speakers.
    """
    embedder, graph = load_embedder(weights), folder / "model.onnx"
    folder.mkdir(parents=True, exist_ok=True)
    print(f"ONNX against PyTorch: {export_embedder(embedder, graph):.2e}")
    clips = speaking_clips(training_clips(read_manifest(corpus), "valid"), "valid")
    pairs = VoicePairs(ExportedEmbedder(graph), clips, lambda clip: read_clip(corpus, clip.path))
    written = manifest(graph, embedder.config.size, macs_per_second(embedder), pairs.calibration())
    print(f"Calibration: {json.dumps(written['calibration'])}")
    write_golden(graph, folder / "golden")
    write_json(folder / "training.json", {"levels": {LEVEL: training_facts(weights, run)}})
    write_json(folder / "model.json", written)
    return written


def main() -> None:
    """Parses the command line and exports."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", default="speaker-embedder", help="name of the run folder")
    parser.add_argument("--runs", default=str(runs_folder()))
    parser.add_argument("--weights", default="best.pt", help="file in the run folder")
    parser.add_argument("--corpus", help="corpus folder; default: environment variable SOTTO_CORPUS")
    options = parser.parse_args()
    torch.set_num_threads(1)
    weights = Path(options.runs).expanduser() / options.run / options.weights
    export_model(weights, options.run, corpus_folder(options.corpus), HERE)
    print(f"{HERE / 'model.json'} from {weights}")


if __name__ == "__main__":
    main()
