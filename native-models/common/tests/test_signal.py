"""STFT, measures and losses on generated sound."""

import numpy as np
import pytest
import torch

from sotto_models.intelligibility_loss import intelligibility_loss
from sotto_models.losses import compressed_spectral_loss
from sotto_models.mask_loss import mask_loss
from sotto_models.metrics import si_sdr
from sotto_models.networks.conv_fsenet import ConvFsenet, ConvFsenetConfig, enhance
from sotto_models.networks.frame_major import forward_frame_major
from sotto_models.stft import frame_count, istft, sqrt_hann, stft

FLOAT32_ROUNDING = 2e-6
SMALL = ConvFsenetConfig(channels=8, hidden_channels=12)


def noise(batch: int, samples: int, seed: int = 3) -> torch.Tensor:
    return torch.randn(batch, samples, generator=torch.Generator().manual_seed(seed)) * 0.1


@pytest.mark.parametrize("samples", [1, 255, 256, 257, 4000, 16_001])
@pytest.mark.parametrize("fft_size", [512, 1440, 1536])
def test_analysis_and_synthesis_give_the_signal_back(samples, fft_size):
    signal = noise(2, samples)
    assert (istft(stft(signal, fft_size), samples) - signal).abs().max() < FLOAT32_ROUNDING


def test_frame_t_covers_the_samples_around_its_hop():
    signal = noise(1, 1000)
    spectrum = stft(signal)
    assert spectrum.shape == (1, 257, frame_count(1000)) == (1, 257, 5)
    expected = torch.fft.rfft(signal[0, 256:768] * sqrt_hann())  # frame 2: [2 * 256 - 256, 2 * 256 + 256)
    assert (spectrum[0, :, 2] - expected).abs().max() < 1e-5


def test_si_sdr_of_equal_energy_orthogonal_noise_is_zero_db():
    time = torch.arange(16_000) / 16_000
    target = torch.sin(2 * torch.pi * 440 * time)[None]
    other = torch.sin(2 * torch.pi * 880 * time)[None]
    assert si_sdr(target + other, target).item() == pytest.approx(0.0, abs=1e-3)
    assert si_sdr(target + 0.1 * other, target).item() == pytest.approx(20.0, abs=1e-3)


def test_si_sdr_ignores_gain_and_offset():
    target, error = noise(1, 8000), noise(1, 8000, seed=4)
    plain = si_sdr(target + 0.3 * error, target)
    assert torch.allclose(si_sdr(-7 * (target + 0.3 * error) + 0.5, target), plain, atol=1e-3)


def test_si_sdr_refuses_silence_and_unequal_shapes():
    with pytest.raises(ValueError, match="silent"):
        si_sdr(noise(1, 100), torch.zeros(1, 100))
    with pytest.raises(ValueError, match="shapes"):
        si_sdr(noise(1, 100), noise(1, 99))


def test_the_loss_is_zero_for_a_perfect_estimate_and_does_not_depend_on_level():
    target, other = noise(2, 4096), noise(2, 4096, seed=5)
    assert compressed_spectral_loss(target, target, target).item() == 0
    loud = compressed_spectral_loss(target + other, target, target + other)
    quiet = compressed_spectral_loss(0.01 * (target + other), 0.01 * target, 0.01 * (target + other))
    assert loud.item() == pytest.approx(quiet.item(), rel=1e-3)


@pytest.mark.parametrize("samples", [4096, 5000])
def test_the_fast_training_step_has_the_value_and_gradient_of_the_plain_one(samples):
    torch.manual_seed(1)
    network = ConvFsenet(SMALL).double()
    for parameter in network.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    network = network.float()
    mixture, target = noise(3, samples), noise(3, samples, seed=6) * 0.5
    target[1] = 0
    plain = compressed_spectral_loss(enhance(network, mixture), target, mixture)
    plain.backward()
    expected = {name: p.grad.clone() for name, p in network.named_parameters()}
    network.zero_grad()
    fast = mask_loss(lambda magnitude: forward_frame_major(network, magnitude), mixture, target)
    fast.backward()
    assert fast.item() == pytest.approx(plain.item(), rel=1e-5)
    largest = max(gradient.abs().max() for gradient in expected.values())
    for name, parameter in network.named_parameters():
        assert (parameter.grad - expected[name]).abs().max() < 1e-4 * largest, name


def test_the_frame_major_pass_is_the_same_network():
    torch.manual_seed(2)
    network = ConvFsenet(SMALL).eval()
    magnitude = torch.rand(2, 257, 50) * 10
    with torch.no_grad():
        expected = network(magnitude)
        found = forward_frame_major(network, magnitude.transpose(1, 2)).transpose(1, 2)
    assert (found - expected).abs().max() < FLOAT32_ROUNDING


def test_the_network_is_causal_and_sees_exactly_its_context():
    torch.manual_seed(3)
    network = ConvFsenet().eval()
    assert (network.config.context_frames, network.config.macs_per_frame) == (42, 662_528)
    magnitude = torch.rand(1, 257, 120) * 5
    changed = magnitude.clone()
    changed[:, :, 60] += 5
    with torch.no_grad():
        difference = (network(magnitude) - network(changed)).abs().amax(dim=(0, 1)).numpy()
    touched = np.flatnonzero(difference)
    assert (touched.min(), touched.max()) == (60, 60 + 42)


def test_the_intelligibility_loss_follows_stoi():
    """Envelopes that are kept cost nothing, the more noise stays the more it costs, and silence costs nothing."""
    torch.manual_seed(4)
    envelope = torch.rand(2, 120, 1) ** 2  # one rhythm for all bands
    clean = torch.rand(2, 120, 257) * envelope * 10
    noise = torch.rand(2, 120, 257) * 3
    ones = torch.ones_like(clean, requires_grad=True)
    losses = [intelligibility_loss(ones, clean + gain * noise, clean).item() for gain in (0.0, 0.5, 2.0)]
    assert losses[0] < 1e-4 < losses[1] < losses[2]
    silent = intelligibility_loss(ones, noise, torch.zeros_like(clean))
    silent.backward()
    assert silent.item() == 0 and torch.isfinite(ones.grad).all()
