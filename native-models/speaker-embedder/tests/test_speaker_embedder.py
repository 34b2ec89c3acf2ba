"""A real training of the speaker embedder from conf/smoke.yaml, on one committed voice moved to several heights."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
import yaml

from load_script import load_script
from sotto_models.judging.material import SPEAKERS_UNKNOWN
from sotto_models.judging.verification import error_rate_with_interval
from sotto_models.mixing import change_speed
from sotto_models.pcm_cache import read_clip
from sotto_models.voice.mel import MelFrames
from sotto_models.voice.speaker_net import AngularMargin, SpeakerConfig, SpeakerEmbedder
from sotto_models.voice.speaker_task import trials_of

MODEL_FOLDER = Path(__file__).resolve().parents[1]
TINY = MODEL_FOLDER.parent / "common" / "tests" / "data"
RECORDINGS = ("de_rhasspy-0004.flac", "de_rhasspy-0063.flac", "de_rhasspy-0084.flac")
HEIGHTS = {"low": 0.7, "middle": 1.0, "high": 1.4, "lower": 0.8, "higher": 1.25}
HELD_OUT = ("lower", "higher")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A corpus folder: every recording at every height, each height a speaker, two of them of the valid split."""
    folder = tmp_path_factory.mktemp("corpus")
    header = "path,kind,source,licence,speaker,label,duration_s,split".split(",")
    with open(folder / "manifest.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(header)
        for speaker, factor in HEIGHTS.items():
            for name in RECORDINGS:
                sound = read_clip(TINY, name)
                moved = change_speed(sound, factor, int(len(sound) / factor) - 1)
                moved = np.resize(moved, 48_000 + 320)
                soundfile.write(str(folder / f"{speaker}-{name}"), moved, 16_000)
                split = "valid" if speaker in HELD_OUT else "train"
                rows.writerow([f"{speaker}-{name}", "speech", "tiny", "CC0-1.0", speaker, "de", "3.020", split])
        # Its speakers have no names: whoever wrote something into the column, it is not one person.
        rows.writerow([f"low-{RECORDINGS[0]}", "speech", SPEAKERS_UNKNOWN[0], "CC0-1.0", "unknown", "de", "3.020", "train"])
    return folder


def smoke_run(corpus: Path, folder: Path, name: str):
    recipe = load_script(MODEL_FOLDER / "train.py")
    config = yaml.safe_load((MODEL_FOLDER / "conf" / "smoke.yaml").read_text())
    return recipe.build_run(config, [corpus], folder / name, folder / "cache")


@pytest.fixture(scope="module")
def trained(corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    run = smoke_run(corpus, folder, "whole")
    run.run(report=lambda line: None)
    return folder, run


def test_training_tells_speakers_apart_also_those_it_never_heard(trained):
    folder, run = trained
    log = [json.loads(line) for line in (folder / "whole" / "log.jsonl").read_text().splitlines()]
    right = [line["right"] for line in log if line["event"] == "train"]
    # Measured .48 in the first ten steps and .97 in the last; three speakers leave .33 to chance.
    assert right[0] < 0.7 and right[-1] > 0.85
    data = next(line for line in log if line["event"] == "data")
    assert (data["speakers"], data["clips"], data["judged"]) == (3, 9, 6)
    assert next(line for line in reversed(log) if line["event"] == "valid")["equal_error_rate"] < 40  # measured 17


def test_a_resumed_run_ends_exactly_where_an_uninterrupted_one_does(trained, corpus):
    folder, whole = trained
    smoke_run(corpus, folder, "parts").run(stop_after_step=17, report=lambda line: None)
    resumed = smoke_run(corpus, folder, "parts")
    assert resumed.resume()
    resumed.run(report=lambda line: None)
    for (name, a), b in zip(whole.network.state_dict().items(), resumed.network.state_dict().values(), strict=True):
        assert torch.equal(a, b), name


def test_margin_makes_only_the_right_speaker_harder():
    torch.manual_seed(4)
    margin = AngularMargin(6, 5)
    vectors, speaker = torch.randn(4, 6), torch.tensor([0, 1, 2, 3])
    plain, worse = margin(vectors, speaker, 0.0), margin(vectors, speaker, 0.2)
    right = torch.nn.functional.one_hot(speaker, 5).bool()
    assert torch.equal(plain[~right], worse[~right])
    angle = torch.arccos((plain[right] / margin.SCALE).clamp(-1, 1))
    expected = torch.where(angle < math.pi - 0.2, torch.cos(angle + 0.2), torch.cos(angle) - 0.2 * math.sin(0.2))
    assert torch.allclose(worse[right] / margin.SCALE, expected, atol=1e-5)


def test_pieces_of_one_recording_meet_only_where_a_speaker_has_no_other():
    rng = np.random.default_rng(1)
    names = [("a", "a1"), ("a", "a1"), ("a", "a2"), ("b", "b1"), ("b", "b1")]
    pieces = [(speaker, recording, rng.normal(0, 0.1, 48_000).astype(np.float32)) for speaker, recording in names]
    torch.manual_seed(2)
    trials = trials_of(SpeakerEmbedder(SpeakerConfig((2, 2, 2, 2), (1, 1, 1, 1), 4)), pieces)
    assert not trials.allowed[0, 1]
    assert trials.allowed[0, 2] and trials.allowed[3, 4] and trials.allowed[0, 3]
    assert not np.tril(trials.allowed).any()
    assert 0 <= error_rate_with_interval(trials)["value"] <= 100


@torch.no_grad()
def test_the_vector_depends_on_the_voice_and_not_on_level_or_a_fixed_filter(trained):
    embedder = trained[1].ema.embedder
    low, high = (torch.from_numpy(change_speed(read_clip(TINY, RECORDINGS[0]), factor, 32_000)) for factor in (0.8, 1.25))
    mel, other = MelFrames()(torch.stack([low, high]))[:, None].unbind()
    moved = mel + torch.linspace(-2, 3, 80)[None, :, None]
    assert torch.allclose(embedder(mel), embedder(moved), atol=1e-4)
    assert not torch.allclose(embedder(mel), embedder(other), atol=0.1)
