"""Shared batches that several worker processes fill together."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

from datakit.workers.memory import Bytes, lend, mapped, nameless_file
from datakit.workers.messages import Target
from datakit.workers.packing import Packed, unpack

KEEP = 8
"""Shared batches that are kept for later, when the loop's consumer has let go of them."""


class _Known(NamedTuple):
    n: int
    target: Target
    memory: Bytes


class Targets:
    """The loop's side of shared batches. Each is laid out once, told to all workers once, and used again and again."""

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}
        self._returned: deque[int] = deque()
        self._free: list[int] = []
        self._next = 0

    def take(self, n: int) -> tuple[Any, int] | None:
        """Return a batch of ``n`` samples that nobody uses, and its number; or ``None`` if there is none."""
        while self._returned:
            self._free.append(self._returned.popleft())
        for number in self._free:
            known, target, memory = self._known[number]
            if known == n:
                self._free.remove(number)
                return unpack(target.rest, target.layout, lend(memory, self._returned.append, number)), number
        return None

    def add(self, n: int, batch: Any) -> tuple[Target, int]:
        """Lay out one more batch of ``n`` samples, like ``batch``.

        Returns:
            What the workers must be told, and the file to pass on to them; the caller closes it.
        """
        forgotten, self._free = self._free[:-KEEP], self._free[-KEEP:]
        for number in forgotten:
            del self._known[number]
        packed = Packed(batch)
        target = Target(self._next, packed.rest, packed.layout, max(1, packed.size), forgotten)
        file = nameless_file(target.size)
        self._known[self._next] = _Known(n, target, mapped(file, target.size))
        self._free.append(self._next)
        self._next += 1
        return target, file
