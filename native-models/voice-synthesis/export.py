"""Exports a checkpoint as one level of the model, with its voices, golden files and manifest; parity and chunks are asserted.

voices.json holds the table of voices (one vector and one register in Hz each): a voice is the weighted mean of vectors, its
register the weighted mean of the logarithms of their registers. reference.onnx makes such a vector of 2 s of anybody's speech.

Example:
    python export.py --run synthesis-1 --voices ~/.cache/sotto/voices/corpus
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.onnx_export import open_session, sha256_of, write_json  # noqa: E402
from sotto_models.pcm_cache import runs_folder  # noqa: E402
from sotto_models.run_log import noted_command, noted_commits, noted_curve, noted_data, read_run_log, started_from  # noqa: E402
from sotto_models.voice.labels import VoiceLabels  # noqa: E402
from sotto_models.voice.mel import BANDS  # noqa: E402
from sotto_models.voice.source_filter import FILTER_BINS, FRAMES_PER_SECOND  # noqa: E402
from sotto_models.voice.synthesis_data import codebook_checksum, read_recipes, read_sentences  # noqa: E402
from sotto_models.voice.synthesis_export import (  # noqa: E402
    REFERENCE_FRAMES,
    assert_chunks,
    export_reference,
    export_synthesis,
    macs_per_second,
    reference_example,
)
from sotto_models.voice.synthesis_loss import LISTENING_RMS  # noqa: E402
from sotto_models.voice.synthesis_net import (  # noqa: E402
    MODES,
    PITCH_CENTRE_OCTAVES,
    VOICE_NAMES,
    SynthesisConfig,
    SynthesisNet,
    load_synthesis,
)
from sotto_models.voice.synthesis_render import registers_hz  # noqa: E402

LEVEL = "fp32"
GOLDEN_CODES = 12
MAX_ABSOLUTE_ERROR = 1e-3
"""Of log magnitudes and radians, among versions of ONNX Runtime; a shifted frame errs by more than .1."""
REFERENCE_MAX_ABSOLUTE_ERROR = 1e-4
"""Of vectors of variance 1, among versions of ONNX Runtime."""
LICENCES = {
    "voices": "Kokoro-82M (Apache-2.0) saying sentences of Debian's fortunes and bible-kjv (public texts); all that the table holds",
    "recordings": "permissive rows of the training split only, see ../DATA.md; none of their speakers has a voice that can be asked for",
    "teacher": "Whisper tiny.en (MIT): labels and loss while training only",
    "pitch": "SwiftF0 (MIT): labels while training only",
}


def write_voices(net: SynthesisNet, registers: np.ndarray, folder: Path) -> dict:
    """voices.json; returns what the manifest says of it."""
    vectors = net.voices.weight.detach().numpy()
    rows = [{"name": name, "registerHz": round(float(hertz), 2), "vector": [round(float(v), 5) for v in vector]}
            for name, hertz, vector in zip(VOICE_NAMES, registers, vectors, strict=True)]
    file = folder / "voices.json"
    write_json(file, {"schema": "sotto.voices/1", "size": net.config.voice_size, "voices": rows})
    return {"file": file.name, "sha256": sha256_of(file), "sizeBytes": file.stat().st_size}


def write_reference(net: SynthesisNet, folder: Path) -> dict:
    """reference.onnx and its golden files; returns what the manifest says of it.

    `speechRms` is the level of speech that the log mel is made at: the net takes levels out, but for the floor of the logarithm.

    Raises:
        ParityError: ONNX differs from PyTorch.
    """
    graph, golden = folder / "reference.onnx", folder / "golden"
    print(f"Reference, ONNX against PyTorch: {export_reference(net.reference, graph):.2e}")
    mel = reference_example(1).numpy()
    (voice,) = open_session(graph).run(None, {"mel": mel})
    golden.mkdir(parents=True, exist_ok=True)
    tensors = {}
    for name, value in (("mel", mel), ("voice", voice)):
        value.astype("<f4").tofile(golden / f"reference-{name}.f32")
        tensors[name] = {"file": f"reference-{name}.f32", "shape": list(value.shape)}
    write_json(golden / "reference.json", {"schema": "sotto.reference-golden/1", "type": "float32le", "tensors": tensors,
                                           "maxAbsoluteError": REFERENCE_MAX_ABSOLUTE_ERROR})
    return {
        "file": graph.name, "sha256": sha256_of(graph), "sizeBytes": graph.stat().st_size, "speechRms": LISTENING_RMS,
        "input": {"name": "mel", "shape": ["batch", BANDS, REFERENCE_FRAMES], "role": "log-mel-of-speech"},
        "output": {"name": "voice", "shape": ["batch", net.config.voice_size], "role": "voice-vector"},
        "golden": {"file": "golden/reference.json", "maxAbsoluteError": REFERENCE_MAX_ABSOLUTE_ERROR},
    }


def write_golden(graph: Path, config: SynthesisConfig, folder: Path) -> dict:
    """Inputs out of a fixed generator and the filters that the graph makes of them, as raw little-endian float32."""
    rng = np.random.default_rng(20412)
    voiced = (np.arange(2 * GOLDEN_CODES) % 7 < 5).astype(np.float32)
    inputs = {
        "z": rng.normal(size=(1, config.code_size, GOLDEN_CODES)).astype(np.float32),
        "pitch": np.stack([np.linspace(-0.6, 0.7, 2 * GOLDEN_CODES, dtype=np.float32) * voiced, voiced])[None],
        "voice": rng.normal(size=(1, config.voice_size)).astype(np.float32),
        "mode": np.eye(len(MODES), dtype=np.float32)[:1],
    }
    (filters,) = open_session(graph).run(None, inputs)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {}
    for name, value in {**inputs, "filters": filters}.items():
        value.astype("<f4").tofile(folder / f"net-{name}.f32")
        tensors[name] = {"file": f"net-{name}.f32", "shape": list(value.shape)}
    golden = {"schema": "sotto.synthesis-golden/1", "type": "float32le", "level": LEVEL, "tensors": tensors,
              "maxAbsoluteError": MAX_ABSOLUTE_ERROR}
    write_json(folder / "net.json", golden)
    return golden


def manifest(level: dict, config: SynthesisConfig, voices: dict, reference: dict) -> dict:
    """model.json: what the engine needs; `contextFrames` are codes (20 ms) on either side of a chunk."""
    size, filters = config.code_size, 3 * FILTER_BINS
    return {
        "schema": "sotto.model/1", "id": "voice-synthesis", "stage": "voice", "title": "Voice synthesis (source and filter)",
        "runner": "voice-synthesis", "licence": "MIT", "codesPerSecond": FRAMES_PER_SECOND // 2,
        "contextFrames": config.context_frames, "filterBins": FILTER_BINS, "filterBinHz": 25,
        "framesPerSecond": FRAMES_PER_SECOND, "pitchCentreOctaves": PITCH_CENTRE_OCTAVES, "modes": list(MODES),
        "inputs": [
            {"name": "z", "shape": ["batch", size, "codes"], "role": "voice-content"},
            {"name": "pitch", "shape": ["batch", 2, "frames"], "role": "octaves-above-centre-and-voiced"},
            {"name": "voice", "shape": ["batch", config.voice_size], "role": "voice-vector"},
            {"name": "mode", "shape": ["batch", len(MODES)], "role": "one-hot-mode"},
        ],
        "outputs": [{"name": "filters", "shape": ["batch", filters, "frames"], "role": "log-harmonic-phase-log-aperiodic"}],
        "levels": [level], "voices": voices, "reference": reference,
        "golden": {"file": "golden/net.json", "maxAbsoluteError": MAX_ABSOLUTE_ERROR},
        "signalPath": "golden/golden.json", "measures": "evaluation.json",
    }


def training_facts(weights: Path, run: str, recipe: str | None = None) -> dict:
    """What the card says about the training, out of checkpoint and log.

    Args:
        recipe: `--config` and what else its training was given, for runs from before their log told it.
    Raises:
        ValueError: neither the log nor `recipe` tells it.
    """
    state = torch.load(weights, weights_only=True)
    lines = read_run_log(weights.parent / "log.jsonl")
    data, begun, settings = noted_data(lines) or {}, started_from(lines), state["training"]
    command = noted_command(lines)
    if command is None:
        if recipe is None:
            raise ValueError(f"Expected the command of {run} in its log, found none. Give --recipe '--config conf/FILE.yaml ...'.")
        length = f"--until-minutes {settings['until_minutes']:g}" if settings["until_minutes"] else f"--steps {settings['steps']}"
        command = f"python native-models/voice-synthesis/train.py {recipe} --voices FOLDER --pairs FOLDER --run {run} {length}"
        command += f" --start-from {begun['weights']}" if begun else ""
    return {
        "command": command,
        "commit": noted_commits(lines), "seed": settings["seed"], "steps": state["step"],
        "chosen": weights.name, "curve": noted_curve(lines),
        "minutes": round(state["elapsed_seconds"] / 60, 1), "resumed": sum(line["event"] == "resume" for line in lines),
        **{name: data[name] for name in ("sentences", "hours", "pairs", "recordings", "other_codes") if name in data},
        "config": state["network_config"], "training": settings, "licences": LICENCES,
    }


def export_level(
    weights: Path, run: str, registers: np.ndarray, codebook: str, folder: Path, recipe: str | None = None
) -> dict:
    """Writes graphs, voices, golden files, model.json and training.json into `folder`; returns the manifest.

    Raises:
        ParityError: ONNX differs from PyTorch, or chunks from the whole.
        ValueError: the weights learnt another codebook's codes, or nothing tells how they were trained.
    """
    facts = training_facts(weights, run, recipe)
    net, graph = load_synthesis(weights, codebook), folder / "model.onnx"
    print(f"ONNX against PyTorch: {export_synthesis(net, graph):.2e}")
    print(f"Chunks against whole: {assert_chunks(graph, net.config.context_frames):.2e}")
    level = {"id": LEVEL, "file": graph.name, "title": f"{net.config.width} channels", "macsPerSecond": macs_per_second(net),
             "sha256": sha256_of(graph), "sizeBytes": graph.stat().st_size}
    voices, reference = write_voices(net, registers, folder), write_reference(net, folder)
    written = {**manifest(level, net.config, voices, reference), "codebookSha256": codebook}
    write_golden(graph, net.config, folder / "golden")
    write_json(folder / "training.json", {"levels": {LEVEL: facts}})
    write_json(folder / "model.json", written)
    return written


def main() -> None:
    """Parses the command line and exports."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", required=True, help="name of the run folder")
    parser.add_argument("--runs", default=str(runs_folder()))
    parser.add_argument("--weights", default="best.pt", help="file in the run folder")
    parser.add_argument("--voices", required=True, help="folder made by make_voices.py: how high each voice speaks")
    parser.add_argument("--labels", help="default: cache/voice-labels in the folder of runs")
    parser.add_argument("--recipe", help="options of train.py for runs whose log lacks them: '--config FILE --encoder RUN/FILE'")
    options = parser.parse_args()
    runs, voices = (Path(p).expanduser() for p in (options.runs, options.voices))
    labels = VoiceLabels(Path(options.labels).expanduser() if options.labels else runs / "cache" / "voice-labels")
    sentences = read_sentences(labels, voices.resolve(), None, "train", 1)
    weights = runs / options.run / options.weights
    registers = registers_hz(sentences, labels, read_recipes(voices.resolve()))
    export_level(weights, options.run, registers, codebook_checksum(labels.codebooks), HERE, options.recipe)
    print(f"{HERE / 'model.json'} from {weights}")


if __name__ == "__main__":
    main()
