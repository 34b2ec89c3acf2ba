"""Pruning of hidden channels: what stays, what is lost, and what is not."""

import pytest
import torch

from sotto_models.channel_pruning import channel_importance, gates_by_importance, prune_hidden_channels
from sotto_models.networks.conv_fsenet import ConvFsenet, ConvFsenetConfig

HIDDEN = 12
ROUNDING = 1e-6
"""Sums over fewer channels come in another order; masks lie in 0..1."""


def net(hidden_channels: int, gate_channels: int = 0, seed: int = 3) -> ConvFsenet:
    """A small net whose norms have seen data, so that their statistics are not the first ones."""
    torch.manual_seed(seed)
    network = ConvFsenet(ConvFsenetConfig(
        bins=257, channels=8, hidden_channels=hidden_channels, stacks=1, dilations=(1, 2), gate_channels=gate_channels,
    ))
    with torch.no_grad():
        for block in network.blocks:
            for norm in (block.expand_norm, block.depthwise_norm):
                norm.weight.uniform_(0.2, 2.0)
                norm.bias.uniform_(-1.0, 1.0)
        for _ in range(60):
            network.train()(magnitudes(torch.randint(10_000, ()).item()))
    return network.eval()


def magnitudes(seed: int) -> torch.Tensor:
    """(2, 257, 90)."""
    return torch.rand(2, 257, 90, generator=torch.Generator().manual_seed(seed)) * 4


def masks(state: dict[str, torch.Tensor], hidden_channels: int) -> torch.Tensor:
    network = net(hidden_channels)
    network.load_state_dict(state)
    with torch.no_grad():
        return network(magnitudes(1))


def test_pruning_to_the_same_size_changes_nothing():
    state = net(HIDDEN).state_dict()
    pruned = prune_hidden_channels(state, HIDDEN)
    assert list(pruned) == list(state)
    for name, value in state.items():
        assert torch.equal(pruned[name], value), name


def kill(network: ConvFsenet, how: str) -> None:
    """Makes half of each block's hidden channels say the same in every frame, others in each block."""
    with torch.no_grad():
        for number, block in enumerate(network.blocks):
            dead = torch.arange(number % 2, HIDDEN, 2)
            if how == "nothing goes out":
                block.project.weight[:, dead] = 0
            elif how == "always below zero":
                block.depthwise_norm.weight[dead] = 0
                block.depthwise_norm.bias[dead] = -0.5
            elif how == "constant behind the norm":
                block.depthwise_norm.weight[dead] = 0
                block.depthwise_norm.bias[dead] = 0.5
            else:
                # Its norm still remembers that the depthwise convolution once heard something.
                block.expand_norm.weight[dead] = 0
                block.expand_norm.bias[dead] = -0.5
                block.depthwise_norm.bias[dead] = 2.0


@pytest.mark.parametrize("how", ["nothing goes out", "always below zero", "constant behind the norm", "nothing comes in"])
def test_dead_channels_are_taken_out_without_a_trace(how):
    network = net(HIDDEN)
    kill(network, how)
    state = network.state_dict()
    with torch.no_grad():
        whole = network(magnitudes(1))
    pruned = prune_hidden_channels(state, HIDDEN // 2)
    assert (masks(pruned, HIDDEN // 2) - whole).abs().max() < ROUNDING
    # One more is a living one, and missed.
    assert (masks(prune_hidden_channels(state, HIDDEN // 2 - 1), HIDDEN // 2 - 1) - whole).abs().max() > 100 * ROUNDING


def test_the_importance_of_a_channel_is_what_its_absence_changes():
    # Ranks read from the norms alone, against the block's output with and without each channel on data.
    hidden_channels = 48
    network = net(hidden_channels)
    block, state = network.blocks[0], network.state_dict()
    with torch.no_grad():
        x = torch.relu(network.encoder((magnitudes(5) + 1e-9) ** 0.3))
        whole = block(x)[0]
        measured = []
        for channel in range(hidden_channels):
            kept = block.project.weight[:, channel].clone()
            block.project.weight[:, channel] = 0
            added = whole - block(x)[0]
            measured.append((added - added.mean((0, 2), keepdim=True)).square().sum(1).mean().sqrt())
            block.project.weight[:, channel] = kept
    expected, read, bare = (torch.argsort(torch.argsort(values)).double() for values in (
        torch.stack(measured), channel_importance(state, "blocks.0."), norms_of_weights(state, "blocks.0.")))
    agreement = torch.corrcoef(torch.stack([expected, read, bare]))[0]
    # Measured .78, as these channels are not quite Gaussian; about 0 for the weights alone.
    assert agreement[1] > 0.7
    assert agreement[1] > agreement[2] + 0.1


def norms_of_weights(state: dict[str, torch.Tensor], block: str) -> torch.Tensor:
    """Importance that knows nothing of the normalisation."""
    expand, depthwise, project = (state[f"{block}{name}.weight"] for name in ("expand", "depthwise", "project"))
    return expand.flatten(1).norm(dim=1) * depthwise.flatten(1).norm(dim=1) * project[:, :, 0].norm(dim=0)


def test_important_channels_are_the_ones_that_stay():
    network = net(HIDDEN)
    state = network.state_dict()
    with torch.no_grad():
        whole = network(magnitudes(1))
    error, opposite = (
        (masks(candidate, HIDDEN // 2) - whole).square().mean()
        for candidate in (prune_hidden_channels(state, HIDDEN // 2), least_important(state, HIDDEN // 2))
    )
    assert error < opposite


def least_important(state: dict[str, torch.Tensor], hidden_channels: int) -> dict[str, torch.Tensor]:
    """The net of the other channels."""
    other = dict(state)
    for block in ("blocks.0.", "blocks.1."):
        kept = torch.argsort(channel_importance(state, block))[:hidden_channels].sort().values
        for name in [name for name in state if name.startswith(block) and state[name].ndim]:
            if name.endswith("project.weight"):
                other[name] = state[name][:, kept]
            elif not name.endswith("project.bias"):
                other[name] = state[name][kept]
    return other


def test_gates_are_dropped():
    pruned = prune_hidden_channels(net(HIDDEN, gate_channels=4).state_dict(), HIDDEN // 3)
    network = net(HIDDEN // 3)
    network.load_state_dict(pruned)
    assert not any("gate" in name for name in pruned)


@pytest.mark.parametrize("hidden_channels", [0, HIDDEN + 1])
def test_a_net_does_not_grow_by_pruning(hidden_channels):
    with pytest.raises(ValueError, match=f"1 to {HIDDEN}"):
        prune_hidden_channels(net(HIDDEN).state_dict(), hidden_channels)


def test_the_first_gates_leave_on_what_pruning_keeps():
    gated, plain = net(HIDDEN, gate_channels=4), net(HIDDEN)
    state = gates_by_importance({**gated.state_dict(), **plain.state_dict()}, 1 / 3)
    for block in ("blocks.0.", "blocks.1."):
        on = torch.nonzero(state[f"{block}gate.select.bias"] > 0)[:, 0]
        important = torch.argsort(channel_importance(plain.state_dict(), block), descending=True)[: HIDDEN // 3]
        assert on.tolist() == sorted(important.tolist())
    gated.load_state_dict(state)
    with torch.no_grad():
        use = gated.with_gates(magnitudes(1))[1].mean().item()
    assert abs(use - 1 / 3) < 0.15, "frames move only what lies near the threshold"


def test_a_dead_channel_does_not_push_the_others_out_of_a_gradients_reach():
    state = net(HIDDEN, gate_channels=4).state_dict()
    state["blocks.0.project.weight"][:, 0] = 0
    bias = gates_by_importance(state, 0.5)["blocks.0.gate.select.bias"]
    assert bias[0] == -3
    assert bias[1:].abs().median() < 1.5


@pytest.mark.parametrize(("gate_channels", "use"), [(0, 0.5), (4, 0.0), (4, 1.0)])
def test_gates_need_a_net_that_has_them_and_channels_on_both_sides(gate_channels, use):
    with pytest.raises(ValueError, match="some of 12 channels on"):
        gates_by_importance(net(HIDDEN, gate_channels).state_dict(), use)
