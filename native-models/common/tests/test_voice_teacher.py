"""The teacher's arithmetic without its weights: mel scale, shapes, windows over long recordings, gradients, checksums."""

import numpy as np
import pytest
import torch

from sotto_models.voice import teacher as module
from sotto_models.voice.mel_scale import hz_to_mel, mel_edges_hz, mel_to_hz, mel_triangles
from sotto_models.voice.teacher import HOP_SAMPLES, Teacher, WhisperLogMel, fetch_teacher, teacher_features


def random_teacher(layers: int = 4) -> Teacher:
    torch.manual_seed(3)
    net = Teacher(layers).eval()
    torch.nn.init.normal_(net.positional_embedding, std=0.1)
    return net.requires_grad_(False)


def test_the_mel_scale_is_slaneys():
    # Auditory Toolbox: 15 mel at 1 kHz, 27 more steps to 6.4 kHz.
    assert hz_to_mel(1000.0) == pytest.approx(15.0)
    assert hz_to_mel(6400.0) == pytest.approx(42.0)
    points = np.array([0.0, 60.0, 999.0, 1001.0, 7900.0])
    np.testing.assert_allclose(mel_to_hz(hz_to_mel(points)), points, rtol=1e-12)


def test_every_triangle_has_unit_area():
    fine = np.arange(0, 8000, 0.5)
    area = mel_triangles(fine, 80, 0, 8000).sum(1) * 0.5
    np.testing.assert_allclose(area, 1, atol=1e-3)
    assert np.all(np.diff(mel_edges_hz(80, 0, 8000)) > 0)


def test_whispers_filters_are_those_of_librosa():
    librosa = pytest.importorskip("librosa")
    expected = librosa.filters.mel(sr=16_000, n_fft=400, n_mels=80)
    # float32 of the reference
    np.testing.assert_allclose(WhisperLogMel().triangles.numpy(), expected, atol=1e-8)


def test_whispers_log_mel_of_a_tone_stands_in_its_band_and_ends_80_db_below():
    time = torch.arange(16_000) / 16_000
    mel = WhisperLogMel()(0.1 * torch.sin(2 * np.pi * 1000 * time)[None])[0]
    assert mel.shape == (80, 100)
    peak = int(np.argmin(np.abs(mel_edges_hz(80, 0, 8000)[1:-1] - 1000)))
    assert int(mel[:, 50].argmax()) == peak
    # 8 decades of power, divided by 4
    assert float(mel.max() - mel.min()) == pytest.approx(2.0)


def test_chosen_layers_come_back_at_fifty_a_second():
    outputs = random_teacher()(torch.randn(2, 32 * HOP_SAMPLES) * 0.1, (2, 3))
    assert [tuple(o.shape) for o in outputs] == [(2, 32, 384)] * 2
    (third,) = random_teacher(3)(torch.randn(1, 6400) * 0.1, (3,))
    assert third.shape == (1, 20, 384)


@pytest.mark.parametrize("layers", [(), (0,), (3, 2), (5,)])
def test_layers_that_do_not_exist_are_refused(layers):
    with pytest.raises(ValueError, match="layers"):
        random_teacher()(torch.zeros(1, 3200), layers)


def test_sound_beyond_thirty_seconds_is_refused_by_the_net_itself():
    with pytest.raises(ValueError, match="samples"):
        random_teacher()(torch.zeros(1, 31 * 16_000))


def test_the_gradient_reaches_the_sound_and_not_the_weights():
    net = random_teacher()
    sound = (torch.randn(1, 6400) * 0.1).requires_grad_()
    sum(o.square().mean() for o in net(sound, (2, 3))).backward()
    assert torch.isfinite(sound.grad).all() and sound.grad.abs().max() > 0
    assert all(p.grad is None for p in net.parameters())


class CountingTeacher:
    """Says for each frame which hop of the recording it has seen: the first sample of a hop is its number."""

    def __call__(self, signal, layers):
        return [signal[:, ::HOP_SAMPLES, None].expand(-1, -1, 384)]


@pytest.mark.parametrize("frames", [1, 2, 1399, 1400, 1401, 2599, 2601, 6000])
def test_windows_over_a_long_recording_give_every_frame_once_and_in_order(frames):
    signal = np.zeros(frames * HOP_SAMPLES - 7, np.float32)
    signal[::HOP_SAMPLES] = np.arange(frames)
    features = teacher_features(CountingTeacher(), signal)
    assert features.shape == (max(2, frames), 384)
    np.testing.assert_array_equal(features[:frames, 0], np.arange(frames))


def test_windows_carry_their_margin_on_both_sides():
    spans = []

    class Spy(CountingTeacher):
        def __call__(self, signal, layers):
            numbers = signal[0, ::HOP_SAMPLES]
            spans.append((int(numbers[0]), int(numbers[-1]) + 1))
            return super().__call__(signal, layers)

    signal = np.zeros(4000 * HOP_SAMPLES, np.float32)
    signal[::HOP_SAMPLES] = np.arange(4000)
    teacher_features(Spy(), signal)
    step = module.WINDOW_FRAMES - 2 * module.MARGIN_FRAMES
    for number, (first, last) in enumerate(spans):
        assert last - first <= module.WINDOW_FRAMES
        assert first <= max(0, number * step - module.MARGIN_FRAMES)
        assert last >= min(4000, (number + 1) * step + module.MARGIN_FRAMES)


def test_weights_with_another_checksum_are_refused(tmp_path):
    (tmp_path / "tiny.en.pt").write_bytes(b"not the weights")
    with pytest.raises(ValueError, match="SHA-256"):
        fetch_teacher(tmp_path)
