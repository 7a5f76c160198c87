"""What passes a comparison, what does not, and what a failure says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from datakit import check

numbers = st.integers(-(10**6), 10**6) | st.floats(allow_nan=False, width=32)
leaves = numbers | st.text(max_size=4) | st.booleans() | st.none()
arrays = hnp.arrays(st.sampled_from(["float32", "int64", "uint8", "bool"]), hnp.array_shapes(max_dims=3, max_side=3))
values = st.recursive(
    leaves | arrays.map(torch.from_numpy),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


def copied(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.clone()
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(copied(item) for item in value)
    return value


@given(values)
def test_a_copy_is_equal(value: Any) -> None:
    assert check.difference(copied(value), value) is None


@given(values, values)
def test_a_difference_is_a_difference_either_way_or_a_matter_of_numbers(one: Any, other: Any) -> None:
    """Where two values differ the sentence is never empty; describing them never fails."""
    for arrived, expected in [(one, other), (other, one)]:
        found = check.difference(arrived, expected)
        assert found is None or (isinstance(found, str) and found)
    assert check.describe([one, other])


@given(arrays.filter(lambda array: array.size > 0), st.data())
def test_one_changed_value_is_found_and_named(array: np.ndarray, data: st.DataObject) -> None:
    expected = torch.from_numpy(array)
    place = tuple(data.draw(st.integers(0, side - 1)) for side in array.shape)
    changed = expected.clone()
    changed[place] = ~changed[place] if changed.dtype == torch.bool else 7 if changed[place] != 7 else 3
    found = check.difference(changed, expected)
    assert found is not None
    assert str(list(place)) in found or "index" in found


@pytest.mark.parametrize(
    ("arrived", "expected"),
    [
        ([1, 2], (1, 2)),
        (np.array([1.0, 2.0], dtype="float32"), torch.tensor([1.0, 2.0])),
        (torch.tensor(3), 3),
        (np.int64(3), 3),
        (3, torch.tensor(3)),
        (2, 2.0),
        (torch.tensor([1.0 + 1e-7]), torch.tensor([1.0])),
        (torch.tensor([float("nan")]), torch.tensor([float("nan")])),
    ],
)
def test_either_serves(arrived: object, expected: object) -> None:
    check.equal(arrived, expected, "value")


@pytest.mark.parametrize(
    ("arrived", "expected", "says"),
    [
        (torch.zeros(2, 3), torch.zeros(3, 2), "shape [2, 3] arrived; [3, 2] was expected"),
        (torch.zeros(2, dtype=torch.float64), torch.zeros(2), "dtype float64 arrived; float32 was expected"),
        (torch.tensor([0, 5]), torch.tensor([0, 1]), "1 of 2 values differ; the first at index [1]"),
        ([0, 1], torch.tensor([0, 1]), "type list arrived; a tensor was expected"),
        ([1], [1, 2], "1 elements arrived; 2 were expected"),
        ({"x": 1}, {"y": 1}, "keys {'x'} arrived; {'y'} were expected"),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, "at ['a'][1]['b']: 2 arrived; 3 was expected"),
        ([1.0], [1], "at [0]: type float arrived; int was expected"),
        ([True], [1], "at [0]: type bool arrived; int was expected"),
        (["1"], [1], "at [0]: '1' arrived; the number 1 was expected"),
        ([torch.tensor([1])], [1], "a tensor of shape [1] arrived; a single number was expected"),
        ([torch.tensor(1.0)], [torch.tensor(1)], "dtype float32 arrived; int64 was expected"),
        ([None], ["a"], "at [0]: None is not 'a'"),
        (7, [7], "type int arrived; a list or tuple was expected"),
        (7, {"a": 7}, "type int arrived; a dict was expected"),
    ],
)
def test_a_failure_says_where_and_what(arrived: object, expected: object, says: str) -> None:
    with pytest.raises(check.CheckFailed) as failure:
        check.equal(arrived, expected, "value")
    message = str(failure.value)
    assert message.startswith("value\n  arrived ")
    assert "\n  expected " in message
    assert says in message


def test_close_allows_a_distance_but_no_other_form() -> None:
    check.close(np.array([1.01], dtype="float32"), torch.tensor([1.0]), "x", within=0.1)
    with pytest.raises(check.CheckFailed, match=r"within 0\.001"):
        check.close(torch.tensor([1.01]), torch.tensor([1.0]), "x", within=0.001)
    with pytest.raises(check.CheckFailed, match="dtype float64 arrived"):
        check.close(torch.tensor([1.0], dtype=torch.float64), torch.tensor([1.0]), "x", within=0.1)
    with pytest.raises(check.CheckFailed, match="type list arrived"):
        check.close([1.0], torch.tensor([1.0]), "x", within=0.1)


def test_long_values_are_described_in_short() -> None:
    assert len(check.describe(list(range(10_000)))) < 250
    assert check.describe(torch.arange(100)).endswith("11, …]")
    assert check.describe(torch.tensor(1.5)) == "tensor(1.5), float32"
    assert check.describe(ValueError("no")) == "ValueError: no"
