"""What a loader and its workers say to each other."""

from __future__ import annotations

from typing import Any, NamedTuple


class Epoch(NamedTuple):
    """What a worker must know about the epoch that a task belongs to.

    Attributes:
        token: a number that no other epoch of these workers has, so that what is left of an old one is recognised.
        seed: where the samples' random numbers come from.
        reseed: whether the global generators of Python, NumPy and PyTorch are seeded for each task, too.
        dataset_epoch: the dataset's own epoch in the main process, if it has one. A worker that lives on holds a copy
            of the dataset, which would not hear of ``set_epoch``.
    """

    token: int
    seed: int
    reseed: bool
    dataset_epoch: int | None


class Task(NamedTuple):
    """A batch to make, or a part of one to fill.

    Attributes:
        epoch: the epoch it belongs to.
        number: the batch's number in the epoch.
        position: the number of its first sample in the epoch.
        indices: what to ask the dataset for: a list, or a single index where no batches are made. A stream isn't asked
            for anything in particular.
        target: the batch to fill, where samples are written in place.
        start: the place of the first index in ``target``.
    """

    epoch: Epoch
    number: int
    position: int
    indices: Any = None
    target: Any = None
    start: int = 0


class Done(NamedTuple):
    """What became of a task.

    Attributes:
        token: the epoch's.
        number: the batch's number in the epoch.
        batch: the batch; ``None`` where it was filled in place.
        error: what went wrong, or ``None``.
        ended: whether the worker's part of the stream has come to its end, so that there is no batch.
    """

    token: int
    number: int
    batch: Any = None
    error: BaseException | None = None
    ended: bool = False
