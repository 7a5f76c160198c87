"""Windows against ``Tensor.unfold``, splits against what each part reads step by step."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.utils.data import random_split

from datakit import TimeSeriesDataset, check, temporal_split
from tests.strategies import DTYPES, identical


@settings(max_examples=200, deadline=None)
@given(
    steps=st.integers(2, 30),
    window=st.integers(1, 6),
    horizon=st.integers(1, 4),
    stride=st.integers(1, 5),
    variables=st.none() | st.integers(1, 3),
    dtype=st.sampled_from(DTYPES),
)
def test_windows_are_those_of_unfold(
    steps: int, window: int, horizon: int, stride: int, variables: int | None, dtype: torch.dtype
) -> None:
    assume(steps >= window + horizon)
    series = torch.randint(0, 100, (steps,) if variables is None else (steps, variables)).to(dtype)
    dataset = TimeSeriesDataset(series, window, horizon, stride)
    # [N, window + horizon] or [N, window + horizon, C]
    expected = series.unfold(0, window + horizon, stride).movedim(-1, 1)
    assert len(dataset) == len(expected)
    for i in range(-len(dataset), len(dataset)):
        assert identical(dataset[i], (expected[i, :window], expected[i, window:]))


@settings(max_examples=200, deadline=None)
@given(st.data(), st.integers(1, 5), st.integers(1, 3), st.integers(1, 4), st.integers(0, 6))
def test_no_part_knows_a_later_answer(data: st.DataObject, window: int, horizon: int, stride: int, gap: int) -> None:
    least = window + horizon + gap
    lengths = data.draw(st.lists(st.integers(least, least + 12), min_size=1, max_size=4))
    total = sum(lengths)
    # Each step is its own number, so a sample says which steps it read; targets are told apart by an offset.
    whole = TimeSeriesDataset(torch.arange(total), window, horizon, stride, targets=torch.arange(total) + 1000)
    parts = temporal_split(whole, lengths, gap)
    assert len(parts) == len(lengths)
    ends = torch.tensor(lengths).cumsum(0).tolist()
    reads = [{step for x, _ in part for step in x.tolist()} for part in parts]
    answers = [{step - 1000 for _, y in part for step in y.tolist()} for part in parts]
    for k, part in enumerate(parts):
        first = ends[k - 1] + gap if k else window
        assert {min(answers[k])} == {first}
        assert max(answers[k]) < ends[k]
        # Nothing is wasted: one more sample would read a step of the next part.
        assert first + (len(part) * stride) + horizon > ends[k]
        for later in range(k + 1, len(parts)):
            assert max(reads[k] | answers[k]) + gap < min(answers[later])
            if gap >= window:
                assert (reads[k] | answers[k]).isdisjoint(reads[later])
    # What statistics are fitted on:
    assert parts[0].series.tolist() == list(range(lengths[0]))


def test_a_random_split_leaks_and_a_temporal_one_does_not() -> None:
    def leaked(train: Any, test: Any) -> int:
        seen = {step for x, y in train for step in (*x.tolist(), *y.tolist())}
        return sum(step in seen for _, y in test for step in y.tolist())

    dataset = TimeSeriesDataset(torch.arange(200), window=8)
    random_parts = random_split(dataset, [0.8, 0.2], torch.Generator().manual_seed(0))
    assert leaked(*random_parts) > 0.9 * len(random_parts[1])
    assert leaked(*temporal_split(dataset, [0.8, 0.2])) == 0


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(40, 100))
def test_fractions_count_as_in_random_split(weights: list[int], total: int) -> None:
    fractions = [weight / sum(weights) for weight in weights]
    assume(sum(fractions) <= 1)  # PyTorch refuses a sum that rounding has brought above 1.
    expected = [len(part) for part in random_split(range(total), fractions)]  # type: ignore[arg-type]
    assume(min(expected) >= 2)
    parts = temporal_split(TimeSeriesDataset(torch.arange(total), window=1), fractions)
    # A later part also holds the step that its first window looks back at.
    assert [len(part.series) for part in parts] == [expected[0], *(n + 1 for n in expected[1:])]


def test_a_sum_that_rounding_brings_above_one_is_taken() -> None:
    fractions = [weight / 25 for weight in (7, 8, 1, 1, 8)]
    assert sum(fractions) > 1
    parts = temporal_split(TimeSeriesDataset(torch.arange(50), window=1), fractions)
    assert [len(part.series) for part in parts] == [14, 17, 3, 3, 17]


def test_parts_keep_settings_and_can_be_split_again() -> None:
    series = torch.rand(60, 3)
    whole = TimeSeriesDataset(series, window=4, horizon=2, stride=3, targets=series[:, :1])
    train, rest = temporal_split(whole, [30, 30])
    assert (rest.window, rest.horizon, rest.stride) == (4, 2, 3)
    assert identical(rest[0], (series[26:30], series[30:32, :1]))
    _, test = temporal_split(rest, [0.5, 0.5])
    assert identical(test[0], (series[39:43], series[43:45, :1]))
    assert identical(train[0], whole[0])


def test_keeps_the_contract_that_the_labs_check() -> None:
    series = torch.arange(6.0)
    check.indexing(TimeSeriesDataset(series, 3, 2), [(series[0:3], series[3:5]), (series[1:4], series[4:6])])


def test_windows_are_views() -> None:
    series = torch.zeros(1000, 4)
    dataset = TimeSeriesDataset(series, window=100, horizon=10)
    x, y = dataset[7]
    assert x.data_ptr() == series[7].data_ptr()
    assert y.data_ptr() == series[107].data_ptr()
    _, test = temporal_split(dataset, [0.5, 0.5])
    assert test[0][1].data_ptr() == series[500].data_ptr()


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"window": 0}, ValueError, "window must be a positive integer; 0 arrived"),
        ({"horizon": 1.5}, ValueError, "horizon must be a positive integer; 1.5 arrived"),
        ({"stride": -1}, ValueError, "stride must be a positive integer; -1 arrived"),
        ({"window": 9, "horizon": 2}, ValueError, r"window \+ horizon = 9 \+ 2 steps, but the series has only 10"),
        ({"series": torch.empty(0)}, ValueError, "the series has only 0. Use a longer series"),
        ({"series": torch.tensor(1.0)}, ValueError, r"series has the shape \[\]; \[steps\] or"),
        ({"series": torch.zeros(10, 1, 1)}, ValueError, r"series has the shape \[10, 1, 1\]"),
        ({"series": [1, 2, 3]}, TypeError, r"series is a list. Pass a tensor; torch.as_tensor\(series\)"),
        ({"targets": [1, 2, 3]}, TypeError, "targets is a list"),
        ({"targets": torch.zeros(9)}, ValueError, "series has 10 steps and targets 9"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        TimeSeriesDataset(**{"series": torch.zeros(10), "window": 3, **arguments})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ([4, 5],),
            r"lengths=\[4, 5\] arrived for a series of 10 steps. Expected are positive integers that sum to 10",
        ),
        (([10, 0],), "positive integers that sum to 10"),
        (([],), "positive integers that sum to 10"),
        (([0.5, 0.6],), "Fractions must be above 0 and sum to 1"),
        (([1.5, -0.5],), "Fractions must be above 0"),
        (([float("nan"), 0.5],), "Fractions must be above 0"),
        (([0.9, 0.1], 1), "part 1 ends at step 10, and its first target is step 10: too short for a horizon of 1"),
        (([3, 7],), "part 0 ends at step 3, and its first target is step 3: too short"),
        (([0.5, 0.5], -1), "temporal_split: gap must be an integer, 0 or above; -1 arrived"),
    ],
)
def test_bad_splits_are_refused(arguments: tuple[Any, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        temporal_split(TimeSeriesDataset(torch.zeros(10), window=3), *arguments)


def test_out_of_range() -> None:
    with pytest.raises(IndexError, match="TimeSeriesDataset: index 7 is out of range"):
        TimeSeriesDataset(torch.zeros(10), window=3)[7]
