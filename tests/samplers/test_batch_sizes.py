"""Batches by budget, by schedule and by length; and the padding that they save."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pad_sequence

from datakit import (
    BatchSampler,
    DynamicBatchSampler,
    LengthBucketBatchSampler,
    RandomSampler,
    ScheduledBatchSampler,
    padding_waste,
)

sizes_and_order = st.lists(st.integers(0, 50), min_size=1, max_size=60).flatmap(
    lambda sizes: st.tuples(st.just(sizes), st.permutations(range(len(sizes))))
)


@settings(deadline=None)
@given(
    sizes_and_order,
    st.integers(1, 300),
    st.integers(1, 4),
    st.none() | st.integers(4, 9),
    st.booleans(),
)
def test_the_budget_and_both_bounds_hold(
    drawn: tuple[list[int], list[int]], budget: int, least: int, most: int | None, drop_last: bool
) -> None:
    sizes, order = drawn
    assume(max(sizes) * least <= budget)
    batches = list(DynamicBatchSampler(order, sizes, budget, least, most, drop_last))
    for batch in batches:
        assert max(sizes[i] for i in batch) * len(batch) <= budget
        assert most is None or len(batch) <= most
    for batch in batches if drop_last else batches[:-1]:
        assert len(batch) >= least
    together = [i for batch in batches for i in batch]
    assert together == order[: len(together)]
    assert len(order) - len(together) < (least if drop_last else 1)
    # No batch was closed before it had to be.
    for batch, following in pairwise(batches):
        grown = [*batch, following[0]]
        assert max(sizes[i] for i in grown) * len(grown) > budget or len(batch) == most


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"sizes": [1, 30, 2]}, "sample 1 has size 30, and 1 of that size cost 30, above the budget of 10. Raise"),
        ({"min_batch_size": 6}, "sample 1 has size 2, and 6 of that size cost 12, above the budget of 10"),
        ({"min_batch_size": 3, "max_batch_size": 2}, "max_batch_size=2 is below min_batch_size=3"),
        ({"budget": 0}, "budget must be a positive integer; 0 arrived"),
        ({"min_batch_size": 0}, "min_batch_size must be a positive integer; 0 arrived"),
        ({"max_batch_size": 1.5}, r"max_batch_size must be a positive integer; 1\.5 arrived"),
        ({"drop_last": None}, "drop_last must be True or False; None arrived"),
        ({"sizes": []}, "no sizes arrived. Pass the size of each sample"),
        ({"sizes": [1, 2.5]}, r"the size of sample 1 is 2\.5; an integer, 0 or above, is expected"),
        ({"sizes": [-1, 2]}, "the size of sample 0 is -1"),
    ],
)
def test_dynamic_refuses(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"DynamicBatchSampler: {words}"):
        DynamicBatchSampler(**{"sampler": range(3), "sizes": [1, 2, 1], "budget": 10, **arguments})


@settings(deadline=None)
@given(
    sizes_and_order,
    st.integers(1, 6),
    st.lists(st.integers(0, 50), unique=True, max_size=6).map(sorted),
    st.booleans(),
)
def test_batches_keep_to_their_bucket(
    drawn: tuple[list[int], list[int]], batch_size: int, boundaries: list[int], drop_last: bool
) -> None:
    lengths, order = drawn
    batches = list(LengthBucketBatchSampler(order, torch.tensor(lengths), batch_size, boundaries, drop_last))

    def bucket(index: int) -> int:
        return sum(lengths[index] >= boundary for boundary in boundaries)

    for batch in batches:
        assert len({bucket(i) for i in batch}) == 1
        assert len(batch) <= batch_size
        assert batch == sorted(batch, key=order.index)
    smaller = [bucket(batch[0]) for batch in batches if len(batch) < batch_size]
    assert len(smaller) == len(set(smaller))
    together = sorted(i for batch in batches for i in batch)
    if drop_last:
        assert not smaller
        by_bucket = [sum(bucket(i) == number for i in order) for number in range(len(boundaries) + 1)]
        assert len(together) == sum(count - count % batch_size for count in by_bucket)
    else:
        assert together == sorted(order)


def test_without_boundaries_batches_are_those_of_the_batch_sampler() -> None:
    assert list(LengthBucketBatchSampler(range(7), [1] * 7, 3, [])) == list(BatchSampler(range(7), 3, False))


def test_buckets_save_padding_and_keep_the_order_random() -> None:
    rng = random.Random(0)
    lengths = [int(rng.lognormvariate(3, 0.8)) for _ in range(2000)]

    def sampler() -> RandomSampler:
        return RandomSampler(lengths, generator=torch.Generator().manual_seed(0))

    waste = {
        width: padding_waste(
            LengthBucketBatchSampler(sampler(), lengths, 32, range(width, max(lengths), width)), lengths
        )
        for width in (4, 32)
    }
    assert waste[4] < waste[32] < padding_waste(BatchSampler(sampler(), 32, False), lengths)
    same = sampler()
    batches = LengthBucketBatchSampler(same, lengths, 32, range(8, 400, 8))
    assert list(batches) != list(batches)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"boundaries": [10, 5]}, r"boundaries must ascend; \[10, 5\] arrived"),
        ({"boundaries": [5, 5]}, r"boundaries must ascend; \[5, 5\] arrived. Sort them and remove repeats"),
        ({"batch_size": 0}, "batch_size must be a positive integer; 0 arrived"),
        ({"drop_last": 0}, "drop_last must be True or False; 0 arrived"),
        ({"lengths": []}, "no sizes arrived"),
    ],
)
def test_buckets_refuse(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"LengthBucketBatchSampler: {words}"):
        LengthBucketBatchSampler(**{"sampler": [0], "lengths": [1], "batch_size": 2, "boundaries": [], **arguments})


@pytest.mark.parametrize("sampler", [DynamicBatchSampler([5], [1, 2], 9), LengthBucketBatchSampler([5], [1, 2], 1, [])])
def test_an_index_without_a_size_is_an_error(sampler: Any) -> None:
    with pytest.raises(IndexError):
        list(sampler)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=6))
def test_padding_waste_is_that_of_really_padded_tensors(groups: list[list[int]]) -> None:
    lengths = [length for group in groups for length in group] or [0]
    numbers = iter(range(len(lengths)))
    batches = [[next(numbers) for _ in group] for group in groups]
    padded = sum(pad_sequence([torch.ones(n) for n in group]).numel() for group in groups if group)
    real = sum(map(sum, groups))
    assert padding_waste(batches, lengths) == pytest.approx(1 - real / padded if padded else 0)


@settings(deadline=None)
@given(st.integers(1, 40), st.lists(st.integers(1, 12), min_size=1, max_size=5), st.booleans())
def test_the_size_follows_the_schedule(n: int, sizes: list[int], drop_last: bool) -> None:
    sampler = ScheduledBatchSampler(range(n), lambda epoch: sizes[min(epoch, len(sizes) - 1)], drop_last)
    for size in sizes:
        expected = list(BatchSampler(range(n), size, drop_last))
        assert len(sampler) == len(expected)
        assert list(sampler) == expected
    sampler.set_epoch(0)
    assert list(sampler) == list(BatchSampler(range(n), sizes[0], drop_last))


def test_a_schedule_must_give_a_size() -> None:
    sampler = ScheduledBatchSampler(range(4), lambda epoch: 2 - epoch)
    sampler.set_epoch(2)
    with pytest.raises(ValueError, match=r"ScheduledBatchSampler: schedule\(2\) must be a positive integer; 0 arrived"):
        list(sampler)
    with pytest.raises(ValueError, match="drop_last must be True or False"):
        ScheduledBatchSampler(range(4), lambda epoch: 1, drop_last="no")  # type: ignore[arg-type]
