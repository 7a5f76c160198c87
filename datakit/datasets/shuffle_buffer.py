"""Shuffle what can only be read in order."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from datakit._errors import check_positive

T = TypeVar("T")


class ShuffleBuffer(Generic[T]):
    """The items of a stream in random order, as far as a buffer allows.

    The buffer is filled first. Then each item that arrives takes the place of one that is drawn from the buffer and
    goes out; at the end the rest is drawn. So an item can come out any time later, but at most ``buffer_size - 1``
    places earlier than it went in: items that stand together in a long stream stay near each other unless the buffer
    is large. With ``buffer_size=1`` the order stays as it is.

    It draws as PyTorch's ``Shuffler`` does, so that the same random numbers give the same order.

    Args:
        items: what to shuffle; taken one at a time, and only ``buffer_size`` of them are held.
        buffer_size: how many items to hold.
        rng: where random numbers come from.

    Raises:
        ValueError: if ``buffer_size`` is not a positive integer.

    Example:
        >>> list(ShuffleBuffer(range(8), buffer_size=3, rng=random.Random(0)))
        [1, 3, 0, 4, 2, 6, 7, 5]

    Source: "torch.utils.data.datapipes.iter.Shuffler", PyTorch documentation.
    """

    def __init__(self, items: Iterable[T], buffer_size: int, rng: random.Random) -> None:
        check_positive(buffer_size, "buffer_size", "ShuffleBuffer")
        self.items = items
        self.buffer_size = buffer_size
        self.rng = rng

    def __iter__(self) -> Iterator[T]:
        held: list[T] = []
        for item in self.items:
            if len(held) < self.buffer_size:
                held.append(item)
                continue
            at = self.rng.randint(0, len(held) - 1)
            yield held[at]
            held[at] = item
        while held:
            yield held.pop(self.rng.randint(0, len(held) - 1))
