from __future__ import annotations

import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from datakit.experiments.memory import MIB, count_objects, give_back_freed_memory, resident_bytes, tensor_bytes


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


@pytest.mark.parametrize("n", [0, 1, 500])
def test_each_text_is_an_object_and_an_array_is_one(n: int) -> None:
    texts = [f"text {k}" for k in range(n)]
    assert count_objects(texts) == n
    assert count_objects((texts, texts)) == n + 1  # the list counts, once
    assert count_objects(dict.fromkeys(texts, None)) == n + bool(n)  # and None
    assert count_objects([np.zeros(n), torch.zeros(n)]) == 2
    assert count_objects([np.array(texts, dtype=object)]) == n + 1


def test_what_an_object_holds_in_attributes_is_counted_and_its_class_is_not() -> None:
    small, large = (Holder(texts=[f"text {k}" for k in range(n)]) for n in (10, 110))
    assert count_objects(large) - count_objects(small) == 100
    assert 11 <= count_objects(small) <= 13  # the list, the texts, and maybe the dict of attributes with a name
    circle: list[object] = []
    circle.append(circle)
    assert count_objects(circle) == 0


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
