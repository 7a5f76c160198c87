"""The sizes of samples, checked."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from typing import Any

from torch import Tensor

from datakit._errors import kind_of


def checked_sizes(sizes: Tensor | Sequence[int], owner: str) -> list[int]:
    """Return sizes as a list of integers.

    Args:
        sizes: one integer ≥ 0 for each sample.
        owner: who asks, for messages.

    Raises:
        ValueError: if there are none, or one is not an integer or is negative.
    """
    listed = sizes.tolist() if isinstance(sizes, Tensor) else list(sizes)
    if not listed:
        raise ValueError(f"{owner}: no sizes arrived. Pass the size of each sample, in the dataset's order.")
    for number, size in enumerate(listed):
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise ValueError(
                f"{owner}: the size of sample {number} is {size!r}; an integer, 0 or above, is expected. "
                "[len(sample) for sample in samples] makes such a list."
            )
    return listed


def check_sized(data_source: Any, owner: str) -> None:
    """Refuse what has no length.

    Raises:
        TypeError: if ``data_source`` has no ``__len__``.
    """
    if not isinstance(data_source, Sized):
        raise TypeError(f"{owner}: {kind_of(data_source)} arrived, which has no length. Pass a dataset with __len__.")
