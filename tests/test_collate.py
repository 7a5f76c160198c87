"""default_collate and default_convert against PyTorch's, and what they refuse."""

from __future__ import annotations

import warnings
from collections import OrderedDict, UserDict, UserList, defaultdict, namedtuple
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils import data as torch_data

from datakit import default_collate, default_convert
from tests.strategies import Maker, Point, draw_samples, identical, makers


@settings(max_examples=400, deadline=None)
@given(makers, st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_equals_pytorch_on_generated_nestings(maker: Maker, n: int, seed: int) -> None:
    samples = draw_samples(maker, n, seed)
    assert identical(default_collate(samples), torch_data.default_collate(samples))


@settings(max_examples=200, deadline=None)
@given(makers, st.integers(0, 2**32 - 1))
def test_convert_equals_pytorch_on_generated_nestings(maker: Maker, seed: int) -> None:
    (sample,) = draw_samples(maker, 1, seed)
    assert identical(default_convert(sample), torch_data.default_convert(sample))


@pytest.mark.parametrize(
    "samples",
    [
        [defaultdict(list, a=1), defaultdict(list, a=2)],
        [OrderedDict(b=1, a=2.0), OrderedDict(b=3, a=4.0)],
        [UserDict(a=1), UserDict(a=2)],
        [MappingProxyType({"a": 1}), MappingProxyType({"a": 2})],
        [UserList([1, 2]), UserList([3, 4])],
        [range(3), range(3)],
        [Point(1, "a"), Point(2, "b")],
        [[[]], [[]]],
    ],
    ids=lambda samples: type(samples[0]).__name__,
)
def test_container_types_come_back_as_in_pytorch(samples: list[Any]) -> None:
    ours, theirs = default_collate(samples), torch_data.default_collate(samples)
    assert type(ours) is type(theirs)
    assert repr(ours) == repr(theirs)
    ours, theirs = default_convert(samples[0]), torch_data.default_convert(samples[0])
    assert type(ours) is type(theirs)
    assert repr(ours) == repr(theirs)


class Settings(Mapping[str, int]):
    """A mapping that can't be made of another one."""

    def __init__(self) -> None:
        self.held = {"a": 1}

    def __getitem__(self, key: str) -> int:
        return self.held[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)


def test_a_mapping_that_cannot_be_made_anew_becomes_a_dict_as_in_pytorch() -> None:
    samples = [Settings(), Settings()]
    assert identical(default_collate(samples), torch_data.default_collate(samples))
    assert identical(default_convert(samples[0]), torch_data.default_convert(samples[0]))


def test_tensors_on_two_devices_are_refused_in_pytorchs_words() -> None:
    samples = [torch.zeros(2), torch.zeros(2, device="meta")]
    with pytest.raises(RuntimeError) as theirs:
        torch_data.default_collate(samples)
    with pytest.raises(RuntimeError) as ours:
        default_collate(samples)
    assert str(ours.value) == str(theirs.value)


def test_keys_may_come_in_another_order() -> None:
    batch = default_collate([{"a": 1, "b": 2}, {"b": 4, "a": 3}])
    assert batch["a"].tolist() == [1, 3]
    assert batch["b"].tolist() == [2, 4]


def test_gradients_flow_through_a_batch() -> None:
    weights = [torch.ones(2, requires_grad=True) for _ in range(2)]
    default_collate(weights).sum().backward()
    assert weights[1].grad is not None
    assert weights[1].grad.tolist() == [1, 1]


def test_text_arrays_are_left_alone_by_convert() -> None:
    names = np.array(["a", "b"])
    assert default_convert({"names": names})["names"] is names


Pair = namedtuple("Pair", ["image", "mask"])

REFUSED: list[tuple[str, list[Any], type[Exception], list[str]]] = [
    (
        "shapes",
        [(0, {"mask": torch.zeros(3, 4)}), (1, {"mask": torch.zeros(3, 5)}), (2, {"mask": torch.zeros(3, 4)})],
        RuntimeError,
        ["sample[1]['mask'] differs", "[3, 4] at 0, 2; [3, 5] at 1", "pad the samples to one shape"],
    ),
    (
        "shapes in a namedtuple",
        [Pair(torch.zeros(1), torch.zeros(1)), Pair(torch.zeros(1), torch.zeros(2))],
        RuntimeError,
        ["sample.mask differs", "[1] at 0; [2] at 1"],
    ),
    (
        "shapes of arrays",
        [np.zeros(2), np.zeros((2, 1))],
        RuntimeError,
        ["sample differs", "[2] at 0; [2, 1] at 1"],
    ),
    (
        "dtypes",
        [torch.zeros(1), torch.zeros(1, dtype=torch.float64)],
        RuntimeError,
        ["Dtypes by position in the batch: torch.float32 at 0; torch.float64 at 1", "one dtype"],
    ),
    (
        "dtypes of NumPy numbers",
        [[np.float32(1)], [np.int64(1)]],
        RuntimeError,
        ["sample[0] differs", "float32 at 0; int64 at 1", "one dtype"],
    ),
    (
        "an extra key",
        [{"a": 1}, {"a": 1, "b": 2}],
        RuntimeError,
        ["Keys by position", "'a' at 0; 'a', 'b' at 1", "the same keys"],
    ),
    ("a missing key", [{"a": 1, "b": 2}, {"a": 1}], RuntimeError, ["'a', 'b' at 0; 'a' at 1"]),
    ("lengths", [[1, 2], [1, 2], [1]], RuntimeError, ["Lengths by position", "2 at 0, 1; 1 at 2", "Pad"]),
    ("kinds", [{"y": 1}, {"y": 1.5}], RuntimeError, ["sample['y'] differs", "int at 0; float at 1", "one kind"]),
    ("bool and int", [True, 2], RuntimeError, ["bool at 0; int at 1"]),
    ("tuples with and without names", [Point(1, 2), (1, 2)], RuntimeError, ["namedtuple Point at 0; sequence at 1"]),
    ("None", [(1, None), (2, None)], TypeError, ["sample[1] is None", "has no batched form", "collate_fn"]),
    ("one None", [1, None], TypeError, ["sample is None"]),
    ("an object", [object()], TypeError, ["sample is an object", "Convert it in the dataset"]),
    ("text array", [np.array(["a"])], TypeError, ["NumPy array of dtype <U1", "list of strings"]),
    ("object array", [np.array([None])], TypeError, ["dtype object", "objects into numbers"]),
    ("sparse", [torch.eye(2).to_sparse()], TypeError, ["sample is a nested or sparse tensor", "dense"]),
    ("nothing", [], ValueError, ["no samples arrived", "at least one"]),
]


@pytest.mark.parametrize(
    ("samples", "kind", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_refusals_name_place_and_cure(samples: list[Any], kind: type[Exception], words: list[str]) -> None:
    with pytest.raises(kind) as caught:
        default_collate(samples)
    for word in words:
        assert word in str(caught.value)


def test_a_nested_tensor_is_refused() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nested = torch.nested.nested_tensor([torch.zeros(1), torch.zeros(2)])
    with pytest.raises(TypeError, match="sample is a nested or sparse tensor"):
        default_collate([nested, nested])


def test_many_differing_samples_make_a_short_message() -> None:
    samples = [torch.zeros(1)] * 100 + [torch.zeros(2)]
    with pytest.raises(RuntimeError, match=r"\[1\] at 0, 1, 2, 3, 4, 5 …; \[2\] at 100"):
        default_collate(samples)
