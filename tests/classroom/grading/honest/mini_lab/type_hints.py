# shows: type hints, on everything

# %% answer double
from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Number = TypeVar("Number", int, float)


def double(values: Sequence[Number]) -> list[Number]:
    """Each number, doubled."""
    result: list[Number] = [2 * value for value in values]
    return result


# %% answer lengths
def lengths(words: list[str]) -> list[int]:
    return [len(word) for word in words]
