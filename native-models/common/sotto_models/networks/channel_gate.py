"""Gates of dynamic channel pruning: which hidden channels a frame needs, and how a step learns."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SURROGATE_SLOPE = 10.0
OPEN_BIAS = 1.0


class ChannelGate(nn.Module):
    """Two pointwise layers from a block's input to one logit per hidden channel; the channel is on where it is > 0.

    The last bias starts at +1, so that training begins with (nearly) every channel on.

    References:
        "Scalable Speech Enhancement with Dynamic Channel Pruning", https://arxiv.org/abs/2412.17121, section 2
    """

    def __init__(self, channels: int, hidden_channels: int, gate_channels: int):
        super().__init__()
        self.reduce = nn.Conv1d(channels, gate_channels, 1)
        self.select = nn.Conv1d(gate_channels, hidden_channels, 1)
        nn.init.constant_(self.select.bias, OPEN_BIAS)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, T) -> logits (B, H, T)."""
        return self.select(F.relu(self.reduce(x)))


class _SurrogateStep(torch.autograd.Function):
    """1[g > 0]; backwards the derivative of a fast sigmoid, 1 / (1 + 10 |g|)^2."""

    @staticmethod
    def forward(ctx, logits: Tensor) -> Tensor:
        ctx.save_for_backward(logits)
        return (logits > 0).to(logits.dtype)

    @staticmethod
    def backward(ctx, upstream: Tensor) -> Tensor:
        (logits,) = ctx.saved_tensors
        return upstream / logits.abs().mul_(SURROGATE_SLOPE).add_(1).square_()


def surrogate_step(logits: Tensor) -> Tensor:
    """Binary mask of logits of any shape, trained by the surrogate gradient."""
    return _SurrogateStep.apply(logits)


def gumbel_step(logits: Tensor, temperature: float) -> Tensor:
    """Binary mask drawn from a Gumbel-sigmoid; the gradient is that of the soft sample (straight through).

    Args:
        logits: any shape.
        temperature: > 0; the lower, the nearer the soft sample is to a step.

    References:
        Jang et al., "Categorical Reparameterization with Gumbel-Softmax", https://arxiv.org/abs/1611.01144
    """
    uniform = torch.rand_like(logits).clamp_(1e-6, 1 - 1e-6)
    soft = torch.sigmoid((logits + torch.log(uniform) - torch.log1p(-uniform)) / temperature)
    return soft + ((soft > 0.5).to(soft.dtype) - soft).detach()


def sparsity_loss(masks: list[Tensor], target_use: float) -> Tensor:
    """How far the use of channels is from the target, over all blocks and, beyond a margin, in each of them.

    (mean m - Phi)^2 + 0.1 * mean over blocks of relu(|phi_b - Phi| - 0.3)^2

    Args:
        masks: one per block, any shape, values 0 or 1.
        target_use: Phi, 0..1.
    Returns:
        scalar.
    """
    uses = torch.stack([mask.mean() for mask in masks])
    apart = F.relu((uses - target_use).abs() - 0.3).square().mean()
    return (uses.mean() - target_use).square() + 0.1 * apart
