"""TensorDataset against PyTorch's, and the indexing contract against a list's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils import data as torch_data

from datakit import TensorDataset, check, default_collate
from datakit.datasets.indexing import position
from tests.strategies import DTYPES, identical


@st.composite
def columns(draw: st.DrawFn) -> list[torch.Tensor]:
    n = draw(st.integers(1, 8))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return [
        torch.from_numpy(rng.integers(0, 100, size=[n, *shape])).to(draw(st.sampled_from(DTYPES)))
        for shape in draw(st.lists(st.lists(st.integers(0, 3), max_size=2), min_size=1, max_size=3))
    ]


@settings(max_examples=200, deadline=None)
@given(columns(), st.data())
def test_equals_pytorch(tensors: list[torch.Tensor], data: st.DataObject) -> None:
    ours, theirs = TensorDataset(*tensors), torch_data.TensorDataset(*tensors)
    n = len(tensors[0])
    assert len(ours) == len(theirs) == n
    index = data.draw(st.integers(-n, n - 1))
    assert identical(ours[index], theirs[index])
    part = data.draw(st.slices(n).filter(lambda part: part.step is None or part.step > 0))
    assert identical(ours[part], theirs[part])
    indices = data.draw(st.lists(st.integers(-n, n - 1), max_size=6))
    assert identical(ours.__getitems__(indices), [theirs[i] for i in indices])


@settings(max_examples=200)
@given(st.integers(0, 10), st.integers(-15, 15))
def test_a_position_is_what_a_list_would_find(n: int, index: int) -> None:
    items = list(range(n))
    kinds: list[Any] = [
        int,
        np.int64,
        np.int8,
        torch.tensor,
        lambda i: torch.tensor([i]),
        lambda i: torch.tensor([[i]]),
    ]
    for kind in kinds:
        try:
            expected = items[kind(index)]
        except IndexError:
            with pytest.raises(IndexError, match=rf"Sized: index {index} (is out of range|arrived)"):
                position(kind(index), n, "Sized")
        else:
            assert position(kind(index), n, "Sized") == expected


def test_a_bool_counts_as_it_does_for_a_list() -> None:
    assert position(True, 2, "Sized") == [0, 1][True]


@pytest.mark.parametrize("index", [1.0, "1", None, [1], np.float32(1), torch.tensor(1.0), torch.tensor([0, 1])])
def test_what_a_list_refuses_is_refused(index: Any) -> None:
    with pytest.raises(TypeError):
        list(range(3))[index]
    with pytest.raises(TypeError, match=r"Sized: an index must be one integer; .* arrived. For several samples"):
        position(index, 3, "Sized")


def test_out_of_range_names_index_and_range() -> None:
    with pytest.raises(IndexError, match=r"index 5 is out of range. There are 3 samples: use an index from -3 to 2"):
        TensorDataset([1, 2, 3])[5]
    with pytest.raises(IndexError, match="index 0 arrived, but the dataset is empty"):
        TensorDataset([])[0]


def test_keeps_the_contract_that_the_labs_check() -> None:
    x = torch.arange(6.0).reshape(3, 2)
    names = ["a", "b", "c"]
    check.indexing(TensorDataset(x, names), [(x[i], names[i]) for i in range(3)])


def test_lists_stand_beside_tensors() -> None:
    dataset = TensorDataset(torch.arange(4), ["a", "b", "c", "d"], (1.0, 2.0, 3.0, 4.0))
    assert dataset[-1] == (torch.tensor(3), "d", 4.0)
    assert dataset[1:3][1:] == (["b", "c"], (2.0, 3.0))
    assert [name for _, name, _ in dataset.__getitems__([3, 0, 3])] == ["d", "a", "d"]
    assert dataset.__getitems__([]) == []


def test_several_samples_are_checked_like_one() -> None:
    with pytest.raises(IndexError, match="TensorDataset: index 4 is out of range"):
        TensorDataset(torch.arange(4)).__getitems__([0, 4])


@settings(max_examples=200, deadline=None)
@given(columns(), st.data())
def test_a_batch_taken_whole_is_what_collating_gives(tensors: list[torch.Tensor], data: st.DataObject) -> None:
    n = len(tensors[0])
    dataset = TensorDataset(*tensors, [f"row {i}" for i in range(n)])
    indices = data.draw(st.lists(st.integers(-n, n - 1), min_size=1, max_size=6))
    expected = default_collate([dataset[i] for i in indices])
    assert identical(dataset.take_batch(indices), expected)
    assert identical(dataset.take_batch(torch.tensor(indices)), expected)
    assert identical(dataset.take_batch([np.int64(i) for i in indices]), expected)


def test_a_batch_taken_whole_is_checked_like_one_sample() -> None:
    dataset = TensorDataset(torch.arange(3), ["a", "b", "c"])
    with pytest.raises(IndexError, match=r"TensorDataset: index 3 is out of range. There are 3 samples"):
        dataset.take_batch([0, 3])
    with pytest.raises(IndexError, match="index -4 is out of range"):
        dataset.take_batch(torch.tensor([-4]))
    with pytest.raises(TypeError, match=r"an index must be one integer; float 1\.0 arrived"):
        dataset.take_batch([0, 1.0])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="an index must be one integer; str 'a' arrived"):
        dataset.take_batch(["a"])  # type: ignore[list-item]


def test_a_single_sample_shares_memory() -> None:
    x = torch.zeros(3, 2)
    TensorDataset(x)[1][0][:] = 7
    assert x[1].tolist() == [7, 7]


def test_lengths_that_differ_are_named() -> None:
    with pytest.raises(ValueError, match=r"column 0 has 3, column 1 has 3, column 2 has 2. Cut or extend"):
        TensorDataset(torch.zeros(3), [1, 2, 3], torch.zeros(2, 3))


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ((), ValueError, "no column arrived. Pass at least one"),
        ((torch.tensor(1),), ValueError, "column 0 is a tensor without dimensions"),
        (([1], np.zeros(1)), TypeError, r"column 1 is a ndarray.*torch.as_tensor\(column\)"),
        (("abc",), TypeError, "column 0 is a str"),
    ],
)
def test_bad_columns_are_refused(arguments: tuple[Any, ...], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        TensorDataset(*arguments)
