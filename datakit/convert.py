"""A single sample → the same sample with tensors, for a loader that makes no batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from datakit.collate import is_namedtuple, like_mapping, like_sequence


def default_convert(sample: Any) -> Any:
    """Turn the NumPy arrays and numbers in a sample into tensors, at any depth; leave the rest.

    The result is that of ``torch.utils.data.default_convert``: a tuple comes back as a list.

    Args:
        sample: what a dataset returned.

    Returns:
        The sample with tensors.

    Source: "torch.utils.data", PyTorch documentation, default_convert.

    Example:
        >>> default_convert({"x": np.arange(3), "name": "a"})
        {'x': tensor([0, 1, 2]), 'name': 'a'}
    """
    if isinstance(sample, (np.ndarray, np.generic)):
        return torch.as_tensor(sample) if sample.dtype.kind in "biufc" else sample
    if isinstance(sample, Mapping):
        return like_mapping(sample, {key: default_convert(value) for key, value in sample.items()})
    if is_namedtuple(sample):
        return type(sample)(*(default_convert(value) for value in sample))
    if isinstance(sample, Sequence) and not isinstance(sample, (str, bytes)):
        return like_sequence(sample, [default_convert(value) for value in sample])
    return sample
