"""A real training from conf/smoke.yaml on the tiny committed set: seconds, but every part of the real loop."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
import yaml
from scipy.signal import resample_poly

from load_script import load_script
from sotto_models.voice.encoder import EncoderConfig, VoiceEncoder
from sotto_models.voice.encoder_task import encode_clip
from sotto_models.voice.labels import VoiceLabels
from sotto_models.voice.source_filter import FILTER_BINS
from sotto_models.voice.synthesis_data import SynthesisData, SynthesisDataConfig, mode_of_z, read_recordings, read_sentences
from sotto_models.voice.synthesis_loss import LISTENING_RMS, magnitudes, recogniser_loss, spectral_loss, to_sixteen_kilohertz
from sotto_models.voice.synthesis_net import MODES, load_synthesis, mixture_weights, pitch_input
from sotto_models.voice.synthesis_training import Listener, SynthesisLossConfig, build_run, synthesis_loss, synthesise
from sotto_models.voice.teacher import Teacher

MODEL_FOLDER = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    module = load_script(MODEL_FOLDER / "tests" / "tiny_voices.py")
    return module.make_tiny_voices(tmp_path_factory.mktemp("tiny"))


def smoke_loop(tiny, folder: Path, **changes):
    voices, pairs, labels = tiny
    config = yaml.safe_load((MODEL_FOLDER / "conf" / "smoke.yaml").read_text())
    for part, values in changes.items():
        config[part].update(values)
    return build_run(config, VoiceLabels(labels), voices, pairs, folder)


def tensors(batch):
    return {name: torch.from_numpy(value) for name, value in batch.items()}


def data_of(tiny, seed: int = 5, **changes) -> SynthesisData:
    voices, pairs, labels = tiny
    opened = VoiceLabels(labels)
    config = dataclasses.replace(SynthesisDataConfig(crop_frames=24), **changes)
    return SynthesisData(read_sentences(opened, voices, pairs, "train", 24), opened, config, seed)


@pytest.fixture(scope="module")
def trained(tiny, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    loop = smoke_loop(tiny, folder / "whole")
    loop.run(report=lambda line: None)
    return folder, loop


def test_held_out_voices_validate_and_never_train(tiny):
    voices, pairs, labels = tiny
    opened = VoiceLabels(labels)
    train, valid = (read_sentences(opened, voices, pairs, split, 24) for split in ("train", "valid"))
    assert [len(s.targets) for s in train] == [2, 1]
    assert [Path(s.clip.path).stem for s in valid] == ["000002"]


def recordings_of(tiny, **changes) -> SynthesisData:
    voices, pairs, labels = tiny
    opened = VoiceLabels(labels)
    config = SynthesisDataConfig(crop_frames=24, recording_share=1.0, **changes)
    sentences, recordings = read_sentences(opened, voices, pairs, "train", 24), read_recordings(opened, "train", 24)
    return SynthesisData(sentences, opened, config, 5, recordings=recordings)


def test_a_recording_is_told_by_a_sample_of_its_speaker_and_judged_below_eight_kilohertz(tiny):
    batch = recordings_of(tiny, heard_margin_frames=10).batch(0, 4)
    assert batch["referred"].tolist() == [1, 1, 1, 1]
    assert (batch["weights"] == 0).all()
    assert batch["band"] == pytest.approx(7600 / 12_000)
    assert batch["reference"].shape == (4, 32_000)
    # The target is the recording itself at another rate, and what the encoder hears lies around it.
    heard, target = batch["heard"][:, 3200:-3200], batch["target"]
    for a, b in zip(heard, resample_poly(target, 2, 3, axis=1), strict=True):
        inside = slice(200, -200)
        assert np.corrcoef(a[inside], b[inside])[0, 1] > 0.999


def clock(path) -> tuple[np.ndarray, int]:
    """A recording whose samples tell their own place, from 1 on."""
    return np.arange(1, soundfile.info(str(path)).frames + 1, dtype=np.float32), 16_000


def test_a_reference_never_holds_its_own_crop(tiny, monkeypatch):
    monkeypatch.setattr("sotto_models.voice.synthesis_data.speech_at_rms_one", clock)
    batch = recordings_of(tiny).batch(0, 24)
    beginnings, sides = set(), set()
    for target, reference in zip(batch["target"], batch["reference"], strict=True):
        # Its middle tells where the crop of 24 frames lies, to a few samples: resampling ripples.
        centre, half = target[len(target) // 2], 24 * 320 / 2
        assert not (np.abs(reference - centre) < half - 60).any()
        beginnings.add(float(reference[0]))
        sides |= {"before"} if (reference < centre).any() else set()
        sides |= {"behind"} if (reference > centre).any() else set()
    assert len(beginnings) > 12 and sides == {"before", "behind"}


def test_where_the_crop_is_all_there_is_of_a_voice_the_mixture_tells_it(tiny):
    voices, pairs, labels = tiny
    opened = VoiceLabels(labels)
    sentences = read_sentences(opened, voices, pairs, "train", 24)
    longest = max(s.clip.frames for s in sentences)
    left = longest - 10
    config = SynthesisDataConfig(crop_frames=left, reference_share=1.0)
    batch = SynthesisData([s for s in sentences if s.clip.frames >= left], opened, config, 5).batch(0, 4)
    assert (batch["referred"] == 0).all() and not batch["reference"].any()
    assert read_recordings(opened, "train", left) == []


def test_a_listener_reads_what_each_mode_lets_through_from_the_middle_of_what_is_heard(tiny):
    books, margin = VoiceLabels(tiny[2]).codebooks, 10
    torch.manual_seed(3)
    encoder = VoiceEncoder(EncoderConfig(width=16, dilations=(1,)))
    batch = tensors(recordings_of(tiny, heard_margin_frames=margin).batch(0, 3))
    batch["mode"] = torch.eye(3)  # a row for each of MODES
    found = Listener(encoder, books, margin).z(batch).transpose(1, 2).numpy()  # (3, T, 64)
    for row, mode in enumerate(MODES):
        soft = encode_clip(encoder, batch["heard"][row].numpy())[margin : margin + 24]
        assert np.abs(found[row] - mode_of_z(soft, mode, books)).max() < 1e-4


def test_recordings_that_are_wanted_and_missing_are_an_error(tiny):
    voices, pairs, labels = tiny
    opened = VoiceLabels(labels)
    with pytest.raises(ValueError, match="Expected labelled recordings"):
        SynthesisData(read_sentences(opened, voices, pairs, "train", 24), opened, SynthesisDataConfig(recording_share=0.5), 5)


@torch.no_grad()
def test_what_lies_above_the_band_of_a_target_is_not_judged():
    time = torch.arange(24_000).double() / 24_000
    low, high = (torch.sin(2 * torch.pi * hertz * time)[None].float() for hertz in (500, 10_000))
    whole, judged = (sum(spectral_loss(low + high, low, band)) for band in (None, torch.tensor([7600 / 12_000])))
    # Measured .57 and less than .001.
    assert judged < 0.02 * whole
    different = sum(spectral_loss(high, low, torch.tensor([7600 / 12_000])))
    assert different > 10 * judged


@torch.no_grad()
def test_smoke_training_lowers_the_loss(tiny, trained):
    folder, loop = trained
    batch = tensors(data_of(tiny, 31).batch(0, 16))
    config = smoke_loop(tiny, folder / "untrained")
    before, after = (
        synthesis_loss(net.eval(), batch, SynthesisLossConfig(), None)[0].item() for net in (config.network, loop.ema)
    )
    # Measured .57 after forty steps; a network that learns nothing stays at 1.
    assert after < 0.75 * before


def test_a_resumed_run_ends_exactly_where_an_uninterrupted_one_does(tiny, trained):
    folder, whole = trained
    smoke_loop(tiny, folder / "parts").run(stop_after_step=15, report=lambda line: None)
    resumed = smoke_loop(tiny, folder / "parts")
    assert resumed.resume() and resumed.step == 15
    resumed.run(report=lambda line: None)
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[name]), name
    for name, value in whole.ema.state_dict().items():
        assert torch.equal(value, resumed.ema.state_dict()[name]), name


def test_nothing_to_resume_is_said(tiny, tmp_path):
    assert smoke_loop(tiny, tmp_path / "empty").resume() is False


def test_the_log_and_the_best_weights_tell_of_every_mode(trained):
    folder, loop = trained
    lines = [json.loads(line) for line in (folder / "whole" / "log.jsonl").read_text().splitlines()]
    (valid,) = [entry for entry in lines if entry["event"] == "valid"]
    assert all(f"{mode}_mel" in valid for mode in MODES)
    best = load_synthesis(folder / "whole" / "best.pt")
    assert all(torch.equal(a, b) for a, b in zip(best.state_dict().values(), loop.ema.state_dict().values(), strict=True))


def test_a_crop_is_a_function_of_seed_step_and_row(tiny):
    first, again, other = data_of(tiny).batch(3, 4), data_of(tiny).batch(3, 4), data_of(tiny).batch(4, 4)
    for name in ("z", "f0_hz", "pulses", "noise", "target"):
        assert np.array_equal(first[name], again[name]), name
        assert not np.array_equal(first[name], other[name]), name


def test_the_pair_is_aimed_at_with_its_own_voice_and_f0(tiny):
    batch = data_of(tiny, pair_share=1.0, level_pitch_share=0.0).batch(0, 32, ["clear"] * 32)
    adam = mixture_weights({"am_adam": 1.0})
    paired = (batch["weights"] == adam).all(1)
    assert paired.any() and not paired.all()
    highest = batch["f0_hz"].max(1)
    assert highest[paired].tolist() == pytest.approx([100.0] * int(paired.sum()))
    assert highest[~paired].tolist() == pytest.approx([200.0] * int((~paired).sum()))


def test_modes_let_less_and_less_of_z_through(tiny):
    books = VoiceLabels(tiny[2]).codebooks
    z = np.random.default_rng(0).normal(size=(50, 64)).astype(np.float32)
    errors = [np.square(mode_of_z(z, mode, books) - z).sum() for mode in MODES]
    assert errors[0] > errors[1] > errors[2] == 0
    assert len(np.unique(mode_of_z(z, "strict", books), axis=0)) <= 32
    with pytest.raises(ValueError, match="found 'loud'"):
        mode_of_z(z, "loud", books)


def test_the_net_may_be_told_a_level_pitch_while_the_pulses_follow_the_real_one(tiny):
    voices, pairs, labels = tiny
    opened = VoiceLabels(labels)
    opened._pitch = np.array(opened._pitch) * np.linspace(0.8, 1.2, len(opened._pitch), dtype=np.float32)
    config = SynthesisDataConfig(crop_frames=24, level_pitch_share=1.0, pair_share=0.0)
    batch = SynthesisData(read_sentences(opened, voices, pairs, "train", 24), opened, config, 1).batch(0, 8)
    for row in range(8):
        voiced = batch["f0_hz"][row] > 0
        assert batch["f0_hz"][row][voiced].std() > 0
        assert len(np.unique(batch["pitch"][row, 0][voiced])) == 1


def test_the_loss_is_zero_for_the_target_itself_and_grows_with_the_distance():
    generator = torch.Generator().manual_seed(1)
    target, other = torch.randn(2, 12_000, generator=generator), torch.randn(2, 12_000, generator=generator)
    assert sum(spectral_loss(target, target)).item() == 0
    near, far = (sum(spectral_loss(target + share * other, target)).item() for share in (0.01, 0.3))
    assert 0 < near < far
    assert magnitudes(target, 1024).square().mean().item() == pytest.approx(1.0, rel=0.1)


def test_the_recogniser_hears_sixteen_kilohertz_and_passes_gradients_back():
    at = torch.arange(24_000, dtype=torch.float64) / 24_000
    tone = torch.sin(2 * torch.pi * 1000 * at) + torch.sin(2 * torch.pi * 10_000 * at)
    expected = torch.sin(2 * torch.pi * 1000 * torch.arange(16_000, dtype=torch.float64) / 16_000)
    assert (to_sixteen_kilohertz(tone) - expected).abs().max() < 1e-9
    torch.manual_seed(2)
    recogniser = Teacher(3).eval().requires_grad_(False)
    target = torch.randn(2, 4800)
    assert recogniser_loss(recogniser, target, target).item() == 0
    estimate = torch.randn(2, 4800, requires_grad=True)
    recogniser_loss(recogniser, estimate, target).backward()
    assert estimate.grad.abs().max() > 0


def test_the_recogniser_listens_at_the_level_of_ordinary_recordings():
    heard = []

    def recogniser(sound, layers):
        heard.append(sound.square().mean().sqrt().item())
        return [sound[:, None] for _ in layers]

    noise = torch.randn(2, 24_000)
    recogniser_loss(recogniser, noise, noise)
    # Two thirds of white noise's power are below 8 kHz.
    assert heard == pytest.approx([LISTENING_RMS * (2 / 3) ** 0.5] * 2, rel=0.03)


def test_a_recogniser_loss_without_a_recogniser_is_refused(tiny, tmp_path):
    with pytest.raises(ValueError, match="recogniser_weight"):
        smoke_loop(tiny, tmp_path / "run", loss={"recogniser_weight": 0.5})


def test_voice_mode_and_pitch_each_change_the_filters(trained):
    _, loop = trained
    torch.manual_seed(3)
    z, mode = torch.randn(1, 64, 10), torch.eye(3)
    voiced, unvoiced = (torch.from_numpy(pitch_input(np.full(20, hertz)))[None] for hertz in (150.0, 0.0))
    heart, adam = (loop.ema.voice(torch.from_numpy(mixture_weights({name: 1.0}))[None]) for name in ("af_heart", "am_adam"))
    with torch.no_grad():
        first = loop.ema(z, voiced, heart, mode[:1])
        assert first.shape == (1, 3 * FILTER_BINS, 20)
        for pitch, voice, row in ((voiced, adam, 0), (voiced, heart, 1), (unvoiced, heart, 0)):
            changed = loop.ema(z, pitch, voice, mode[row : row + 1])
            assert (changed - first).abs().max() > 1e-3
    with pytest.raises(ValueError, match="xx_nobody"):
        mixture_weights({"xx_nobody": 1.0})


def test_a_batch_becomes_sound_of_its_exact_length(tiny, trained):
    _, loop = trained
    batch = tensors(data_of(tiny).batch(0, 2))
    with torch.no_grad():
        sound = synthesise(loop.ema, batch)
    assert sound.shape == batch["target"].shape == (2, 24 * 480)
    assert torch.isfinite(sound).all() and sound.abs().max() > 0.01
