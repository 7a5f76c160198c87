"""How much of padded batches is padding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from torch import Tensor

from datakit.samplers.sizes import checked_sizes


def padding_waste(batches: Iterable[Sequence[int]], lengths: Tensor | Sequence[int]) -> float:
    """Measure which part of an epoch is padding, where each batch is padded to its longest sample.

    Args:
        batches: lists of indices; a batch sampler, say. An epoch of it is used up.
        lengths: the length of each sample of the dataset.

    Returns:
        Between 0 (nothing is padded) and 1. 0 for an epoch without a single element.

    Raises:
        IndexError: if a batch holds an index that has no length.
        ValueError: if a length is not an integer, or is negative.

    Example:
        >>> padding_waste([[0, 1], [2, 3]], lengths=[1, 9, 5, 5])
        0.2857142857142857
    """
    known = checked_sizes(lengths, "padding_waste")
    real = padded = 0
    for batch in batches:
        sizes = [_size(known, index) for index in batch]
        real += sum(sizes)
        padded += len(sizes) * max(sizes, default=0)
    return 1 - real / padded if padded else 0.0


def _size(known: list[int], index: int) -> int:
    if not 0 <= index < len(known):
        raise IndexError(
            f"padding_waste: a batch holds index {index}, but lengths has {len(known)} entries. "
            "Pass the length of each sample of the dataset."
        )
    return known[index]
