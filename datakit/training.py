"""Device → step: one training loop for full-batch, stochastic and mini-batch descent, and what to watch in it.

The three differ in one number only, the loader's ``batch_size``: all N samples, 1, or something between. So does the
memory that they take: ``fit(..., count_kept=True)`` counts it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from datakit._errors import check_bool, check_positive, kind_of
from datakit.kept_for_backward import KeptForBackward


class StepsOnLoss(Protocol):
    """A scheduler that looks at the loss, as ``torch.optim.lr_scheduler.ReduceLROnPlateau`` does."""

    def step(self, metrics: float) -> None:
        """Look at an epoch's mean loss, and lower the learning rate where it no longer falls."""


@dataclass
class History:
    """What was measured while training.

    Attributes:
        losses: one for each batch.
        gradient_norms: one for each batch, before clipping.
        learning_rates: one for each batch, of the optimiser's first group.
        epoch_losses: the mean of the batches' losses, one for each epoch.
        peak_memory: bytes, the most that tensors took on the GPU, one for each epoch; empty on a CPU.
        kept_bytes: what the forward pass kept for the backward pass, one for each batch, on any device; empty unless
            it was asked for. See :class:`datakit.KeptForBackward`.
    """

    losses: list[float] = field(default_factory=list)
    gradient_norms: list[float] = field(default_factory=list)
    learning_rates: list[float] = field(default_factory=list)
    epoch_losses: list[float] = field(default_factory=list)
    peak_memory: list[int] = field(default_factory=list)
    kept_bytes: list[int] = field(default_factory=list)


def fit(
    model: nn.Module,
    batches: Iterable[Any],
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    epochs: int = 1,
    *,
    max_norm: float | None = None,
    scheduler: StepsOnLoss | None = None,
    on_epoch: Callable[[History], None] | None = None,
    count_kept: bool = False,
) -> History:
    """Train a model.

    Args:
        model: it is put into training mode and changed.
        batches: a loader, or any other iterable that can be looped over once an epoch; it yields pairs ``(x, y)``, on
            the model's device.
        loss_fn: called with the model's output and ``y``; returns one number.
        optimizer: of the model's parameters.
        epochs: how many times to loop over ``batches``.
        max_norm: gradients longer than this are shortened to it; by default none is.
        scheduler: told the mean loss after each epoch.
        on_epoch: called with the history after each epoch, to draw a plot, say.
        count_kept: whether to count what each forward pass keeps; it takes some microseconds a layer.

    Returns:
        Loss, gradient norm and learning rate for each batch, and more.

    Raises:
        TypeError: if a batch is not a pair.
        ValueError: if an epoch has no batches, or an argument is out of range.
        FloatingPointError: if an epoch's loss is not finite; the message names the first such batch.

    Example:
        >>> import datakit
        >>> x = torch.linspace(-1, 1, 64)[:, None]
        >>> loader = datakit.DataLoader(datakit.TensorDataset(x, 3 * x), batch_size=16, shuffle=True)
        >>> model = nn.Linear(1, 1)
        >>> history = fit(model, loader, nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=0.3), epochs=30)
        >>> len(history.losses), round(model.weight.item(), 1)
        (120, 3.0)
    """
    check_positive(epochs, "epochs", "fit")
    check_bool(count_kept, "count_kept", "fit")
    if max_norm is not None and not 0 < max_norm < math.inf:
        raise ValueError(f"fit: max_norm must be a positive number; {max_norm!r} arrived.")
    on_gpu = torch.cuda.is_available() and any(parameter.is_cuda for parameter in model.parameters())
    history = History()

    def loss_of(x: Any, y: Any) -> Tensor:
        if not count_kept:
            return loss_fn(model(x), y)
        with KeptForBackward(model) as kept:
            loss = loss_fn(model(x), y)
        history.kept_bytes.append(kept.nbytes)
        return loss

    model.train()
    for _ in range(epochs):
        if on_gpu:
            torch.cuda.reset_peak_memory_stats()
        steps = [_step(model, batch, loss_of, optimizer, max_norm, history) for batch in batches]
        _finish_epoch(steps, history)
        if on_gpu:
            history.peak_memory.append(torch.cuda.max_memory_allocated())
        if scheduler is not None:
            scheduler.step(history.epoch_losses[-1])
        if on_epoch is not None:
            on_epoch(history)
    return history


def _step(
    model: nn.Module,
    batch: Any,
    loss_of: Callable[[Any, Any], Tensor],
    optimizer: torch.optim.Optimizer,
    max_norm: float | None,
    history: History,
) -> Tensor:
    """Go one step downhill; return loss and gradient norm, [2], on the device."""
    x, y = _pair(batch)
    loss = loss_of(x, y)
    # `backward` adds to the gradients that are there: without this line those of all batches before would count too.
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    norm = clip_gradients(model.parameters(), max_norm if max_norm is not None else math.inf)
    optimizer.step()
    history.learning_rates.append(optimizer.param_groups[0]["lr"])
    return torch.stack([loss.detach().float(), norm.float()])


def _finish_epoch(steps: list[Tensor], history: History) -> None:
    if not steps:
        raise ValueError(
            "fit: an epoch has no batches. Is the dataset empty, does drop_last drop its only batch, or is `batches` a "
            "generator, which can be looped over only once? Pass a loader."
        )
    # Numbers come from the GPU once an epoch. Asking after each batch would make the host wait for each step.
    losses, norms = torch.stack(steps).T.tolist()
    for number, loss in enumerate(losses):
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"fit: the loss of batch {number} of epoch {len(history.epoch_losses)} is {loss}. Lower the learning "
                "rate, clip gradients with max_norm, and look for NaN in the data."
            )
    history.losses += losses
    history.gradient_norms += norms
    history.epoch_losses.append(sum(losses) / len(losses))


def gradient_norm(parameters: Iterable[Tensor]) -> Tensor:
    """Return the length of all gradients taken as one vector, a tensor []; 0 where there are none.

    A jump of it announces trouble before the loss does.

    Args:
        parameters: tensors, as ``model.parameters()`` yields them; those without a gradient don't count.

    Raises:
        TypeError: if anything else arrives.

    Example:
        >>> weight = torch.zeros(2, requires_grad=True)
        >>> (weight @ torch.tensor([3.0, 4.0])).backward()
        >>> gradient_norm([weight])
        tensor(5.)
    """
    return _length(_gradients(parameters, "gradient_norm"))


def clip_gradients(parameters: Iterable[Tensor], max_norm: float) -> Tensor:
    """Shorten the gradients, taken as one vector, to the length ``max_norm`` where it is longer; the direction stays.

    Args:
        parameters: tensors, as ``model.parameters()`` yields them; those without a gradient don't count.
        max_norm: the greatest length, above 0; ``math.inf`` changes nothing.

    Returns:
        The length before, a tensor [].

    Raises:
        TypeError: if anything but tensors arrives.
        ValueError: if ``max_norm`` is not above 0.

    Source: "On the difficulty of training recurrent neural networks" (Pascanu et al., 2013);
    ``torch.nn.utils.clip_grad_norm_``, which this equals.

    Example:
        >>> weight = torch.zeros(2, requires_grad=True)
        >>> (weight @ torch.tensor([3.0, 4.0])).backward()
        >>> clip_gradients([weight], max_norm=1)
        tensor(5.)
        >>> weight.grad
        tensor([0.6000, 0.8000])
    """
    if not max_norm > 0:
        raise ValueError(f"clip_gradients: max_norm must be a positive number; {max_norm!r} arrived.")
    gradients = _gradients(parameters, "clip_gradients")
    norm = _length(gradients)
    # Multiplied in any case, by 1 at most: asking "is it longer?" would make the host wait for the GPU.
    factor = (max_norm / (norm + 1e-6)).clamp(max=1)
    for gradient in gradients:
        gradient.mul_(factor)
    return norm


@torch.inference_mode()
def accuracy(model: nn.Module, batches: Iterable[Any]) -> float:
    """Return the share of samples whose class the model names; the model is left in the mode it was in.

    Args:
        model: gives one number for each class, [B, C].
        batches: pairs ``(x, y)`` on the model's device, ``y`` int64 [B].

    Raises:
        TypeError: if a batch is not a pair.
        ValueError: if there are no samples.

    Example:
        >>> scores, classes = torch.tensor([[2.0, 1.0], [0.0, 3.0], [5.0, 4.0]]), torch.tensor([0, 1, 1])
        >>> round(accuracy(nn.Identity(), [(scores, classes)]), 3)
        0.667
    """
    was_training = model.training
    model.eval()
    right = total = 0
    try:
        for batch in batches:
            x, y = _pair(batch)
            right += int((model(x).argmax(dim=1) == y).sum())
            total += len(y)
    finally:
        model.train(was_training)
    if total == 0:
        raise ValueError("accuracy: no samples arrived. Is the dataset empty?")
    return right / total


def _pair(batch: Any) -> tuple[Any, Any]:
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        raise TypeError(
            f"A batch is {kind_of(batch)}{f' of {len(batch)}' if isinstance(batch, (tuple, list)) else ''}; "
            "a pair (x, y) is expected. Let the dataset return (x, y)."
        )
    return batch[0], batch[1]


def _gradients(parameters: Iterable[Tensor], owner: str) -> list[Tensor]:
    # A tensor can be looped over, too: its rows have no gradients of their own.
    listed = list(parameters) if isinstance(parameters, Iterable) and not isinstance(parameters, Tensor) else [None]
    if not all(isinstance(parameter, Tensor) for parameter in listed):
        raise TypeError(f"{owner}: {kind_of(parameters)} arrived; tensors are expected. Pass model.parameters().")
    return [parameter.grad for parameter in listed if parameter is not None and parameter.grad is not None]


def _length(gradients: list[Tensor]) -> Tensor:
    return torch.stack([gradient.norm() for gradient in gradients]).norm() if gradients else torch.zeros(())
