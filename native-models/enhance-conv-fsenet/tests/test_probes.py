"""Probes on tiny sets: labels of speech with known pauses, planted bits that must be found, the engine's table."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from load_script import load_script
from sotto_models.corpus import Clip, read_manifest
from sotto_models.networks.conv_fsenet import ConvFsenet, ConvFsenetConfig
from sotto_models.onnx_export import export_network, sha256_of
from sotto_models.pcm_cache import SAMPLE_RATE_HZ, open_cache
from sotto_models.probing import probe_fit
from sotto_models.probing.frame_features import (
    GateReader,
    NotGatedError,
    log_mel,
    untrained_gates,
    window_means,
)
from sotto_models.probing.frame_labels import (
    FrameLabels,
    active_power,
    frame_power,
    local_snr_db,
    speech_frames,
)
from sotto_models.probing.labelled_set import LabelledRecording, cached_set, label_recording, labelled_set
from sotto_models.probing.linear_fits import ClassFit, ValueFit
from sotto_models.probing.measures import area_under_curve, class_figures, pitch_figures, value_figures
from sotto_models.probing.pitch_trackers import pitch_labels
from sotto_models.probing.probe_fit import FrameStore, fit_probe
from sotto_models.probing.probe_judging import judge
from sotto_models.probing.probe_table import (
    ProbeReader,
    ProbeTableError,
    check_probe_table,
    probe_table,
    write_probes,
)
from sotto_models.probing.probe_tasks import TASKS
from sotto_models.probing.recordings import NO_NOISE, NOISE_LABELS, ProbeRecording, RecordingMaker, source_recording

MODEL_FOLDER = Path(__file__).resolve().parents[1]
TINY = MODEL_FOLDER.parent / "common" / "tests" / "data"
BITS = 2304
FRAMES = 120
SPEECH_BIT, VOICED_BIT, LOW_BIT, HIGH_BIT, SNR_BIT, DOMAIN_BIT = 7, 300, 900, 901, 1500, 2303


def voice_with_pauses(seconds: float = 6.0) -> tuple[np.ndarray, np.ndarray]:
    """A buzz of 120 Hz that speaks in two stretches with a soft tail 50 dB down; and where it does, (samples,)."""
    time = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    talks = ((time >= 1) & (time < 2.5)) | ((time >= 4) & (time < 5))
    buzz = sum(np.sin(2 * np.pi * 120 * k * time) / k for k in range(1, 8))
    return (0.1 * buzz * np.where(talks, 1.0, 10 ** (-50 / 20))).astype(np.float32), talks


def test_speech_is_where_the_voice_talks_and_a_tenth_of_a_second_beyond():
    voice, _ = voice_with_pauses()
    speech = speech_frames(voice)
    starts, ends = np.flatnonzero(np.diff(speech.astype(int)) == 1) + 1, np.flatnonzero(np.diff(speech.astype(int)) == -1)
    assert starts * 0.016 == pytest.approx([1.0, 4.0], abs=0.02)
    assert ends * 0.016 == pytest.approx([2.6, 5.1], abs=0.02)


def test_the_active_level_leaves_pauses_out():
    power = np.concatenate([np.full(50, 1.0), np.full(150, 1e-6)])
    assert active_power(power) == pytest.approx(1.0)
    assert active_power(np.zeros(10)) == 0


def test_silence_has_no_speech():
    assert not speech_frames(np.zeros(8000, np.float32)).any()


def test_the_power_of_a_frame_is_the_mean_square_of_a_steady_sound():
    noise = np.random.default_rng(3).standard_normal(160_000).astype(np.float32) * 0.1
    assert frame_power(noise)[2:-2].mean() == pytest.approx(0.01, rel=0.02)


def test_the_ratio_is_that_of_the_parts_while_somebody_speaks():
    voice, talks = voice_with_pauses()
    noise = np.random.default_rng(4).standard_normal(len(voice)).astype(np.float32)
    noise *= 10 ** (-12 / 20) * np.sqrt(np.mean(voice[talks] ** 2)) / np.sqrt(np.mean(noise**2))
    speech = speech_frames(voice)
    ratio = local_snr_db(voice, noise, speech)
    assert np.isnan(ratio[~speech]).all()
    assert np.nanmedian(ratio) == pytest.approx(12, abs=0.7)


def test_voicing_needs_two_trackers_that_agree():
    speech = np.array([True] * 6 + [False])
    first = np.array([100.0, 100, 200, 100, 100, 100, 100]), np.array([0.9, 0.9, 0.9, 0.1, 0.4, 0.9, 0.9])
    second = np.array([101.0, 0, 100, 100, 100, 104, 100]), np.ones(7)
    voiced, hertz = pitch_labels(np.zeros(1), speech, lambda _: first, lambda _: second)
    assert voiced.tolist() == [1, 1, -1, 0, -1, -1, 0]
    assert np.isfinite(hertz).tolist() == [True, True, False, False, False, False, False]


def no_pitch(voice: np.ndarray, speech: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros(len(speech), np.int8), np.full(len(speech), np.nan, np.float32)


def tiny_maker(folder: Path, seed: int = 5) -> RecordingMaker:
    clips = read_manifest(TINY)
    return RecordingMaker(open_cache(TINY, clips, folder), clips, seed, babble_of_voices=True)


def test_recordings_are_sums_of_their_parts_and_the_same_every_time(tmp_path):
    maker, again, other = tiny_maker(tmp_path), tiny_maker(tmp_path), tiny_maker(tmp_path, 6)
    kinds = set()
    for index in range(12):
        recording = maker.make(index)
        kinds.add(recording.kind)
        assert np.array_equal(recording.noisy, again.make(index).noisy)
        assert not np.array_equal(recording.noisy, other.make(index).noisy)
        assert np.isfinite(recording.noisy).all() and np.abs(recording.noisy).max() < 1
        assert bool(recording.speaker) == bool(recording.voice.any())
        assert recording.noise.any()
    assert "mixture" in kinds and len(kinds) >= 3


def test_half_of_a_mixture_is_pause(tmp_path):
    maker = tiny_maker(tmp_path)
    made = [maker.make(index) for index in range(30)]
    speech = np.concatenate([speech_frames(r.voice) for r in made if r.kind == "mixture"])
    assert 0.35 < speech.mean() < 0.7


def test_foreign_sounds_are_outside_the_domain_and_say_nothing_about_speech():
    sound = np.random.default_rng(1).standard_normal(20_000).astype(np.float32) * 0.1
    nobody = np.zeros_like(sound)
    labels = label_recording(ProbeRecording("a", "foreign", "", "synthetic", "", sound, nobody, sound), no_pitch).labels
    assert (labels.domain == 0).all() and (labels.speech == -1).all() and (labels.noise == -1).all()
    labels = label_recording(ProbeRecording("b", "silence", "", "", NO_NOISE, sound, nobody, sound), no_pitch).labels
    assert (labels.domain == 1).all() and (labels.speech == 0).all()
    assert (labels.noise == NOISE_LABELS.index(NO_NOISE)).all()


def test_a_kept_set_is_what_was_made(tmp_path):
    clips = read_manifest(TINY)
    maker, calls = tiny_maker(tmp_path), []

    def make():
        calls.append(1)
        return labelled_set(maker, 3, no_pitch)

    first, second = (cached_set(make, clips, "three", tmp_path) for _ in range(2))
    assert len(calls) == 1 and len(first) == 3
    for a, b in zip(first, second, strict=True):
        assert a.name == b.name and np.array_equal(a.noisy, b.noisy)
        assert np.array_equal(a.labels.speech, b.labels.speech)


def test_windows_average_the_frames_that_exist():
    values = np.arange(10, dtype=np.uint8)[:, None]
    means = window_means(values, np.array([0, 5, 9]), average_frames=4, delay_frames=1)
    assert means[:, 0].tolist() == [0.5, 4.5, 8.0]  # frames 0..1, 3..6 and 7..9
    with pytest.raises(ValueError, match="delay"):
        window_means(values, np.array([0]), 3, 3)


def planted_recording(index: int) -> tuple[LabelledRecording, np.ndarray]:
    """Random labels, and noise-like bits of which a few tell them exactly."""
    rng = np.random.default_rng([11, index])
    bits = (rng.random((FRAMES, BITS)) < 0.4).astype(np.uint8)
    speech = np.repeat(rng.integers(0, 2, FRAMES // 12), 12).astype(np.int8)
    voiced = (speech * np.repeat(rng.integers(0, 2, FRAMES // 6), 6)).astype(np.int8)
    low, high = (np.repeat(rng.integers(0, 2, FRAMES // 12), 12) for _ in range(2))
    f0_hz = np.where(voiced == 1, 100.0 * 2.0 ** (0.5 * low + 0.25 * high), np.nan).astype(np.float32)
    loud = rng.integers(0, 2)
    noise, domain = index % len(NOISE_LABELS), index % 2
    bits[:, [SPEECH_BIT, VOICED_BIT, LOW_BIT, HIGH_BIT]] = np.stack([speech, voiced, low, high], 1)
    bits[:, SNR_BIT], bits[:, DOMAIN_BIT] = loud, domain
    bits[:, 1000 : 1000 + len(NOISE_LABELS)] = np.eye(len(NOISE_LABELS), dtype=np.uint8)[noise]
    labels = FrameLabels(
        speech, voiced, f0_hz, np.where(speech == 1, 5.0 + 10 * loud, np.nan).astype(np.float32),
        np.full(FRAMES, noise, np.int8), np.full(FRAMES, domain, np.int8),
    )
    name = f"r{index}"
    return LabelledRecording(name, "mixture", name, name, NOISE_LABELS[noise], np.zeros(1, np.float32), labels), bits


def planted_store(numbers: range) -> FrameStore:
    pairs = [planted_recording(index) for index in numbers]
    return FrameStore([r for r, _ in pairs], (b for _, b in pairs))


@pytest.fixture(scope="module")
def planted():
    train, valid, test = planted_store(range(66)), planted_store(range(66, 88)), planted_store(range(88, 110))
    probes = {task.name: fit_probe(task, train, valid, 20, lambda line: None)[1] for task in TASKS}
    return probes, test


def test_planted_bits_are_found_among_all_and_answer_for_new_recordings(planted):
    probes, test = planted
    wanted = {
        "speech": [SPEECH_BIT], "voiced": [VOICED_BIT], "f0": [LOW_BIT, HIGH_BIT], "snr": [SNR_BIT],
        "noise": range(1000, 1000 + len(NOISE_LABELS)), "domain": [DOMAIN_BIT],
    }
    # Averaged over neighbours a bit still tells everything but the edges of speech and voice.
    least = {"speech": 0.85, "voiced": 0.9, "f0": 0.8, "snr": 0.9, "noise": 0.99, "domain": 0.99}
    for task in TASKS:
        probe = probes[task.name]
        assert set(wanted[task.name]) <= set(probe.columns.tolist()), task.name
        assert len(probe.columns) == 20
        rows = [task.known_frames(r.labels) for r in test.recordings]
        output = np.concatenate([probe.outputs(test, i, r) for i, r in enumerate(rows)])
        target = np.concatenate([task.target(rec.labels)[r] for rec, r in zip(test.recordings, rows, strict=True)])
        assert task.score(output, target) > least[task.name], task.name


def test_all_features_and_the_strongest_learn_from_the_same_rows_at_the_best_window(monkeypatch):
    train, valid = planted_store(range(22)), planted_store(range(22, 30))
    monkeypatch.setattr(probe_fit, "MOST_ROWS_OF_ALL", 300)
    task = next(t for t in TASKS if t.name == "voiced")
    seen = []

    class Counted(probe_fit.ClassFit):
        def __init__(self, features: np.ndarray, *rest: object):
            seen.append(features.shape)
            super().__init__(features, *rest)

    monkeypatch.setattr(probe_fit, "ClassFit", Counted)
    whole, few = fit_probe(task, train, valid, 20, lambda line: None)
    assert len({rows for rows, _ in seen}) == 1 and seen[0][0] < 400  # 300, rounded up in each recording
    assert (len(whole.columns), len(few.columns)) == (BITS, 20)
    assert few.window in task.windows and whole.window in (few.window, task.window)


def test_the_table_holds_what_was_fitted_and_the_same_fit_gives_the_same_table(planted):
    probes, test = planted
    table = probe_table(probes, "phi25", "0" * 64, 0.4)
    again = {task.name: fit_probe(task, planted_store(range(66)), planted_store(range(66, 88)), 20, lambda line: None)[1]
             for task in TASKS[:1]}
    assert probe_table({**probes, **again}, "phi25", "0" * 64, 0.4) == table
    reader = ProbeReader(json.loads(json.dumps(table)))
    rows, bits = np.arange(FRAMES), test.frames(0)
    for name in ("speech", "snr", "noise"):
        assert reader.outputs(name, bits, rows) == pytest.approx(probes[name].outputs(test, 0, rows), abs=1e-3)
    assert 60 <= reader.clamped("f0", bits, rows).min() and reader.clamped("f0", bits, rows).max() <= 500


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t.pop("domain"),
        lambda t: t["speech"]["weights"].pop(),
        lambda t: t["speech"].update(bias=float("nan")),
        lambda t: t["noise"]["weights"].pop(),
        lambda t: t["noise"].update(minimumProbability=2),
        lambda t: t["f0"].update(averageFrames=0),
        lambda t: t["snr"]["bits"].__setitem__(0, -1),
        lambda t: t.update(schema="sotto.probes/0"),
    ],
)
def test_a_spoilt_table_is_refused(planted, spoil):
    table = copy.deepcopy(probe_table(planted[0], "phi25", "0" * 64, 0.4))
    check_probe_table(table)
    spoil(table)
    with pytest.raises(ProbeTableError, match="Expected"):
        check_probe_table(table)


def test_a_table_is_named_in_the_manifest_only_beside_its_own_weights(planted, tmp_path):
    weights = tmp_path / "phi25.onnx"
    weights.write_bytes(b"weights")
    (tmp_path / "model.json").write_text(json.dumps({"levels": [{"id": "phi25", "file": "phi25.onnx"}]}))
    table = probe_table(planted[0], "phi25", sha256_of(weights), 0.4)
    file = write_probes(table, tmp_path / "model.json", weights)
    named = json.loads((tmp_path / "model.json").read_text())["probes"]
    assert named == {
        "file": "probes.json", "sha256": sha256_of(file), "sizeBytes": file.stat().st_size, "level": "phi25",
    }
    weights.write_bytes(b"other weights")
    with pytest.raises(ProbeTableError, match="phi25"):
        write_probes(table, tmp_path / "model.json", weights)


def test_the_shipped_table_belongs_to_the_shipped_weights():
    manifest = json.loads((MODEL_FOLDER / "model.json").read_text())
    named, file = manifest["probes"], MODEL_FOLDER / manifest["probes"]["file"]
    assert (named["sha256"], named["sizeBytes"]) == (sha256_of(file), file.stat().st_size)
    table = json.loads(file.read_text())
    check_probe_table(table)
    weights = {level["id"]: level["sha256"] for level in manifest["levels"]}
    assert table["level"] == named["level"] and weights[table["level"]] == table["sha256"]
    judged = json.loads((MODEL_FOLDER / "probe-evaluation.json").read_text())
    assert judged["weight"]["sha256"] == table["sha256"] and judged["split"] == "test"


@pytest.fixture(scope="module")
def gated(tmp_path_factory):
    torch.manual_seed(2)
    network = ConvFsenet(ConvFsenetConfig(gate_channels=16)).eval()
    with torch.no_grad():
        for block in network.blocks:
            block.gate.select.bias.uniform_(-0.3, 0.3)
    path = tmp_path_factory.mktemp("gated") / "gated.onnx"
    export_network(network, path)
    return network, path


def test_gate_bits_are_the_signs_of_their_logits_in_the_order_of_the_network(gated):
    _, path = gated
    signal = np.random.default_rng(6).standard_normal(16_000).astype(np.float32) * 0.05
    reader = GateReader(path)
    bits, logits = reader.bits(signal), reader.logits(signal)
    assert bits.shape == (64, BITS) and bits.dtype == np.uint8
    assert np.array_equal(bits, logits > 0)
    assert 0.02 < bits.mean() < 0.98


def test_a_net_without_gates_is_refused(tmp_path):
    path = tmp_path / "dense.onnx"
    export_network(ConvFsenet().eval(), path)
    with pytest.raises(NotGatedError, match="gates"):
        GateReader(path)


def test_an_untrained_net_opens_its_gates_as_often_as_asked():
    signals = [np.random.default_rng(i).standard_normal(16_000).astype(np.float32) * 0.1 for i in range(3)]
    use = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.2, 0.25, 0.3]
    features = untrained_gates(signals, use, 1)
    found = np.concatenate([features(s) for s in signals]).reshape(-1, 9, 256).mean((0, 2))
    assert found == pytest.approx(use, abs=0.05)


def test_a_tone_lights_its_mel_band():
    tone = np.sin(2 * np.pi * 1000 * np.arange(16_000) / SAMPLE_RATE_HZ).astype(np.float32)
    mel = 2595 * np.log10(1 + 1000 / 700) / (2595 * np.log10(1 + 8000 / 700)) * 65
    assert abs(log_mel(tone)[30].argmax() + 1 - mel) < 1.5


def test_fits_find_known_weights():
    rng = np.random.default_rng(8)
    x = rng.standard_normal((4000, 5)).astype(np.float32)
    x[:, 4] = 3  # a constant says nothing
    true = np.array([2.0, -1, 0, 0.5, 0])
    fit = ValueFit(x, x @ true + 7).at(1e-6)
    assert fit.weights[:, 0] == pytest.approx(true, abs=1e-2) and fit.bias[0] == pytest.approx(7, abs=1e-2)
    classes = (rng.random(4000) < 1 / (1 + np.exp(-(x @ true)))).astype(np.int64)
    fit = ClassFit(x, classes, 2, balanced=False).at(1e-4)
    assert fit.weights[:, 0] == pytest.approx(true, abs=0.25)
    assert fit.importance.argmax() == 0


def test_figures_of_known_answers():
    groups = ["a", "b", "c"]
    truth = [np.array([0, 0, 1, 1])] * 3
    assert class_figures(truth, truth, groups, 2)["accuracy"] == {"value": 1, "low": 1, "high": 1, "groups": 3}
    constant = [np.zeros(4, np.int64)] * 3
    assert class_figures(constant, truth, groups, 2)["balancedAccuracy"]["value"] == 0.5
    scores = [np.array([0.1, 0.4, 0.35, 0.8])] * 3
    assert area_under_curve(scores, truth, groups)["areaUnderCurve"]["value"] == pytest.approx(0.75)
    values = [np.array([1.0, 2, 3, 4])] * 3
    assert value_figures(values, values, groups, "Db")["r2Db"]["value"] == 1
    mean = [np.full(4, 2.5)] * 3
    assert value_figures(mean, values, groups, "Db")["r2Db"]["value"] == pytest.approx(0)
    hertz, off = [np.full(4, 200.0)], [np.array([200.0, 201, 230, 400])]
    assert pitch_figures(off, hertz, ["a"])["within50Cents"]["value"] == 0.5
    assert pitch_figures(off, hertz, ["a"])["within20Percent"]["value"] == 0.75


def test_a_tracker_without_a_value_is_neither_right_nor_60_hz():
    truth, found = [np.array([100.0, 200, 100, 200])], [np.array([100.0, 200, np.nan, np.nan])]
    figures = {name: figure["value"] for name, figure in pitch_figures(found, truth, ["a"]).items()}
    assert figures["r2Octaves"] == figures["r2Hz"] == 1 and figures["meanAbsoluteErrorHz"] == 0
    assert figures["answered"] == figures["within50Cents"] == figures["within20Percent"] == 0.5


def test_pieces_of_one_music_are_one_source():
    def clip(stem: str, kind: str = "music", label: str = "") -> Clip:
        return Clip(f"{kind}/x/{stem}.flac", kind, "x", "CC0-1.0", "", label, 9.0, "test")

    assert source_recording(clip("macroform-cold_day_00")) == source_recording(clip("macroform-cold_day_13"))
    assert source_recording(clip("macroform-cold_day_00")) != source_recording(clip("macroform-robot_dity_00"))
    for first, second, label in (("esc_2-82367-A", "esc_2-82367-B", "rain"), ("scene_cafe_03", "scene_cafe_07", "babble")):
        assert source_recording(clip(first, "noise", label)) == source_recording(clip(second, "noise", label))


def probes_command():
    return load_script(MODEL_FOLDER / "probes.py")


def test_f0_controls_keep_frames_without_a_value_and_the_maker_of_the_labels_is_none(monkeypatch):
    command, task = probes_command(), next(t for t in TASKS if t.name == "f0")
    hertz = np.where(np.arange(FRAMES) % 2, 0.0, 900.0)
    for tracker in ("yin", "world"):
        monkeypatch.setattr(command, tracker, lambda: lambda signal: (hertz, np.ones(FRAMES)))
    recording, _ = planted_recording(1)
    systems = command.controls(task, [recording])
    assert [system.id for system in systems] == ["yin", "world"]
    rows = task.known_frames(recording.labels)
    for system in systems:
        said = system.answer(0, rows)[:, 0]
        assert np.array_equal(np.isnan(said), hertz[rows] == 0) and np.nanmax(said) == 500  # the end of the range
    figures = judge(task, [recording], systems)["systems"][0]["figures"]
    assert figures["answered"]["value"] == pytest.approx(np.mean(hertz[rows] > 0))


def test_the_command_draws_every_split_from_its_own_clips():
    command, manifest = probes_command(), read_manifest(TINY)
    assert {c.split for c in command.clips_of(manifest, "train")} == {"train"}
    assert {c.split for c in command.clips_of(manifest, "valid")} == {"valid"}
    assert command.clips_of(manifest, "test") == []
