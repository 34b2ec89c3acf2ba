"""Labels all speech that may train: teacher features reduced to z, units, F0; and fits the codebooks.

Three steps, each skipped when it was done: principal components of a sample balanced over speakers; labels of
every train and valid clip (permissive licences) of the corpus and of further folders; two codebooks of 512. Can be stopped and
started again at any time; new clips are added, basis and codebooks stay what they are, because codes must keep their meaning.

Example:
    python label.py --corpus FOLDER --also ~/.cache/sotto/voices/corpus
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "common"))

from sotto_models.corpus import Clip, corpus_folder  # noqa: E402
from sotto_models.huge_pages import restart_with_huge_pages  # noqa: E402
from sotto_models.pcm_cache import read_clip, runs_folder  # noqa: E402
from sotto_models.voice.codebooks import fit_basis, fit_codebooks, load_basis, save_arrays  # noqa: E402
from sotto_models.voice.labels import LabelWriter, VoiceLabels, balanced, pitch_tracker, speech_clips  # noqa: E402
from sotto_models.voice.teacher import Teacher, default_folder, load_teacher, teacher_features  # noqa: E402

SEED = 6512
SAMPLE_SECONDS_PER_SPEAKER = 60.0
"""Of the sample that basis and codebooks are fitted on: single-speaker sources must not own the codes."""
MOST_CODEBOOK_FRAMES = 300_000


def main() -> None:
    """Parses the command line and does what is missing."""
    restart_with_huge_pages()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="corpus folder; default: environment variable SOTTO_CORPUS")
    parser.add_argument("--also", action="append", default=[], help="a further folder with a manifest.csv; repeatable")
    parser.add_argument("--labels", default=str(runs_folder() / "cache" / "voice-labels"), help="folder that receives them")
    parser.add_argument("--teacher", default=str(default_folder()), help="folder of tiny.en.pt, fetched when missing")
    options = parser.parse_args()
    torch.set_num_threads(1)
    labels = Path(options.labels)
    labels.mkdir(parents=True, exist_ok=True)
    clips = speech_clips([corpus_folder(options.corpus), *(corpus_folder(folder) for folder in options.also)])
    teacher = load_teacher(Path(options.teacher))
    if not (labels / "basis.npz").exists():
        features = sample_features(teacher, balanced(clips, SAMPLE_SECONDS_PER_SPEAKER, SEED))
        save_arrays(labels / "sample.npz", features=features)
        save_arrays(labels / "basis.npz", **asdict(fit_basis(features)))
    basis = load_basis(labels / "basis.npz")
    print(f"64 of 384 dimensions hold {basis.kept:.4f} of the variance", flush=True)
    if not (labels / "codebooks.npz").exists():
        z = basis.project(np.load(labels / "sample.npz")["features"].astype(np.float32))
        z = z[np.sort(np.random.default_rng(SEED).permutation(len(z))[:MOST_CODEBOOK_FRAMES])]
        books = fit_codebooks(z, SEED)
        save_arrays(labels / "codebooks.npz", **asdict(books))
        first, residual = books.encode(z)
        left = [float(np.square(z - books.decode(*codes)).mean()) for codes in ((first,), (first, residual))]
        print(f"mean square of z {np.square(z).mean():.3f}, left by one codebook {left[0]:.3f}, by two {left[1]:.3f}", flush=True)
    label_all(teacher, clips, labels)
    print(f"{labels}: {len(VoiceLabels(labels).clips)} clips")


def sample_features(teacher: Teacher, clips: list[tuple[Clip, Path]]) -> np.ndarray:
    """Teacher features of all these clips one behind the other, (frames, 384), float16."""
    parts = [teacher_features(teacher, read_clip(path.parent, path.name)).astype(np.float16) for _, path in clips]
    print(f"sample of {len(parts)} clips, {sum(map(len, parts)) / 3000:.1f} minutes", flush=True)
    return np.concatenate(parts)


def in_turns(clips: list[tuple[Clip, Path]]) -> list[tuple[Clip, Path]]:
    """The sources in turns, so that a folder that is not finished yet holds some of everything."""
    turns: dict[str, int] = {}
    keyed = []
    for clip, path in clips:
        turns[clip.source] = turns.get(clip.source, 0) + 1
        keyed.append((turns[clip.source], clip, path))
    return [(clip, path) for _, clip, path in sorted(keyed, key=lambda entry: entry[0])]


def label_all(teacher: Teacher, clips: list[tuple[Clip, Path]], folder: Path) -> None:
    """Adds every clip that the folder does not have yet."""
    writer, track = LabelWriter(folder, load_basis(folder / "basis.npz")), pitch_tracker()
    begun, seconds = time.monotonic(), 0.0
    try:
        for number, (clip, path) in enumerate(in_turns(clips)):
            if str(path) in writer.paths:
                continue
            signal = read_clip(path.parent, path.name)
            features = teacher_features(teacher, signal)
            writer.append(clip, path, len(signal), features, track(signal, 2 * len(features)))
            seconds += len(signal) / 16_000
            if number % 200 == 0:
                print(f"{number} of {len(clips)} clips, {seconds / (time.monotonic() - begun):.0f} times real time", flush=True)
    finally:
        writer.close()


if __name__ == "__main__":
    main()
