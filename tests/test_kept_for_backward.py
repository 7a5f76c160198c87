"""The bytes that autograd keeps, against counts by hand and against what PyTorch's own allocator says."""

from __future__ import annotations

import gc
from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

from datakit import KeptForBackward


def kept_by(model: nn.Module, x: Tensor) -> int:
    with KeptForBackward(model) as kept:
        model(x)
    return kept.nbytes


@settings(deadline=None)
@given(st.lists(st.integers(1, 20), min_size=2, max_size=5), st.integers(1, 30))
def test_layers_keep_their_inputs_and_tanh_its_output(widths: list[int], batch: int) -> None:
    layers: list[nn.Module] = []
    for width, following in pairwise(widths):
        layers += [nn.Linear(width, following), nn.Tanh()]
    # A layer's output before Tanh is kept by nobody; what comes out of Tanh is kept once, by it and the next layer.
    assert kept_by(nn.Sequential(*layers), torch.randn(batch, widths[0])) == 4 * batch * sum(widths)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 64), st.sampled_from([torch.float32, torch.float64]))
def test_it_is_what_the_allocator_has_left_after_the_forward_pass(batch: int, dtype: torch.dtype) -> None:
    model = nn.Sequential(nn.Linear(50, 80), nn.ReLU(), nn.Linear(80, 30), nn.Sigmoid()).to(dtype)
    x = torch.randn(batch, 50, dtype=dtype)
    model(x)  # the first call prepares things that no later one does
    gc.collect()
    # What earlier tests left behind must not be freed meanwhile: the profiler would count it.
    gc.disable()
    try:
        with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as run:
            out = model(x)
    finally:
        gc.enable()
    allocated = sum(event.self_cpu_memory_usage for event in run.events())
    # The input was there before.
    assert kept_by(model, x) == allocated + x.nbytes
    assert out.requires_grad


def test_parameters_and_buffers_do_not_count_and_shared_memory_counts_once() -> None:
    model = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(6, affine=True), nn.Linear(6, 6, bias=False))
    model.eval()
    x = torch.randn(8, 2, 3)
    with KeptForBackward(model) as kept:
        y = model(x)
        (y.T @ y + y.view(-1).square().sum()).sum()
    # The input of the batch norm, its output, and y with all its views; in evaluation a batch norm uses its buffers.
    assert kept.nbytes == 4 * 48 * 3


def test_without_gradients_nothing_is_kept() -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.Tanh())
    with torch.no_grad():
        assert kept_by(model, torch.zeros(4, 3)) == 0


class InPlace(nn.Module):
    """Changes what the backward pass needs."""

    def __init__(self, activation: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3))
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        y = self.activation(x * self.weight)
        z = y * y
        with torch.no_grad():
            y += 1
        return z


@pytest.mark.parametrize("activation", [torch.tanh, torch.exp, torch.abs])
def test_a_change_in_place_is_noticed_as_it_is_without_counting(activation: Callable[[Tensor], Tensor]) -> None:
    model, x = InPlace(activation), torch.ones(2, 3)
    with pytest.raises(RuntimeError, match="has been modified by an inplace operation"):
        model(x).sum().backward()
    with KeptForBackward(model):
        loss = model(x).sum()
    with pytest.raises(
        RuntimeError, match=r"shape \[2, 3\] .* has been changed in place since the forward pass .*Write"
    ):
        loss.backward()


def test_gradients_are_the_same_and_nothing_outlives_the_step() -> None:
    torch.manual_seed(0)
    model, x = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 1)), torch.randn(6, 4)
    model(x).sum().backward()
    expected = [parameter.grad for parameter in model.parameters()]
    model.zero_grad()
    with KeptForBackward(model) as kept:
        loss = model(x).sum()
    loss.backward()
    assert all(map(torch.equal, expected, [parameter.grad for parameter in model.parameters()]))  # type: ignore[arg-type]
    assert kept._held == []
    # Hooks that are left on would count this, too.
    before = kept.nbytes
    model(torch.randn(60, 4))
    assert kept.nbytes == before


def test_an_error_inside_switches_the_counting_off() -> None:
    model = nn.Linear(3, 3)
    kept = KeptForBackward(model)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"), kept:
        model(torch.zeros(2, 4))
    before = kept.nbytes
    model(torch.zeros(20, 3))
    assert kept.nbytes == before
