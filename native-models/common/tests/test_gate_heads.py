"""Heads on gates: what they read, what they push, and what silence costs."""

import numpy as np
import pytest
import torch

from sotto_models.gate_heads import OUTPUTS, GateHeads, silence_loss, window_mean
from sotto_models.networks.channel_gate import SURROGATE_SLOPE, surrogate_step
from sotto_models.probing.frame_features import window_means
from sotto_models.probing.probe_tasks import TASKS

BLOCKS, HIDDEN, FRAMES = 2, 8, 40


def logits_of(seed: int) -> torch.Tensor:
    """(blocks, 3, frames, hidden), a parameter."""
    return torch.randn(BLOCKS, 3, FRAMES, HIDDEN, generator=torch.Generator().manual_seed(seed)).requires_grad_()


def labels_of(seed: int) -> dict[str, torch.Tensor]:
    rng = np.random.default_rng(seed)
    labels = {t.name: torch.from_numpy(rng.integers(0, t.classes, (3, FRAMES))) for t in TASKS if t.classes}
    return labels | {
        "f0": torch.from_numpy(rng.uniform(6.5, 8.5, (3, FRAMES)).astype(np.float32)),
        "snr": torch.from_numpy(rng.uniform(-5, 30, (3, FRAMES)).astype(np.float32)),
    }


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_head_averages_as_the_probe_of_its_name_does(task):
    heads = GateHeads(BLOCKS * HIDDEN, {task.name: 1.0}, target_use=0.25)
    torch.nn.init.normal_(heads.table, generator=torch.Generator().manual_seed(1))
    gates = [surrogate_step(block) for block in logits_of(2)]
    said = heads(gates)[task.name][1].detach().numpy()
    bits = torch.cat(gates, -1)[1].detach().numpy()
    means = window_means(bits.astype(np.uint8), np.arange(FRAMES), *task.window)
    expected = (means - 0.25) @ heads.table.detach().numpy()
    assert said.shape == (FRAMES, OUTPUTS[task.name])
    np.testing.assert_allclose(said, expected, atol=1e-4)  # float32 sums of 16 bits


def test_the_gradient_reaches_the_logits_by_the_surrogate():
    heads = GateHeads(BLOCKS * HIDDEN, {"f0": 1.0}, target_use=0.0)
    torch.nn.init.normal_(heads.table, generator=torch.Generator().manual_seed(1))
    logits, labels = logits_of(3), labels_of(3)
    gates = [surrogate_step(block) for block in logits]
    for gate in gates:
        gate.retain_grad()
    heads.loss(gates, labels)[0].backward()
    upstream = torch.stack([gate.grad for gate in gates])
    assert upstream.abs().min() > 0
    torch.testing.assert_close(logits.grad, upstream / (1 + SURROGATE_SLOPE * logits.detach().abs()) ** 2)


def test_heads_start_without_a_push():
    heads = GateHeads(BLOCKS * HIDDEN, {"speech": 1.0, "noise": 1.0}, target_use=0.25)
    logits = logits_of(4)
    heads.loss([surrogate_step(block) for block in logits], labels_of(4))[0].backward()
    assert logits.grad.abs().max() == 0
    assert heads.table.grad.abs().max() > 0


def test_frames_of_which_nothing_is_known_do_not_count():
    heads = GateHeads(BLOCKS * HIDDEN, dict.fromkeys(OUTPUTS, 1.0), target_use=0.25)
    torch.nn.init.normal_(heads.table, generator=torch.Generator().manual_seed(1))
    gates, labels = [surrogate_step(block) for block in logits_of(5)], labels_of(5)
    hidden = {name: values.clone() for name, values in labels.items()}
    for name, values in hidden.items():
        values[0] = -1 if values.dtype == torch.int64 else torch.nan
    some = {name: values[1:] for name, values in labels.items()}
    assert heads.loss(gates, hidden)[1] == pytest.approx(heads.loss([gate[1:] for gate in gates], some)[1], rel=1e-4)
    nothing = {name: torch.full_like(values, values[0, 0]) for name, values in hidden.items()}
    total, each = heads.loss(gates, nothing)
    assert total == 0 and each == {}


def test_gates_learn_to_tell_what_their_logits_did_not():
    """A gate that sees the pitch but opens for something else comes to open for the pitch."""
    torch.manual_seed(6)
    seen = torch.randn(3, FRAMES // 10, 2).repeat_interleave(10, 1)
    labels = {"f0": 7.3 + 0.4 * seen[..., 0].sign()}
    gate = torch.nn.Linear(2, HIDDEN)
    with torch.no_grad():
        gate.weight.copy_(torch.tensor([[0.02, 1.0]]).expand(HIDDEN, 2))
        gate.bias.normal_(std=0.3)
    heads = GateHeads(HIDDEN, {"f0": 1.0}, target_use=0.5)
    optimiser = torch.optim.Adam([*gate.parameters(), *heads.parameters()], lr=0.02)
    losses = []
    for _ in range(150):
        loss, each = heads.loss([surrogate_step(gate(seen))], labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(each["f0"])
    assert losses[0] == pytest.approx(1.0, abs=0.05)
    assert losses[-1] < 0.6 * losses[0]  # the mean of 5 frames spans two pitches where they change


def test_an_unknown_question_or_a_negative_weight_is_refused():
    for weights in ({"mood": 1.0}, {"f0": -0.1}):
        with pytest.raises(ValueError, match="f0"):
            GateHeads(16, weights, 0.25)


def test_window_means_leave_out_frames_that_do_not_exist():
    values = torch.arange(6.0)[None, :, None]
    assert window_mean(values, 3, 1)[0, :, 0].tolist() == [0.5, 1, 2, 3, 4, 4.5]


def test_silence_is_charged_only_above_its_share_of_the_use_in_speech():
    speech = torch.tensor([[1, 1, 0, 0, -1]])

    def gates(in_talk: int, in_pause: int) -> list[torch.Tensor]:
        mask = torch.zeros(1, 5, 10)
        mask[:, :2, :in_talk], mask[:, 2:4, :in_pause], mask[:, 4] = 1, 1, 1
        return [mask.requires_grad_()]

    masks = gates(5, 5)
    loss, uses = silence_loss(masks, speech, 0.7)
    assert loss.item() == pytest.approx(0.5 - 0.7 * 0.5)
    assert uses == pytest.approx({"use_speech": 0.5, "use_pause": 0.5})
    loss.backward()
    slope = masks[0].grad[0].sum(-1)
    assert slope[2:4].min() > 0 > slope[:2].max() and slope[4] == 0  # less in pauses, more in speech, unknown left alone
    assert silence_loss(gates(8, 5), speech, 0.7)[0] == 0
    assert silence_loss(gates(8, 5), torch.ones(1, 5), 0.7)[1] == {}
