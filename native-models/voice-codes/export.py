"""Exports a checkpoint as one level of the model, with codebooks, golden files and manifest; parity and chunks are asserted.

Example:
    python export.py --run codes-edge --level edge
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import soundfile
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.onnx_export import open_session, sha256_of, write_json  # noqa: E402
from sotto_models.pcm_cache import runs_folder  # noqa: E402
from sotto_models.run_log import noted_command, noted_commits, noted_curve, noted_data, read_run_log, started_from  # noqa: E402
from sotto_models.voice.code_voicing import code_voicing  # noqa: E402
from sotto_models.voice.codebooks import CODE_SIZE, Codebooks  # noqa: E402
from sotto_models.voice.encoder import EncoderConfig  # noqa: E402
from sotto_models.voice.encoder_export import assert_chunks, export_encoder, load_encoder  # noqa: E402
from sotto_models.voice.labels import VoiceLabels  # noqa: E402
from sotto_models.voice.mel import AHEAD_FRAMES, BANDS, FADE_FRAMES, FRAMES_PER_SECOND, log_mel, normalised  # noqa: E402

TITLES = {"edge": "384 channels", "paper": "768 channels, as in the paper"}
GOLDEN_SOUND = HERE / "golden" / "front-end-16000.wav"
MAX_ABSOLUTE_ERROR = 1e-2
"""Of z, whose variance is about 1: room for a float32 front end; a shifted frame errs by more than 1."""


def write_codebooks(books: Codebooks, voicing: np.ndarray, folder: Path) -> dict:
    """Both codebooks as raw little-endian float32, (codes, 64) row by row, and a byte for each code of the first one, 1 where most
    of its frames are voiced; returns what the manifest says of them."""
    file = folder / "codebook-voicing.u8"
    (voicing > 0.5).astype(np.uint8).tofile(file)
    entry: dict[str, dict] = {"voicing": {"file": file.name, "sha256": sha256_of(file), "sizeBytes": file.stat().st_size}}
    for name, values in (("first", books.first), ("residual", books.residual)):
        file = folder / f"codebook-{name}.f32"
        values.astype("<f4").tofile(file)
        size = file.stat().st_size
        entry[name] = {"file": file.name, "shape": list(values.shape), "sha256": sha256_of(file), "sizeBytes": size}
    return entry


def write_golden(graph: Path, level: str, books: Codebooks, folder: Path) -> dict:
    """z, codes and second codes of the golden recording; golden.json keeps what it says of other levels."""
    sound, _ = soundfile.read(str(GOLDEN_SOUND), dtype="float64")
    mel = normalised(log_mel(sound, 16_000)).T.astype(np.float32)
    (z,) = open_session(graph).run(None, {"mel": mel[None]})
    z = np.ascontiguousarray(z[0].T)  # (64, T) -> (T, 64)
    first, residual = books.encode(z)
    folder.mkdir(parents=True, exist_ok=True)
    z.astype("<f4").tofile(folder / f"{level}-z.f32")
    index = folder / "golden.json"
    levels = json.loads(index.read_text(encoding="utf-8"))["levels"] if index.exists() else {}
    levels[level] = {
        "z": {"file": f"{level}-z.f32", "type": "float32le", "order": "frames,size", "shape": list(z.shape)},
        "codes": first.tolist(), "residualCodes": residual.tolist(),
    }
    golden = {
        "schema": "sotto.codes-golden/1", "input": GOLDEN_SOUND.name, "levels": levels, "maxAbsoluteError": MAX_ABSOLUTE_ERROR,
    }
    write_json(index, golden)
    return golden


def manifest(levels: list[dict], config: EncoderConfig, codebooks: dict) -> dict:
    """model.json: what the engine needs to run any level; `contextFrames` are mel frames on either side of a chunk."""
    return {
        "schema": "sotto.model/1", "id": "voice-codes", "stage": "voice", "title": "Voice codes (EDGY encoder)",
        "runner": "voice-codes", "licence": "MIT",
        "frontEnd": {"bands": BANDS, "framesPerSecond": FRAMES_PER_SECOND, "normalisation": "running-loudness-weighted-mean",
                     "aheadFrames": AHEAD_FRAMES, "fadeFrames": FADE_FRAMES},
        "contextFrames": config.context_frames, "codesPerSecond": FRAMES_PER_SECOND // 2,
        "inputs": [{"name": "mel", "shape": ["batch", BANDS, "frames"], "role": "normalised-log-mel"}],
        "outputs": [{"name": "z", "shape": ["batch", CODE_SIZE, "codes"], "role": "voice-content"}],
        "levels": levels, "codebooks": {"codes": codebooks["first"]["shape"][0], "size": CODE_SIZE, **codebooks},
        "golden": {"file": "golden/golden.json", "maxAbsoluteError": MAX_ABSOLUTE_ERROR}, "measures": "evaluation.json",
    }


def training_facts(weights: Path, run: str, level: str) -> dict:
    """What the card says about the training, out of checkpoint and log."""
    state = torch.load(weights, weights_only=True)
    lines = read_run_log(weights.parent / "log.jsonl")
    data = noted_data(lines) or {}
    begun, settings, command = started_from(lines), state["training"], noted_command(lines)
    if command is None:
        length = f"--until-minutes {settings['until_minutes']:g}" if settings["until_minutes"] else f"--steps {settings['steps']}"
        command = f"python native-models/voice-codes/train.py --config conf/{level}.yaml --run {run} {length}"
        command += f" --start-from {begun['weights']}" if begun else ""
    return {
        "command": command,
        "commit": noted_commits(lines), "seed": settings["seed"], "steps": state["step"],
        "chosen": weights.name, "curve": noted_curve(lines),
        "minutes": round(state["elapsed_seconds"] / 60, 1), "resumed": sum(line["event"] == "resume" for line in lines),
        **{n: data[n] for n in ("hours", "clips", "speakers", "noises", "parameters", "macs_per_second") if n in data},
    }


def export_level(weights: Path, run: str, level: str, labels: VoiceLabels, folder: Path) -> dict:
    """Writes the level's graph, golden files, codebooks, model.json and training.json into `folder`; returns the manifest.

    Raises:
        ParityError: ONNX differs from PyTorch, or chunks from the whole.
        ValueError: the weights learnt other codebooks than those of the labels.
    """
    books = labels.codebooks
    encoder = load_encoder(weights, books)
    graph = folder / f"{level}.onnx"
    print(f"ONNX against PyTorch: {export_encoder(encoder, graph):.2e}")
    print(f"Chunks against whole: {assert_chunks(graph, encoder.config.context_frames):.2e}")
    file = folder / "model.json"
    known = json.loads(file.read_text(encoding="utf-8"))["levels"] if file.exists() else []
    entry = {"id": level, "file": graph.name, "title": TITLES[level], "macsPerSecond": encoder.config.macs_per_second,
             "sha256": sha256_of(graph), "sizeBytes": graph.stat().st_size}
    levels = sorted([*(one for one in known if one["id"] != level), entry], key=lambda one: list(TITLES).index(one["id"]))
    written = manifest(levels, encoder.config, write_codebooks(books, code_voicing(labels, books.first), folder))
    write_golden(graph, level, books, folder / "golden")
    facts_file = folder / "training.json"
    facts = json.loads(facts_file.read_text(encoding="utf-8"))["levels"] if facts_file.exists() else {}
    write_json(facts_file, {"levels": {**facts, level: training_facts(weights, run, level)}})
    write_json(file, written)
    return written


def main() -> None:
    """Parses the command line and exports."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", default="codes-edge", help="name of the run folder")
    parser.add_argument("--runs", default=str(runs_folder()))
    parser.add_argument("--labels", help="folder that label.py made; default: voice-labels in the cache of all runs")
    parser.add_argument("--weights", default="best.pt", help="file in the run folder")
    parser.add_argument("--level", default="edge", choices=tuple(TITLES))
    options = parser.parse_args()
    runs = Path(options.runs)
    labels = VoiceLabels(Path(options.labels) if options.labels else runs / "cache" / "voice-labels")
    export_level(runs / options.run / options.weights, options.run, options.level, labels, HERE)
    print(f"{HERE / 'model.json'} from {runs / options.run / options.weights}")


if __name__ == "__main__":
    main()
