"""The word check: which recordings are judged, in whose voice, and what the figures are made of, with a made-up judge."""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml

from load_script import load_script
from sotto_models.voice import word_check
from sotto_models.voice.labels import VoiceLabels
from sotto_models.voice.synthesis_loss import LISTENING_RMS
from sotto_models.voice.synthesis_net import VOICE_NAMES
from sotto_models.voice.synthesis_training import build_run

MODEL_FOLDER = Path(__file__).resolve().parents[1]
COLUMNS = ("path", "kind", "source", "licence", "speaker", "label", "duration_s", "sample_rate", "split")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return load_script(MODEL_FOLDER / "tests" / "tiny_voices.py").make_tiny_voices(tmp_path_factory.mktemp("tiny"))


@pytest.fixture()
def listen():
    return load_script(MODEL_FOLDER / "listen.py")


def write_manifest(folder: Path, rows: list[tuple[str, str, str, str]]) -> None:
    with open(folder / "manifest.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for path, speaker, label, split in rows:
            writer.writerow({"path": path, "kind": "speech", "source": "s", "licence": "CC0-1.0", "speaker": speaker,
                             "label": label, "duration_s": 3.0, "sample_rate": 16_000, "split": split})


def test_valid_speech_of_the_language_is_judged_one_of_each_speaker_first(tmp_path):
    rows = [(f"{speaker}{n}.flac", speaker, "en", "valid") for speaker in "abc" for n in range(3)]
    others = [("d0.flac", "d", "de", "valid"), ("e0.flac", "e", "en", "train"), ("f0.flac", "f", "en", "test")]
    write_manifest(tmp_path, [*rows, *others])
    chosen = word_check.chosen_clips(tmp_path, "en", 4)
    assert sorted(clip.speaker for clip in chosen[:3]) == ["a", "b", "c"]
    assert len(chosen) == 4 and chosen == word_check.chosen_clips(tmp_path, "en", 4)
    assert {clip.split for clip in word_check.chosen_clips(tmp_path, "en", 99)} == {"valid"}


def test_every_recording_has_its_own_voice_and_keeps_it():
    voices = [word_check.voice_of(number) for number in range(6)]
    assert len({json.dumps(voice) for voice in voices}) == 6
    assert voices == [word_check.voice_of(number) for number in range(6)]


def test_figures_are_what_the_judge_hears_against_what_it_heard_of_the_original(listen, tiny, tmp_path, monkeypatch):
    voices, pairs, labels = tiny
    config = yaml.safe_load((MODEL_FOLDER / "conf" / "smoke.yaml").read_text())
    config["training"]["steps"] = 2
    build_run(config, VoiceLabels(labels), voices, pairs, tmp_path / "runs" / "smoke").run(report=lambda line: None)
    paths = [f"speech/{index:06d}.flac" for index in range(3)]
    write_manifest(voices, [(path, f"speaker-{path}", "en", "valid") for path in paths])
    heard: list[np.ndarray] = []

    def recognise(sound: np.ndarray, language: str) -> str:
        heard.append(sound)
        return "one two three" if len(heard) <= 3 else "one two four five"

    monkeypatch.setattr(listen, "whisper_base", lambda: recognise)
    out, kept = tmp_path / "words.json", tmp_path / "kept"
    monkeypatch.setattr(sys, "argv", [
        "listen.py", "--corpus", str(voices), "--run", "smoke", "--runs", str(tmp_path / "runs"), "--labels", str(labels),
        "--voices", str(voices), "--modes", "strict,clear", "--out", str(out), "--keep", str(kept),
    ])
    listen.main()
    found = json.loads(out.read_text())
    assert found["modes"]["strict"]["value"] == pytest.approx(200 / 3, abs=0.1)
    assert (found["modes"]["clear"]["words"], found["steps"]) == (9, 2)
    lengths = {Path(r["path"]).stem: len(soundfile.read(str(voices / r["path"]))[0]) for r in found["recordings"]}
    for name, samples in lengths.items():
        assert len(soundfile.read(str(kept / f"{name}-strict.flac"))[0]) == samples
    assert sorted(len(sound) for sound in heard[3:6]) == sorted(lengths.values())
    levels = [np.sqrt(np.mean(sound**2)) for sound in heard]
    assert levels == pytest.approx([LISTENING_RMS] * 9, rel=0.05)


def test_the_register_of_a_mixture_lies_between_those_of_its_voices(tiny, monkeypatch):
    labels = VoiceLabels(tiny[2])
    registers = np.full(len(VOICE_NAMES), 100.0)
    registers[1::2] = 240.0
    clip, asked = labels.clips[0], []
    monkeypatch.setattr(word_check, "render", lambda _, z, f0, mixture, mode, seed: (
        asked.append(f0) or np.zeros(len(z) * 480, np.float32)))
    sound = word_check.spoken_again(None, labels, labels.z(clip), Path(clip.path), 3, "strict", registers)
    assert len(sound) == clip.samples
    assert 99 < np.exp(np.log(asked[0][asked[0] > 0]).mean()) < 241
    assert len(asked[0]) == 2 * clip.frames
