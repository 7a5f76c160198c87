"""DistributedSampler against PyTorch's, rank by rank. (With real ranks: tests/test_distributed.py.)"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.utils.data import distributed as torch_distributed

from datakit import DistributedSampler


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 40), st.integers(1, 9), st.booleans(), st.integers(0, 2**32), st.booleans(), st.integers(0, 50))
def test_equals_pytorch_on_every_rank(
    n: int, ranks: int, shuffle: bool, seed: int, drop_last: bool, epoch: int
) -> None:
    assume(not drop_last or n >= ranks)
    drawn: Counter[int] = Counter()
    repeats_here = 0
    for rank in range(ranks):
        arguments: dict[str, Any] = {"shuffle": shuffle, "seed": seed, "drop_last": drop_last}
        ours = DistributedSampler(range(n), ranks, rank, **arguments)
        theirs: Any = torch_distributed.DistributedSampler(range(n), ranks, rank, **arguments)  # type: ignore[arg-type]
        for number in (0, epoch, epoch + 1):
            ours.set_epoch(number)
            theirs.set_epoch(number)
            assert list(ours) == list(theirs)
        assert len(ours) == len(theirs)
        assert (ours.num_samples, ours.total_size) == (theirs.num_samples, theirs.total_size)
        repeats_here += ours.repeats_here
        drawn.update(list(ours)[: len(ours) - ours.repeats_here])
    # Without what the sampler calls repeats, every sample came exactly once, on one rank.
    assert repeats_here == ours.repeats
    assert set(drawn.values()) == {1}
    assert len(drawn) == n - ours.left_out
    assert drop_last or ours.left_out == 0


def test_without_set_epoch_the_order_repeats() -> None:
    sampler = DistributedSampler(range(50), 2, 0)
    first = list(sampler)
    assert list(sampler) == first
    sampler.set_epoch(1)
    assert list(sampler) != first


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"rank": 2}, "rank 2 arrived with num_replicas=2. Ranks are numbered from 0 to 1"),
        ({"rank": -1}, "rank must be an integer, 0 or above; -1 arrived"),
        ({"num_replicas": 0}, "num_replicas must be a positive integer; 0 arrived"),
        ({"seed": -1}, "seed must be an integer, 0 or above; -1 arrived"),
        ({"shuffle": None}, "shuffle must be True or False; None arrived"),
        ({"drop_last": 1}, "drop_last must be True or False; 1 arrived"),
        ({"dataset": []}, "0 samples can't be shared among 2 ranks with drop_last=False: every epoch would be empty"),
        ({"dataset": [1], "drop_last": True}, "1 samples can't be shared among 2 ranks with drop_last=True"),
    ],
)
def test_refusals(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"DistributedSampler: {words}"):
        DistributedSampler(**{"dataset": range(5), "num_replicas": 2, "rank": 0, **arguments})


def test_epochs_are_numbered_from_zero() -> None:
    with pytest.raises(ValueError, match="epoch must be an integer, 0 or above; -1 arrived"):
        DistributedSampler(range(5), 2, 0).set_epoch(-1)


@pytest.mark.parametrize("given_too", [{"rank": 0}, {"num_replicas": 2}, {}])
def test_without_a_process_group_ranks_must_be_given(given_too: dict[str, int]) -> None:
    with pytest.raises(RuntimeError, match="was left out, and no process group is running that could tell"):
        DistributedSampler(range(5), **given_too)  # type: ignore[arg-type]
