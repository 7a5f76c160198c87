"""Inputs that Hypothesis draws for several test files: samples of any nesting, and comparisons that see types."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

Point = namedtuple("Point", ["x", "y"])

DTYPES = [torch.float32, torch.float64, torch.int64, torch.int32, torch.uint8, torch.bool, torch.float16]
NUMPY_DTYPES = [np.float32, np.float64, np.int64, np.int16, np.uint8, np.bool_]

Maker = Callable[[np.random.Generator], Any]
"""Makes one sample; all samples of one maker have the same structure and differ in their values."""


def _tensor(shape: list[int], dtype: torch.dtype) -> Maker:
    return lambda rng: torch.from_numpy(rng.integers(0, 100, size=shape)).to(dtype)


def _array(shape: list[int], dtype: Any) -> Maker:
    return lambda rng: np.asarray(rng.integers(0, 100, size=shape)).astype(dtype)


def _constant_kind(kind: str) -> Maker:
    makers: dict[str, Maker] = {
        "int": lambda rng: int(rng.integers(-100, 100)),
        "float": lambda rng: float(rng.normal()),
        "bool": lambda rng: bool(rng.integers(2)),
        "str": lambda rng: f"name {rng.integers(100)}",
        "bytes": lambda rng: bytes([int(rng.integers(256))]),
        "float32": lambda rng: np.float32(rng.normal()),
        "float64": lambda rng: np.float64(rng.normal()),
        "int16": lambda rng: np.int16(rng.integers(100)),
        "bool_": lambda rng: np.bool_(rng.integers(2)),
    }
    return makers[kind]


shapes = st.lists(st.integers(0, 3), max_size=3)
kinds = st.sampled_from(["int", "float", "bool", "str", "bytes", "float32", "float64", "int16", "bool_"])
leaves: st.SearchStrategy[Maker] = st.one_of(
    st.builds(_tensor, shapes, st.sampled_from(DTYPES)),
    st.builds(_array, shapes, st.sampled_from(NUMPY_DTYPES)),
    kinds.map(_constant_kind),
)


def _nested(inner: st.SearchStrategy[Maker]) -> st.SearchStrategy[Maker]:
    def mapping(makers: dict[str, Maker], kind: type) -> Maker:
        return lambda rng: kind((key, maker(rng)) for key, maker in makers.items())

    def sequence(makers: list[Maker], kind: type) -> Maker:
        return lambda rng: kind(maker(rng) for maker in makers)

    keyed = st.dictionaries(st.text("abcd", min_size=1, max_size=3), inner, max_size=3)
    listed = st.lists(inner, max_size=3)
    return st.one_of(
        st.builds(mapping, keyed, st.sampled_from([dict, OrderedDict])),
        st.builds(sequence, listed, st.sampled_from([list, tuple])),
        st.tuples(inner, inner).map(lambda pair: lambda rng: Point(pair[0](rng), pair[1](rng))),
    )


makers: st.SearchStrategy[Maker] = st.recursive(leaves, _nested, max_leaves=8)


def draw_samples(maker: Maker, n: int, seed: int) -> list[Any]:
    """Make ``n`` samples of one structure."""
    rng = np.random.default_rng(seed)
    return [maker(rng) for _ in range(n)]


def identical(one: Any, other: Any) -> bool:
    """Whether two nestings agree in types, keys, dtypes, shapes and values; NaN equals NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, torch.Tensor):
        return (
            one.dtype == other.dtype
            and one.shape == other.shape
            and torch.allclose(one, other, rtol=0, atol=0, equal_nan=True)
        )
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, Mapping):
        return list(one) == list(other) and all(identical(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(identical, one, other))
    return bool(one == other)
