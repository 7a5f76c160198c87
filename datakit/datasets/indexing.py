"""The indexing contract that every map-style dataset keeps: an index means what it means to a list."""

from __future__ import annotations

import operator
from typing import SupportsIndex


def position(index: SupportsIndex, length: int, name: str) -> int:
    """Turn an index into a position between 0 and ``length - 1``.

    Whatever Python's own lists take is taken: an ``int``, negative or not, a NumPy integer, an integer tensor of one
    element, and anything else with ``__index__``. A ``bool`` counts as 0 or 1, as it does for a list.

    Args:
        index: where to look; negative indices count from the end.
        length: the number of samples.
        name: the dataset's name in messages.

    Returns:
        The position, counted from the front.

    Raises:
        IndexError: if there is no such sample. A for-loop over a dataset ends at this error, so the type matters.
        TypeError: if ``index`` is not an integer (a float, a string, a slice, a list of indices).

    Source: "object.__index__" and "Emulating container types", Python Language Reference, Data model.
    """
    try:
        wanted = operator.index(index)
    except TypeError as error:
        raise TypeError(
            f"{name}: an index must be one integer; {_described(index)} arrived. "
            f"For several samples write [dataset[i] for i in indices], or torch.utils.data.Subset(dataset, indices)."
        ) from error
    if -length <= wanted < length:
        return wanted % length
    if length == 0:
        raise IndexError(f"{name}: index {wanted} arrived, but the dataset is empty. Check what it was built from.")
    raise IndexError(
        f"{name}: index {wanted} is out of range. There are {length} samples: "
        f"use an index from {-length} to {length - 1}."
    )


def _described(index: object) -> str:
    text = repr(index)
    return f"{type(index).__name__} {text if len(text) <= 60 else text[:59] + '…'}"
