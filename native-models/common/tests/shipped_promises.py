"""What a shipped model folder promises: each check takes the folder and its manifest, and asserts one promise.

`PROMISES` says which of them a runner makes; test_shipped_models.py asks every folder for all of its own.
"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from sotto_models.golden import run_model
from sotto_models.onnx_export import assert_streaming, open_session, sha256_of
from sotto_models.voice import encoder_export, synthesis_export
from sotto_models.voice.codebooks import Codebooks
from sotto_models.voice.exported_embedder import ExportedEmbedder
from sotto_models.voice.mel import log_mel, normalised
from sotto_models.voice.speech_windows import (
    LEAST_FRAMES,
    LEAST_SLOTS,
    MOST_SLOTS,
    SECONDS_OF_A_SLOT,
    WINDOW_FRAMES,
    speech_frames,
    speech_windows,
)
from sotto_models.voice.synthesis_net import MODES, VOICE_NAMES

GOLDEN_BYTES = 3_000_000

Promise = Callable[[Path, dict], None]


def names_its_folder_and_runner(folder: Path, manifest: dict) -> None:
    assert manifest["schema"] == "sotto.model/1"
    assert manifest["id"] == folder.name
    assert manifest["licence"] and manifest["levels"]


def names_the_tensors_of_every_level(folder: Path, manifest: dict) -> None:
    for level in manifest["levels"]:
        session = open_session(folder / level["file"])
        assert [t["name"] for t in manifest["inputs"]] == [t.name for t in session.get_inputs()]
        found = {tensor.name: tensor.shape for tensor in (*session.get_inputs(), *session.get_outputs())}
        told = [*manifest["inputs"], *manifest["outputs"][:1]]  # gates, a later output, are not in every level
        for tensor in told:
            # A free dimension has a name in both, and not always the same.
            sizes = zip(tensor["shape"], found[tensor["name"]], strict=True)
            assert all(isinstance(b, str) or a == b for a, b in sizes if not isinstance(a, str)), (level["id"], tensor["name"])


def every_file_has_its_size_and_checksum(folder: Path, manifest: dict) -> None:
    beside = [manifest["voices"]] if "voices" in manifest else []
    beside += [part for part in manifest.get("codebooks", {}).values() if isinstance(part, dict)]
    beside += [manifest["probes"]] if "probes" in manifest else []
    for entry in [*manifest["levels"], *beside]:
        file = folder / entry["file"]
        assert (file.stat().st_size, sha256_of(file)) == (entry["sizeBytes"], entry["sha256"]), entry["file"]


def its_card_belongs_to_the_weights(folder: Path, manifest: dict) -> None:
    measures = json.loads((folder / manifest["measures"]).read_text())
    trained = json.loads((folder / "training.json").read_text())["levels"]
    card = (folder / "MODEL_CARD.md").read_text()
    for level in manifest["levels"]:
        assert measures["weights"][level["id"]]["sha256"] == level["sha256"], level["id"]
        assert level["sha256"] in card, level["id"]
        assert trained[level["id"]]["command"] in card, level["id"]


def golden_files_are_small(folder: Path, manifest: dict) -> None:
    assert sum(f.stat().st_size for f in (folder / manifest["golden"]["file"]).parent.iterdir()) < GOLDEN_BYTES


def a_gated_level_says_so_and_gives_its_gates(folder: Path, manifest: dict) -> None:
    for level in manifest["levels"]:
        outputs = [output.name for output in open_session(folder / level["file"]).get_outputs()]
        assert ("gates" in outputs) == level["gates"], level["id"]


def the_first_level_gives_what_is_told(folder: Path, manifest: dict) -> None:
    session = open_session(folder / manifest["levels"][0]["file"])
    assert [t["name"] for t in manifest["outputs"]] == [t.name for t in session.get_outputs()]


def masks_still_make_their_golden_files(folder: Path, manifest: dict) -> None:
    golden_file = folder / manifest["golden"]["file"]
    golden = json.loads(golden_file.read_text())
    noisy, rate = soundfile.read(str(golden_file.parent / golden["input"]["file"]), dtype="float32")
    assert (rate, len(noisy)) == (manifest["sampleRateHz"], golden["input"]["samples"])
    assert set(golden["levels"]) == {level["id"] for level in manifest["levels"]}
    for level in manifest["levels"]:
        expected = golden["levels"][level["id"]]
        mask, enhanced = run_model(open_session(folder / level["file"]), noisy)
        expected_mask = np.fromfile(golden_file.parent / expected["mask"]["file"], "<f4").reshape(expected["mask"]["shape"])
        expected_sound = np.fromfile(golden_file.parent / expected["enhanced"]["file"], "<f4")
        assert np.abs(mask.T - expected_mask).max() <= golden["maxAbsoluteError"]
        assert np.abs(enhanced - expected_sound).max() <= golden["maxAbsoluteError"]


def chunks_of_frames_equal_the_whole(folder: Path, manifest: dict) -> None:
    for level in manifest["levels"]:
        assert_streaming(folder / level["file"], manifest["contextFrames"], manifest["fftSize"] // 2 + 1)


def silence_stays_silence(folder: Path, manifest: dict) -> None:
    mask, enhanced = run_model(open_session(folder / manifest["levels"][0]["file"]), np.zeros(8000, np.float32))
    assert np.isfinite(mask).all() and not enhanced.any()


def codebooks_of(folder: Path, manifest: dict) -> Codebooks:
    """Both codebooks as the engine reads them."""
    told = manifest["codebooks"]
    first, residual = (np.fromfile(folder / told[n]["file"], "<f4").reshape(told[n]["shape"]) for n in ("first", "residual"))
    return Codebooks(first, residual)


def codebooks_have_the_shape_that_is_told(folder: Path, manifest: dict) -> None:
    told, books = manifest["codebooks"], codebooks_of(folder, manifest)
    for book in (books.first, books.residual):
        assert book.shape == (told["codes"], told["size"]) and np.isfinite(book).all()
    voicing = np.fromfile(folder / told["voicing"]["file"], np.uint8)
    assert voicing.shape == (told["codes"],) and set(voicing.tolist()) <= {0, 1}
    assert manifest["outputs"][0]["shape"][1] == told["size"]


def encoders_still_make_their_golden_files(folder: Path, manifest: dict) -> None:
    golden_file = folder / manifest["golden"]["file"]
    golden, books = json.loads(golden_file.read_text()), codebooks_of(folder, manifest)
    sound, rate = soundfile.read(str(golden_file.parent / golden["input"]), dtype="float64")
    mel = normalised(log_mel(sound, rate)).T.astype(np.float32)
    assert set(golden["levels"]) == {level["id"] for level in manifest["levels"]}
    for level in manifest["levels"]:
        expected = golden["levels"][level["id"]]
        stored = np.fromfile(golden_file.parent / expected["z"]["file"], "<f4").reshape(expected["z"]["shape"])
        (z,) = open_session(folder / level["file"]).run(None, {"mel": mel[None]})
        assert np.abs(z[0].T - stored).max() <= golden["maxAbsoluteError"] == manifest["golden"]["maxAbsoluteError"]
        first, residual = books.encode(stored)
        assert (first.tolist(), residual.tolist()) == (expected["codes"], expected["residualCodes"])


def chunks_of_mel_equal_the_whole(folder: Path, manifest: dict) -> None:
    for level in manifest["levels"]:
        encoder_export.assert_chunks(folder / level["file"], manifest["contextFrames"])


def the_voices_are_a_table_of_all_names(folder: Path, manifest: dict) -> None:
    table = json.loads((folder / manifest["voices"]["file"]).read_text())
    assert [row["name"] for row in table["voices"]] == list(VOICE_NAMES)
    size = next(tensor["shape"][1] for tensor in manifest["inputs"] if tensor["name"] == "voice")
    assert table["size"] == size and all(len(row["vector"]) == size for row in table["voices"])
    assert all(50 <= row["registerHz"] <= 500 for row in table["voices"])


def the_synthesis_still_makes_its_golden_files(folder: Path, manifest: dict) -> None:
    golden_file = folder / manifest["golden"]["file"]
    golden = json.loads(golden_file.read_text())
    read = {
        name: np.fromfile(golden_file.parent / tensor["file"], "<f4").reshape(tensor["shape"])
        for name, tensor in golden["tensors"].items()
    }
    expected = read.pop("filters")
    level = next(level for level in manifest["levels"] if level["id"] == golden["level"])
    (filters,) = open_session(folder / level["file"]).run(None, read)
    assert np.abs(filters - expected).max() <= golden["maxAbsoluteError"] == manifest["golden"]["maxAbsoluteError"]


def the_signal_path_has_its_golden_files(folder: Path, manifest: dict) -> None:
    path = folder / manifest["signalPath"]
    assert all((path.parent / name).is_file() for name in _files_named(json.loads(path.read_text())))
    assert tuple(manifest["modes"]) == MODES


def _files_named(value: object) -> list[str]:
    if isinstance(value, dict):
        return [name for part in value.values() for name in _files_named(part)]
    if isinstance(value, list):
        return [name for part in value for name in _files_named(part)]
    return [value] if isinstance(value, str) and value.endswith(".f32") else []


def chunks_of_codes_equal_the_whole(folder: Path, manifest: dict) -> None:
    for level in manifest["levels"]:
        synthesis_export.assert_chunks(folder / level["file"], manifest["contextFrames"])


def it_speaks_the_codes_of_the_encoder_beside_it(folder: Path, manifest: dict) -> None:
    encoder = folder.parent / "voice-codes" / "model.json"
    if encoder.is_file():
        assert manifest["codebookSha256"] == json.loads(encoder.read_text())["codebooks"]["first"]["sha256"]


def embedders_still_make_their_golden_files(folder: Path, manifest: dict) -> None:
    golden_file = folder / manifest["golden"]["file"]
    golden = json.loads(golden_file.read_text())
    sound, rate = soundfile.read(str(golden_file.parent / golden["input"]), dtype="float64")
    assert set(golden["levels"]) == {level["id"] for level in manifest["levels"]}
    for level in manifest["levels"]:
        told = golden["levels"][level["id"]]["embedding"]
        stored = np.fromfile(golden_file.parent / told["file"], "<f4")
        vector, seconds = ExportedEmbedder(folder / level["file"])(sound, rate)
        assert seconds == golden["speechSeconds"] and list(vector.shape) == told["shape"] == manifest["outputs"][0]["shape"][1:]
        assert np.abs(vector - stored).max() <= golden["maxAbsoluteError"] == manifest["golden"]["maxAbsoluteError"]


def speech_is_found_where_the_golden_files_say(folder: Path, manifest: dict) -> None:
    place = (folder / manifest["golden"]["file"]).parent
    golden = json.loads((place / "speech-windows.json").read_text())
    sound, rate = soundfile.read(str(place / golden["sound"]), dtype="float64")
    mel, seconds = log_mel(sound, rate), len(sound) / rate
    assert speech_frames(mel, seconds).tolist() == golden["speechFrames"]
    windows = speech_windows(mel, seconds)
    assert [len(window) for window in windows] == golden["windowFrames"]
    stored = np.fromfile(place / golden["windows"], "<f4").reshape(-1, golden["bands"])
    assert np.abs(np.concatenate(windows) - stored).max() <= golden["maxAbsoluteError"]
    assert manifest["windows"] == {
        "frames": WINDOW_FRAMES, "leastFrames": LEAST_FRAMES, "leastSlots": LEAST_SLOTS, "mostSlots": MOST_SLOTS,
        "secondsOfASlot": SECONDS_OF_A_SLOT,
    }


def the_calibration_orders_strangers_below_one_person(folder: Path, manifest: dict) -> None:
    told = manifest["calibration"]
    same, different = told["same"], told["different"]
    for pairs in (same, different):
        assert -1 <= pairs["low"] <= pairs["high"] <= 1 and pairs["pairs"] > 0
    assert different["low"] < same["low"] and different["high"] < same["high"]
    # Where 5 % cross the threshold or fewer, it lies between the two; where more do, the two overlap around it.
    low, high = sorted((same["low"], different["high"]))
    assert low - 0.01 <= told["equalErrorCosine"] <= high + 0.01


ANY = (
    names_its_folder_and_runner, names_the_tensors_of_every_level, every_file_has_its_size_and_checksum,
    its_card_belongs_to_the_weights, golden_files_are_small, the_first_level_gives_what_is_told,
)
PROMISES: dict[str, tuple[Promise, ...]] = {
    "spectral-mask": (
        *ANY, a_gated_level_says_so_and_gives_its_gates, masks_still_make_their_golden_files, chunks_of_frames_equal_the_whole,
        silence_stays_silence,
    ),
    "voice-codes": (
        *ANY, codebooks_have_the_shape_that_is_told, encoders_still_make_their_golden_files, chunks_of_mel_equal_the_whole,
    ),
    "voice-synthesis": (
        *ANY, the_voices_are_a_table_of_all_names, the_synthesis_still_makes_its_golden_files,
        the_signal_path_has_its_golden_files, chunks_of_codes_equal_the_whole, it_speaks_the_codes_of_the_encoder_beside_it,
    ),
    "speaker-embedder": (
        *ANY, embedders_still_make_their_golden_files, speech_is_found_where_the_golden_files_say,
        the_calibration_orders_strangers_below_one_person,
    ),
}
