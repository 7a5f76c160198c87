"""Where ``optimizer.zero_grad()`` belongs, and what happens elsewhere: the same training with the line moved about.

``backward`` **adds** to the gradients that are there. That is meant: several losses may add up to one step. So whoever
wants the gradient of this batch alone has to take away the one before, and PyTorch can't know when.

=================== ============================== ===================================================================
placement           where the line stands          what the optimiser steps along
=================== ============================== ===================================================================
``before backward`` at the start of each step      this batch's gradient
``after step``      at the end of each step        this batch's gradient, too
``after backward``  between ``backward`` and step  nothing: the gradient has just been thrown away
``once an epoch``   outside the inner loop         the sum of this epoch's gradients so far
``never``           nowhere                        the sum of all gradients so far: as plain SGD with ``momentum=1``
=================== ============================== ===================================================================

None of them raises an error.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from datakit._errors import check_positive, quoted
from datakit.training import History, gradient_norm

ZERO_GRAD_PLACEMENTS = ("before backward", "after step", "after backward", "once an epoch", "never")


def train_with_zero_grad(
    placement: str,
    model: nn.Module,
    batches: Iterable[Any],
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    epochs: int = 1,
) -> History:
    """Train a model with ``zero_grad`` at one of several places.

    Args:
        placement: one of ``ZERO_GRAD_PLACEMENTS``.
        model: it is changed. Its gradients are taken as they are.
        batches: can be looped over once an epoch; yields pairs ``(x, y)``.
        loss_fn: called with the model's output and ``y``; returns one number.
        optimizer: of the model's parameters.
        epochs: how many times to loop over ``batches``.

    Returns:
        Losses, learning rates, and the norms of what the optimiser stepped along. A loss that is not finite is recorded
        as it is: running away is one of the things to see.

    Raises:
        ValueError: if there is no such placement, ``epochs`` is no positive integer, or there are no batches.

    Example:
        >>> model = nn.Linear(1, 1)
        >>> before = model.weight.item()
        >>> sgd = torch.optim.SGD(model.parameters(), lr=0.1)
        >>> batches = [(torch.ones(4, 1), torch.zeros(4, 1))]
        >>> history = train_with_zero_grad("after backward", model, batches, nn.MSELoss(), sgd, epochs=3)
        >>> history.gradient_norms, model.weight.item() == before
        ([0.0, 0.0, 0.0], True)
    """
    if placement not in ZERO_GRAD_PLACEMENTS:
        raise ValueError(
            f"train_with_zero_grad: placement={placement!r} arrived. Use one of {quoted(ZERO_GRAD_PLACEMENTS)}."
        )
    check_positive(epochs, "epochs", "train_with_zero_grad")
    history = History()
    model.train()
    for _ in range(epochs):
        losses = []
        if placement == "once an epoch":
            optimizer.zero_grad()
        for x, y in batches:
            if placement == "before backward":
                optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()  # type: ignore[no-untyped-call]
            if placement == "after backward":
                optimizer.zero_grad()
            history.gradient_norms.append(gradient_norm(model.parameters()).item())
            optimizer.step()
            if placement == "after step":
                optimizer.zero_grad()
            losses.append(loss.item())
            history.learning_rates.append(optimizer.param_groups[0]["lr"])
        if not losses:
            raise ValueError(
                "train_with_zero_grad: an epoch has no batches. Pass a loader whose dataset is not empty, not a "
                "generator, which can be looped over only once."
            )
        history.losses += losses
        history.epoch_losses.append(sum(losses) / len(losses))
    return history


def compare_zero_grad(
    model: nn.Module,
    batches: Iterable[Any],
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    optimizer: Callable[[Iterator[nn.Parameter]], torch.optim.Optimizer],
    epochs: int = 1,
) -> dict[str, History]:
    """Train copies of one model, each with ``zero_grad`` at another place.

    Args:
        model: it is left as it is.
        batches: see :func:`train_with_zero_grad`; they should be the same each time, or the order is compared, too.
        loss_fn: see :func:`train_with_zero_grad`.
        optimizer: called with a copy's parameters.
        epochs: see :func:`train_with_zero_grad`.

    Returns:
        Placement → history. :func:`datakit.plot_histories` draws them side by side.

    Raises:
        ValueError: see :func:`train_with_zero_grad`.

    Example:
        >>> batches = [(torch.ones(4, 1), torch.zeros(4, 1))] * 5
        >>> sgd = lambda parameters: torch.optim.SGD(parameters, lr=0.1)
        >>> histories = compare_zero_grad(nn.Linear(1, 1), batches, nn.MSELoss(), sgd, epochs=2)
        >>> histories["before backward"].losses == histories["after step"].losses
        True
    """
    histories = {}
    for placement in ZERO_GRAD_PLACEMENTS:
        twin = copy.deepcopy(model)
        # A copy brings gradients along, and some placements would begin with them.
        twin.zero_grad()
        histories[placement] = train_with_zero_grad(
            placement, twin, batches, loss_fn, optimizer(twin.parameters()), epochs
        )
    return histories
