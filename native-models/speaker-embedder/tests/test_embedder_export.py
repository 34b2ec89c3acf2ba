"""Export, calibration, evaluation and card of a smoke training; every promise of the runner is kept, and broken once."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
import yaml

from load_script import load_script
from shipped_promises import PROMISES
from sotto_models.corpus import read_manifest
from sotto_models.judging.verification import equal_error_rate, equal_error_score
from sotto_models.mixing import change_speed
from sotto_models.onnx_export import ParityError, open_session, write_json
from sotto_models.pcm_cache import read_clip
from sotto_models.voice.exported_embedder import ExportedEmbedder
from sotto_models.voice.mel import BANDS, log_mel
from sotto_models.voice.speaker_export import assert_embedder_parity, export_embedder, load_embedder, macs_per_second
from sotto_models.voice.speaker_judging import VoicePairs, mean_over_pairs, speaking_clips
from sotto_models.voice.speaker_net import SpeakerConfig, SpeakerEmbedder
from sotto_models.voice.speech_windows import slot_frames, speech_frames, speech_windows
from sotto_models.voice_card import embedder_card

MODEL_FOLDER = Path(__file__).resolve().parents[1]
TINY = MODEL_FOLDER.parent / "common" / "tests" / "data"
RECORDINGS = ("de_rhasspy-0004.flac", "de_rhasspy-0063.flac", "de_rhasspy-0084.flac")
SPEAKERS = {"train": {"low": 0.7, "high": 1.4}, "valid": {"lower": 0.8, "higher": 1.25}, "test": {"lowest": 0.75, "highest": 1.35}}
RUN_STEPS = 30


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A corpus folder: two speakers in each split, one voice moved to several heights; one more is not named."""
    folder = tmp_path_factory.mktemp("corpus")
    with open(folder / "manifest.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow("path,kind,source,licence,speaker,label,duration_s,split".split(","))
        for split, speakers in SPEAKERS.items():
            for speaker, factor in speakers.items():
                for name in RECORDINGS:
                    sound = read_clip(TINY, name)
                    moved = change_speed(sound, factor, int(len(sound) / factor) - 1)
                    soundfile.write(str(folder / f"{speaker}-{name}"), np.resize(moved, 64_000), 16_000)
                    rows.writerow([f"{speaker}-{name}", "speech", "tiny", "CC0-1.0", speaker, "de", "4.000", split])
                    rows.writerow([f"{speaker}-{name}", "speech", "picovoice-wake-word", "CC0-1.0", "unknown", "de", "4.000", split])
    return folder


@pytest.fixture(scope="module")
def exported(corpus, tmp_path_factory):
    """A model folder made by the commands, and the weights it came from."""
    root = tmp_path_factory.mktemp("models")
    folder = root / "speaker-embedder"
    shutil.copytree(MODEL_FOLDER / "golden", folder / "golden")
    train, export, evaluate, card = (load_script(MODEL_FOLDER / f"{name}.py") for name in ("train", "export", "evaluate", "card"))
    config = yaml.safe_load((MODEL_FOLDER / "conf" / "smoke.yaml").read_text())
    config["training"]["steps"] = RUN_STEPS
    run = train.build_run(config, [corpus], root / "runs" / "smoke", root / "cache")
    run.note("command", words="python native-models/speaker-embedder/train.py --config conf/smoke.yaml --run smoke")
    run.run(report=lambda line: None)
    weights = root / "runs" / "smoke" / "last.pt"
    export.export_model(weights, "smoke", corpus, folder)
    write_json(folder / "evaluation.json", {"command": "python evaluate.py", **evaluate.evaluation(folder, corpus)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(card, "HERE", folder)
        card.main()
    return folder, weights


def asked(folder: Path) -> dict[str, str | None]:
    """Promise -> why it is not kept, None where it is."""
    manifest, answers = json.loads((folder / "model.json").read_text()), {}
    for promise in PROMISES["speaker-embedder"]:
        try:
            promise(folder, manifest)
            answers[promise.__name__] = None
        except (AssertionError, OSError) as error:
            answers[promise.__name__] = repr(error)
    return answers


def test_an_export_keeps_every_promise(exported):
    answers = asked(exported[0])
    assert answers == dict.fromkeys(answers)


def put(folder: Path, *path: str | int, value: object) -> None:
    """Changes one entry of model.json."""
    manifest = json.loads((folder / "model.json").read_text())
    at = manifest
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    write_json(folder / "model.json", manifest)


def spoil(file: Path, offset: int) -> None:
    """Adds 1 to one float of a file."""
    values = np.fromfile(file, "<f4")
    values[offset] += 1
    values.tofile(file)


SPOILT = {
    "names_its_folder_and_runner": lambda folder: put(folder, "id", value="speaker"),
    "names_the_tensors_of_every_level": lambda folder: put(folder, "inputs", 0, "shape", value=["batch", 64, "frames"]),
    "every_file_has_its_size_and_checksum": lambda folder: put(folder, "levels", 0, "sizeBytes", value=1),
    "its_card_belongs_to_the_weights": lambda folder: (folder / "MODEL_CARD.md").write_text("Of another weight."),
    "golden_files_are_small": lambda folder: (folder / "golden" / "more.f32").write_bytes(bytes(3_000_000)),
    "the_first_level_gives_what_is_told": lambda folder: put(folder, "outputs", value=[
        {"name": "vector", "shape": ["batch", 16]}, {"name": "gates", "shape": ["batch", 8]}]),
    "embedders_still_make_their_golden_files": lambda folder: spoil(folder / "golden" / "embedding.f32", 3),
    "speech_is_found_where_the_golden_files_say": lambda folder: spoil(folder / "golden" / "speech-windows.f32", 900),
    "the_calibration_orders_strangers_below_one_person": lambda folder: put(folder, "calibration", "equalErrorCosine", value=-1.0),
}


@pytest.mark.parametrize("promise", SPOILT)
def test_a_promise_that_is_not_kept_is_noticed(exported, tmp_path, promise):
    folder = Path(shutil.copytree(exported[0], tmp_path / "speaker-embedder"))
    SPOILT[promise](folder)
    assert asked(folder)[promise] is not None


def test_every_promise_is_broken_once():
    assert {promise.__name__ for promise in PROMISES["speaker-embedder"]} == set(SPOILT)


def test_the_card_tells_the_figures_of_the_json(exported):
    folder, _ = exported
    card = (folder / "MODEL_CARD.md").read_text()
    (row,) = json.loads((folder / "evaluation.json").read_text())["levels"]["fp32"]["rows"]
    told = json.loads((folder / "model.json").read_text())["calibration"]
    assert (row["kind"], row["speakers"], row["recordings"]) == ("speech", 2, 6)
    assert f"{row['equalErrorRate']['value']:.1f} [" in card and f"{row['differentCosine']['mean']:.3f} [" in card
    # Three recordings of each of two speakers: three pairs of one, nine of two.
    assert told["same"]["pairs"] == 6 and told["different"]["pairs"] == 9
    assert f"| two people | 9 | {told['different']['low']:.3f} |" in card
    assert "train.py --config conf/smoke.yaml --run smoke" in card
    put(folder, "levels", 0, "sha256", value="0" * 64)
    with pytest.raises(ValueError, match="Run evaluate.py again"):
        embedder_card(folder)


def test_judges_are_speakers_of_their_split_whose_names_are_known(corpus):
    clips = speaking_clips(read_manifest(corpus), "test")
    assert {clip.speaker for clip in clips} == set(SPEAKERS["test"]) and len(clips) == 6


def test_the_exported_graph_equals_the_network_after_training_and_a_changed_one_is_noticed(exported, tmp_path):
    embedder = load_embedder(exported[1])
    path = tmp_path / "model.onnx"
    export_embedder(embedder, path)
    with torch.no_grad():
        embedder.project.weight[:, 5] += 0.5
    with pytest.raises(ParityError):
        assert_embedder_parity(embedder, path)


def test_the_shipped_size_can_be_exported_and_its_work_is_counted(tmp_path):
    torch.manual_seed(1)
    embedder = SpeakerEmbedder(SpeakerConfig()).eval()
    assert export_embedder(embedder, tmp_path / "model.onnx") < 1e-4
    (vector,) = open_session(tmp_path / "model.onnx").run(None, {"mel": np.zeros((2, BANDS, 77), np.float32)})
    assert vector.shape == (2, 192)
    # The first convolution alone: 16 maps of 40 x 150, nine products each, in 3 s.
    assert macs_per_second(embedder) > 16 * 40 * 150 * 9 / 3


def test_speech_is_loud_frames_and_at_most_three_seconds_of_a_slot():
    rng = np.random.default_rng(3)
    logarithms = np.full((130 * 100, BANDS), np.log(1e-13))
    loud = np.zeros(len(logarithms), bool)
    loud[50:2000] = loud[5000:5050] = True
    logarithms[loud] = rng.normal(-10, 0.1, (loud.sum(), BANDS))
    assert [slot_frames(s) for s in (2, 15, 30, 130, 600, 7200)] == [300, 300, 600, 1500, 3000, 36_000]
    taken = speech_frames(logarithms, 130)
    expected = [*range(50, 350), *range(1502, 1802), *range(5000, 5050)]
    assert taken.tolist() == expected
    assert [len(window) for window in speech_windows(logarithms, 130)] == [300, 300]
    # A header may say one second of what is longer than a minute.
    assert len(speech_frames(np.full((7000, BANDS), -10.0), 1)) == 20 * 300
    # Over half a second the loudest is forgotten by 2 dB: 33 dB down is silence still, 25 dB down is speech.
    for down_db, ends in ((33, 250), (25, 300)):
        quieter = logarithms[:300].copy()
        quieter[250:] -= down_db * np.log(10) / 10
        assert speech_frames(quieter, 3).tolist() == list(range(50, ends))


def test_an_embedding_is_the_mean_of_its_windows_and_needs_a_second(exported):
    graph = exported[0] / "model.onnx"
    embed, session = ExportedEmbedder(graph), open_session(graph)
    sound = np.concatenate([read_clip(TINY, name) for name in RECORDINGS])
    vector, seconds = embed(sound)
    windows = speech_windows(log_mel(sound, 16_000), len(sound) / 16_000)
    assert len(windows) == 3 and seconds == sum(map(len, windows)) / 100
    vectors = [session.run(None, {"mel": window.T[None].astype(np.float32)})[0][0] for window in windows]
    mean = sum(len(window) * one / np.linalg.norm(one) for window, one in zip(windows, vectors, strict=True))
    np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-6)
    assert embed(sound[:8_000]) == (None, 0.0) and embed(np.zeros(64_000, np.float32)) == (None, 0.0)


def test_a_speaker_of_one_recording_is_heard_in_halves_and_a_single_speaker_judges_nothing(corpus):
    clips = speaking_clips(read_manifest(corpus), "test")
    alone = [next(clip for clip in clips if clip.speaker == name) for name in SPEAKERS["test"]]
    angles = {"lowest": 0.1, "highest": 1.2}

    def embed(sound: np.ndarray) -> tuple[np.ndarray, float]:
        assert len(sound) == 32_000
        angle = angles["lowest" if sound[0] > 0 else "highest"]
        return np.array([np.cos(angle), np.sin(angle)]), 2.0

    pairs = VoicePairs(embed, alone, lambda clip: np.full(64_000, 1.0 if clip.speaker == "lowest" else -1.0, np.float32))
    told = pairs.calibration()
    assert told["same"] == {"low": 1.0, "high": 1.0, "pairs": 2}
    assert told["different"]["low"] == pytest.approx(np.cos(1.1), abs=1e-4) and told["different"]["pairs"] == 4
    assert told["equalErrorCosine"] == pytest.approx((1 + np.cos(1.1)) / 2, abs=1e-4)
    assert pairs.measures()["equalErrorRate"]["value"] == 0
    with pytest.raises(ValueError, match="names its speakers"):
        VoicePairs(embed, alone[:1], lambda clip: np.ones(64_000, np.float32))


def test_the_score_of_equal_errors_is_where_the_rates_meet():
    rng = np.random.default_rng(7)
    scores = np.concatenate([rng.normal(1, 1, 4000), rng.normal(-1, 1, 4000)])
    same = np.arange(8000) < 4000
    at = equal_error_score(scores, same)
    rate = equal_error_rate(scores, same)
    assert (scores[same] < at).mean() == pytest.approx(rate, abs=1e-3)
    assert (scores[~same] > at).mean() == pytest.approx(rate, abs=1e-3)
    assert equal_error_score(np.array([0.2, 0.4, 0.8, 0.9]), np.array([False, False, True, True])) == pytest.approx(0.6)


def test_an_interval_over_pairs_knows_that_every_speaker_could_have_been_missing():
    names = ["a", "b", "c", "z"]
    pairs = np.array([[x, y] for i, x in enumerate(names) for y in names[i + 1 :]])
    found = mean_over_pairs((pairs[:, 1] == "z").astype(float), pairs)
    assert found["mean"] == 0.5 and found["count"] == 6
    assert found["low"] == 0.0, "without the last speaker no pair is left that says 1"
    assert found["high"] > 0.7
