"""Batches of any nesting: change each leaf, keep the structure."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from datakit.collate import is_namedtuple, like_mapping, like_sequence


def map_leaves(change: Callable[[Any], Any], batch: Any) -> Any:
    """Return a twin of ``batch`` in which each leaf is what ``change`` makes of it.

    Tuples, namedtuples, lists, mappings, dataclasses and PyTorch's ``PackedSequence`` are looked into, at any depth,
    and keep their types. Anything else is a leaf: tensors, numbers, strings, objects of your own. The ``batch_sizes``
    of a ``PackedSequence`` stay as they are, because PyTorch reads them on the CPU.

    Args:
        change: called with each leaf, in a fixed order.
        batch: any nesting; it is not changed itself.

    Example:
        >>> map_leaves(lambda leaf: 10 * leaf, {"x": [1, 2], "y": (3,)})
        {'x': [10, 20], 'y': (30,)}
    """
    if isinstance(batch, PackedSequence):
        data, *order = (map_leaves(change, part) for part in (batch[0], batch[2], batch[3]))
        return PackedSequence(data, batch.batch_sizes, *order)
    if isinstance(batch, Mapping):
        return like_mapping(batch, {key: map_leaves(change, value) for key, value in batch.items()})
    if isinstance(batch, (tuple, list)):
        items = [map_leaves(change, item) for item in batch]
        if is_namedtuple(batch):
            return type(batch)(*items)
        return type(batch)(items) if isinstance(batch, tuple) else like_sequence(batch, items)
    if is_dataclass(batch) and not isinstance(batch, type):
        # A copy, not `dataclasses.replace`: that would run `__post_init__` again on values that have been through it.
        clone = copy.copy(batch)
        for field in fields(batch):
            # A frozen dataclass refuses its own `__setattr__`.
            object.__setattr__(clone, field.name, map_leaves(change, getattr(batch, field.name)))
        return clone
    return change(batch)


def tensors_in(batch: Any) -> list[Tensor]:
    """Return all tensors of ``batch``, in the order in which :func:`map_leaves` meets them."""
    found: list[Tensor] = []

    def note(leaf: Any) -> Any:
        if isinstance(leaf, Tensor):
            found.append(leaf)
        return leaf

    map_leaves(note, batch)
    return found


def batch_bytes(batch: Any) -> int:
    """Return how many bytes the tensors of ``batch`` hold.

    Example:
        >>> import torch
        >>> batch_bytes((torch.zeros(64, 3, 224, 224, dtype=torch.uint8), torch.zeros(64, dtype=torch.int64)))
        9634304
    """
    return sum(tensor.nbytes for tensor in tensors_in(batch))
