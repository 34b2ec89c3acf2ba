"""The training loss of mask networks as one step from mask to gradient, several times faster than autograd's way.

Equal to `compressed_spectral_loss(istft(spectrum * mask), target, mixture)`; tests compare value and gradient.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from .intelligibility_loss import intelligibility_loss
from .losses import COMPRESSION, LEVEL_FLOOR_OF_MIXTURE, MAGNITUDE_SHARE, POWER_FLOOR
from .stft import BINS, FFT_SIZE, HOP_SAMPLES, frame_count, sqrt_hann

WINDOW_NORM = (FFT_SIZE / 2) ** 0.5


def frames_of(signal: Tensor) -> Tensor:
    """Windowed frames of the shared STFT, (batch, samples) -> (batch, frames, 512); zero padding as in `stft`."""
    batch, samples = signal.shape
    hops = frame_count(samples) - 1
    padded = signal.new_zeros(batch, (hops + 2) * HOP_SAMPLES)
    padded[:, HOP_SAMPLES : HOP_SAMPLES + samples] = signal
    halves = padded.view(batch, hops + 2, HOP_SAMPLES)
    return torch.cat([halves[:, :-1], halves[:, 1:]], -1) * sqrt_hann()


def signal_of(frames: Tensor, samples: int) -> Tensor:
    """Windowed overlap-add, the adjoint of `frames_of`; (batch, frames, 512) -> (batch, samples)."""
    frames = frames * sqrt_hann()
    halves = frames[:, :-1, HOP_SAMPLES:] + frames[:, 1:, :HOP_SAMPLES]
    return halves.reshape(frames.shape[0], -1)[:, :samples]


class _MaskLoss(torch.autograd.Function):
    """Computes the gradient while it computes the value, with real FFTs only."""

    @staticmethod
    def forward(ctx, mask: Tensor, spectrum: Tensor, target: Tensor, scale: Tensor) -> Tensor:
        """mask (B, T, F); spectrum (B, T, F) complex; target (B, samples); scale (B, 1) -> scalar."""
        samples = target.shape[-1]
        noisy = torch.view_as_real(spectrum)  # (B, T, F, 2)
        masked = torch.view_as_complex(noisy * mask.unsqueeze(-1))
        estimate = signal_of(torch.fft.irfft(masked, n=FFT_SIZE), samples)
        a = torch.view_as_real(torch.fft.rfft(frames_of(estimate / (scale * WINDOW_NORM))))
        b = torch.view_as_real(torch.fft.rfft(frames_of(target / (scale * WINDOW_NORM))))
        a_power, b_power = a.square().sum(-1).add_(POWER_FLOOR), b.square().sum(-1).add_(POWER_FLOOR)
        a_magnitude, b_magnitude = a_power ** (COMPRESSION / 2), b_power ** (COMPRESSION / 2)
        a_shrink, b_shrink = a_magnitude * a_power.rsqrt(), b_magnitude * b_power.rsqrt()
        difference = a_magnitude - b_magnitude
        error = a * a_shrink.unsqueeze(-1) - b * b_shrink.unsqueeze(-1)
        count = difference.numel()
        complex_share = 1 - MAGNITUDE_SHARE
        loss = (MAGNITUDE_SHARE * difference.square().sum() + complex_share * error.square().sum()) / count
        along = (error * a).sum(-1)
        radial = 2 * COMPRESSION * MAGNITUDE_SHARE * difference * a_magnitude
        radial -= 2 * (1 - COMPRESSION) * complex_share * along * a_shrink
        gradient = a * (radial / a_power).unsqueeze(-1) + error * (2 * complex_share * a_shrink).unsqueeze(-1)
        gradient = torch.view_as_complex(gradient / count)
        ends = (0, BINS - 1)
        gradient *= 0.5
        gradient[..., ends] *= 2  # the two bins that have no mirror image
        in_time = signal_of(torch.fft.irfft(gradient, n=FFT_SIZE, norm="forward"), samples) / (scale * WINDOW_NORM)
        back = torch.view_as_real(torch.fft.rfft(frames_of(in_time)))
        mask_gradient = (back * noisy).sum(-1) * (2 / FFT_SIZE)  # (B, T, F, 2) -> (B, T, F)
        mask_gradient[..., ends] *= 0.5
        ctx.save_for_backward(mask_gradient)
        return loss

    @staticmethod
    def backward(ctx, upstream: Tensor):
        """scalar -> gradient of the mask, (B, T, F)."""
        (mask_gradient,) = ctx.saved_tensors
        return mask_gradient * upstream, None, None, None


def mask_loss(
    network: Callable[[Tensor], Tensor], mixture: Tensor, target: Tensor, intelligibility_weight: float = 0.0
) -> Tensor:
    """Loss of a mask network on a batch of crops; see `compressed_spectral_loss` for what it measures.

    Args:
        network: magnitude -> mask, both frame-major (B, T, 257), such as `forward_frame_major` of a network.
        mixture: (batch, samples), what the network hears.
        target: (batch, samples), clean speech; may be silent.
        intelligibility_weight: how much of `intelligibility_loss` is added.
    Returns:
        scalar with a gradient towards the network's weights only.
    """
    with torch.no_grad():
        spectrum = torch.fft.rfft(frames_of(mixture))  # (B, T, 512) -> (B, T, F)
        target_rms = target.square().mean(-1, keepdim=True).sqrt()
        mixture_rms = mixture.square().mean(-1, keepdim=True).sqrt()
        scale = torch.maximum(target_rms, LEVEL_FLOOR_OF_MIXTURE * mixture_rms).clamp_min(1e-6)
    magnitude = spectrum.abs()
    mask = network(magnitude)
    loss = _MaskLoss.apply(mask, spectrum, target, scale)
    if not intelligibility_weight:
        return loss
    with torch.no_grad():
        # At one level for all, as the floor inside is absolute.
        heard, clean = magnitude / (scale * WINDOW_NORM).unsqueeze(-1), torch.fft.rfft(frames_of(target)).abs()
        clean = clean / (scale * WINDOW_NORM).unsqueeze(-1)
    return loss + intelligibility_weight * intelligibility_loss(mask, heard, clean)
