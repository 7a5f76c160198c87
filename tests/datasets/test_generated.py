"""Samples that are computed: the same each time, whoever asks. The oracle is PyTorch's loader over a list of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader as TorchLoader

from datakit import DataLoader, GeneratedDataset, check


def make(index: int, rng: np.random.Generator) -> tuple[torch.Tensor, int]:
    return torch.from_numpy(rng.normal(size=4)), index


def test_keeps_the_contract_of_a_list() -> None:
    dataset = GeneratedDataset(make, 12, seed=3)
    check.indexing(dataset, [dataset[i] for i in range(12)])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**70), st.lists(st.integers(0, 10**9 - 1), min_size=1, max_size=20))
def test_a_sample_depends_on_seed_and_index_alone(seed: int, indices: list[int]) -> None:
    one, other = GeneratedDataset(make, 10**9, seed), GeneratedDataset(make, 10**9, seed)
    expected = {index: one[index] for index in indices}
    for index in reversed(indices):
        assert torch.equal(other[index][0], expected[index][0])
        assert other[index][1] == index
    assert not torch.equal(GeneratedDataset(make, 10**9, seed + 1)[indices[0]][0], expected[indices[0]][0])


def test_no_two_samples_are_twins() -> None:
    # Seeds and indices side by side, where sums or products of the two would coincide.
    first = {GeneratedDataset(make, 200, seed)[index][0][0].item() for seed in range(100) for index in range(200)}
    assert len(first) == 100 * 200


def test_worker_processes_make_the_same() -> None:
    dataset = GeneratedDataset(make, 20)
    loader: TorchLoader[Any] = TorchLoader(dataset, 3, num_workers=2, multiprocessing_context="spawn")
    for theirs, ours in zip(loader, DataLoader(dataset, 3), strict=True):
        assert torch.equal(theirs[0], ours[0])
        assert torch.equal(theirs[1], ours[1])


def test_a_loop_ends() -> None:
    assert [index for _, index in GeneratedDataset(make, 3)] == [0, 1, 2]  # type: ignore[attr-defined]


def test_an_error_in_make_names_the_index() -> None:
    dataset = GeneratedDataset(lambda index, rng: 1 // (index - 2), 4)
    with pytest.raises(ZeroDivisionError) as caught:
        list(DataLoader(dataset))
    assert any("dataset[2]" in note or "index 2" in note for note in caught.value.__notes__)


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"make": 3}, TypeError, "make is an int. Pass a function of an index and a generator"),
        ({"length": 0}, ValueError, "length must be a positive integer; 0 arrived"),
        ({"length": 2.0}, ValueError, "length must be a positive integer; 2.0 arrived"),
        ({"seed": -1}, ValueError, "seed must be an integer of 0 or more; -1 arrived"),
        ({"seed": None}, ValueError, "seed must be an integer of 0 or more; None arrived"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=f"GeneratedDataset: {words}"):
        GeneratedDataset(**{"make": make, "length": 3, **arguments})


def test_an_index_out_of_range_is_refused() -> None:
    with pytest.raises(IndexError, match="GeneratedDataset: index 3 is out of range"):
        GeneratedDataset(make, 3)[3]
