"""The indexing contract of a map-style dataset, checked as a list would keep it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import torch

from datakit.check.compare import equal
from datakit.check.mistakes import Mistake, mistake
from datakit.check.outcomes import raises, runs

FROM_THE_END = mistake(
    "negative-index",
    "A list counts from the end too: -1 is the last item. Add the length to a negative index before you use it.",
)
OUT_OF_RANGE = mistake(
    "out-of-range",
    "An index outside the data must raise IndexError. A for-loop stops at that error; nothing else ends it.",
)
TENSOR_INDEX = mistake(
    "tensor-index",
    "Samplers may hand over an index as a tensor. int(index), or operator.index(index), makes a plain number of it.",
)
ENDLESS = mistake(
    "endless",
    "The loop went past the last sample. Without IndexError at the end a for-loop never stops.",
    when=lambda arrived: True,
)


def indexing(dataset: Any, items: Sequence[object], what: str = "ds", mistakes: Iterable[Mistake] = ()) -> None:
    """Check that ``dataset`` can be indexed as the list ``items`` can.

    Checked are the length; each item; negative indices; indices on both sides of the range, which must raise
    ``IndexError``; an index that is a tensor; and that iteration ends after the last item.

    Args:
        dataset: an object with ``__len__`` and ``__getitem__``.
        items: the samples it must hold, in order; at least one.
        what: the dataset's name in messages.
        mistakes: known mistakes in a single sample, besides those against the contract.

    Raises:
        CheckFailed: at the first thing that differs.
    """
    n = len(items)
    mistakes = list(mistakes)
    equal(len(dataset), n, f"len({what})")
    for i in range(n):
        equal(dataset[i], items[i], f"{what}[{i}]", mistakes)
    for i in (-1, -n):
        arrived = runs(lambda i=i: dataset[i], f"{what}[{i}]", [FROM_THE_END])  # type: ignore[misc]
        equal(arrived, items[i], f"{what}[{i}]", [FROM_THE_END])
    for i in (n, n + 3, -n - 1):
        raises(IndexError, lambda i=i: dataset[i], f"{what}[{i}]", mistakes=[OUT_OF_RANGE])  # type: ignore[misc]
    last = torch.tensor(n - 1)
    arrived = runs(lambda: dataset[last], f"{what}[torch.tensor({n - 1})]", [TENSOR_INDEX])
    equal(arrived, items[n - 1], f"{what}[torch.tensor({n - 1})]", [TENSOR_INDEX])
    equal(sum(1 for _ in islice(dataset, n + 1)), n, f"the samples that a for-loop over {what} meets", [ENDLESS])
