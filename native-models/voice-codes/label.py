"""Labels all speech that may train: teacher features reduced to z, F0; and fits projection and codebooks.

Three steps, each skipped when it was done: a projection that keeps phonemes, fitted on synthetic sentences and on a sample of all
speech balanced over speakers; two codebooks of 512 on that sample; labels of every train and valid clip (permissive licences)
of the corpus and of further folders. Can be stopped and started again at any time; new clips are added, projection and codebooks
stay what they are, because codes must keep their meaning.

Example:
    python label.py --corpus FOLDER --also ~/.cache/sotto/voices/corpus
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from scipy.signal import fftconvolve

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "common"))

from sotto_models.corpus import Clip, CorpusError, corpus_folder  # noqa: E402
from sotto_models.huge_pages import restart_with_huge_pages  # noqa: E402
from sotto_models.mixing import coloured_noise, equalised, gain_for_snr, room_responses  # noqa: E402
from sotto_models.pcm_cache import read_clip, runs_folder  # noqa: E402
from sotto_models.voice.codebooks import Basis, fit_codebooks, load_basis, save_arrays  # noqa: E402
from sotto_models.voice.content_basis import fit_content_basis, neighbourhood_classes  # noqa: E402
from sotto_models.voice.labels import LabelWriter, VoiceLabels, balanced, pitch_tracker, speech_clips  # noqa: E402
from sotto_models.voice.phones import UNKNOWN, PhoneTracks  # noqa: E402
from sotto_models.voice.teacher import Teacher, default_folder, load_teacher, teacher_features  # noqa: E402

SEED = 6512
SAMPLE_SECONDS_PER_SPEAKER = 60.0
"""Of the sample that basis and codebooks are fitted on: single-speaker sources must not own the codes."""
MOST_CODEBOOK_FRAMES = 150_000
MOST_SPOKEN_MINUTES = 25.0
"""Of synthetic sentences for the projection, each clean and once more in a room, in noise, through another microphone."""


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
    if not (labels / "sample.npz").exists():
        save_arrays(labels / "sample.npz", features=sample_features(teacher, balanced(clips, SAMPLE_SECONDS_PER_SPEAKER, SEED)))
    if not (labels / "basis.npz").exists():
        save_arrays(labels / "basis.npz", **asdict(fit_projection(teacher, clips, np.load(labels / "sample.npz")["features"])))
    basis = load_basis(labels / "basis.npz")
    print(f"64 directions hold {basis.kept:.4f} of what separates the classes", flush=True)
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


def fit_projection(teacher: Teacher, clips: list[tuple[Clip, Path]], sample: np.ndarray) -> Basis:
    """The content basis, of synthetic train sentences as they are and disturbed, and of the surroundings in the sample.

    Raises:
        CorpusError: no clip has phonemes.
    """
    rng, tracks, spent = np.random.default_rng(SEED), PhoneTracks(), 0.0
    rooms = [response for response, _ in room_responses(40, (0.1, 0.6), 40.0, SEED)]
    features, classes = [], []
    for clip, path in balanced(clips, SAMPLE_SECONDS_PER_SPEAKER, SEED + 1):
        if spent > MOST_SPOKEN_MINUTES * 60 or tracks.of(path, clip.source, 1)[0] == UNKNOWN:
            continue
        clean = read_clip(path.parent, path.name)
        for sound in (clean, disturbed(rng, clean, rooms)):
            found = teacher_features(teacher, sound).astype(np.float16)
            features.append(found)
            classes.append(neighbourhood_classes(tracks.of(path, clip.source, len(found))))
        spent += clip.duration_seconds
    if not features:
        raise CorpusError("Expected synthetic sentences with phonemes, found none. Pass --also with a folder of make_voices.py.")
    print(f"projection from {spent / 60:.1f} minutes of synthetic speech, twice", flush=True)
    return fit_content_basis(np.concatenate(features), np.concatenate(classes), sample)


def disturbed(rng: np.random.Generator, sound: np.ndarray, rooms: list[np.ndarray]) -> np.ndarray:
    """The sound through another microphone, half of the time in a room, in coloured noise of 5 to 25 dB; same length."""
    sound = equalised(rng, sound, 6.0, 0.2)
    if rng.random() < 0.5:
        sound = fftconvolve(sound, rooms[rng.integers(len(rooms))])[: len(sound)].astype(np.float32)
    noise = coloured_noise(rng, len(sound))
    return (sound + gain_for_snr(sound, noise, rng.uniform(5, 25)) * noise).astype(np.float32)


def sample_features(teacher: Teacher, clips: list[tuple[Clip, Path]]) -> np.ndarray:
    """Teacher features of all these clips one behind the other, (frames, 384), float16."""
    parts = [teacher_features(teacher, read_clip(path.parent, path.name)).astype(np.float16) for _, path in clips]
    print(f"sample of {len(parts)} clips, {sum(map(len, parts)) / 3000:.1f} minutes", flush=True)
    return np.concatenate(parts)


def in_turns(clips: list[tuple[Clip, Path]]) -> list[tuple[Clip, Path]]:
    """Synthetic voices first, for the synthesis waits for them, then what judges; then of every source the same share at any time,
    so that a folder that is not finished yet holds some of everything."""
    totals = Counter(clip.source for clip, _ in clips)
    seen: Counter[str] = Counter()
    keyed = []
    for clip, path in clips:
        order = 0 if clip.source == "kokoro" else 1 if clip.split == "valid" else 2
        keyed.append((order, seen[clip.source] / totals[clip.source], clip, path))
        seen[clip.source] += 1
    return [(clip, path) for _, _, clip, path in sorted(keyed, key=lambda entry: entry[:2])]


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
