"""label.py from nothing to labels: two made-up folders, a teacher of random weights, no pitch tracker."""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from load_script import load_script
from sotto_models.corpus import CorpusError
from sotto_models.voice.labels import VoiceLabels
from sotto_models.voice.phones import UNKNOWN, PhoneTracks
from sotto_models.voice.teacher import Teacher

MODEL_FOLDER = Path(__file__).resolve().parents[1]
TINY = MODEL_FOLDER.parent / "common" / "tests" / "data"
PHONEMES = "hˈAlO wˈɜld"
DURATIONS = [8, 6, 1, 9, 6, 9, 2, 6, 1, 10, 7, 7, 8]
COLUMNS = ("path", "kind", "source", "licence", "speaker", "label", "duration_s", "split")


def make_voices(folder: Path, count: int) -> Path:
    """Sentences of 2 s in the form of make_voices.py: each phoneme is a noise of its own colour."""
    (folder / "speech").mkdir(parents=True)
    rng = np.random.default_rng(1)
    rows, lines = [], []
    for index in range(count):
        tones = [
            rng.normal(0, 0.05, 400 * d) + 0.2 * np.sin(np.arange(400 * d) * (0.05 + 0.07 * n))
            for n, d in enumerate(DURATIONS)
        ]
        soundfile.write(str(folder / "speech" / f"{index:06d}.flac"), np.concatenate(tones), 16_000)
        row = (f"speech/{index:06d}.flac", "speech", "kokoro", "Apache-2.0", f"kokoro-{index}", "en", "2.0", "train")
        rows.append(dict(zip(COLUMNS, row, strict=True)))
        lines.append(json.dumps({"index": index, "phonemes": PHONEMES, "durations": DURATIONS}))
    with open(folder / "manifest.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    (folder / "sentences.jsonl").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def label(monkeypatch):
    """Runs label.py's main with arguments; the module is fresh each time."""

    def run(*arguments):
        module = load_script(MODEL_FOLDER / "label.py")
        torch.manual_seed(5)
        teacher = Teacher(3).eval().requires_grad_(False)
        monkeypatch.setattr(module, "restart_with_huge_pages", lambda: None)
        monkeypatch.setattr(module, "load_teacher", lambda folder: teacher)
        monkeypatch.setattr(module, "pitch_tracker", lambda: lambda signal, frames: np.full(frames, 120, np.float32))
        monkeypatch.setattr(sys, "argv", ["label.py", *map(str, arguments)])
        module.main()

    return run


def test_labels_are_made_once_and_new_clips_are_added(label, tmp_path):
    voices, folder = make_voices(tmp_path / "voices", 10), tmp_path / "labels"
    label("--corpus", TINY, "--also", voices, "--labels", folder)
    first = VoiceLabels(folder)
    assert [c.source for c in first.clips] == ["kokoro"] * 10 + ["rhasspy-kerstin"] * 3
    assert [c.speaker for c in first.chosen("valid")] == ["kokoro-7"]
    one = first.clip(voices / "speech" / "000003.flac")
    assert one.frames == 100 and first.z(one).shape == (100, 64) and first.f0_hz(one).tolist() == [120] * 200
    assert first.codebooks.first.shape == (512, 64)
    kept = {name: (folder / name).read_bytes() for name in ("basis.npz", "codebooks.npz", "teacher.f16")}

    more = make_voices(tmp_path / "more", 12)
    label("--corpus", TINY, "--also", voices, "--also", more, "--labels", folder)
    second = VoiceLabels(folder)
    assert len(second.clips) == 25 and second.clips[:13] == first.clips
    # Codes keep their meaning.
    assert (folder / "codebooks.npz").read_bytes() == kept["codebooks.npz"]
    assert (folder / "teacher.f16").read_bytes().startswith(kept["teacher.f16"])
    np.testing.assert_array_equal(second.basis.components, first.basis.components)


def test_without_phonemes_there_is_no_projection(label, tmp_path):
    with pytest.raises(CorpusError, match="make_voices.py"):
        label("--corpus", TINY, "--labels", tmp_path / "labels")


def test_phonemes_are_known_for_synthetic_sentences_only(tmp_path):
    voices, tracks = make_voices(tmp_path / "voices", 2), PhoneTracks()
    known = tracks.of(voices / "speech" / "000001.flac", "kokoro", 100)
    assert known.shape == (100,) and (known >= 0).any()
    with open(voices / "sentences.jsonl", "a") as file:
        file.write('{"index": 2, "phon')
    assert np.array_equal(PhoneTracks().of(voices / "speech" / "000001.flac", "kokoro", 100), known)
    for path, source in ((voices / "speech" / "000001.flac", "librispeech"), (TINY / "de_rhasspy-0004.flac", "kokoro")):
        assert (tracks.of(path, source, 100) == UNKNOWN).all()
