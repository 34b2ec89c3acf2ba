"""Fits probes on the gate bits of a pruned level (speech, voice, F0, noise, ratio, domain), judges and writes them.

Writes probes.json (what the engine reads) and probe-evaluation.json (the table with controls and intervals) beside the
model, and names probes.json in model.json. Fitted on the train split, chosen on valid, judged on test.

Example:
    python probes.py --corpus FOLDER --level phi25
    python probes.py --corpus FOLDER --level phi25 --model FOLDER-WITH-MODEL-JSON --weights FILE --small   # a try
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.corpus import Clip, corpus_folder, is_evaluation_only, read_manifest, training_clips  # noqa: E402
from sotto_models.onnx_export import sha256_of, write_json  # noqa: E402
from sotto_models.pcm_cache import open_cache, runs_folder  # noqa: E402
from sotto_models.probing.controls import silero_vad  # noqa: E402
from sotto_models.probing.frame_features import GateReader, log_mel, untrained_gates  # noqa: E402
from sotto_models.probing.labelled_set import LabelledRecording, cached_set, labelled_set, trackers_agree  # noqa: E402
from sotto_models.probing.pitch_trackers import F0_RANGE_HZ, world, yin  # noqa: E402
from sotto_models.probing.probe_fit import KEPT_FEATURES, FrameStore, fit_probe  # noqa: E402
from sotto_models.probing.probe_judging import (  # noqa: E402
    System,
    choose_minimum_probability,
    judge,
    judged_frames,
    noise_details,
    of_constant,
    of_probe,
    of_table,
    speech_details,
)
from sotto_models.probing.probe_table import ProbeReader, probe_table, write_probes  # noqa: E402
from sotto_models.probing.probe_tasks import TASKS, ProbeTask  # noqa: E402
from sotto_models.probing.recordings import SECONDS, RecordingMaker  # noqa: E402

SEED = 2026
COUNTS = {"train": 300, "valid": 90, "test": 160, "known-noises": 50}
SMALL_COUNTS = {"train": 60, "valid": 30, "test": 40, "known-noises": 20}
KINDS = ("speech", "emotion", "noise", "music")
PAPER = {
    "source": "From Diet to Free Lunch, https://arxiv.org/abs/2602.10666, abstract; its data are others than ours",
    "speechAccuracy": 0.93, "noiseAccuracy": 0.84, "f0R2": 0.86,
}


def clips_of(manifest: list[Clip], split: str) -> list[Clip]:
    """Clips that recordings are drawn from: permissive ones for train and valid, all but NonCommercial for test."""
    clips = manifest if split == "test" else training_clips(manifest, split)
    return [c for c in clips if c.split == split and c.kind in KINDS and not is_evaluation_only(c)]


def recording_sets(corpus: Path, counts: dict[str, int]) -> dict[str, list[LabelledRecording]]:
    """train, valid and test; and known-noises: test speakers in noises that were fitted on, in other mixtures."""
    manifest, cache_folder = read_manifest(corpus), runs_folder() / "cache"
    clips = {split: clips_of(manifest, split) for split in ("train", "valid", "test")}
    clips["known-noises"] = [c for c in clips["train"] if c.kind == "noise"] + [
        c for c in clips["test"] if c.kind in ("speech", "emotion")
    ]
    agreed = None

    def pitch(voice: np.ndarray, speech: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nonlocal agreed
        agreed = agreed or trackers_agree()
        return agreed(voice, speech)

    sets = {}
    for number, (name, count) in enumerate(counts.items()):
        def make(name: str = name, number: int = number, count: int = count) -> list[LabelledRecording]:
            cache = open_cache(corpus, clips[name], cache_folder)
            maker = RecordingMaker(cache, clips[name], SEED + number, babble_of_voices=name == "train")
            return labelled_set(maker, count, pitch)

        sets[name] = cached_set(make, clips[name], f"{name} {SEED + number} {count}", runs_folder() / "probes")
        print(f"{name}: {len(sets[name])} recordings, {len({r.group for r in sets[name]})} speakers or sources")
    return sets


def controls(task: ProbeTask, test: list[LabelledRecording]) -> list[System]:
    """Systems that hear the mixture itself: Silero VAD for speech, two trackers for F0; each runs once a recording.

    SwiftF0 is not among them: it made the labels, and would be judged by itself.
    """
    if task.name == "speech":
        probability = silero_vad()
        known = {i: probability(test[i].noisy) for i, _ in judged_frames(task, test)}
        known |= {i: probability(r.noisy) for i, r in enumerate(test) if r.kind in ("noise", "silence")}

        def says(index: int, rows: np.ndarray) -> np.ndarray:
            p = np.clip(known[index][rows], 1e-6, 1 - 1e-6)
            return np.log(p / (1 - p))[:, None]

        return [System("silero", "Silero VAD", says)]
    if task.name != "f0":
        return []
    systems = []
    for identifier, title, tracker in (
        ("yin", "YIN on the mixture", yin()),
        ("world", "WORLD (DIO, StoneMask) on the mixture; had a veto in the labels", world()),
    ):
        hertz = {i: tracker(test[i].noisy)[0] for i, _ in judged_frames(task, test)}

        def tracks(index: int, rows: np.ndarray, hertz: dict[int, np.ndarray] = hertz) -> np.ndarray:
            found = hertz[index][rows]
            return np.where(found > 0, np.clip(found, *F0_RANGE_HZ), np.nan)[:, None]

        systems.append(System(identifier, title, tracks))
    return systems


def main() -> None:
    """Parses the command line, fits, judges, writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="corpus folder; default: environment variable SOTTO_CORPUS")
    parser.add_argument("--level", default="phi25", help="level in model.json whose gates are probed")
    parser.add_argument("--model", default=str(HERE), help="folder with model.json; both results go there")
    parser.add_argument("--weights", help="the level's file, when it is not the one in model.json's folder")
    parser.add_argument("--small", action="store_true", help="few recordings, for a try; figures mean little")
    options = parser.parse_args()
    torch.set_num_threads(1)
    begun, folder = time.monotonic(), Path(options.model)
    manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    files = {level["id"]: folder / level["file"] for level in manifest["levels"]}
    if options.level not in files:
        parser.error(f"Expected a level out of {sorted(files)}, found {options.level}. Export it first: export.py --level.")
    weights = Path(options.weights) if options.weights else files[options.level]
    reader, sha256 = GateReader(weights), sha256_of(weights)
    sets = recording_sets(corpus_folder(options.corpus), SMALL_COUNTS if options.small else COUNTS)
    logits = {name: FrameStore.of(recordings, reader.logits) for name, recordings in sets.items()}
    gates = {name: store.signs() for name, store in logits.items()}
    use = gates["train"].mean_values().reshape(-1, 256).mean(1)
    untrained_of = untrained_gates([r.noisy for r in sets["train"][:24]], use, SEED)
    splits = ("train", "valid", "test")
    untrained = {name: FrameStore.of(sets[name], untrained_of) for name in splits}
    mel = {name: FrameStore.of(sets[name], log_mel) for name in splits}
    print(f"Features after {time.monotonic() - begun:.0f} s; use of the gates by block {np.round(use, 3).tolist()}")

    fitted, lines = {}, {}
    for task in TASKS:
        everything, fitted[task.name] = fit_probe(task, gates["train"], gates["valid"])
        pairs = [("all-gates", "All gate bits", everything, gates["test"])]
        raw, _ = fit_probe(task, logits["train"], logits["valid"])
        pairs.append(("logits", "Logits in front of the gates", raw, logits["test"]))
        chance, some = fit_probe(task, untrained["train"], untrained["valid"])
        pairs.append(("untrained", f"{KEPT_FEATURES} gate bits of an untrained net", some, untrained["test"]))
        pairs.append(("all-untrained", "All gate bits of an untrained net", chance, untrained["test"]))
        _, bands = fit_probe(task, mel["train"], mel["valid"])
        pairs.append(("log-mel", "64 log-mel bands", bands, mel["test"]))
        lines[task.name] = [of_probe(i, title, task, probe, store) for i, title, probe, store in pairs]
        print(f"{task.name} fitted after {time.monotonic() - begun:.0f} s", flush=True)
    by_name = {task.name: task for task in TASKS}
    table = probe_table(fitted, options.level, sha256, 0.0)
    minimum = choose_minimum_probability(by_name["noise"], gates["valid"], ProbeReader(table))
    table["noise"]["minimumProbability"] = minimum
    written = write_probes(table, folder / "model.json", weights)
    shipped = ProbeReader(json.loads(written.read_text(encoding="utf-8")))

    judged, details = {}, {}
    for task in TASKS:
        count = len(fitted[task.name].columns)
        ours = of_table(f"{count} gate bits (this table)", task, shipped, gates["test"], count)
        constant = of_constant(task, gates["train"].design(task, (1, 0))[1])
        systems = [ours, *lines[task.name], *controls(task, sets["test"]), constant]
        judged[task.name] = judge(task, sets["test"], systems)
        judged[task.name]["chosenOnValid"] = round(fitted[task.name].score, 4)
        if task.name == "speech":
            details["speech"] = speech_details(task, sets["test"], [s for s in systems if s.id in ("shipped", "silero")])
        if task.name == "noise":
            details["noise"] = noise_details(task, sets["test"], ours, minimum)
            known = of_table(f"{count} gate bits, noises that were fitted on", task, shipped, gates["known-noises"], count)
            details["noise"]["knownNoises"] = judge(task, sets["known-noises"], [known])["systems"][0]
    write_json(folder / "probe-evaluation.json", {
        "schema": "sotto.probe-evaluation/1",
        "command": f"python native-models/enhance-conv-fsenet/probes.py --corpus FOLDER --level {options.level}"
        + (" --small" if options.small else ""),
        "finished": time.strftime("%Y-%m-%d"), "seed": SEED, "split": "test",
        "recordings": {name: len(recordings) for name, recordings in sets.items()}, "secondsEach": SECONDS,
        "interval": "95 %, percentile bootstrap over speakers (noise and domain: over source recordings)",
        "labels": {
            "speech": "clean speech above its active level - 30 dB, 96 ms hangover",
            "f0": "SwiftF0 on clean speech where WORLD agrees within 50 cents or has no value; SwiftF0 is no control for that",
            "snr": "voice while it speaks over all noise, centred half second",
        },
        "packages": {name: _version(name) for name in ("swift-f0", "pyworld", "librosa", "silero-vad", "onnxruntime", "torch", "numpy")},
        "weight": {"file": weights.name, "level": options.level, "sha256": sha256},
        "gateUseByBlock": [round(float(u), 4) for u in use], "paper": PAPER,
        "probes": judged, "details": details,
    })
    print_table(judged)
    print(f"Written: {written}, {folder / 'probe-evaluation.json'}; {time.monotonic() - begun:.0f} s")


def print_table(judged: dict) -> None:
    """One line for each probe and system, with its first figures."""
    for name, part in judged.items():
        print(f"{name}: {part['frames']} frames, {part['groups']} groups")
        for line in part["systems"]:
            figures = ", ".join(
                f"{key} {value['value']:.3f} [{value['low']:.3f}, {value['high']:.3f}]"
                for key, value in line["figures"].items()
            )
            print(f"  {line['title']}: {figures}")


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    main()
