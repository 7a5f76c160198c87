"""Formulas against what is measured: equal where arithmetic is all there is, close where a machine takes part."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from datakit.cost_models import (
    Cost,
    TrainingMemory,
    batch_cost,
    bus_cost,
    cost_table,
    shuffle_costs,
    training_cost,
    training_memory,
)

DTYPES = [torch.uint8, torch.int64, torch.float32, torch.bfloat16, torch.bool]


@given(st.lists(st.integers(1, 6), max_size=3), st.sampled_from(DTYPES), st.integers(1, 40))
def test_a_batch_is_so_many_samples(shape: list[int], dtype: torch.dtype, batch_size: int) -> None:
    sample = (torch.zeros(shape, dtype=dtype), 3, "name")
    cost = batch_cost(sample, batch_size)
    assert cost.measured == cost.predicted == batch_size * (torch.Size(shape).numel() * dtype.itemsize + 8)
    assert cost.ratio == 1


@pytest.mark.parametrize("n", [10_000, 300_000])
def test_a_shuffled_order(n: int) -> None:
    tensor, numbers = shuffle_costs(n)
    assert tensor.measured == tensor.predicted == 8 * n
    # The first 257 integers are shared by all of Python.
    assert 0.9 < numbers.ratio < 1.1
    assert not tracemalloc.is_tracing()


def test_tracing_that_was_on_stays_on() -> None:
    tracemalloc.start()
    try:
        assert 0.9 < shuffle_costs(10_000)[1].ratio < 1.1
        assert tracemalloc.is_tracing()
    finally:
        tracemalloc.stop()


def test_a_copy_takes_bytes_by_rate() -> None:
    batch = {"x": torch.zeros(1000, dtype=torch.float32), "name": "a"}
    cost = bus_cost(batch, "cpu", bytes_per_second=2000.0)
    assert cost.predicted == 2.0
    assert cost.measured > 0
    measured_rate = bus_cost(torch.zeros(8 * 2**20, dtype=torch.uint8), "cpu")
    # The rate of 64 MiB tells that of 8 to within caches and a busy machine.
    assert 0.01 < measured_rate.ratio < 100


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device, and PyTorch finds none here")
def test_the_bus_to_a_gpu() -> None:
    cost = bus_cost(torch.zeros(32 * 2**20, dtype=torch.uint8), "cuda")
    assert 0.3 < cost.ratio < 3


def models() -> list[tuple[nn.Module, torch.Tensor]]:
    return [
        (nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 10)), torch.randn(32)),
        (nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten()), torch.randn(3, 12, 12)),
        (nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Tanh()), torch.randn(8)),
    ]


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("batch_size", [1, 7, 64])
def test_what_autograd_keeps_grows_with_the_batch(number: int, batch_size: int) -> None:
    model, sample = models()[number]
    cost = training_cost(model, sample, batch_size)
    # Batch norm keeps two numbers a channel, for any batch size.
    assert cost.measured == pytest.approx(cost.predicted, rel=0.02, abs=64)
    assert cost.predicted >= batch_size * sample.nbytes


def test_the_kept_tensors_are_those_of_the_textbook() -> None:
    # Tanh keeps its output, Linear its input; nothing is counted twice.
    model, sample = models()[2]
    assert training_memory(model, sample).sample_bytes == 4 * (8 + 8 + 8)


@pytest.mark.parametrize(("copies", "optimiser"), [(0, torch.optim.SGD), (2, torch.optim.Adam)])
def test_the_model_s_part_is_what_there_is_after_a_step(copies: int, optimiser: Any) -> None:
    model, sample = models()[0]
    steps = optimiser(model.parameters(), lr=0.1)
    model(sample[None]).sum().backward()
    steps.step()
    state = [value for entry in steps.state.values() for value in entry.values() if value.ndim > 0]
    found = sum(p.nbytes + p.grad.nbytes for p in model.parameters() if p.grad is not None)
    found += sum(value.nbytes for value in state)
    assert training_memory(model, sample, copies).model_bytes == found


def test_the_model_and_the_random_numbers_stay_as_they_are() -> None:
    model, sample = models()[1]
    model.append(nn.Dropout(0.5))  # type: ignore[operator]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    training_cost(model, sample, 4)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)


def test_a_model_that_can_not_be_trained_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the forward pass of Flatten keeps nothing for a backward pass. Give it"):
        training_memory(nn.Flatten(), torch.zeros(3))


@given(st.integers(0, 10**9), st.floats(1, 10**6), st.integers(0, 10**10))
@settings(max_examples=200)
def test_the_largest_batch_fits_and_one_more_does_not(model_bytes: int, sample_bytes: float, budget: int) -> None:
    memory = TrainingMemory(model_bytes, sample_bytes)
    largest = memory.largest_batch(budget)
    assert largest == 0 or memory.bytes_for(largest) <= budget + 1e-3
    assert memory.bytes_for(largest + 1) > budget - 1e-3


def test_the_table_shows_both() -> None:
    costs = [Cost("batch", "a × b", 2048, 3072), Cost("copy", "c ÷ d", 0.002, 0.0031, "seconds")]
    assert cost_table(costs).splitlines() == [
        "what   formula  predicted  measured  measured/predicted",
        "batch  a × b      2.0 KiB   3.0 KiB                1.50",
        "copy   c ÷ d         2 ms    3.1 ms                1.55",
    ]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: shuffle_costs(0), "shuffle_costs: n must be a positive integer; 0 arrived"),
        (lambda: batch_cost(torch.zeros(1), 0), "batch_cost: batch_size must be a positive integer; 0 arrived"),
        (lambda: training_cost(nn.Linear(1, 1), torch.zeros(1), -1), "training_cost: batch_size must be a positive"),
        (lambda: bus_cost(["no", "tensor"], "cpu"), "bus_cost: the batch holds no bytes of tensors. Pass a batch as"),
    ],
)
def test_what_is_refused(call: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
