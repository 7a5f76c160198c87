"""Tensors and arrays as raw bytes, and back."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import torch

MOST_DIMENSIONS = 64
DTYPES: dict[str, torch.dtype] = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in vars(torch).values()
    if isinstance(dtype, torch.dtype) and "q" not in str(dtype) and "bits" not in str(dtype)
}
"""Every dtype of torch by its name, but for the quantised ones."""

CARRIED = {name: dtype for name, dtype in DTYPES.items() if not re.search(r"x2|u?int[1-7]$|complex32", name)}
"""Those whose elements are whole bytes, and that PyTorch supports in full."""

NUMPY_DTYPE = re.compile(r"[<>|=](?:[biufc]\d{1,2}|[mM]8(?:\[\d{0,4}[A-Za-z]{1,2}\])?)")


def is_carried(tensor: torch.Tensor) -> bool:
    """Has a tensor a plain form?"""
    plain = tensor.layout is torch.strided and tensor.device.type != "meta"
    return plain and str(tensor.dtype).removeprefix("torch.") in CARRIED


def tensor_parts(tensor: torch.Tensor, most_bytes: int) -> tuple[str, tuple[int, ...], bytes] | None:
    """A tensor's dtype, shape and content; None if it has no plain form (sparse, quantised, without data).

    Args:
        tensor: any tensor; what autograd knows about it is left behind.
        most_bytes: of its content.

    Raises:
        ValueError: if the content is larger.
    """
    if not is_carried(tensor):
        return None
    name = str(tensor.dtype).removeprefix("torch.")
    _hold(tensor.numel() * tensor.element_size(), most_bytes, f"a tensor of shape {list(tensor.shape)}")
    plain = torch.Tensor.as_subclass(tensor.detach(), torch.Tensor).cpu().resolve_conj().resolve_neg().contiguous()
    return name, tuple(tensor.shape), plain.reshape(-1).view(torch.uint8).numpy().tobytes() if plain.numel() else b""


def tensor_from(name: str, shape: tuple[int, ...], raw: bytes) -> torch.Tensor:
    """The tensor that :func:`tensor_parts` took apart.

    Raises:
        ValueError: if the three don't fit together.
    """
    dtype = CARRIED.get(name)
    if dtype is None:
        raise ValueError(f"{name!r} is no dtype that can be carried")
    _fits(shape, dtype.itemsize, raw)
    if not raw:
        return torch.empty(shape, dtype=dtype)
    if dtype is torch.bool:  # a byte that is neither 0 nor 1 would make a bool that is neither true nor false
        return torch.from_numpy(np.frombuffer(raw, np.uint8) != 0).reshape(shape)
    return torch.frombuffer(bytearray(raw), dtype=dtype).reshape(shape)


def array_parts(array: np.ndarray[Any, Any], most_bytes: int) -> tuple[str, tuple[int, ...], bytes] | None:
    """An array's dtype, shape and content; None if it has no plain form (objects, records, text).

    Raises:
        ValueError: if the content is larger than ``most_bytes``.
    """
    plain = np.asarray(array)
    if not NUMPY_DTYPE.fullmatch(plain.dtype.str):
        return None
    _hold(plain.size * plain.itemsize, most_bytes, f"an array of shape {list(plain.shape)}")
    return plain.dtype.str, plain.shape, plain.tobytes()


def array_from(name: str, shape: tuple[int, ...], raw: bytes) -> np.ndarray[Any, Any]:
    """The array that :func:`array_parts` took apart.

    Raises:
        ValueError: if the three don't fit together.
    """
    if not NUMPY_DTYPE.fullmatch(name):
        raise ValueError(f"{name!r} is no dtype that can be carried")
    dtype = np.dtype(name)
    _fits(shape, dtype.itemsize, raw)
    if dtype.kind == "b":
        return np.asarray(np.frombuffer(raw, np.uint8) != 0).reshape(shape)
    return np.frombuffer(raw, dtype).reshape(shape).copy()


def text_array(shape: tuple[int, ...], texts: list[Any]) -> np.ndarray[Any, Any]:
    """An array of texts.

    Raises:
        ValueError: if these aren't texts, or don't fill the shape.
    """
    if any(type(text) is not str for text in texts):
        raise ValueError("an array of texts holds something else")
    # Every element takes the room of the longest.
    _hold(len(texts) * 4 * max(map(len, texts), default=0), 1 << 24, "an array of texts")
    _fits(shape, 1, bytes(len(texts)))
    return np.array(texts, dtype=str).reshape(shape)


def _hold(size: int, most: int, what: str) -> None:
    if size > most:
        raise ValueError(f"{what} has {size:,} bytes; at most {most:,} can be handed over")


def _fits(shape: tuple[int, ...], itemsize: int, raw: bytes) -> None:
    if len(shape) > MOST_DIMENSIONS or any(type(side) is not int or side < 0 for side in shape):
        raise ValueError(f"{shape!r:.200} is no shape")
    # Beside a 0, the other sides could be of any size.
    if math.prod(side or 1 for side in shape) * itemsize >= 1 << 62:
        raise ValueError(f"a shape of {len(shape)} sides is too large")
    if math.prod(shape) * itemsize != len(raw):
        raise ValueError(f"{len(raw):,} bytes don't fill shape {list(shape)}")
