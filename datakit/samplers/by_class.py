"""Which samples belong to which class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Targets = Tensor | NDArray[Any] | Sequence[int] | Sequence[str]
"""One class for each sample, as a number or a name."""


def rows_by_class(targets: Targets, owner: str) -> dict[Any, NDArray[np.int64]]:
    """Find the samples of each class.

    Args:
        targets: N class numbers or names, one for each sample.
        owner: who asks, for messages.

    Returns:
        For each class, in sorted order, the indices of its samples, in ascending order.

    Raises:
        TypeError: if targets are neither integers nor strings.
        ValueError: if there are none, or there is more than one for each sample.
    """
    labels = targets.numpy(force=True) if isinstance(targets, Tensor) else np.asarray(targets)
    if labels.size == 0:
        raise ValueError(f"{owner}: no targets arrived. Pass the class of each sample, in the dataset's order.")
    if labels.ndim != 1:
        raise ValueError(
            f"{owner}: targets of shape {list(labels.shape)} arrived; [N] is expected, one class for each sample. "
            "one_hot.argmax(dim=1) makes classes of one-hot rows."
        )
    if labels.dtype.kind not in "iubU":
        raise TypeError(
            f"{owner}: targets of dtype {labels.dtype} arrived; class numbers or names are expected. "
            "Convert them with .long(), or put measured values into classes first."
        )
    classes, codes = np.unique(labels, return_inverse=True)
    return {name: np.flatnonzero(codes == code) for code, name in enumerate(classes.tolist())}
