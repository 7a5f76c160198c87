"""Several targets for a sample, some of them missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, SupportsIndex

import torch
from torch import Tensor
from torch.utils.data import Dataset

from datakit._errors import kind_of, quoted
from datakit.datasets.indexing import position

Targets = dict[str, Tensor]
Masks = dict[str, Tensor]


class MultiTaskDataset(Dataset[tuple[Any, Targets, Masks]]):
    """Samples ``(x, targets, masks)`` with one target and one mask for each task.

    A mask has its target's shape, and is ``True`` where the target is known. What is missing is 0 in the target, never
    NaN: a loss multiplied by its mask must come to 0 there, and 0 × NaN is NaN, which would end the training.

    Missing is ``None`` in a list, and NaN in a list or a floating-point tensor (there element by element: of a
    sample's four box coordinates two may be known).

    Args:
        inputs: where each ``x`` comes from: a tensor, a list, or a map-style dataset of length N.
        targets: for each task its N targets: a tensor [N, ...], or a list of numbers, or of tensors of one shape, or
            ``None``. In a list, whole numbers become int64 and other numbers float32; tensors keep their dtype.
        transform: called with each ``x``.

    Attributes:
        targets: task → tensor [N, ...], 0 where missing.
        masks: task → bool [N, ...], ``True`` where known.

    Raises:
        TypeError: if targets are neither a tensor nor a list, or hold something other than numbers.
        ValueError: if there is no task, lengths differ, or a list holds nothing but ``None``. The message names the
            task.

    Example:
        Class numbers from pandas arrive as floats if any is missing, because its integers can't be NaN. Make them
        integers: ``[None if pd.isna(v) else int(v) for v in table["digit"]]``.

        >>> dataset = MultiTaskDataset(["a.png", "b.png"], {"digit": [7, None], "slant": [None, 0.5]})
        >>> x, targets, masks = dataset[1]
        >>> x, targets
        ('b.png', {'digit': tensor(0), 'slant': tensor(0.5000)})
        >>> masks
        {'digit': tensor(False), 'slant': tensor(True)}

        The loss of one task over a batch is the mean over what is known; ``clamp`` is for a batch where nothing is.

        >>> prediction = torch.tensor([3.0, 1.0])
        >>> error = (prediction - dataset.targets["slant"]) ** 2
        >>> mask = dataset.masks["slant"]
        >>> (error * mask).sum() / mask.sum().clamp(min=1)
        tensor(0.2500)
    """

    def __init__(
        self,
        inputs: Any,
        targets: Mapping[str, Tensor | Sequence[Any]],
        transform: Callable[[Any], Any] | None = None,
    ) -> None:
        if not targets:
            raise ValueError("MultiTaskDataset: no task arrived. Pass targets={'name': [...], ...}.")
        self.inputs = inputs
        self.targets: Targets = {}
        self.masks: Masks = {}
        self.transform = transform
        for task, values in targets.items():
            self.targets[task], self.masks[task] = _fill(task, values)
        others = [f"{task!r} has {len(column)}" for task, column in self.targets.items() if len(column) != len(inputs)]
        if others:
            raise ValueError(
                f"MultiTaskDataset: {len(inputs)} inputs arrived, but {', '.join(others)} targets. "
                "Pass one target for each input, None where it is missing."
            )

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index: SupportsIndex) -> tuple[Any, Targets, Masks]:
        """Return one sample: ``x``, the target of each task, the mask of each task.

        Raises:
            IndexError: if there is no such sample.
        """
        at = position(index, len(self), "MultiTaskDataset")
        x = self.inputs[at]
        if self.transform is not None:
            x = self.transform(x)
        targets = {task: column[at] for task, column in self.targets.items()}
        masks = {task: column[at] for task, column in self.masks.items()}
        return x, targets, masks


def _fill(task: str, values: Tensor | Sequence[Any]) -> tuple[Tensor, Tensor]:
    """Split what arrived for one task into values, 0 where missing, and the mask that says where they are known."""
    if isinstance(values, Tensor):
        if values.ndim == 0:
            raise ValueError(f"MultiTaskDataset: the targets of {task!r} are a single value. Pass one for each sample.")
        target, known = values, torch.ones_like(values, dtype=torch.bool)
    elif isinstance(values, (list, tuple)):
        target, known = _from_list(task, values)
    else:
        raise TypeError(
            f"MultiTaskDataset: the targets of {task!r} are {kind_of(values)}. Pass a tensor or a list; "
            "torch.as_tensor(array) makes a tensor of a NumPy array, and series.tolist() a list of a pandas column."
        )
    if target.is_floating_point():
        known = known & ~target.isnan()
    return target.masked_fill(~known, 0), known


def _from_list(task: str, values: Sequence[Any]) -> tuple[Tensor, Tensor]:
    present = [value for value in values if value is not None]
    if not present:
        raise ValueError(
            f"MultiTaskDataset: the list of targets of {task!r} holds no value at all, so neither shape nor dtype is "
            "known. Leave the task out, or pass a tensor: of NaN, if its targets are numbers."
        )
    entries = _entries(task, present)
    rows = torch.tensor([at for at, value in enumerate(values) if value is not None])
    target = entries.new_zeros(len(values), *entries.shape[1:])
    known = torch.zeros_like(target, dtype=torch.bool)
    target[rows] = entries
    known[rows] = True
    return target, known


def _entries(task: str, present: list[Any]) -> Tensor:
    try:
        if isinstance(present[0], Tensor):
            return torch.stack(present)
        entries = torch.tensor(present)
    except (TypeError, ValueError, RuntimeError) as error:
        kinds = quoted(sorted({type(value).__name__ for value in present}))
        raise TypeError(
            f"MultiTaskDataset: the targets of {task!r} ({kinds}) can't stand in one tensor: {error}. "
            "Expected are numbers, or tensors of one shape; number the classes if they are names."
        ) from error
    return entries.float() if entries.is_floating_point() else entries
