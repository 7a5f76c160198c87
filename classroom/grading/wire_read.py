"""Bytes as values: only the types listed at the end of this file can come out."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from .wire_arrays import DTYPES, array_from, tensor_from, text_array
from .wire_bounds import CONSTANTS, MOST_DEPTH, MOST_VALUES, WireError
from .wire_containers import hashable_set, named_tuple, plain_dict
from .wire_handles import Back, Handle, Named, Terms, Thrown


def decode(data: bytes, terms: Terms) -> Any:
    """Read a value.

    Args:
        data: bytes from anywhere.
        terms: the receiver's.

    Raises:
        WireError: if they hold no value, or one beyond the bounds.
    """
    reader = _Reader(data, terms)
    try:
        value = reader.take(0)
    except WireError:
        raise
    except Exception as error:
        raise WireError(f"the message holds no value: {type(error).__name__}: {error!s:.200}") from None
    if reader.at != len(data):
        raise WireError(f"{len(data) - reader.at} bytes follow the value")
    return value


class _Reader:
    def __init__(self, data: bytes, terms: Terms) -> None:
        self.data, self.terms, self.at, self.values = memoryview(data), terms, 0, 0

    def take(self, depth: int) -> Any:
        self.values += 1
        if depth > MOST_DEPTH or self.values > MOST_VALUES:
            raise WireError(f"the message has more than {MOST_VALUES:,} parts or {MOST_DEPTH} levels")
        tag = self.bytes(1)
        if tag in CONSTANTS:
            return CONSTANTS[tag]
        if tag == b"f":
            return struct.unpack("<d", self.bytes(8))[0]
        if tag == b"c":
            return complex(*struct.unpack("<dd", self.bytes(16)))
        size = struct.unpack("<I", self.bytes(4))[0]
        if tag in BLOBS:
            return BLOBS[tag](self.bytes(size), self.terms)
        if tag not in BUILD:
            raise WireError(f"{tag!r} begins no value")
        if size > len(self.data) - self.at:  # every part takes a byte at least
            raise WireError(f"{size:,} parts are announced, {len(self.data) - self.at:,} bytes are left")
        return BUILD[tag]([self.take(depth + 1) for _ in range(size)], self.terms)

    def bytes(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise WireError(f"{size:,} bytes are announced, {len(self.data) - self.at:,} are left")
        self.at += size
        return bytes(self.data[self.at - size : self.at])


def _typed(parts: list[Any], *kinds: type) -> list[Any]:
    if [type(part) for part in parts] != list(kinds):
        raise WireError(f"expected {[kind.__name__ for kind in kinds]}, got {[type(part).__name__ for part in parts]}")
    return parts


def _names(value: object) -> tuple[str, ...]:
    if type(value) is not tuple or any(type(name) is not str for name in value):
        raise WireError("expected a tuple of names")
    return value


def _thrown(parts: list[Any], terms: Terms) -> BaseException:
    name, kinds, text, trace, mark = _typed(parts, str, tuple, str, str, int)
    return terms.revive(Thrown(name, _names(kinds), text, trace, mark))


def _handle(parts: list[Any], terms: Terms) -> object:
    number, name, kinds, can = _typed(parts, int, str, tuple, str)
    return terms.resolve(Handle(number, name, _names(kinds), can))


def _text(content: bytes, terms: Terms) -> str:
    return terms.incoming(content.decode("utf-8", "surrogatepass"))


BLOBS: dict[bytes, Callable[[bytes, Terms], Any]] = {
    b"i": lambda content, terms: int.from_bytes(content, "little", signed=True),
    b"s": _text,
    b"p": lambda content, terms: Path(_text(content, terms)),
    b"b": lambda content, terms: content,
}
BUILD: dict[bytes, Callable[[list[Any], Terms], Any]] = {
    b"l": lambda parts, terms: parts,
    b"t": lambda parts, terms: tuple(parts),
    b"S": lambda parts, terms: hashable_set(parts),
    b"Z": lambda parts, terms: frozenset(hashable_set(parts)),
    b"d": lambda parts, terms: plain_dict(parts),
    b"m": lambda parts, terms: named_tuple(*_typed(parts, str, tuple, tuple)),
    b"T": lambda parts, terms: tensor_from(*_typed(parts, str, tuple, bytes)),
    b"A": lambda parts, terms: array_from(*_typed(parts, str, tuple, bytes)),
    b"U": lambda parts, terms: text_array(*_typed(parts, tuple, list)),
    b"G": lambda parts, terms: array_from(*_typed(parts, str, tuple, bytes))[()],
    b"r": lambda parts, terms: range(*_typed(parts, int, int, int)),
    b"x": lambda parts, terms: slice(*parts),
    b"D": lambda parts, terms: DTYPES[_typed(parts, str)[0]],
    b"V": lambda parts, terms: torch.device(_typed(parts, str)[0]),
    b"z": lambda parts, terms: torch.Size(_typed(parts, *[int] * len(parts))),
    b"X": _thrown,
    b"H": _handle,
    b"Y": lambda parts, terms: terms.resolve(Back(_typed(parts, int)[0])),
    b"g": lambda parts, terms: terms.resolve(Named(*_typed(parts, str, str))),
}
