"""Every model folder's manifest, weight, golden files and card, found rather than listed."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sotto_models.golden import run_model
from sotto_models.onnx_export import assert_streaming, open_session, sha256_of

MODELS = Path(__file__).resolve().parents[2]
MANIFESTS = sorted(MODELS.glob("*/model.json"))


@pytest.fixture(params=MANIFESTS, ids=[m.parent.name for m in MANIFESTS])
def shipped(request):
    return request.param.parent, json.loads(request.param.read_text())


def test_there_is_a_model():
    assert MANIFESTS


def test_the_manifest_names_its_folder_and_its_tensors(shipped):
    folder, manifest = shipped
    assert manifest["schema"] == "sotto.model/1"
    assert manifest["id"] == folder.name
    session = open_session(folder / manifest["levels"][0]["file"])
    assert [t.name for t in session.get_inputs()] == [t["name"] for t in manifest["inputs"]]
    assert [t["name"] for t in manifest["outputs"]] == [t.name for t in session.get_outputs()]


def test_a_gated_level_says_so_and_gives_its_gates(shipped):
    folder, manifest = shipped
    for level in manifest["levels"]:
        names = [output.name for output in open_session(folder / level["file"]).get_outputs()]
        assert ("gates" in names) == level["gates"], level["id"]


def test_every_level_has_the_size_and_checksum_of_its_file(shipped):
    folder, manifest = shipped
    for level in manifest["levels"]:
        file = folder / level["file"]
        assert (file.stat().st_size, sha256_of(file)) == (level["sizeBytes"], level["sha256"])


def test_every_level_still_makes_its_golden_files(shipped):
    folder, manifest = shipped
    golden_file = folder / manifest["golden"]["file"]
    golden = json.loads(golden_file.read_text())
    noisy, rate = soundfile.read(str(golden_file.parent / golden["input"]["file"]), dtype="float32")
    assert (rate, len(noisy)) == (manifest["sampleRateHz"], golden["input"]["samples"])
    assert set(golden["levels"]) == {level["id"] for level in manifest["levels"]}
    for level in manifest["levels"]:
        expected = golden["levels"][level["id"]]
        mask, enhanced = run_model(open_session(folder / level["file"]), noisy)
        frames, bins = expected["mask"]["shape"]
        expected_mask = np.fromfile(golden_file.parent / expected["mask"]["file"], "<f4").reshape(frames, bins)
        expected_sound = np.fromfile(golden_file.parent / expected["enhanced"]["file"], "<f4")
        assert np.abs(mask.T - expected_mask).max() <= golden["maxAbsoluteError"]
        assert np.abs(enhanced - expected_sound).max() <= golden["maxAbsoluteError"]
    assert sum(f.stat().st_size for f in golden_file.parent.iterdir()) < 3_000_000


def test_chunks_with_the_declared_context_equal_the_whole(shipped):
    folder, manifest = shipped
    for level in manifest["levels"]:
        assert_streaming(folder / level["file"], manifest["contextFrames"], manifest["fftSize"] // 2 + 1)


def test_silence_stays_silence(shipped):
    folder, manifest = shipped
    mask, enhanced = run_model(open_session(folder / manifest["levels"][0]["file"]), np.zeros(8000, np.float32))
    assert np.isfinite(mask).all() and not enhanced.any()


def test_the_model_card_belongs_to_the_weights(shipped):
    folder, manifest = shipped
    measures = json.loads((folder / manifest["measures"]).read_text())
    card = (folder / "MODEL_CARD.md").read_text()
    for level in manifest["levels"]:
        assert measures["weights"][level["id"]]["sha256"] == level["sha256"]
        assert level["sha256"] in card
