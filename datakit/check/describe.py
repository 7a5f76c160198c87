"""Put a value into a few words: its type, its shape, and enough of its content to recognise it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

MOST_ELEMENTS = 12
MOST_CHARACTERS = 160


def describe(value: object) -> str:
    """Describe ``value`` in at most a few lines.

    A tensor is given with dtype, shape and values (the first few where there are many), a container with its length and
    its elements, an exception with its type and message.
    """
    if isinstance(value, torch.Tensor):
        return _describe_tensor(value)
    if isinstance(value, np.ndarray):
        return f"numpy array, {value.dtype} {list(value.shape)}: {_values(value.reshape(-1).tolist())}"
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}" if str(value) else type(value).__name__
    if isinstance(value, Mapping):
        inside = ", ".join(f"{key!r}: {describe(item)}" for key, item in list(value.items())[:MOST_ELEMENTS])
        return _shortened("{" + inside + "}")
    if isinstance(value, (list, tuple)):
        return _describe_sequence(value)
    return _shortened(repr(value))


def _describe_tensor(tensor: torch.Tensor) -> str:
    dtype = str(tensor.dtype).removeprefix("torch.")
    values = tensor.detach().cpu().reshape(-1).tolist()
    if tensor.ndim == 0:
        return f"tensor({_number(values[0])}), {dtype}"
    return f"tensor, {dtype} {list(tensor.shape)}: {_values(values)}"


def _describe_sequence(items: Sequence[object]) -> str:
    name = type(items).__name__
    few = ", ".join(describe(item) for item in items[:MOST_ELEMENTS])
    more = ", …" if len(items) > MOST_ELEMENTS else ""
    return f"{name} of {len(items)}: {_shortened(few + more)}"


def _values(values: list[object]) -> str:
    few = ", ".join(_number(value) for value in values[:MOST_ELEMENTS])
    return f"[{few}, …]" if len(values) > MOST_ELEMENTS else f"[{few}]"


def _number(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
