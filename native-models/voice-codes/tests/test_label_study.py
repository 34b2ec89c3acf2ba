"""The judge of representations tells good from useless ones."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from load_script import load_script
from sotto_models.voice.codebooks import fit_basis, fit_codebooks, save_arrays

MODEL_FOLDER = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def recipe():
    return load_script(MODEL_FOLDER / "label_study.py")


def spoken(frames: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(frames, 384) features with ten phonemes in them, some frames unknown."""
    rng = np.random.default_rng(seed)
    phones = rng.integers(-1, 10, frames).astype(np.int8)
    shapes = np.random.default_rng(9).normal(size=(11, 384))
    return (shapes[phones] + rng.normal(size=(frames, 384))).astype(np.float32), phones


def test_a_linear_classifier_finds_phonemes_in_features_and_none_in_noise(recipe):
    train, test = spoken(3000, 1), spoken(1000, 2)
    assert recipe.linear_accuracy(train, test) > 0.97
    noise = [np.random.default_rng(n).normal(size=(len(part[1]), 384)).astype(np.float32) for n, part in enumerate((train, test))]
    # Ten classes alike.
    assert recipe.linear_accuracy((noise[0], train[1]), (noise[1], test[1])) < 0.2


def test_minutes_are_counted_by_durations_and_voices_kept_apart(recipe, tmp_path):
    lines = [f'{{"index": {n}, "speaker": {n % 16}, "durations": [1200]}}' for n in range(160)]  # half a minute each
    (tmp_path / "sentences.jsonl").write_text("\n".join(lines) + '\n{"index": 160, "spea')
    others, held = recipe.spoken_sentences(tmp_path, 10)
    assert {s["speaker"] for s in held} <= {7, 15} and not {s["speaker"] for s in others} & {7, 15}
    assert 16 <= len(others) <= 17 and 4 <= len(held) <= 5


def test_every_representation_gets_a_row(recipe, tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "ROUNDS", 2)
    train, test = spoken(4000, 1), spoken(1500, 2)
    basis = fit_basis(train[0])
    save_arrays(tmp_path / "basis.npz", **asdict(basis))
    save_arrays(tmp_path / "codebooks.npz", **asdict(fit_codebooks(basis.project(train[0]), 1, 64)))
    rows = recipe.study(train[0], tmp_path, train, test)
    named = {(row["representation"], row["dimensions"], row.get("codes")): row for row in rows}
    assert len(named) == len(rows) == 12
    assert named["teacher features", 384, None]["phones_found"] > 0.97
    units = named["units of the content projection", 64, 64]
    assert units["phone_information"] > 0.5 and units["phones_found"] > 0.8
