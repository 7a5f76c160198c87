"""Which containers and numbers are plain data, and how hashed ones are rebuilt."""

from __future__ import annotations

from collections import namedtuple
from functools import lru_cache
from itertools import pairwise
from typing import Any

SCALARS = (int, float, complex, str, bytes)
EXACT = frozenset((*SCALARS, bool, bytearray, tuple, list, set, frozenset, dict))
HARMLESS = frozenset(
    f"__{name}__"
    for name in (
        *("module", "doc", "dict", "weakref", "slots", "annotations", "orig_bases", "parameters", "str", "repr"),
        *("eq", "ne", "hash", "lt", "le", "gt", "ge"),
    )
)
"""What a subclass may define and still be nothing but its base's data: comparing and showing are done elsewhere."""

MOST_FIELDS = 100
MOST_ALIKE = 50


def base_of(kind: type) -> type:
    """The builtin type whose data a type's values are, or the type itself.

    A number or a text of a subclass is its number or text. A container of a subclass is plain data only if its class
    adds no behaviour: otherwise it must stay where it can behave.
    """
    if kind in EXACT:
        return kind
    for base in kind.__mro__:
        if base in EXACT:
            return base
        if base.__module__ == "collections" or is_named_tuple(base) or issubclass(kind, SCALARS):
            continue
        if not vars(base).keys() <= HARMLESS:
            return kind
    return kind


def is_named_tuple(kind: type) -> bool:
    """Was this type made by ``namedtuple``?"""
    fields = vars(kind).get("_fields")
    return issubclass(kind, tuple) and isinstance(fields, tuple) and "_make" in vars(kind) and kind.__base__ is tuple


def named_tuple(name: str, fields: tuple[Any, ...], values: tuple[Any, ...]) -> tuple[Any, ...]:
    """A named tuple again, or a plain one where the names won't do."""
    if len(fields) != len(values) or len(fields) > MOST_FIELDS:
        return values
    try:
        made: tuple[Any, ...] = _named_tuple_type(name, fields)(*values)
        return made
    except (ValueError, TypeError):
        return values


@lru_cache(maxsize=256)
def _named_tuple_type(name: str, fields: tuple[str, ...]) -> Any:
    return namedtuple(name, fields)


def hashable_set(parts: list[Any]) -> set[Any]:
    """A set of these.

    Raises:
        ValueError: if so many hash alike that building it would take for ever.
        TypeError: if one can't be hashed.
    """
    _mixed(parts)
    return set(parts)


def plain_dict(parts: list[Any]) -> dict[Any, Any]:
    """A dict of keys and values in turn.

    Raises:
        ValueError: if a value is missing, or too many keys hash alike.
        TypeError: if a key can't be hashed.
    """
    keys, values = parts[::2], parts[1::2]
    _mixed(keys)
    return dict(zip(keys, values, strict=True))


def _mixed(keys: list[Any]) -> None:
    run = 0
    for one, next_one in pairwise(sorted(map(hash, keys))):
        run = run + 1 if one == next_one else 0
        if run > MOST_ALIKE:
            raise ValueError("too many keys hash alike")
