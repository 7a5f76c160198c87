"""Samplers against PyTorch's, epoch after epoch from one generator."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils import data as torch_data

from datakit import BatchSampler, RandomSampler, SequentialSampler, SubsetRandomSampler

EPOCHS = 3


@settings(deadline=None)
@given(st.integers(0, 50))
def test_sequential_equals_pytorch(n: int) -> None:
    ours, theirs = SequentialSampler(range(n)), torch_data.SequentialSampler(range(n))
    assert list(ours) == list(theirs) == list(range(n))
    assert len(ours) == len(theirs)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 40), st.booleans(), st.none() | st.integers(1, 130), st.integers(0, 2**63 - 1))
def test_random_equals_pytorch_for_several_epochs(
    n: int, replacement: bool, num_samples: int | None, seed: int
) -> None:
    ours = RandomSampler(range(n), replacement, num_samples, torch.Generator().manual_seed(seed))
    theirs = torch_data.RandomSampler(range(n), replacement, num_samples, torch.Generator().manual_seed(seed))
    assert len(ours) == len(theirs)
    for _ in range(EPOCHS):
        assert list(ours) == list(theirs)


@settings(deadline=None)
@given(st.integers(1, 40), st.booleans(), st.integers(0, 2**63 - 1))
def test_random_equals_pytorch_with_the_global_generator(n: int, replacement: bool, seed: int) -> None:
    epochs: list[list[list[int]]] = []
    kinds: list[Any] = [RandomSampler, torch_data.RandomSampler]
    for kind in kinds:
        torch.manual_seed(seed)
        sampler = kind(range(n), replacement)
        epochs.append([list(sampler) for _ in range(EPOCHS)])
    assert epochs[0] == epochs[1]


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(0, 2**32))
def test_without_replacement_each_sample_comes_once(n: int, seed: int) -> None:
    sampler = RandomSampler(range(n), generator=torch.Generator().manual_seed(seed))
    assert sorted(sampler) == list(range(n))


@settings(deadline=None)
@given(st.lists(st.integers(0, 100), min_size=1, max_size=30), st.integers(0, 2**32))
def test_subset_equals_pytorch_for_several_epochs(indices: list[int], seed: int) -> None:
    ours = SubsetRandomSampler(indices, torch.Generator().manual_seed(seed))
    theirs = torch_data.SubsetRandomSampler(indices, torch.Generator().manual_seed(seed))
    assert len(ours) == len(theirs)
    for _ in range(EPOCHS):
        assert list(ours) == list(theirs)


def test_a_subset_without_indices_is_refused() -> None:
    with pytest.raises(ValueError, match="SubsetRandomSampler: no indices arrived, so nothing can be drawn"):
        SubsetRandomSampler([])


def test_epochs_differ_and_a_seed_repeats_them() -> None:
    def epochs() -> list[list[int]]:
        sampler = RandomSampler(range(100), generator=torch.Generator().manual_seed(7))
        return [list(sampler) for _ in range(EPOCHS)]

    first = epochs()
    assert first[0] != first[1] != first[2] != first[0]
    assert first == epochs()


def test_a_dataset_that_grew_is_sampled_whole() -> None:
    samples = [0, 1]
    sampler = RandomSampler(samples)
    samples.append(2)
    assert sorted(sampler) == [0, 1, 2]
    assert len(sampler) == 3


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 40), st.integers(1, 12), st.booleans())
def test_batches_equal_pytorch(n: int, batch_size: int, drop_last: bool) -> None:
    ours = BatchSampler(range(n), batch_size, drop_last)
    theirs = torch_data.BatchSampler(range(n), batch_size, drop_last)
    assert list(ours) == list(theirs) == list(ours)
    assert len(ours) == len(theirs) == len(list(ours))


def test_batches_of_an_endless_sampler_come_one_by_one() -> None:
    from itertools import count

    batches = iter(BatchSampler(count(), 2, drop_last=True))
    assert [next(batches), next(batches)] == [[0, 1], [2, 3]]


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "2"])
def test_num_samples_must_be_a_positive_integer(value: Any) -> None:
    with pytest.raises(ValueError, match=f"RandomSampler: num_samples must be a positive integer; {value!r} arrived"):
        RandomSampler(range(3), num_samples=value)


@pytest.mark.parametrize("value", [0, -1, 1.5, True, None])
def test_batch_size_must_be_a_positive_integer(value: Any) -> None:
    with pytest.raises(ValueError, match=f"BatchSampler: batch_size must be a positive integer; {value!r} arrived"):
        BatchSampler(range(3), value, False)


def test_flags_must_be_bools() -> None:
    flag: Any = 1
    with pytest.raises(ValueError, match="RandomSampler: replacement must be True or False; 1 arrived"):
        RandomSampler(range(3), replacement=flag)
    with pytest.raises(ValueError, match="BatchSampler: drop_last must be True or False; 1 arrived"):
        BatchSampler(range(3), 2, flag)


def test_an_empty_dataset_cannot_be_drawn_from() -> None:
    with pytest.raises(ValueError, match="RandomSampler: the dataset is empty, so nothing can be drawn"):
        RandomSampler([])
