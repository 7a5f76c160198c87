"""Sample ↔ bytes: the form in which every cache holds samples."""

from __future__ import annotations

import io
import pickle
from typing import Any

import torch
from torch import Tensor


def pack(sample: Any, owner: str) -> bytes:
    """Turn a sample into bytes; equal samples give equal bytes.

    Bytes, rather than the sample itself, because they can't be changed by whoever is given a sample, their size is
    known, and memory, disk and shared memory can hold them alike.

    Args:
        sample: anything that Python can pickle; tensors of any shape, views included, take the room of their values.
        owner: a name for the sample in messages, such as ``"sample 3 of CachedDataset"``.

    Raises:
        TypeError: if the sample holds something that can't be pickled: an open file, a lambda, a generator.

    Source: "pickle", Python documentation.
    """
    buffer = io.BytesIO()
    pickler = _SamplePickler(buffer, protocol=pickle.HIGHEST_PROTOCOL)
    # Or two equal strings would be written once if they are one object, and twice if they are not.
    pickler.fast = True
    try:
        pickler.dump(sample)
    except Exception as error:
        raise TypeError(
            f"{owner} can't be cached, because Python can't pickle it: {error}. Return tensors, numbers, strings, and "
            "dicts or tuples of these; leave the rest to the transform."
        ) from error
    return buffer.getvalue()


def unpack(payload: bytes) -> Any:
    """Make a sample of the bytes that :func:`pack` made. Each call makes a new one."""
    return pickle.loads(payload)


class _SamplePickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        """Write a tensor as a NumPy array: PyTorch's own way is slower, and writes all of a view's memory."""
        if type(value) is not Tensor:
            return NotImplemented
        try:
            return torch.from_numpy, (value.numpy(),)
        except (TypeError, RuntimeError):
            return NotImplemented  # Of a dtype that NumPy lacks, on a device, or with a gradient.
