"""How much of the words the teacher's features keep on their way to codes: writes label-study.json.

Judged on synthetic sentences, whose phonemes are known exactly: features of 384, projections, one codebook and two.
Two measures: PNMI of units, and the share of frames whose phoneme a linear classifier finds (fitted on some voices, judged on
held-out ones), which also holds for features that are no units. Projection and codebooks are those of label.py.

Example:
    python label_study.py --voices ~/.cache/sotto/voices/corpus --minutes 20
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

from sotto_models.huge_pages import restart_with_huge_pages  # noqa: E402
from sotto_models.json_lines import read_json_lines  # noqa: E402
from sotto_models.onnx_export import write_json  # noqa: E402
from sotto_models.pcm_cache import read_clip, runs_folder  # noqa: E402
from sotto_models.voice.codebooks import fit_basis, fit_centres, load_basis, load_codebooks, nearest  # noqa: E402
from sotto_models.voice.phones import PHONES, is_held_out_voice, phone_frames, phone_information  # noqa: E402
from sotto_models.voice.teacher import default_folder, load_teacher, teacher_features  # noqa: E402

SEED = 77
DIMENSIONS = (32, 64, 128)
CENTRE_FRAMES = 60_000
ROUNDS = 12


def spoken_sentences(voices: Path, minutes: float) -> tuple[list[dict], list[dict]]:
    """Sentences of make_voices.py of about so many minutes, a fifth of them by held-out voices: (others, held out)."""
    known = read_json_lines(voices / "sentences.jsonl")
    held = [s for s in known if is_held_out_voice(f"kokoro-{s['speaker']}")]
    others = [s for s in known if not is_held_out_voice(f"kokoro-{s['speaker']}")]
    return _first_minutes(others, minutes * 0.8), _first_minutes(held, minutes * 0.2)


def _first_minutes(sentences: list[dict], minutes: float) -> list[dict]:
    ends = np.cumsum([sum(s["durations"]) * 0.025 / 60 for s in sentences])
    return sentences[: int(np.searchsorted(ends, minutes)) + 1]


def features_and_phones(teacher, voices: Path, sentences: list[dict]) -> tuple[np.ndarray, np.ndarray]:
    """(frames, 384) float32 and (frames,) phonemes of these sentences, one behind the other."""
    features = [teacher_features(teacher, read_clip(voices, f"speech/{s['index']:06d}.flac")) for s in sentences]
    phones = [phone_frames(s["phonemes"], s["durations"], len(f)) for s, f in zip(sentences, features, strict=True)]
    return np.concatenate(features), np.concatenate(phones)


def linear_accuracy(train: tuple[np.ndarray, np.ndarray], test: tuple[np.ndarray, np.ndarray], epochs: int = 6) -> float:
    """Share of test frames whose phoneme a linear softmax finds; inputs are standardised, unknown frames left out."""
    torch.manual_seed(SEED)
    mean, deviation = train[0].mean(0), train[0].std(0) + 1e-6
    (x, y), (x_test, y_test) = (
        (torch.from_numpy((features[phones >= 0] - mean) / deviation), torch.from_numpy(phones[phones >= 0].astype(np.int64)))
        for features, phones in (train, test)
    )
    layer = torch.nn.Linear(x.shape[1], len(PHONES))
    optimiser = torch.optim.Adam(layer.parameters(), 5e-3)
    batches = len(x) // 512
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs * batches)
    for _ in range(epochs):
        for rows in torch.randperm(len(x))[: batches * 512].view(batches, 512):
            loss = torch.nn.functional.cross_entropy(layer(x[rows]), y[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    with torch.no_grad():
        return float((layer(x_test).argmax(1) == y_test).float().mean())


def study(sample: np.ndarray, labels: Path, train: tuple, test: tuple) -> list[dict]:
    """One row per representation: dimensions, codes, PNMI and linear accuracy, both on held-out voices.

    Args:
        sample: (frames, 384), what principal components and their centres are fitted on.
        labels: folder of label.py, whose projection and codebooks are judged as they are.
        train, test: features and phonemes, for the classifier and for judging.
    """
    rng = np.random.default_rng(SEED)
    sample = sample[rng.choice(len(sample), min(CENTRE_FRAMES, len(sample)), replace=False)].astype(np.float32)
    content, books = load_basis(labels / "basis.npz"), load_codebooks(labels / "codebooks.npz")
    components = fit_basis(sample, 128)
    rows = []

    def add(name: str, views: list[np.ndarray], units: np.ndarray | None = None, codes: int = 0) -> None:
        row: dict = {"representation": name, "dimensions": views[0].shape[1]}
        if units is not None:
            row |= {"codes": codes, "phone_information": round(phone_information(test[1], units), 4)}
        row["phones_found"] = round(linear_accuracy((views[0], train[1]), (views[1], test[1])), 4)
        rows.append(row)
        print(json.dumps(row), flush=True)

    def add_units(name: str, views: list[np.ndarray], centres: np.ndarray) -> None:
        units = [nearest(view, centres) for view in views]
        add(name, [centres[u] for u in units], units[1], len(centres))

    features = [train[0], test[0]]
    add("teacher features", features)
    for name, basis in (("principal components", components), ("content projection", content)):
        for size in DIMENSIONS:
            add(name, [basis.project(view, size) for view in features])
    z = [content.project(view) for view in features]
    add_units("units of the teacher features", features, fit_centres(sample, 512, SEED, ROUNDS))
    add_units("units of 64 principal components", [components.project(view) for view in features],
              fit_centres(components.project(sample), 512, SEED, ROUNDS))
    add_units("units of the content projection", z, books.first)
    add_units("units of the content projection", z, fit_centres(content.project(sample), 2048, SEED, ROUNDS))
    add("two codebooks of the content projection", [books.decode(*books.encode(view)) for view in z])
    return rows


def main() -> None:
    """Parses the command line, computes and writes."""
    restart_with_huge_pages()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voices", required=True, help="folder that make_voices.py made")
    parser.add_argument("--labels", default=str(runs_folder() / "cache" / "voice-labels"), help="folder that label.py made")
    parser.add_argument("--teacher", default=str(default_folder()))
    parser.add_argument("--minutes", type=float, default=20.0, help="of synthetic speech to judge on")
    parser.add_argument("--out", default=str(HERE / "label-study.json"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    voices = Path(options.voices).expanduser()
    teacher = load_teacher(Path(options.teacher))
    train, test = (features_and_phones(teacher, voices, part) for part in spoken_sentences(voices, options.minutes))
    sample = np.load(Path(options.labels) / "sample.npz")["features"]
    rows = study(sample, Path(options.labels), train, test)
    write_json(Path(options.out), {
        "command": f"python native-models/voice-codes/label_study.py --voices FOLDER --minutes {options.minutes:g}",
        "frames": {"classifier": len(train[1]), "judged": len(test[1]), "refitted centres": CENTRE_FRAMES}, "rows": rows,
    })


if __name__ == "__main__":
    main()
