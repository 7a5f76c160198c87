"""In the learner's process: what stands for an object of the test, such as a transform that a test hands over.

It can be called, indexed, measured and iterated over as far as the test's own object can, and nothing else: its
attributes stay with the examiner.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from .wire import Handle
from .wire_kinds import CAN, telling_base

Ask = Callable[..., Any]


class StandIn:
    """Stands for an object of the test."""

    def __init__(self, number: int, name: str, ask: Ask) -> None:
        self.number, self._name, self._ask = number, name, ask

    def __repr__(self) -> str:
        return f"<{self._name} of the test>"

    def __reduce__(self) -> Any:
        raise TypeError(f"{self!r} can't be sent to another process: there is only one, and it stays in the test")


def stand_in(handle: Handle, ask: Ask) -> StandIn:
    """Make what stands for an object of the test.

    Args:
        handle: what the examiner told about it.
        ask: how to ask the examiner.
    """
    return _kind(handle.can, telling_base(handle.kinds))(handle.number, handle.name, ask)


@lru_cache(maxsize=1024)
def _kind(can: str, base: type | None) -> type[StandIn]:
    methods = {CAN[letter]: METHODS[letter] for letter in can if letter in METHODS}
    return type("StandIn", (StandIn, base) if base else (StandIn,), methods)


def _iterate(self: StandIn) -> Any:
    return self._ask("iter", self)


def _next(self: StandIn) -> object:
    more, item = self._ask("next", self)
    if not more:
        raise StopIteration
    return item


def _call(self: StandIn, *arguments: object, **options: object) -> object:
    return self._ask("call", self, arguments, options)


def _length(self: StandIn) -> int:
    return int(self._ask("len", self))


def _item(self: StandIn, index: object) -> object:
    return self._ask("getitem", self, index)


METHODS: dict[str, Callable[..., object]] = {"c": _call, "l": _length, "g": _item, "i": _iterate, "n": _next}
