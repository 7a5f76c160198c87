"""What loading and training will cost, by a formula one can work out by hand; shown beside what is measured.

A formula that agrees with the measurement can be trusted for sizes that nobody has tried: will a batch of 512 fit, does
an epoch's shuffled order fit, will the bus keep up?
"""

from __future__ import annotations

import copy
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from datakit._errors import check_positive, kind_of
from datakit.collate import default_collate
from datakit.kept_for_backward import KeptForBackward
from datakit.nesting import batch_bytes
from datakit.pinning import MIB, copy_rates
from datakit.text_table import in_units, text_table

INDEX_BYTES = 8
# CPython's integers above 256 take 28 bytes, and memory is handed out in steps of 16.
INT_OBJECT_BYTES = 32


@dataclass(frozen=True)
class Cost:
    """A prediction and what was measured.

    Attributes:
        what: what costs.
        formula: how the prediction is worked out.
        predicted: what the formula says.
        measured: what was found.
        unit: ``"bytes"`` or ``"seconds"``.
    """

    what: str
    formula: str
    predicted: float
    measured: float
    unit: str = "bytes"

    @property
    def ratio(self) -> float:
        """Measured ÷ predicted; 1 where the formula tells all."""
        return self.measured / self.predicted


def cost_table(costs: Sequence[Cost]) -> str:
    """Return the costs as a table in plain text.

    Example:
        >>> print(cost_table([Cost("batch", "batch size × bytes of a sample", 2048, 3072)]))
        what   formula                         predicted  measured  measured/predicted
        batch  batch size × bytes of a sample    2.0 KiB   3.0 KiB                1.50
    """
    for cost in costs:
        if not isinstance(cost, Cost):
            raise TypeError(
                f"cost_table: {kind_of(cost)} arrived; a list of Cost is expected, as batch_cost returns one."
            )
    if not costs:
        raise ValueError("cost_table: no cost arrived. Pass at least one, [batch_cost(sample, 64)].")
    return text_table(
        [
            {
                "what": cost.what,
                "formula": cost.formula,
                "predicted": _shown(cost.predicted, cost.unit),
                "measured": _shown(cost.measured, cost.unit),
                "measured/predicted": f"{cost.ratio:.2f}",
            }
            for cost in costs
        ]
    )


def shuffle_costs(n: int) -> list[Cost]:
    """Return what a shuffled order of ``n`` samples takes in memory: as a tensor, and as Python's list of it.

    Args:
        n: the number of samples.

    Raises:
        ValueError: if ``n`` is not a positive integer.

    Example:
        >>> tensor, numbers = shuffle_costs(1_000_000)
        >>> tensor.predicted, numbers.predicted
        (8000000, 40000000)
    """
    check_positive(n, "n", "shuffle_costs")
    order = torch.randperm(n)
    tracing = tracemalloc.is_tracing()
    if not tracing:
        tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    numbers = order.tolist()
    after, _ = tracemalloc.get_traced_memory()
    if not tracing:
        tracemalloc.stop()
    del numbers
    return [
        Cost("shuffled order, tensor of int64", "8 × n", INDEX_BYTES * n, order.untyped_storage().nbytes()),
        Cost("shuffled order, list", "(8 + 32) × n", (INDEX_BYTES + INT_OBJECT_BYTES) * n, after - before),
    ]


def batch_cost(sample: Any, batch_size: int) -> Cost:
    """Return what a batch takes in memory: so many times what a sample takes.

    Args:
        sample: one sample; its tensors and numbers are what counts.
        batch_size: samples a batch.

    Raises:
        ValueError: if ``batch_size`` is not a positive integer.

    Example:
        >>> batch_cost(torch.zeros(3, 224, 224, dtype=torch.uint8), 64).predicted
        9633792
    """
    check_positive(batch_size, "batch_size", "batch_cost")
    one = batch_bytes(default_collate([sample]))
    measured = batch_bytes(default_collate([sample] * batch_size))
    return Cost("batch", "batch size × bytes of a sample", batch_size * one, measured)


def bus_cost(batch: Any, device: str | torch.device = "cuda", bytes_per_second: float | None = None) -> Cost:
    """Return how long a batch takes to reach a device, from pinned memory where that is a GPU.

    Args:
        batch: any nesting of tensors.
        device: where it goes; on ``"cpu"``, from memory to memory.
        bytes_per_second: the rate to predict with; by default that of a copy of 64 MiB, measured now.

    Raises:
        ValueError: if the batch has no tensors.

    Example:
        >>> bus_cost(torch.zeros(1000), "cpu", bytes_per_second=8_000_000).predicted
        0.0005
    """
    nbytes = batch_bytes(batch)
    if nbytes == 0:
        raise ValueError("bus_cost: the batch holds no bytes of tensors. Pass a batch as the loader yields it.")
    rate = bytes_per_second or _fastest(64 * MIB, device)
    return Cost(
        "copy of a batch", "bytes ÷ bytes a second", nbytes / rate, nbytes / _fastest(nbytes, device), "seconds"
    )


@dataclass(frozen=True)
class TrainingMemory:
    """Memory of a training step as a straight line: a part for the model, and a part for each sample.

    Attributes:
        model_bytes: parameters, their gradients, and what the optimiser keeps for each.
        sample_bytes: what the forward pass keeps for the backward pass, for each sample.
    """

    model_bytes: int
    sample_bytes: float

    def bytes_for(self, batch_size: int) -> float:
        """Return the bytes that a step with a batch of this size takes."""
        return self.model_bytes + batch_size * self.sample_bytes

    def largest_batch(self, budget: float) -> int:
        """Return the largest batch that fits into ``budget`` bytes; 0 if not even one sample does."""
        return max(0, int((budget - self.model_bytes) / self.sample_bytes))


def training_memory(model: nn.Module, sample: Tensor, optimiser_copies: int = 2) -> TrainingMemory:
    """Work out a model's memory in training from two small batches.

    Not counted: a GPU's context and its libraries' work space (several hundred MiB), and gradients that live only
    within the backward pass.

    Args:
        model: called with a batch of samples; on the device of ``sample``.
        sample: one input, without a batch dimension.
        optimiser_copies: how many numbers the optimiser keeps for each parameter: 0 for plain SGD, 1 with momentum, 2
            for Adam.

    Raises:
        ValueError: if the model can't take such a sample, or its forward pass keeps nothing: nothing is to be trained.

    Example:
        >>> memory = training_memory(nn.Sequential(nn.Linear(100, 50), nn.ReLU()), torch.zeros(100))
        >>> memory.model_bytes  # 5,050 floats, four times
        80800
        >>> memory.sample_bytes  # the input and the output of the ReLU are kept
        600.0
    """
    parameters = sum(parameter.nbytes for parameter in model.parameters())
    small, large = (_kept_for_backward(model, sample, size) for size in (2, 4))
    if large <= small:
        raise ValueError(
            f"training_memory: the forward pass of {type(model).__name__} keeps nothing for a backward pass. "
            "Give it parameters with requires_grad=True, and don't call this under torch.no_grad()."
        )
    return TrainingMemory((2 + optimiser_copies) * parameters, (large - small) / 2)


def training_cost(model: nn.Module, sample: Tensor, batch_size: int) -> Cost:
    """Return what the forward pass keeps for the backward pass, predicted from two small batches and measured.

    Args:
        model: see :func:`training_memory`.
        sample: see :func:`training_memory`.
        batch_size: samples a batch.

    Raises:
        ValueError: if ``batch_size`` is not a positive integer.

    Example:
        >>> cost = training_cost(nn.Sequential(nn.Linear(100, 50), nn.ReLU()), torch.zeros(100), batch_size=64)
        >>> cost.predicted, cost.measured
        (38400.0, 38400)
    """
    check_positive(batch_size, "batch_size", "training_cost")
    predicted = batch_size * training_memory(model, sample).sample_bytes
    measured = _kept_for_backward(model, sample, batch_size)
    return Cost("kept for the backward pass", "batch size × bytes kept for a sample", predicted, measured)


def _kept_for_backward(model: nn.Module, sample: Tensor, batch_size: int) -> int:
    """Run the model forward; return the bytes that autograd keeps, parameters and buffers not counted."""
    # A forward pass may change the model (batch norm's averages) and draws random numbers (dropout).
    model = copy.deepcopy(model)
    batch = sample.expand(batch_size, *sample.shape).contiguous()
    try:
        with KeptForBackward(model) as kept, torch.random.fork_rng():
            model(batch)
    except RuntimeError as error:
        raise ValueError(
            f"training_memory: {type(model).__name__} can't take a batch of shape {list(batch.shape)} and dtype "
            f"{batch.dtype}: {error}. Pass one sample as the model expects it, without a batch dimension."
        ) from error
    return kept.nbytes


def _fastest(nbytes: int, device: str | torch.device) -> float:
    return max(copy_rates(nbytes, device).values())


def _shown(value: float, unit: str) -> str:
    return in_units(value) if unit == "bytes" else f"{1000 * value:.3g} ms"
