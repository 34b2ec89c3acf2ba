"""The checks of shipped models bite: untrained voice nets are exported, and every promise is broken once."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from load_script import load_script
from shipped_promises import PROMISES
from sotto_models.onnx_export import sha256_of, write_json
from sotto_models.run_loop import RunConfig, RunLoop
from sotto_models.voice.codebooks import save_arrays
from sotto_models.voice.encoder import EncoderConfig, EncoderInTraining
from sotto_models.voice.exported_synthesis import ExportedSynthesis
from sotto_models.voice.labels import VoiceLabels
from sotto_models.voice.synthesis_data import codebook_checksum
from sotto_models.voice.synthesis_net import VOICE_NAMES, SynthesisConfig, SynthesisNet, load_synthesis
from sotto_models.voice.synthesis_render import render
from sotto_models.voice_card import codes_card, synthesis_card

MODELS = Path(__file__).resolve().parents[2]


def checkpoint(network: torch.nn.Module, folder: Path, described: dict, data: dict) -> Path:
    """A run of no steps."""
    run = RunLoop(network, None, RunConfig(seed=7, steps=1), folder, described)
    run.note("command", words="python native-models/x/train.py --config conf/smoke.yaml --run tiny")
    run.note("data", **data)
    run.note("start", step=0, commit="abc1234")
    run.note("valid", step=0, valid_loss=0.5)
    run.save()
    return folder / "last.pt"


def encoder_folder(folder: Path, labels: VoiceLabels) -> None:
    """Export, evaluation and card of an encoder that never learnt."""
    export, evaluate, card = (load_script(MODELS / "voice-codes" / f"{name}.py") for name in ("export", "evaluate", "card"))
    config = EncoderConfig.from_dict(yaml.safe_load((MODELS / "voice-codes" / "conf" / "smoke.yaml").read_text())["network"])
    network = EncoderInTraining(config, torch.from_numpy(labels.codebooks.first), 40, 2)
    data = {"hours": {"kokoro": 0.1}, "clips": 2, "speakers": 2, "noises": 0, "parameters": 9, "macs_per_second": 9}
    weights = checkpoint(network, folder.parent / "runs" / "encoder", {"encoder": config.to_dict()}, data)
    export.export_level(weights, "encoder", "edge", labels, folder)
    write_json(folder / "evaluation.json", {"command": "python evaluate.py", **evaluate.evaluation(folder, labels, 6.0)})
    write_card(card, folder)


def synthesis_folder(folder: Path, labels: VoiceLabels, voices: Path) -> None:
    """Export, evaluation and card of a synthesis that never learnt, judged by somebody who always hears the same."""
    export, evaluate, card = (load_script(MODELS / "voice-synthesis" / f"{name}.py") for name in ("export", "evaluate", "card"))
    sizes = yaml.safe_load((MODELS / "voice-synthesis" / "conf" / "smoke.yaml").read_text())["network"]
    codebook = codebook_checksum(labels.codebooks)
    data = {"sentences": 2, "hours": 0.1, "pairs": 1, "recordings": {"sentences": 0, "hours": 0, "pairs": 0}, "other_codes": False}
    weights = checkpoint(
        SynthesisNet(SynthesisConfig(**sizes)), folder.parent / "runs" / "synthesis", {"sizes": sizes, "codebook": codebook}, data,
    )
    export.export_level(weights, "synthesis", np.full(len(VOICE_NAMES), 150.0), codebook, folder)
    with open(voices / "manifest.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("path", "kind", "source", "licence", "speaker", "label", "duration_s", "sample_rate", "split"))
        rows.writerow(("speech/000000.flac", "speech", "s", "CC0-1.0", "somebody", "en", 3.0, 16_000, "valid"))
    judged = evaluate.evaluation(folder, folder.parent / "voice-codes", labels, voices, 1, lambda sound, language: "one two")
    write_json(folder / "evaluation.json", {"command": "python evaluate.py", **judged})
    write_card(card, folder)


def write_card(card, folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(card, "HERE", folder)
        card.main()


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    root, models = tmp_path_factory.mktemp("tiny"), tmp_path_factory.mktemp("models")
    voices, _, folder = load_script(MODELS / "voice-synthesis" / "tests" / "tiny_voices.py").make_tiny_voices(root)
    torch.manual_seed(3)
    for name in ("voice-codes", "voice-synthesis"):
        shutil.copytree(MODELS / name / "golden", models / name / "golden")
    encoder_folder(models / "voice-codes", VoiceLabels(folder))
    synthesis_folder(models / "voice-synthesis", VoiceLabels(folder), voices)
    return models


@pytest.fixture()
def models(exported, tmp_path):
    """A copy to spoil."""
    return Path(shutil.copytree(exported, tmp_path / "models"))


def asked(folder: Path) -> dict[str, str | None]:
    """Promise -> why it is not kept, None where it is."""
    manifest = json.loads((folder / "model.json").read_text())
    answers = {}
    for promise in PROMISES[manifest["runner"]]:
        try:
            promise(folder, manifest)
            answers[promise.__name__] = None
        except (AssertionError, OSError) as error:
            answers[promise.__name__] = repr(error)
    return answers


@pytest.mark.parametrize("name", ["voice-codes", "voice-synthesis"])
def test_an_export_keeps_every_promise(exported, name):
    answers = asked(exported / name)
    assert answers == dict.fromkeys(answers)


def test_the_cards_tell_the_figures_of_the_json(exported):
    codes, synthesis = ((exported / name / "MODEL_CARD.md").read_text() for name in ("voice-codes", "voice-synthesis"))
    measured = json.loads((exported / "voice-codes" / "evaluation.json").read_text())
    rows = measured["levels"]["edge"]["rows"]
    assert [row["snrDb"] for row in rows] == [None, 20, 10] and measured["speakers"] == 1
    for row in rows:
        assert f"| {row['explained_synthetic']:.3f} |" in codes
    assert "| step | valid loss |" in codes and "| 0 | 0.500 |" in codes
    judged = json.loads((exported / "voice-synthesis" / "evaluation.json").read_text())
    assert judged["z"]["sha256"] == sha256_of(exported / "voice-codes" / "edge.onnx") and judged["z"]["sha256"] in synthesis
    assert "| English | strict: a code's centre | 0.0 [0.0, 0.0] | 1 | 1 | 2 |" in synthesis
    assert "train.py --config conf/smoke.yaml --run tiny" in synthesis and "Kokoro-82M (Apache-2.0)" in synthesis


def test_measures_of_other_weights_make_no_card(models):
    for name, card in (("voice-codes", codes_card), ("voice-synthesis", synthesis_card)):
        put(models / name, "levels", 0, "sha256", value="0" * 64)
        with pytest.raises(ValueError, match="Run evaluate.py again"):
            card(models / name)


def test_labels_of_another_codebook_judge_nothing(models, tmp_path):
    _, _, folder = load_script(MODELS / "voice-synthesis" / "tests" / "tiny_voices.py").make_tiny_voices(tmp_path / "other")
    books = VoiceLabels(folder).codebooks
    save_arrays(folder / "codebooks.npz", first=books.first[::-1].copy(), residual=books.residual)
    labels, none = VoiceLabels(folder), models / "none"
    for name, rest in (("voice-codes", (labels, 6.0)), ("voice-synthesis", (none, labels, none, 1, None))):
        evaluate = load_script(MODELS / name / "evaluate.py")
        with pytest.raises(ValueError, match="the labels it learnt"):
            evaluate.evaluation(models / name, *rest)


def test_a_shipped_synthesis_says_what_the_trained_net_said(exported):
    # The table of voices is rounded to five digits, the graph to float32.
    shipped = ExportedSynthesis(exported / "voice-synthesis")
    net, rng = load_synthesis(exported / "runs" / "synthesis" / "last.pt"), np.random.default_rng(5)
    z, f0 = rng.normal(size=(30, 64)).astype(np.float32), np.where(np.arange(60) < 40, 140.0, 0.0)
    told, expected = (render(one, z, f0, {"af_heart": 0.5, "am_adam": 0.5}, "clear", seed=2) for one in (shipped, net))
    assert np.abs(told - expected).max() < 1e-3 * np.abs(expected).max()


def put(folder: Path, *path: str | int, value: object) -> None:
    """Changes one entry of model.json."""
    manifest = json.loads((folder / "model.json").read_text())
    at = manifest
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    write_json(folder / "model.json", manifest)


def spoil(file: Path, offset: int = 0) -> None:
    """Adds 1 to one float of a file."""
    values = np.fromfile(file, "<f4")
    values[offset] += 1
    values.tofile(file)


def spoil_voices(folder: Path) -> None:
    table = json.loads((folder / "voices.json").read_text())
    table["voices"] = table["voices"][1:]
    write_json(folder / "voices.json", table)
    for key, value in (("sha256", sha256_of(folder / "voices.json")), ("sizeBytes", (folder / "voices.json").stat().st_size)):
        put(folder, "voices", key, value=value)


SPOILT = {
    "voice-codes": {
        "names_its_folder_and_runner": lambda folder: put(folder, "id", value="voice-code"),
        "names_the_tensors_of_every_level": lambda folder: put(folder, "inputs", 0, "shape", value=["batch", 64, "frames"]),
        "every_file_has_its_size_and_checksum": lambda folder: spoil(folder / "codebook-residual.f32"),
        "its_card_belongs_to_the_weights": lambda folder: (folder / "MODEL_CARD.md").write_text("Of another weight."),
        "golden_files_are_small": lambda folder: (folder / "golden" / "more.f32").write_bytes(bytes(3_000_000)),
        "the_first_level_gives_what_is_told": lambda folder: put(folder, "outputs", value=[
            {"name": "z", "shape": ["batch", 64, "codes"]}, {"name": "gates", "shape": ["batch", 8, "codes"]}]),
        "codebooks_have_the_shape_that_is_told": lambda folder: put(folder, "codebooks", "codes", value=512),
        "encoders_still_make_their_golden_files": lambda folder: spoil(folder / "golden" / "edge-z.f32", 70),
        "chunks_of_mel_equal_the_whole": lambda folder: put(folder, "contextFrames", value=2),
    },
    "voice-synthesis": {
        "every_file_has_its_size_and_checksum": lambda folder: (folder / "voices.json").write_text(
            (folder / "voices.json").read_text() + "\n"),
        "its_card_belongs_to_the_weights": lambda folder: write_json(
            folder / "evaluation.json", {"weights": {"fp32": {"sha256": "0" * 64}}}),
        "the_voices_are_a_table_of_all_names": spoil_voices,
        "the_synthesis_still_makes_its_golden_files": lambda folder: spoil(folder / "golden" / "net-filters.f32", 9),
        "the_signal_path_has_its_golden_files": lambda folder: (folder / "golden" / "pulses-24000.f32").unlink(),
        "chunks_of_codes_equal_the_whole": lambda folder: put(folder, "contextFrames", value=1),
        "it_speaks_the_codes_of_the_encoder_beside_it": lambda folder: put(folder, "codebookSha256", value="0" * 64),
    },
}


@pytest.mark.parametrize(("name", "promise"), [(name, promise) for name in SPOILT for promise in SPOILT[name]])
def test_a_promise_that_is_not_kept_is_noticed(models, name, promise):
    SPOILT[name][promise](models / name)
    assert asked(models / name)[promise] is not None


def test_every_promise_of_the_voice_models_is_broken_once():
    told = {promise.__name__ for runner in SPOILT for promise in PROMISES[runner]}
    assert told == {promise for broken in SPOILT.values() for promise in broken}
