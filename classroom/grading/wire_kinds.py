"""What is told of an object that stays in its process: its types' names, and what may be asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from torch.utils.data import Dataset, IterableDataset, Sampler

CAN = {"c": "__call__", "l": "__len__", "g": "__getitem__", "i": "__iter__", "n": "__next__"}
MOST_KINDS = 30
TELLING: dict[str, type] = {
    f"{kind.__module__}.{kind.__qualname__}": kind for kind in (IterableDataset, Dataset, Sampler, Mapping, Sequence)
}
"""Types for which libraries and checks ask: the object that stands for another one has them, too. The nearest first."""


def kinds_of(kind: type) -> tuple[str, ...]:
    """The dotted names of a type and its bases."""
    return tuple(f"{base.__module__}.{base.__qualname__}"[:200] for base in kind.__mro__[:MOST_KINDS])


def can_of(kind: type) -> str:
    """What may be asked of an object of this type."""
    found = "".join(letter for letter, method in CAN.items() if getattr(kind, method, None) is not None)
    # Python also iterates over what has only __getitem__.
    return found if "i" in found or "g" not in found else found + "i"


def telling_base(kinds: tuple[str, ...]) -> type | None:
    """The type for which libraries ask, if the names hold one."""
    return next((kind for name, kind in TELLING.items() if name in kinds), None)


def ends_quietly(iterator: Iterator[object]) -> tuple[bool, object]:
    """The next item as (true, item), or (false, None): a StopIteration that travels would end other loops."""
    try:
        return True, next(iterator)
    except StopIteration:
        return False, None
