"""Labels of training crops: what the mixer drew, frame by frame."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sotto_models.corpus import Clip
from sotto_models.crop_labels import LabelledMixer, crop_labels, crop_power
from sotto_models.mixing import Mixer, coloured_noise, rms
from sotto_models.mixing_config import Drawn, DrawnNoise, MixingConfig, TalkPiece
from sotto_models.pcm_cache import SAMPLE_RATE_HZ, PcmCache
from sotto_models.pitch_cache import PitchTracks, open_pitch_tracks
from sotto_models.probing.foreign_sounds import foreign_sound
from sotto_models.probing.frame_labels import frame_power
from sotto_models.probing.recordings import NOISE_LABELS
from sotto_models.stft import HOP_SAMPLES

PLAIN = dict(reverb_probability=0, equaliser_db=0.0, thin_voice_probability=0, band_limit_probability=0, clip_probability=0)


def clip_of(path: str, kind: str, label: str = "en") -> Clip:
    return Clip(path, kind, "made", "CC0-1.0", "somebody" if kind == "speech" else "", label, 3.0, "train")


def gliding_voice(seconds: float, first_hz: float, last_hz: float) -> tuple[np.ndarray, np.ndarray]:
    """Ten harmonics of a pitch that glides; samples, and the pitch of each sample."""
    hertz = np.linspace(first_hz, last_hz, int(seconds * SAMPLE_RATE_HZ))
    phase = 2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE_HZ
    return 0.05 * sum(np.sin(k * phase) for k in range(1, 11)), hertz


@pytest.fixture(scope="module")
def made():
    """A cache of two gliding voices, a scene and a sound without a family, with the true tracks of the voices."""
    sounds, tracks, rng = {}, {}, np.random.default_rng(1)
    for name, ends in (("up", (110, 290)), ("down", (310, 150))):
        sounds[name], hertz = gliding_voice(3.0, *ends)
        at_frames = hertz[::HOP_SAMPLES]
        tracks[name] = np.stack([at_frames, np.full(len(at_frames), 0.9)], 1).astype(np.float32)
    for name in ("noise-scenes/rain_01", "noise/saw"):
        sounds[name] = 0.2 * coloured_noise(rng, 3 * SAMPLE_RATE_HZ)
    pcm = [np.round(sound * 32768).clip(-32768, 32767).astype(np.int16) for sound in sounds.values()]
    starts = np.cumsum([0, *map(len, pcm)])
    offsets = {name: (int(start), len(p)) for name, start, p in zip(sounds, starts, pcm, strict=False)}
    clips = [clip_of("up", "speech"), clip_of("down", "speech"), clip_of("noise-scenes/rain_01", "noise", "rain"),
             clip_of("noise/saw", "noise", "hand_saw")]
    return PcmCache(np.concatenate(pcm), offsets), clips, PitchTracks(tracks)


def pitch_heard(signal: np.ndarray, centre: int) -> float:
    """F0 in Hz of a clean frame, by the highest peak of its autocorrelation between 80 and 400 Hz."""
    frame = signal[centre - 512 : centre + 512] * np.hanning(1024)
    spectrum = np.abs(np.fft.rfft(frame, 8192)) ** 2
    correlation = np.fft.irfft(spectrum)[: SAMPLE_RATE_HZ // 80]
    shortest = SAMPLE_RATE_HZ // 400
    return SAMPLE_RATE_HZ / (shortest + int(np.argmax(correlation[shortest:])))


def test_the_labelled_pitch_is_the_one_that_is_heard_whatever_speed_and_start(made):
    cache, clips, tracks = made
    config = MixingConfig(**PLAIN, speed_change=0.12, clean_probability=1.0, noise_only_probability=0.0, room_count=2)
    mixer, errors, speeds = Mixer(cache, clips, config, seed=3), [], []
    for step in range(12):
        drawn = mixer.draw(step, 0)
        f0 = crop_labels(drawn, tracks)["f0"]
        speeds.append(drawn.speed)
        edges = [(p.position / drawn.speed, (p.position + p.count) / drawn.speed) for p in drawn.pieces]
        for frame in range(3, 120, 9):
            centre = frame * HOP_SAMPLES
            if any(first + 600 < centre < last - 600 for first, last in edges):
                errors.append(1200 * (f0[frame] - np.log2(pitch_heard(drawn.target, centre))))
    assert len(errors) > 60 and np.ptp(speeds) > 0.1
    assert np.abs(errors).max() < 60  # whole lags are up to 45 cents apart at 400 Hz, a hop's glide adds 9


def test_labels_leave_the_mixtures_as_they_were(made):
    cache, clips, tracks = made
    mixer = Mixer(cache, clips, MixingConfig(room_count=2), seed=4)
    mixture, target, labels = LabelledMixer(mixer, tracks).batch(7, 3)
    again = mixer.batch(7, 3)
    assert np.array_equal(mixture, again[0]) and np.array_equal(target, again[1])
    assert {values.shape for values in labels.values()} == {(3, 126)}


def test_the_parts_of_a_crop_add_up_after_the_channel_too(made):
    cache, clips, _ = made
    always_noisy = {"clean_probability": 0.0, "noise_only_probability": 0.0, "band_limit_probability": 1.0}
    config = MixingConfig(**PLAIN | always_noisy, room_count=2)
    for step in range(4):
        drawn = Mixer(cache, clips, config, seed=5).draw(step, 0)
        np.testing.assert_allclose(drawn.mixture, drawn.target + drawn.noise, atol=1e-6)
        assert rms(drawn.noise) > 0


def test_the_power_of_frames_needs_no_transform():
    signal = np.random.default_rng(6).standard_normal(5000).astype(np.float32)
    np.testing.assert_allclose(crop_power(signal), frame_power(signal), rtol=1e-5)  # float32 in the transform


def crop_of(*noises: DrawnNoise, voice: bool = True) -> Drawn:
    """Two seconds of a steady voice, or of nobody's, in noises."""
    target = gliding_voice(2.0, 200, 200)[0].astype(np.float32) if voice else np.zeros(32000, np.float32)
    noise = 0.01 * np.random.default_rng(7).standard_normal(32000).astype(np.float32)
    return Drawn(target + noise, target, noise, noises, (TalkPiece("up", 0, 0, 32000),) if voice else (), 1.0)


def test_the_kind_of_noise_is_the_main_one_and_unknown_beside_a_rival(made):
    _, clips, tracks = made
    rain, saw = DrawnNoise("scene", clips[2]), DrawnNoise("noise", clips[3])

    def kind(*noises: DrawnNoise) -> str | None:
        label = int(crop_labels(crop_of(*noises), tracks)["noise"][5])
        return NOISE_LABELS[label] if label >= 0 else None

    assert kind(rain) == "rain"
    assert kind(rain, replace(saw, level_db=-8.0)) == "rain"
    assert kind(rain, replace(saw, level_db=-2.0)) is None
    assert kind(rain, replace(rain, level_db=-2.0)) == "rain"
    assert kind(saw) is None and kind(DrawnNoise("synthetic")) is None
    assert kind(DrawnNoise("babble")) == "babble"
    assert kind() == kind(DrawnNoise("room-tone")) == "speech-free silence"


def test_nobody_knows_who_speaks_in_babble_or_in_music_and_both_are_said_to_be_what_they_are(made):
    _, clips, tracks = made
    for kind in ("babble", "music", "foreign"):
        alone = crop_labels(crop_of(DrawnNoise(kind), voice=False), tracks)
        assert set(alone["speech"]) == set(alone["voiced"]) == {-1}, kind
        assert set(alone["domain"]) == {{"babble": 1, "music": -1, "foreign": 0}[kind]}
        assert set(crop_labels(crop_of(DrawnNoise(kind)), tracks)["speech"]) == {1}
    rain = crop_labels(crop_of(DrawnNoise("scene", clips[2]), voice=False), tracks)
    assert set(rain["speech"]) == {0} and set(rain["domain"]) == {1} and np.isnan(rain["snr"]).all()


def test_rooms_and_foreign_sounds_come_without_a_voice_at_their_levels(made):
    cache, clips, _ = made
    config = MixingConfig(foreign_probability=0.5, room_tone_probability=0.5, band_limit_probability=0, room_count=2)
    drawn = [Mixer(cache, clips, config, 8, foreign_sound).draw(step, 0) for step in range(12)]
    kinds = {d.noises[0].kind for d in drawn}
    assert kinds == {"foreign", "room-tone"} and not any(d.target.any() for d in drawn)
    for d in drawn:
        level = 20 * np.log10(rms(d.mixture))
        assert (-68.1 < level < -51.9) if d.noises[0].kind == "room-tone" else -50.1 < level < -9.9
    with pytest.raises(ValueError, match="foreign"):
        Mixer(cache, clips, config, 8)


def test_clean_crops_of_a_room_keep_their_voice_and_get_a_tone_far_below_it(made):
    cache, clips, _ = made
    always_clean = {"clean_probability": 1.0, "noise_only_probability": 0.0, "clean_tone_probability": 1.0}
    config = MixingConfig(**PLAIN, **always_clean, room_count=2)
    for d in (Mixer(cache, clips, config, 9).draw(step, 0) for step in range(6)):
        assert [noise.kind for noise in d.noises] == ["room-tone"]
        np.testing.assert_allclose(d.mixture - d.target, d.noise, atol=1e-6)
        assert 20 * np.log10(rms(d.target) / rms(d.noise)) > 19.9


def test_an_interrupted_labelling_goes_on_where_it_was(made, tmp_path: Path, monkeypatch):
    cache, clips, _ = made
    monkeypatch.setattr("sotto_models.pitch_cache.CLIPS_PER_SHARD", 1)
    heard = []

    def tracker(fails_after: int):
        def track(signal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            if len(heard) >= fails_after:
                raise InterruptedError
            heard.append(len(signal))
            return np.full(188, 100.0 * len(heard)), np.full(188, 0.8)
        return lambda: track

    speech = clips[:2]
    with pytest.raises(InterruptedError):
        open_pitch_tracks(cache, speech, tmp_path, tracker(1), report=lambda _: None)
    open_pitch_tracks(cache, speech, tmp_path, tracker(2), report=lambda _: None)
    tracks = open_pitch_tracks(cache, speech, tmp_path, tracker(0), report=lambda _: None)
    assert len(heard) == 2
    assert sorted(tracks.at(clip.path, np.array([0.0, 1e9]))[0].tolist() for clip in speech) == [[100, 100], [200, 200]]
    assert tracks.at("up", np.array([300.4]))[1] == pytest.approx(0.8)
