"""Weights in the loss: the third answer to classes of unequal size."""

from __future__ import annotations

import torch
from torch import Tensor

from datakit.samplers.by_class import Targets, rows_by_class


def class_weights(targets: Targets) -> Tensor:
    """Give each class the weight N / (number of classes × size of the class).

    The sampler stays as it is, every sample comes once an epoch; those of a small class count more:
    ``CrossEntropyLoss(weight=class_weights(targets))``. No sample is repeated, so none is learnt by heart sooner. But a
    batch without a rare class says nothing of it, and one with it makes a large step.

    There is one weight for each **class** here; :class:`datakit.WeightedRandomSampler` takes one for each sample.

    Args:
        targets: N class numbers or names, one for each sample of the training split.

    Returns:
        float32 [C], in the sorted order of the classes. Class numbers should be 0 to C - 1, each with a sample.

    Raises:
        TypeError: if targets are neither integers nor strings.
        ValueError: if there are none, or they are not [N], or class numbers are not 0 to C - 1.

    Source: ``sklearn.utils.class_weight.compute_class_weight("balanced", ...)``, which this equals.

    Example:
        >>> class_weights([0, 0, 0, 1]).tolist()
        [0.6666666865348816, 2.0]
    """
    groups = rows_by_class(targets, "class_weights")
    names = list(groups)
    if not isinstance(names[0], str) and names != list(range(len(names))):
        raise ValueError(
            f"class_weights: the classes are {names[:8]}; 0 to {len(names) - 1} is expected, because the loss looks up "
            "weights by class number. Number the classes without gaps."
        )
    sizes = torch.tensor([len(rows) for rows in groups.values()])
    return sizes.sum() / (len(sizes) * sizes)
