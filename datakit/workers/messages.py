"""What travels through the pipe between the loop and a worker process: little, for batches lie in shared memory."""

from __future__ import annotations

import pickle
from multiprocessing.reduction import ForkingPickler
from typing import Any, NamedTuple

from datakit.workers.packing import Layout
from datakit.workers.tasks import Task

SMALL = 32 * 1024
"""Bytes; a batch that is smaller travels through the pipe itself, which is faster than mapping memory for it."""


class Order(NamedTuple):
    """From the loop to a worker: something to do.

    Attributes:
        task: what to do; its ``target`` is the number of a shared batch.
        returned: numbers of the worker's own memories that nobody reads any more.
    """

    task: Task
    returned: list[int]


class Target(NamedTuple):
    """From the loop to all workers: a shared batch, to write samples into. The file that holds it comes after it.

    Attributes:
        number: what tasks call it.
        rest: the pickled batch without its tensors.
        layout: where its tensors are.
        size: how many bytes they take.
        forgotten: numbers of shared batches that will not be used again.
    """

    number: int
    rest: bytes
    layout: Layout
    size: int
    forgotten: list[int]


class Answer(NamedTuple):
    """From a worker to the loop.

    Attributes:
        token: the epoch's.
        number: the batch's number in the epoch.
        rest: the pickled batch without its tensors, if there is a batch and it is small.
        layout: where the tensors are.
        inline: the tensors' bytes, in a batch that is small.
        memory: otherwise the number of the worker's memory that holds them and ``rest``.
        new_size: the size of that memory, where the loop doesn't know it yet. Its file comes after the message.
        rest_at: where ``rest`` begins in that memory, and its length.
        dropped: numbers of the worker's memories that it will not use again.
        error: what went wrong, pickled, or ``None``.
        ended: whether the worker's part of the stream has ended.
    """

    token: int
    number: int
    rest: bytes = b""
    layout: Layout = []  # noqa: RUF012  # never changed
    inline: bytearray | None = None
    memory: int = -1
    new_size: int = 0
    rest_at: tuple[int, int] = (0, 0)
    dropped: list[int] = []  # noqa: RUF012
    error: bytes | None = None
    ended: bool = False


class Parcel:
    """What a worker gets as it starts. It is opened by the worker itself, so that it can tell of a failure.

    A forked worker has a copy of everything, so nothing is pickled. For the other start methods the content is pickled
    as the process starts, with its tensors in shared memory, and unpickled when the parcel is opened.

    Args:
        content: anything.
    """

    def __init__(self, content: Any) -> None:
        self.content = content
        self.pickled: bytes | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"content": None, "pickled": bytes(ForkingPickler.dumps(self.content))}

    def open(self) -> Any:
        """Return the content."""
        return self.content if self.pickled is None else pickle.loads(self.pickled)
