"""Weighted, class-balanced and stratified sampling, and the accounting of draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_sample_weight
from torch.utils import data as torch_data

from datakit import (
    ClassBalancedBatchSampler,
    RandomSampler,
    StratifiedBatchSampler,
    WeightedRandomSampler,
    count_draws,
    sample_weights,
)

EPOCHS = 3
labels = st.lists(st.integers(0, 4), min_size=1, max_size=60)
names = st.lists(st.sampled_from(["cat", "dog", "owl"]), min_size=1, max_size=60)


@settings(deadline=None)
@given(labels | names)
def test_sample_weights_equal_those_of_scikit_learn(targets: list[Any]) -> None:
    ours = sample_weights(targets)
    assert ours.dtype == torch.float64
    # scikit-learn's sum to N, ours to the number of classes.
    expected = torch.from_numpy(compute_sample_weight("balanced", targets)) / len(targets) * len(set(targets))
    torch.testing.assert_close(ours, expected)


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 5).map(float), min_size=1, max_size=30).filter(any),
    st.integers(1, 60),
    st.booleans(),
    st.integers(0, 2**32),
)
def test_weighted_equals_pytorch_for_several_epochs(
    weights: list[float], num_samples: int, replacement: bool, seed: int
) -> None:
    if not replacement:
        num_samples = min(num_samples, sum(weight > 0 for weight in weights))
    ours = WeightedRandomSampler(weights, num_samples, replacement, torch.Generator().manual_seed(seed))
    theirs = torch_data.WeightedRandomSampler(weights, num_samples, replacement, torch.Generator().manual_seed(seed))
    assert len(ours) == len(theirs) == num_samples
    for _ in range(EPOCHS):
        assert list(ours) == list(theirs)


def test_one_weight_a_sample_balances_and_one_a_class_does_not() -> None:
    targets = torch.tensor([0] * 900 + [1] * 100)
    right = WeightedRandomSampler(sample_weights(targets), 4000, generator=torch.Generator().manual_seed(0))
    share = targets[list(right)].double().mean()
    assert 0.45 < share < 0.55
    # The mistake: two weights, so only samples 0 and 1 are ever drawn, both of class 0.
    wrong = WeightedRandomSampler([1 / 900, 1 / 100], 4000)
    assert count_draws(wrong, len(targets)).distinct == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"weights": []}, r"weights of shape \[0\] arrived; \[N\] is expected: one weight for each sample"),
        ({"weights": [[1.0], [2.0]]}, r"weights of shape \[2, 1\] arrived"),
        ({"weights": [1.0, -2.0]}, r"weight 1 is -2\.0. Weights must be finite and 0 or above"),
        ({"weights": [float("nan"), 2.0]}, "weight 0 is nan"),
        ({"weights": [1.0, float("inf")]}, "weight 1 is inf"),
        ({"weights": [0.0, 0.0]}, "all weights are 0, so nothing can be drawn"),
        ({"num_samples": 0}, "num_samples must be a positive integer; 0 arrived"),
        ({"replacement": 1}, "replacement must be True or False; 1 arrived"),
        (
            {"weights": [1.0, 0.0], "num_samples": 2, "replacement": False},
            "2 samples can't be drawn without replacement from 1 with a weight above 0. Lower num_samples",
        ),
    ],
)
def test_weighted_refuses(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"WeightedRandomSampler: {words}"):
        WeightedRandomSampler(**{"weights": [1.0, 2.0], "num_samples": 2, **arguments})


@settings(deadline=None)
@given(labels | names, st.integers(1, 4), st.none() | st.integers(1, 20), st.integers(0, 2**32))
def test_every_batch_holds_every_class_equally(
    targets: list[Any], per_class: int, num_batches: int | None, seed: int
) -> None:
    sampler = ClassBalancedBatchSampler(targets, per_class, num_batches, seed)
    batches = list(sampler)
    assert len(batches) == len(sampler)
    if num_batches is not None:
        assert len(batches) == num_batches
    assert sampler.classes == sorted(set(targets))
    for batch in batches:
        assert Counter(targets[i] for i in batch) == dict.fromkeys(sampler.classes, per_class)
        assert len(batch) == sampler.batch_size
    # Within a class, all samples come equally often, give or take the deck that is being dealt.
    counts = count_draws(batches, len(targets)).counts.tolist()
    for name in sampler.classes:
        of_class = [count for count, target in zip(counts, targets, strict=True) if target == name]
        assert max(of_class) - min(of_class) <= 1
    if num_batches is None:
        assert min(counts) >= 1


@settings(deadline=None)
@given(labels | names, st.integers(1, 20), st.booleans(), st.integers(0, 2**32))
def test_every_batch_mirrors_the_dataset(targets: list[Any], batch_size: int, drop_last: bool, seed: int) -> None:
    sampler = StratifiedBatchSampler(targets, batch_size, drop_last, seed)
    batches = list(sampler)
    assert len(batches) == len(sampler)
    assert [len(batch) for batch in batches[:-1]] == [batch_size] * (len(batches) - 1)
    if drop_last:
        assert all(len(batch) == batch_size for batch in batches)
    else:
        assert sorted(i for batch in batches for i in batch) == list(range(len(targets)))
    totals = Counter(targets)
    for batch in batches:
        found = Counter(targets[i] for i in batch)
        for name, total in totals.items():
            fair = total * len(batch) / len(targets)
            # One for each end of the batch, and what the other classes' rounding moves those ends by.
            assert abs(found[name] - fair) < 2 + 2 * total * len(totals) / len(targets)


def test_stratified_batches_differ_less_than_random_ones() -> None:
    targets = np.array([0] * 800 + [1] * 200)
    orders: list[Any] = [
        StratifiedBatchSampler(targets, 50),
        torch_data.BatchSampler(RandomSampler(targets, generator=torch.Generator()), 50, False),
    ]
    stratified, at_random = (np.var([targets[batch].sum() for batch in batches]) for batches in orders)
    assert stratified < at_random / 4


SEEDED = [
    lambda seed: ClassBalancedBatchSampler([0, 1] * 20, 2, seed=seed),
    lambda seed: StratifiedBatchSampler([0, 1] * 20, 4, seed=seed),
]


@pytest.mark.parametrize("make", SEEDED)
def test_an_epoch_is_a_function_of_seed_and_number(make: Any) -> None:
    sampler = make(3)
    epochs = [list(sampler) for _ in range(4)]
    assert len({str(epoch) for epoch in epochs}) == 4
    # Out of order, after a loop that was left early, and in a sampler that never ran the epochs before.
    next(iter(sampler))
    for number in (2, 0, 3):
        sampler.set_epoch(number)
        assert list(sampler) == epochs[number]
    fresh = make(3)
    fresh.set_epoch(2)
    assert list(fresh) == epochs[2]
    assert list(fresh) == epochs[3]


@pytest.mark.parametrize("make", SEEDED)
def test_neighbouring_seeds_have_no_epoch_in_common(make: Any) -> None:
    runs = [[str(list(sampler)) for _ in range(3)] for sampler in (make(0), make(1))]
    assert set(runs[0]).isdisjoint(runs[1])


@pytest.mark.parametrize("make", SEEDED)
def test_two_loops_at_once_are_two_epochs(make: Any) -> None:
    sampler, alone = make(0), make(0)
    first, second = iter(sampler), iter(sampler)
    both = list(zip(first, second, strict=True))
    assert [list(epoch) for epoch in zip(*both, strict=True)] == [list(alone), list(alone)]


@pytest.mark.parametrize("make", [lambda t: ClassBalancedBatchSampler(t, 1), lambda t: StratifiedBatchSampler(t, 1)])
@pytest.mark.parametrize(
    ("targets", "kind", "words"),
    [
        ([], ValueError, "no targets arrived. Pass the class of each sample"),
        (torch.eye(3, dtype=torch.int64), ValueError, r"targets of shape \[3, 3\] arrived; \[N\] is expected"),
        (torch.tensor([0.5, 1.5]), TypeError, "targets of dtype float32 arrived; class numbers or names are expected"),
        ([None, 1], TypeError, "targets of dtype object arrived"),
    ],
)
def test_targets_must_be_classes(make: Any, targets: Sequence[Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=rf"\w+Sampler: {words}"):
        make(targets)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: ClassBalancedBatchSampler([0, 1], 0), "samples_per_class must be a positive integer; 0 arrived"),
        (lambda: ClassBalancedBatchSampler([0, 1], 1, 0), "num_batches must be a positive integer; 0 arrived"),
        (lambda: ClassBalancedBatchSampler([0, 1], 1, seed=-1), "seed must be an integer, 0 or above; -1 arrived"),
        (lambda: StratifiedBatchSampler([0, 1], 0), "batch_size must be a positive integer; 0 arrived"),
        (lambda: StratifiedBatchSampler([0, 1], 1, drop_last=1), "drop_last must be True or False; 1 arrived"),  # type: ignore[arg-type]
        (lambda: StratifiedBatchSampler([0, 1], 1).set_epoch(-1), "epoch must be an integer, 0 or above; -1 arrived"),
    ],
)
def test_numbers_out_of_range_are_refused(build: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        build()


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), max_size=40))
def test_draws_are_counted(indices: list[int]) -> None:
    draws = count_draws(indices, 10)
    assert draws.counts.tolist() == [indices.count(i) for i in range(10)]
    assert (draws.total, draws.distinct) == (len(indices), len(set(indices)))
    assert (draws.repeats, draws.never) == (len(indices) - len(set(indices)), 10 - len(set(indices)))
    in_batches = [indices[i : i + 3] for i in range(0, len(indices), 3)]
    assert torch.equal(count_draws(in_batches, 10).counts, draws.counts)


def test_draws_in_words() -> None:
    assert str(count_draws([0, 0, 2], 5)) == "3 draws: 2 distinct samples of 5, 1 repeats, 3 never drawn"


@pytest.mark.parametrize("index", [-1, 5])
def test_an_index_of_another_dataset_is_refused(index: int) -> None:
    with pytest.raises(IndexError, match=f"drew index {index}, but the dataset has 5 samples, numbered from 0"):
        count_draws([0, index], 5)
