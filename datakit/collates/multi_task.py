"""Several targets a sample, some of them missing → targets and masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from datakit._errors import quoted
from datakit.collate import default_collate


class MultiTaskCollate:
    """A collate for samples that lack some of their targets.

    A batch has every task, and the same ones each time, so that the model's heads and the loss need no special cases:
    where a sample lacks a target, a blank stands in its place and the mask is false. The loss leaves it out:
    ``(losses * mask).sum() / mask.sum().clamp(min=1)``.

    For a dataset that leaves targets out of its samples. :class:`MultiTaskDataset` has blanks and masks in the samples
    already, so the default collate is right for it.

    Args:
        blanks: for each task what stands in for a missing target; it has the shape and the dtype of the task's targets.

    Raises:
        ValueError: if there are no tasks.

    Example:
        >>> collate = MultiTaskCollate({"age": 0.0, "sex": 0})
        >>> x, targets, masks = collate([("ann.jpg", {"age": 31.0, "sex": 1}), ("bob.jpg", {"age": None, "sex": 0})])
        >>> targets["age"].tolist(), masks["age"].tolist()
        ([31.0, 0.0], [True, False])
    """

    def __init__(self, blanks: Mapping[str, Any]) -> None:
        if not blanks:
            raise ValueError("MultiTaskCollate: no tasks arrived. Pass a blank for each task, such as {'age': 0.0}.")
        self.blanks = dict(blanks)

    def __call__(self, batch: Sequence[tuple[Any, Mapping[str, Any]]]) -> tuple[Any, dict[str, Any], dict[str, Tensor]]:
        """Make a batch.

        Args:
            batch: B pairs ``(x, targets)``; a missing target is ``None``, or not among ``targets`` at all.

        Returns:
            The collated ``x``; for each task its targets [B, ...]; and for each task a bool mask [B].

        Raises:
            ValueError: if there are no samples.
            KeyError: if a sample has a target of an unknown task.
            RuntimeError: if targets don't fit together, or don't fit their blank.
        """
        if len(batch) == 0:
            raise ValueError("MultiTaskCollate: no samples arrived. A batch needs at least one.")
        for number, (_, targets) in enumerate(batch):
            strange = targets.keys() - self.blanks.keys()
            if strange:
                raise KeyError(
                    f"MultiTaskCollate: sample {number} of the batch has the unknown tasks {quoted(sorted(strange))}. "
                    f"Known are {quoted(self.blanks)}: add a blank, or leave the target out."
                )
        masks = {task: default_collate([targets.get(task) is not None for _, targets in batch]) for task in self.blanks}
        filled = [
            {task: blank if targets.get(task) is None else targets[task] for task, blank in self.blanks.items()}
            for _, targets in batch
        ]
        return default_collate([x for x, _ in batch]), default_collate(filled), masks
