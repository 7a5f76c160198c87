"""A batch in two parts: the bytes of its tensors, which go to shared memory, and the rest, which is pickled."""

from __future__ import annotations

import io
import math
import pickle
from typing import Any

import torch
from torch import Tensor

ALIGNMENT = 64
"""Bytes; tensors begin at multiples of it, as those that PyTorch allocates do."""

Layout = list[tuple[int, str, tuple[int, ...], tuple[int, ...]]]
"""For each tensor: the byte that it begins at, the name of its dtype, its shape and its strides."""


class Packed:
    """A batch, taken apart.

    Args:
        batch: any nesting; its plain CPU tensors are laid out in memory, and all else must be picklable.

    Attributes:
        layout: where the tensors belong.
        rest: the pickled batch, with the number of a tensor in place of each tensor.
        size: how many bytes the tensors take.
    """

    def __init__(self, batch: Any) -> None:
        file = io.BytesIO()
        pickler = _Pickler(file, protocol=pickle.HIGHEST_PROTOCOL)
        pickler.tensors = []
        pickler.dump(batch)
        self.rest = file.getvalue()
        self._tensors = pickler.tensors
        self.layout: Layout = []
        self.size = 0
        for tensor in self._tensors:
            # The order of dimensions in memory is kept (channels last, say), but for gaps and overlaps.
            strides = tensor.stride() if tensor.is_contiguous() else torch.empty_like(tensor, device="meta").stride()
            # The dtype by name: as an object, pickle would search all modules for it.
            dtype = str(tensor.dtype).removeprefix("torch.")
            self.layout.append((self.size, dtype, tuple(tensor.shape), strides))
            self.size += -(-tensor.nbytes // ALIGNMENT) * ALIGNMENT

    def write(self, memory: Any) -> None:
        """Copy the tensors to where they belong in ``memory``, a writable buffer of at least ``size`` bytes."""
        for place, tensor in zip(tensors_at(memory, self.layout), self._tensors, strict=True):
            place.copy_(tensor)


def unpack(rest: bytes, layout: Layout, memory: Any) -> Any:
    """Put a batch together again. Its tensors lie in ``memory``, and keep it alive."""
    unpickler = _Unpickler(io.BytesIO(rest))
    unpickler.tensors = tensors_at(memory, layout)
    return unpickler.load()


def tensors_at(memory: Any, layout: Layout) -> list[Tensor]:
    """Return the tensors that lie in ``memory``."""
    return [_tensor_at(memory, *entry) for entry in layout]


class _Pickler(pickle.Pickler):
    tensors: list[Tensor]

    def persistent_id(self, obj: Any) -> int | None:
        if type(obj) is Tensor and _is_plain(obj):
            self.tensors.append(obj)
            return len(self.tensors) - 1
        return None


class _Unpickler(pickle.Unpickler):
    tensors: list[Tensor]

    def persistent_load(self, pid: int) -> Tensor:
        return self.tensors[pid]


def _is_plain(tensor: Tensor) -> bool:
    return (
        tensor.device.type == "cpu"
        and tensor.layout == torch.strided
        and not (tensor.requires_grad or tensor.is_quantized or tensor.is_nested or tensor.is_conj() or tensor.is_neg())
    )


def _tensor_at(memory: Any, offset: int, dtype_name: str, shape: tuple[int, ...], strides: tuple[int, ...]) -> Tensor:
    dtype: torch.dtype = getattr(torch, dtype_name)
    count = math.prod(shape)
    if count == 0:
        return torch.empty(shape, dtype=dtype)
    return torch.frombuffer(memory, dtype=dtype, count=count, offset=offset).as_strided(shape, strides)
