"""Synthetic voices: what is said and by whom, without the packages that speak it; and that training takes the folder in."""

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile

from load_script import load_script

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"


@pytest.fixture()
def make_voices():
    return load_script(SCRIPTS / "make_voices.py")


def test_sentences_are_whole_short_and_unique(make_voices, tmp_path, monkeypatch):
    for topic in make_voices.TOPICS:
        (tmp_path / topic).write_text("Too short.\n%\nThe rain fell softly on the roof all night.  It stopped at dawn.\n\t\t-- A. Poet\n"
                                      "%\nQ: Is this a question of the quiz kind?\n%\nHe paid 42 dollars for it yesterday.\n")
    monkeypatch.setattr(make_voices, "FORTUNES", tmp_path)
    monkeypatch.setattr(make_voices, "BIBLE_PLACES", ())
    assert make_voices.sentences() == ["The rain fell softly on the roof all night."]


def test_voices_are_mixtures_and_always_the_same_ones(make_voices):
    names = ["af_one", "am_two", "bf_three", "jf_four", "zm_five"]
    drawn = make_voices.voices(names)
    assert drawn == make_voices.voices(names)
    assert len(drawn) == make_voices.VOICE_COUNT
    assert all(sum(mixture.values()) == pytest.approx(1) and set(mixture) <= set(names) for mixture in drawn)
    assert all(len(mixture) == 2 for mixture in drawn)


def test_a_stopped_run_goes_on_behind_its_last_sentence(make_voices, tmp_path):
    assert make_voices._done(tmp_path) == (0.0, 0)
    with open(tmp_path / "manifest.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, make_voices.COLUMNS)
        writer.writeheader()
        for index, seconds in ((0, 2.5), (1, 4.0)):
            writer.writerow({"path": f"speech/{index:06d}.flac", "duration_s": seconds})
    assert make_voices._done(tmp_path) == (6.5, 2)


def test_training_mixes_synthetic_voices_in(make_voices, tmp_path):
    import yaml

    model = SCRIPTS.parents[1] / "enhance-conv-fsenet"
    recipe = load_script(model / "train.py")
    (tmp_path / "voices" / "speech").mkdir(parents=True)
    tone = 0.3 * np.sin(np.arange(32_000) * 0.2)
    soundfile.write(str(tmp_path / "voices" / "speech" / "000000.flac"), tone, 16_000)
    with open(tmp_path / "voices" / "manifest.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, make_voices.COLUMNS)
        writer.writeheader()
        writer.writerow({"path": "speech/000000.flac", "kind": "speech", "source": "kokoro", "licence": "Apache-2.0",
                         "speaker": "kokoro-001", "label": "en", "duration_s": 2.0, "split": "train"})
    config = yaml.safe_load((model / "conf" / "smoke.yaml").read_text())
    tiny = Path(__file__).resolve().parent / "data"
    trainer = recipe.build_trainer(config, tiny, tmp_path / "run", tmp_path / "cache", [tmp_path / "voices"])
    assert "kokoro" in trainer._task.mixer._sources
    assert np.isfinite(trainer._task.mixer.batch(0, 4)[0]).all()
