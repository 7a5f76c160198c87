"""Samples that begin with a tensor: the part that needs care, and the rest that the default collate takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from datakit._errors import kind_of
from datakit.collate import default_collate


def split_leading(batch: Sequence[Any], owner: str, what: str) -> tuple[list[Tensor], list[Any]]:
    """Take the first entry of each sample aside, and collate the others.

    Args:
        batch: B samples: tensors, or tuples that begin with a tensor.
        owner: who asks, for messages.
        what: what the tensors are, for messages ("a sequence").

    Returns:
        The B leading tensors, and the collated batch of each further entry; none where the samples are bare tensors.

    Raises:
        ValueError: if there are no samples.
        TypeError: if a sample neither is nor begins with a tensor, or the dtypes of those tensors differ.
        RuntimeError: if the further entries don't fit together; see :func:`datakit.default_collate`.
    """
    if len(batch) == 0:
        raise ValueError(f"{owner}: no samples arrived. A batch needs at least one.")
    bare = isinstance(batch[0], Tensor)
    leading = [sample if bare else _first(sample) for sample in batch]
    for number, tensor in enumerate(leading):
        if not isinstance(tensor, Tensor):
            raise TypeError(
                f"{owner}: sample {number} of the batch is {kind_of(batch[number])} that "
                f"{'is not' if bare else 'does not begin with'} a tensor. Expected is {what}, or a tuple that begins "
                "with one; torch.as_tensor makes tensors of arrays and lists."
            )
        if tensor.dtype != leading[0].dtype:
            raise TypeError(
                f"{owner}: sample {number} of the batch is {tensor.dtype}, but sample 0 is {leading[0].dtype}. "
                "Convert them to one dtype in the dataset."
            )
    if bare:
        return leading, []
    others: list[Any] = list(default_collate([tuple(sample[1:]) for sample in batch]))
    return leading, others


def join_leading(batched: Any, others: list[Any]) -> Any:
    """Put the batch of leading tensors before the batches of the others; alone it stays bare."""
    return [batched, *others] if others else batched


def _first(sample: Any) -> Any:
    return sample[0] if isinstance(sample, (tuple, list)) and sample else None
