"""Pinned memory where there is a GPU, and an honest answer where there is none."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils.data._utils.pin_memory import pin_memory as torch_pin_memory

from datakit.nesting import tensors_in
from datakit.pinning import copy_rates, pin_memory
from tests.strategies import Point, identical

GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device, and PyTorch finds none here")


class Own:
    pinned = False

    def pin_memory(self) -> Own:
        self.pinned = True
        return self


def batch() -> Any:
    return {"x": torch.arange(4.0), "pair": Point(torch.ones(2), "name"), "list": [torch.zeros(1), 3]}


@pytest.mark.skipif(torch.accelerator.is_available(), reason="needs a machine without an accelerator")
def test_without_a_gpu_the_batch_comes_back_with_a_warning() -> None:
    sent = batch()
    with pytest.warns(RuntimeWarning, match="finds no GPU here, so pinned memory would help nobody"):
        assert pin_memory(sent) is sent


@pytest.mark.gpu
@GPU
def test_every_tensor_is_pinned_as_pytorch_pins_it() -> None:
    pinned = pin_memory(batch())
    assert all(tensor.is_pinned() for tensor in tensors_in(pinned))
    assert identical(pinned, torch_pin_memory(batch()))
    assert pin_memory([Own()])[0].pinned


@pytest.mark.gpu
@GPU
def test_a_gpu_has_three_ways() -> None:
    rates = copy_rates(64 * 2**20, "cuda")
    assert sorted(rates) == ["pageable", "pinned", "pinned in the loop"]
    assert min(rates.values()) > 0


def test_a_cpu_has_no_bus() -> None:
    rates = copy_rates(2**20, "cpu", repeats=3)
    assert list(rates) == ["pageable"]
    # Slower than a floppy disk, or faster than any memory: then the clock or the size is wrong.
    assert 1e5 < rates["pageable"] < 1e13


@pytest.mark.parametrize("argument", ["nbytes", "repeats"])
def test_sizes_must_be_positive(argument: str) -> None:
    with pytest.raises(ValueError, match=f"copy_rates: {argument} must be a positive integer; 0 arrived"):
        copy_rates(**{"device": "cpu", argument: 0})
