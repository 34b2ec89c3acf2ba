"""Gates: the step and its gradients, the sparsity loss, what they cost, and that a gated net is exported whole."""

import numpy as np
import onnx
import pytest
import torch

from sotto_models.networks.channel_gate import gumbel_step, sparsity_loss, surrogate_step
from sotto_models.networks.conv_fsenet import ConvFsenet, ConvFsenetConfig
from sotto_models.networks.frame_major import forward_frame_major
from sotto_models.onnx_export import assert_streaming, export_network, open_session

SMALL = ConvFsenetConfig(channels=12, hidden_channels=20, dilations=(1, 2), stacks=2, gate_channels=4)
FLOAT32_ROUNDING = 2e-6


def half_open(seed: int) -> ConvFsenet:
    """A small gated net whose gates really switch."""
    torch.manual_seed(seed)
    network = ConvFsenet(SMALL).eval()
    for block in network.blocks:
        torch.nn.init.normal_(block.gate.select.bias, 0.0, 0.3)
    return network


def test_the_surrogate_steps_forwards_and_slopes_backwards():
    logits = torch.tensor([-1.0, -0.1, 0.1, 1.0], requires_grad=True)
    mask = surrogate_step(logits)
    mask.sum().backward()
    assert mask.tolist() == [0, 0, 1, 1]
    assert torch.allclose(logits.grad, torch.tensor([1 / 121, 1 / 4, 1 / 4, 1 / 121]))


def test_the_gumbel_step_is_binary_and_follows_the_logit():
    torch.manual_seed(0)
    logits = torch.full((4000,), 1.0, requires_grad=True)
    mask = gumbel_step(logits, 0.5)
    mask.sum().backward()
    assert set(mask.detach().unique().tolist()) == {0.0, 1.0}
    assert abs(mask.mean().item() - torch.sigmoid(torch.tensor(1.0)).item()) < 0.03
    assert (logits.grad > 0).any()


def test_the_sparsity_loss_is_least_at_the_target_and_punishes_lopsided_blocks():
    quarter = torch.zeros(40)
    quarter[:10] = 1
    assert sparsity_loss([quarter, quarter], 0.25).item() == pytest.approx(0)
    assert sparsity_loss([torch.ones(40), torch.ones(40)], 0.25).item() > 0.5
    lopsided = [torch.zeros(40), torch.zeros(40), torch.ones(40), torch.zeros(40)]
    assert sparsity_loss(lopsided, 0.25).item() == pytest.approx(0.1 * (0.75 - 0.3) ** 2 / 4)


def test_multiply_accumulates_follow_the_use_of_channels():
    gated = ConvFsenetConfig(gate_channels=16)
    assert ConvFsenetConfig().macs_per_frame == 662_528
    # 65 792 + sum over blocks (6 144 + 259 * active channels)
    assert gated.macs_at_use(0.25) == 65_792 + 9 * (6_144 + 259 * 64)
    static = ConvFsenetConfig(hidden_channels=88)
    assert abs(static.macs_per_frame / gated.macs_at_use(0.25) - 1) < 0.01


def test_the_frame_major_pass_of_a_gated_net_is_the_same_network():
    network = half_open(5)
    magnitude = torch.rand(2, 257, 50) * 10
    found_gates = []
    with torch.no_grad():
        expected, expected_gates = network.with_gates(magnitude)
        found = forward_frame_major(network, magnitude.transpose(1, 2), gates=found_gates)
    assert (found.transpose(1, 2) - expected).abs().max() < FLOAT32_ROUNDING
    assert torch.equal(torch.cat(found_gates, -1).transpose(1, 2), expected_gates)
    assert 0.2 < expected_gates.mean() < 0.8


def test_a_channel_that_is_off_adds_nothing():
    network = half_open(6)
    block = network.blocks[0]
    torch.nn.init.constant_(block.gate.select.bias, -100.0)
    x = torch.rand(1, 12, 9)
    with torch.no_grad():
        y, mask = block(x)
    assert not mask.any()
    assert torch.allclose(y, x + block.project.bias[None, :, None])


def test_the_exported_graph_has_masks_gates_and_the_names_that_the_frame_kernel_reads(tmp_path):
    network, path = half_open(7), tmp_path / "gated.onnx"
    export_network(network, path)
    graph = onnx.load(str(path))
    names = {initializer.name for initializer in graph.graph.initializer}
    parts = ("gate.reduce", "gate.select", "expand", "depthwise", "project")
    wanted = {f"blocks.{i}.{part}.{kind}" for i in range(4) for part in parts for kind in ("weight", "bias")}
    wanted |= {f"{part}.{kind}" for part in ("encoder", "decoder") for kind in ("weight", "bias")}
    assert wanted <= names
    assert {p.key: p.value for p in graph.metadata_props} == {"dilations": "1,2,1,2"}
    mask, gates = open_session(path).run(["mask", "gates"], {"magnitude": np.ones((1, 257, 30), np.float32)})
    assert mask.shape == (1, 257, 30) and gates.shape == (1, 4 * 20, 30)
    assert set(np.unique(gates)) == {0.0, 1.0}
    assert_streaming(path, network.config.context_frames, 257)
