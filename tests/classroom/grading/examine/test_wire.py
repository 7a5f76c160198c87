"""What goes through the wire comes out as it was, and whatever else arrives is refused by name."""

from __future__ import annotations

import enum
import struct
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from classroom.grading.wire import Handle, WireError, decode, encode
from classroom.grading.wire_arrays import CARRIED
from classroom.grading.wire_bounds import MOST_BYTES
from classroom.grading.wire_read import BLOBS, BUILD

from .wire_terms import Terms

Point = namedtuple("Point", ["x", "y"])


class Level(enum.IntEnum):
    HIGH = 3


class Liar(list[int]):
    """A list that is equal to everything and adds nothing else."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


class Shelf(list[int]):
    """A list that behaves in its own way."""

    def __getitem__(self, index: Any) -> Any:
        return 0


def through(value: object) -> Any:
    return decode(encode(value, Terms()), Terms())


def same(one: Any, other: Any) -> bool:
    """Are two values of the same types, at every depth, and equal, NaN to NaN?"""
    if hasattr(one, "_fields"):  # a named tuple's type is made again
        return (
            type(one).__name__ == type(other).__name__ and one._fields == other._fields and all(map(same, one, other))
        )
    if type(one) is not type(other):
        return False
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and one.shape == other.shape and same_bytes(one, other)
    if isinstance(one, np.ndarray) and one.dtype.kind == "U":  # it comes back as wide as its longest text
        return other.dtype.kind == "U" and one.shape == other.shape and bool((one == other).all())
    if isinstance(one, np.ndarray | np.generic):
        return bool(one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return one == other or (one != one and other != other)


def same_bytes(one: torch.Tensor, other: torch.Tensor) -> bool:
    return not one.numel() or bool((one.reshape(-1).view(torch.uint8) == other.reshape(-1).view(torch.uint8)).all())


numbers = st.integers() | st.floats() | st.complex_numbers(allow_nan=False)
keys = st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.binary(max_size=4) | st.tuples(st.text())
tensors = hnp.arrays(
    st.sampled_from(["float32", "float64", "int64", "uint8", "bool", "complex64"]),
    hnp.array_shapes(min_dims=0, min_side=0),
).map(torch.from_numpy)
arrays = hnp.arrays(st.sampled_from(["<f4", ">i2", "uint16", "bool", "M8[s]", "<U3"]), hnp.array_shapes(max_dims=3))
leaves = (
    numbers
    | keys
    | tensors
    | arrays
    | st.builds(range, st.integers(), st.integers(), st.integers(1))
    | st.builds(slice, st.none() | st.integers(), st.none() | st.integers())
    | st.sampled_from([..., NotImplemented, torch.bfloat16, torch.device("cpu"), torch.Size([2, 0]), Path("/a/b")])
    | st.sampled_from([np.float32(1.5), np.int64(-3), np.bool_(True), Point(1, "a")])
    | st.sets(keys, max_size=4)
    | st.frozensets(st.integers(), max_size=4)
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(keys, inner, max_size=4)
        | st.builds(Point, inner, inner)
    ),
    max_leaves=12,
)


@given(values)
@settings(deadline=None)
def test_plain_values_come_out_as_they_went_in(value: Any) -> None:
    assert same(through(value), value)


@pytest.mark.parametrize("name", sorted(CARRIED))
def test_every_dtype_travels(name: str) -> None:
    raw = torch.arange(64, dtype=torch.uint8) % 2
    tensor = raw.view(CARRIED[name])[1:]
    assert same(through(tensor), tensor)
    assert through(tensor[:0]).dtype == tensor.dtype


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(12).reshape(3, 4).t(),
        torch.arange(12)[::5],
        torch.zeros(1).expand(4),
        torch.ones(2, requires_grad=True) * 2,
        torch.nn.Parameter(torch.ones(2)),
        torch.complex(torch.ones(2), torch.ones(2)).conj(),
        torch.zeros(0, 3),
        torch.tensor(5),
    ],
)
def test_any_strided_tensor_travels_as_its_values(tensor: torch.Tensor) -> None:
    arrived = through(tensor)
    assert type(arrived) is torch.Tensor
    assert not arrived.requires_grad
    assert torch.equal(arrived, tensor.detach().resolve_conj())


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Level.HIGH, 3),
        (np.str_("a"), "a"),
        (np.float64(2.5), np.float64(2.5)),
        (Liar([1, 2]), [1, 2]),
        (OrderedDict(a=1), {"a": 1}),
        (defaultdict(list, a=[1]), {"a": [1]}),
        (Counter("aab"), {"a": 2, "b": 1}),
        (bytearray(b"x"), b"x"),
        (PurePosixPath("a/b"), Path("a/b")),
        ("\ud800", "\ud800"),
    ],
)
def test_what_is_only_data_arrives_as_data(value: object, plain: object) -> None:
    assert same(through(value), plain)


def test_an_int_may_be_of_any_size() -> None:
    assert through(-(10**5000)) == -(10**5000)


@pytest.mark.parametrize(
    "value", [Shelf([1]), deque([1]), object(), int, len, torch.zeros(2).to_sparse(), np.array([object()])]
)
def test_what_behaves_stays_at_home(value: object) -> None:
    arrived = through(value)
    assert isinstance(arrived, Handle)
    assert arrived.name == type(value).__name__


def test_an_exception_arrives_as_the_nearest_builtin_type() -> None:
    class Missing(FileNotFoundError):  # noqa: N818
        pass

    for error, base, text in [
        (KeyError("a"), KeyError, "'a'"),
        (Missing(2, "No such file", "x.png"), FileNotFoundError, "[Errno 2] No such file: 'x.png'"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), UnicodeDecodeError, "'utf-8' codec can't decode"),
        (NotImplementedError(), NotImplementedError, ""),
        (StopIteration(3), RuntimeError, "3"),
        (SystemExit(0), Exception, "0"),
        (KeyboardInterrupt(), Exception, ""),
    ]:
        arrived = through(error)
        assert isinstance(arrived, base)
        assert isinstance(arrived, Exception)
        assert not isinstance(arrived, StopIteration)
        assert str(arrived).startswith(text)
        assert type(arrived).__name__ == type(error).__name__


def test_what_is_too_large_is_refused_before_it_is_copied() -> None:
    holds_itself: list[Any] = []
    holds_itself.append(holds_itself)
    for value in [holds_itself, torch.zeros(1).expand(10**12), [0] * 600_000, "x" * (MOST_BYTES + 1)]:
        with pytest.raises(WireError, match=r"too large to hand over|can be handed over"):
            encode(value, Terms())


def test_a_bool_is_true_or_false() -> None:
    """A byte of 2 in a bool tensor is equal to neither."""
    content = encode(torch.tensor([True]), Terms())[:-1] + b"\x02"
    assert decode(content, Terms()).tolist() == [True]
    assert bool((decode(content, Terms()) == torch.tensor([True])).all())


TAGS = b"".join([*BLOBS, *BUILD, b"N10EIfc"])
noise = st.binary(max_size=200) | st.lists(
    st.sampled_from([bytes([tag]) for tag in TAGS])
    | st.integers(0, 5).map(lambda n: struct.pack("<I", n))
    | st.binary(max_size=9)
).map(b"".join)


@given(noise)
@settings(deadline=None, max_examples=1500)
def test_any_bytes_give_a_value_or_a_wire_error(content: bytes) -> None:
    try:
        decode(content, Terms())
    except WireError as error:
        assert str(error)


@given(values, st.data())
@settings(deadline=None, max_examples=300)
def test_a_damaged_message_gives_a_value_or_a_wire_error(value: Any, data: st.DataObject) -> None:
    content = bytearray(encode(value, Terms()))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        decode(bytes(content), Terms())
    except WireError as error:
        assert str(error)


def sized(tag: bytes, size: int, rest: bytes = b"") -> bytes:
    return tag + struct.pack("<I", size) + rest


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"?",
        b"NN",
        sized(b"l", 2**32 - 1),
        sized(b"s", 2**32 - 1),
        sized(b"l", 1) * 1000 + b"N",
        sized(b"d", 1, b"N"),
        sized(b"d", 2, sized(b"l", 0) + b"N"),
        sized(b"S", 1, sized(b"l", 0)),
        sized(b"s", 1, b"\xff"),
        sized(b"T", 3, sized(b"s", 7, b"float32") + sized(b"t", 0) + sized(b"b", 3, b"abc")),
        sized(b"T", 3, sized(b"s", 6, b"object") + sized(b"t", 0) + sized(b"b", 0)),
        sized(b"A", 3, sized(b"s", 2, b"|O") + sized(b"t", 0) + sized(b"b", 8, b"12345678")),
        sized(b"A", 3, sized(b"s", 6, b"<f8,<f") + sized(b"t", 0) + sized(b"b", 8, b"12345678")),
        sized(b"r", 3, (sized(b"i", 1, b"\x00")) * 3),
        sized(b"Y", 1, sized(b"i", 1, b"\x07")),
        sized(b"D", 1, sized(b"s", 2, b"no")),
        sized(b"V", 1, sized(b"s", 2, b"no")),
        sized(b"X", 1, b"N"),
        sized(b"H", 4, b"NNNN"),
    ],
)
def test_bytes_that_hold_no_value_are_refused(content: bytes) -> None:
    with pytest.raises(WireError):
        decode(content, Terms())


def test_a_shape_beside_a_zero_is_bounded() -> None:
    for shape in [(0, 2**62, 2**62), (2**40, 2**40), (-1,), (0,) * 100]:
        content = encode(("float32", shape, b""), Terms())
        with pytest.raises(WireError):
            decode(b"T" + content[1:], Terms())


def test_keys_that_all_hash_alike_are_refused() -> None:
    modulus = 2**61 - 1
    for bag in [set, dict.fromkeys]:
        content = encode(list(bag(range(modulus, modulus * 400, modulus))), Terms())
        with pytest.raises(WireError, match="hash alike"):
            decode(b"S" + content[1:], Terms())


def test_millions_of_parts_in_few_bytes_are_refused() -> None:
    with pytest.raises(WireError, match="parts"):
        decode(sized(b"l", 600_000, b"N" * 600_000), Terms())
