"""The checks of shipped models bite: untrained voice nets are exported, and every promise is broken once."""

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
from sotto_models.voice.encoder import EncoderConfig, EncoderInTraining
from sotto_models.voice.labels import VoiceLabels
from sotto_models.voice.synthesis_data import codebook_checksum
from sotto_models.voice.synthesis_net import VOICE_NAMES, SynthesisConfig, SynthesisNet

MODELS = Path(__file__).resolve().parents[2]


def checkpoint(network: torch.nn.Module, folder: Path, described: dict) -> Path:
    """A run of no steps."""
    run = RunLoop(network, None, RunConfig(seed=7, steps=1), folder, described)
    run.note("start", step=0, commit="abc1234")
    run.save()
    return folder / "last.pt"


def describe(folder: Path, weights: dict[str, dict]) -> None:
    """evaluation.json and card, as far as a promise asks for them."""
    trained = json.loads((folder / "training.json").read_text())["levels"]
    write_json(folder / "evaluation.json", {"weights": weights})
    told = [f"{weights[level]['sha256']} {trained[level]['command']}" for level in weights]
    (folder / "MODEL_CARD.md").write_text("\n".join(told))


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    root, models = tmp_path_factory.mktemp("tiny"), tmp_path_factory.mktemp("models")
    _, _, folder = load_script(MODELS / "voice-synthesis" / "tests" / "tiny_voices.py").make_tiny_voices(root)
    labels = VoiceLabels(folder)
    torch.manual_seed(3)
    for name in ("voice-codes", "voice-synthesis"):
        shutil.copytree(MODELS / name / "golden", models / name / "golden")
        sizes = yaml.safe_load((MODELS / name / "conf" / "smoke.yaml").read_text())["network"]
        export = load_script(MODELS / name / "export.py")
        if name == "voice-codes":
            config = EncoderConfig.from_dict(sizes)
            network = EncoderInTraining(config, torch.from_numpy(labels.codebooks.first), 40, 2)
            weights = checkpoint(network, root / "encoder", {"encoder": config.to_dict()})
            manifest = export.export_level(weights, "encoder", "edge", labels, models / name)
        else:
            network = SynthesisNet(SynthesisConfig(**sizes))
            codebook = codebook_checksum(labels.codebooks)
            weights = checkpoint(network, root / "synthesis", {"sizes": sizes, "codebook": codebook})
            registers = np.full(len(VOICE_NAMES), 150.0)
            manifest = export.export_level(weights, "synthesis", registers, codebook, models / name, "--config conf/smoke.yaml")
        describe(models / name, {level["id"]: {"sha256": level["sha256"]} for level in manifest["levels"]})
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
