"""Samples → batch: the default collate, from scratch.

A batch has the structure of one sample, and each leaf holds that leaf of all samples.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from datakit._errors import kind_of, quoted

# In the order of asking: a bool is also an int, a float64 of NumPy is also a float, a string is also a sequence.
KINDS: dict[str, type | tuple[type, ...]] = {
    "tensor": Tensor,
    "NumPy array": np.ndarray,
    "NumPy number": (np.bool_, np.number),
    "bool": bool,
    "float": float,
    "int": int,
    "str": str,
    "bytes": bytes,
    "dict": Mapping,
    "sequence": Sequence,
}


def default_collate(batch: Sequence[Any]) -> Any:
    """Put samples together into one batch.

    Tensors and NumPy arrays [...] are stacked to tensors [B, ...]; numbers become tensors [B] (a Python ``float`` gives
    float64, an ``int`` int64); strings and bytes stay as they are. Dicts, namedtuples, tuples and lists are collated
    entry by entry, at any depth; a tuple comes back as a list, as in PyTorch.

    The result is that of ``torch.utils.data.default_collate``, but samples that differ in dtype, in kind or in keys are
    refused, where PyTorch converts them or drops what the first sample lacks.

    Args:
        batch: B samples of the same structure, at least one.

    Returns:
        The batch, in the structure of one sample.

    Raises:
        ValueError: if there are no samples.
        RuntimeError: if samples don't fit together; the message names the place in the sample and who differs.
        TypeError: if a sample holds something that has no batched form (``None``, a custom object).

    Source: "torch.utils.data", PyTorch documentation, default_collate.

    Example:
        >>> default_collate([{"x": torch.tensor([1, 2]), "name": "a"}, {"x": torch.tensor([3, 4]), "name": "b"}])
        {'x': tensor([[1, 2],
                [3, 4]]), 'name': ['a', 'b']}
    """
    if len(batch) == 0:
        raise ValueError("default_collate: no samples arrived. A batch needs at least one.")
    return _collate(batch, "sample")


def _collate(items: Sequence[Any], place: str) -> Any:
    first = items[0]
    kind = _common_kind(items, place)
    if kind == "tensor":
        return _stack(items, place)
    if kind == "NumPy array":
        return _stack([_as_tensor(item, place) for item in items], place)
    if kind == "NumPy number":
        _check_same((item.dtype for item in items), place, "dtypes", "Convert them to one dtype in the dataset.")
        return torch.as_tensor(np.array(items))
    if kind == "float":
        return torch.tensor(items, dtype=torch.float64)
    if kind in ("int", "bool"):
        return torch.tensor(items)
    if kind in ("str", "bytes"):
        return items
    if kind == "dict":
        _check_same((set(item) for item in items), place, "keys", "Give every sample the same keys.")
        return like_mapping(first, {key: _collate([item[key] for item in items], f"{place}[{key!r}]") for key in first})
    _check_same(map(len, items), place, "lengths", "Pad the samples to one length, or pass your own collate_fn.")
    columns = list(zip(*items, strict=True))
    if is_namedtuple(first):
        named = zip(first._fields, columns, strict=True)
        return type(first)(*(_collate(column, f"{place}.{name}") for name, column in named))
    return like_sequence(first, [_collate(column, f"{place}[{i}]") for i, column in enumerate(columns)])


def _common_kind(items: Sequence[Any], place: str) -> str:
    kind = _kind(items[0], place)
    types = list(map(type, items))
    if types.count(types[0]) < len(types):
        kinds = [_kind(item, place) for item in items]
        _check_same(kinds, place, "kinds of value", "Return one kind from every sample.")
    return kind


def _kind(item: object, place: str) -> str:
    for name, types in KINDS.items():
        if isinstance(item, types):
            return f"namedtuple {type(item).__name__}" if is_namedtuple(item) else name
    raise TypeError(
        f"default_collate: {place} is {kind_of(item)}, which has no batched form. Expected are tensors, NumPy "
        "arrays, numbers, strings, dicts, tuples or lists. Convert it in the dataset, or pass your own collate_fn."
    )


def _stack(tensors: Sequence[Tensor], place: str) -> Tensor:
    first = tensors[0]
    if first.is_nested or first.layout != torch.strided:
        raise TypeError(
            f"default_collate: {place} is a nested or sparse tensor, which can't be stacked. "
            "Make it dense in the dataset, or pass your own collate_fn."
        )
    try:
        stacked = torch.stack(list(tensors))
    except RuntimeError:
        advice = "Crop, resize or pad the samples to one shape, or pass your own collate_fn."
        _check_same((tensor.shape for tensor in tensors), place, "shapes", advice)
        raise
    # Where they differ, PyTorch has converted them.
    _check_same((tensor.dtype for tensor in tensors), place, "dtypes", "Convert them to one dtype in the dataset.")
    return stacked


def _as_tensor(array: np.ndarray[Any, Any], place: str) -> Tensor:
    if array.dtype.kind not in "biufc":
        raise TypeError(
            f"default_collate: {place} is a NumPy array of dtype {array.dtype}; numbers or bools are expected. "
            "Turn text into a list of strings, and objects into numbers."
        )
    return torch.as_tensor(array)


def _check_same(values: Iterable[object], place: str, what: str, advice: str) -> None:
    """Refuse values that are not all equal, and say which positions in the batch hold which value."""
    values = list(values)
    if values.count(values[0]) == len(values):
        return
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for number, value in enumerate(values):
        holders[_shown(value)].append(number)
    found = "; ".join(f"{value} at {_few(numbers)}" for value, numbers in holders.items())
    raise RuntimeError(
        f"default_collate: {place} differs between the samples of the batch. {what.capitalize()} by position in the "
        f"batch: {found}. {advice}"
    )


def _shown(value: object) -> str:
    if isinstance(value, torch.Size):
        return str(list(value))
    if isinstance(value, set):
        return quoted(sorted(value, key=repr))
    return str(value)


def _few(numbers: list[int], most: int = 6) -> str:
    return ", ".join(map(str, numbers[:most])) + (" …" if len(numbers) > most else "")


def is_namedtuple(item: object) -> bool:
    """Whether ``item`` is a tuple whose entries have names."""
    return isinstance(item, tuple) and hasattr(item, "_fields")


def like_mapping(example: Mapping[Any, Any], entries: dict[Any, Any]) -> Mapping[Any, Any]:
    """Return ``entries`` in a mapping of the type of ``example``, or in a dict where that type can't be built."""
    try:
        if not isinstance(example, MutableMapping):
            return type(example)(entries)  # type: ignore[call-arg]
        # A copy keeps what the type holds beside its entries: the default of a defaultdict, say.
        clone = copy.copy(example)
        clone.update(entries)
        return clone
    except TypeError:
        return entries


def like_sequence(example: Sequence[Any], entries: list[Any]) -> Sequence[Any]:
    """Return ``entries`` in a sequence of the type of ``example``; a list for a tuple, as PyTorch has it."""
    if isinstance(example, tuple):
        return entries
    try:
        if not isinstance(example, MutableSequence):
            return type(example)(entries)  # type: ignore[call-arg]
        clone = copy.copy(example)
        for number, entry in enumerate(entries):
            clone[number] = entry
        return clone
    except TypeError:
        return entries
