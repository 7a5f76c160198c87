"""What each placement of ``zero_grad`` amounts to, against plain PyTorch."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close

from datakit import compare_zero_grad, train_with_zero_grad
from datakit.training import fit
from datakit.zero_grad import ZERO_GRAD_PLACEMENTS

EPOCHS, BATCHES = 3, 4
Batches = list[tuple[Tensor, Tensor]]


@pytest.fixture
def batches() -> Batches:
    generator = torch.Generator().manual_seed(0)
    xs = [torch.randn(8, 3, generator=generator) for _ in range(BATCHES)]
    return [(x, x @ torch.tensor([[1.0], [-2.0], [0.5]])) for x in xs]


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))


def train(placement: str, model: nn.Module, batches: Batches, optimiser: Any, **arguments: Any) -> Any:
    twin = copy.deepcopy(model)
    history = train_with_zero_grad(
        placement, twin, batches, nn.MSELoss(), optimiser(twin.parameters(), **arguments), EPOCHS
    )
    return twin, history


def trained_plainly(model: nn.Module, batches: Batches, forget_each_epoch: bool = False, **arguments: Any) -> nn.Module:
    """PyTorch's own loop, with ``zero_grad`` where it belongs."""
    twin = copy.deepcopy(model)
    optimiser = torch.optim.SGD(twin.parameters(), **arguments)
    for _ in range(EPOCHS):
        if forget_each_epoch:
            optimiser.state.clear()
        for x, y in batches:
            optimiser.zero_grad()
            nn.functional.mse_loss(twin(x), y).backward()
            optimiser.step()
    return twin


@pytest.mark.parametrize("placement", ["before backward", "after step"])
@pytest.mark.parametrize("optimiser", [torch.optim.SGD, torch.optim.Adam])
def test_at_the_start_or_at_the_end_of_a_step_is_the_same(
    placement: str, optimiser: Any, model: nn.Module, batches: Batches
) -> None:
    ours, history = train(placement, model, batches, optimiser, lr=0.05)
    theirs = copy.deepcopy(model)
    expected = fit(theirs, batches, nn.MSELoss(), optimiser(theirs.parameters(), lr=0.05), EPOCHS)
    assert_close(list(ours.parameters()), list(theirs.parameters()))
    assert history.losses == pytest.approx(expected.losses)
    assert history.gradient_norms == pytest.approx(expected.gradient_norms)
    assert history.epoch_losses == pytest.approx(expected.epoch_losses)
    assert history.learning_rates == expected.learning_rates
    assert history.epoch_losses[-1] < history.epoch_losses[0]


@pytest.mark.parametrize("optimiser", [torch.optim.SGD, torch.optim.Adam])
def test_between_backward_and_step_nothing_is_learnt(optimiser: Any, model: nn.Module, batches: Batches) -> None:
    ours, history = train("after backward", model, batches, optimiser, lr=0.1)
    assert all(map(torch.equal, ours.parameters(), model.parameters()))
    assert history.gradient_norms == [0.0] * (EPOCHS * BATCHES)
    assert history.losses == history.losses[:BATCHES] * EPOCHS


def test_never_is_momentum_that_forgets_nothing(model: nn.Module, batches: Batches) -> None:
    ours, _ = train("never", model, batches, torch.optim.SGD, lr=0.01)
    theirs = trained_plainly(model, batches, lr=0.01, momentum=1.0)
    assert_close(list(ours.parameters()), list(theirs.parameters()))


def test_once_an_epoch_is_momentum_that_forgets_between_epochs(model: nn.Module, batches: Batches) -> None:
    ours, _ = train("once an epoch", model, batches, torch.optim.SGD, lr=0.01)
    theirs = trained_plainly(model, batches, forget_each_epoch=True, lr=0.01, momentum=1.0)
    assert_close(list(ours.parameters()), list(theirs.parameters()))


def test_gradients_that_are_never_zeroed_swing_to_and_fro_where_others_converge(batches: Batches) -> None:
    torch.manual_seed(0)
    linear = nn.Linear(3, 1)
    _, right = train("before backward", linear, batches, torch.optim.SGD, lr=0.1)
    _, wrong = train("never", linear, batches, torch.optim.SGD, lr=0.1)
    assert right.losses[0] == wrong.losses[0]
    assert right.epoch_losses[-1] < 0.5 * right.epoch_losses[0]
    assert wrong.epoch_losses[-1] > 3 * right.epoch_losses[-1]


def test_all_placements_start_from_the_same_model_and_leave_it_alone(model: nn.Module, batches: Batches) -> None:
    model(batches[0][0]).sum().backward()  # a gradient of before, which nobody must begin with
    before = copy.deepcopy(model.state_dict())
    histories = compare_zero_grad(
        model, batches, nn.MSELoss(), lambda parameters: torch.optim.SGD(parameters, lr=0.01), EPOCHS
    )
    assert tuple(histories) == ZERO_GRAD_PLACEMENTS
    assert len({history.losses[0] for history in histories.values()}) == 1
    assert histories["never"].losses[:2] == histories["before backward"].losses[:2]
    assert histories["never"].losses != histories["before backward"].losses
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"placement": "sometimes"}, r"placement='sometimes' arrived\. Use one of 'before backward', 'after step'"),
        ({"epochs": 0}, "epochs must be a positive integer; 0 arrived"),
        ({"batches": []}, r"an epoch has no batches\. Pass a loader"),
    ],
)
def test_refusals(wrong: dict[str, Any], words: str) -> None:
    linear = nn.Linear(1, 1)
    right = {"placement": "never", "batches": [(torch.ones(1, 1), torch.ones(1, 1))], "epochs": 1}
    with pytest.raises(ValueError, match=words):
        train_with_zero_grad(
            **{**right, **wrong},
            model=linear,
            loss_fn=nn.MSELoss(),
            optimizer=torch.optim.SGD(linear.parameters(), lr=1.0),
        )
