"""Values as bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

import numpy as np
import torch

from .wire_arrays import array_parts, tensor_parts
from .wire_bounds import CONSTANTS, MOST_BYTES, MOST_DEPTH, MOST_VALUES, WireError
from .wire_containers import base_of, is_named_tuple
from .wire_handles import Back, Handle, Terms

SYMBOLS = {id(value): tag for tag, value in CONSTANTS.items()}


def encode(value: object, terms: Terms) -> bytes:
    """Write a value down.

    Args:
        value: anything; what has no plain form is handed to ``terms.refer``.
        terms: the sender's.

    Raises:
        WireError: if it is too large, too deeply nested (or holds itself).
    """
    writer = _Writer(terms)
    writer.put(value, 0)
    return bytes(writer.out)


class _Writer:
    def __init__(self, terms: Terms) -> None:
        self.terms, self.out, self.values = terms, bytearray(), 0

    def put(self, value: Any, depth: int) -> None:
        self.values += 1
        if depth > MOST_DEPTH or self.values > MOST_VALUES or len(self.out) > MOST_BYTES:
            raise WireError(
                f"the value is too large to hand over: more than {MOST_VALUES:,} parts, {MOST_DEPTH} levels or "
                f"{MOST_BYTES >> 20} MiB (does it hold itself?)"
            )
        kind: Any = type(value) if isinstance(value, np.number | np.bool) else base_of(type(value))
        if id(value) in SYMBOLS:
            self.out += SYMBOLS[id(value)]
        elif kind is int:
            number = int.__index__(value)
            self.blob(b"i", number.to_bytes(number.bit_length() // 8 + 1, "little", signed=True))
        elif kind is float:
            self.out += b"f" + struct.pack("<d", value)
        elif kind is complex:
            self.out += b"c" + struct.pack("<dd", value.real, value.imag)
        elif kind is str:
            self.text(b"s", self.terms.outgoing(str.__str__(value)))
        elif kind in (bytes, bytearray):
            self.blob(b"b", bytes(value))
        elif kind in SEQUENCES:
            tag = SEQUENCES[kind]
            if kind is tuple and is_named_tuple(type(value)):
                value, tag = (type(value).__name__, tuple(value._fields), tuple(value)), b"m"
            self.several(tag, list(kind.__iter__(value)), depth)
        elif kind is dict:
            self.several(b"d", [part for pair in dict.items(value) for part in pair], depth)
        elif isinstance(value, torch.Tensor):
            self.raw(b"T", tensor_parts, value, depth)
        elif isinstance(value, np.ndarray | np.generic):
            if value.dtype.kind == "U":
                self.several(b"U", [value.shape, [str(text) for text in value.flat]], depth)
            else:
                self.raw(b"G" if isinstance(value, np.generic) else b"A", array_parts, value, depth)
        elif kind in PARTS:
            tag, parts = PARTS[kind]
            self.several(tag, parts(value), depth)
        elif isinstance(value, PurePath):
            self.text(b"p", self.terms.outgoing(str(value)))
        elif isinstance(value, BaseException):
            thrown = self.terms.throw(value)
            self.several(b"X", [thrown.name, thrown.kinds, thrown.text, thrown.trace, thrown.mark], depth)
        else:
            self.reference(value, depth)

    def blob(self, tag: bytes, content: bytes) -> None:
        if len(self.out) + len(content) > MOST_BYTES:
            raise WireError(f"the value is too large to hand over: more than {MOST_BYTES >> 20} MiB")
        self.out += tag + struct.pack("<I", len(content)) + content

    def text(self, tag: bytes, text: str) -> None:
        self.blob(tag, text.encode("utf-8", "surrogatepass"))

    def several(self, tag: bytes, parts: list[Any], depth: int) -> None:
        self.out += tag + struct.pack("<I", len(parts))
        for part in parts:
            self.put(part, depth + 1)

    def raw(self, tag: bytes, take_apart: Callable[[Any, int], Any], value: Any, depth: int) -> None:
        try:
            parts = take_apart(value, MOST_BYTES)
        except ValueError as error:
            raise WireError(str(error)) from None
        if parts is None:
            self.reference(value, depth)
        else:
            self.several(tag, list(parts), depth)

    def reference(self, value: object, depth: int) -> None:
        reference = self.terms.refer(value)
        if isinstance(reference, Handle):
            self.several(b"H", [reference.number, reference.name, reference.kinds, reference.can], depth)
        elif isinstance(reference, Back):
            self.several(b"Y", [reference.number], depth)
        else:
            self.several(b"g", [reference.module, reference.path], depth)


SEQUENCES: dict[Any, bytes] = {list: b"l", tuple: b"t", set: b"S", frozenset: b"Z"}
PARTS: dict[Any, tuple[bytes, Callable[[Any], list[Any]]]] = {
    range: (b"r", lambda value: [value.start, value.stop, value.step]),
    slice: (b"x", lambda value: [value.start, value.stop, value.step]),
    torch.dtype: (b"D", lambda value: [str(value).removeprefix("torch.")]),
    torch.device: (b"V", lambda value: [str(value)]),
    torch.Size: (b"z", list),
}
