from __future__ import annotations

import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from datakit.experiments.memory import MIB, give_back_freed_memory, resident_bytes, tensor_bytes


class Holder:
    def __init__(self, **things: object) -> None:
        self.__dict__.update(things)


@given(st.lists(st.integers(0, 100)))
def test_tensors_are_found_wherever_they_are_held(sizes: list[int]) -> None:
    tensors = [torch.zeros(size, dtype=torch.uint8) for size in sizes]
    holders = (
        tensors,
        tuple(tensors),
        dict(enumerate(tensors)),
        Holder(samples=[(tensor, "label") for tensor in tensors], n=3),
        Holder(inner=Holder(batches={"all": tensors}), path="a.jpg"),
    )
    assert [tensor_bytes(holder) for holder in holders] == [sum(sizes)] * len(holders)


def test_a_view_counts_as_what_it_keeps_alive() -> None:
    assert tensor_bytes([torch.zeros(1000, dtype=torch.float32)[:10]]) == 4000


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux's C library")
def test_freed_memory_is_given_back_so_that_growth_is_seen() -> None:
    # Pieces as large as a photograph's pixels: these are the ones that the C library keeps.
    def fill() -> list[torch.Tensor]:
        return [torch.ones(500_000, dtype=torch.uint8) for _ in range(100)]

    for _ in range(3):
        give_back_freed_memory()
        before = resident_bytes()
        held = fill()
        grown = resident_bytes() - before
        assert 0.8 * tensor_bytes(held) < grown < 1.5 * tensor_bytes(held) + MIB
        del held
