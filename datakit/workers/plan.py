"""What to ask the workers for next: batches of a map-style dataset, or whatever a stream brings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datakit.workers.pool import Pool
from datakit.workers.tasks import Epoch, Task

CHUNK = 8
"""Samples a task, where several workers fill one batch: enough to be worth a message, few enough to share evenly."""


class Pending:
    """A batch on its way.

    Attributes:
        parts: how many tasks are still to be done for it.
        worker: who makes it, where it matters.
        batch: the batch, as soon as there is one.
        error: what went wrong, or ``None``.
        ended: whether it will never come, because its worker's part of the stream has ended.
    """

    __slots__ = ("batch", "ended", "error", "parts", "worker")

    def __init__(self, parts: int = 1, worker: int = 0, batch: Any = None, error: Exception | None = None) -> None:
        self.parts = parts
        self.worker = worker
        self.batch = batch
        self.error: BaseException | None = error
        self.ended = False


class IndexPlan:
    """Asks a map-style dataset for what the sampler says.

    Args:
        pool: whom to ask.
        epoch: goes with each task.
        order: the sampler's loop: lists of indices, or single indices where no batches are made.
        position: how many samples of the epoch came before.
    """

    def __init__(self, pool: Pool, epoch: Epoch, order: Iterator[Any], position: int) -> None:
        self.pool = pool
        self.epoch = epoch
        self.order = order
        self.position = position
        self.sent = 0

    def ask(self, number: int) -> Pending | None:
        """Ask for batch ``number``; return ``None`` where the epoch ends."""
        try:
            indices = next(self.order)
            if self.pool.recipe.way == "in place":
                return self._ask_in_parts(number, indices)
        except StopIteration:
            return None
        except Exception as error:
            # It takes its turn, because the batches before it are good. After it there is no order to follow.
            self.order = iter(())
            return Pending(parts=0, error=error)
        self._send(Task(self.epoch, number, self.position, indices))
        self.position += 1 if self.pool.recipe.way == "sample" else len(indices)
        return Pending()

    def _ask_in_parts(self, number: int, indices: list[Any]) -> Pending:
        batch, target = self.pool.new_batch(len(indices))
        starts = range(0, len(indices), CHUNK)
        for start in starts:
            chunk = indices[start : start + CHUNK]
            self._send(Task(self.epoch, number, self.position + start, chunk, target, start))
        self.position += len(indices)
        return Pending(parts=len(starts), batch=batch)

    def _send(self, task: Task) -> None:
        self.pool.send(task, self.sent % self.pool.size)
        self.sent += 1

    def has_ended(self, worker: int) -> None:
        """Only streams end at a worker."""


class StreamPlan:
    """Asks the readers of a stream in turn, for as long as each has something."""

    def __init__(self, pool: Pool, epoch: Epoch) -> None:
        self.pool = pool
        self.epoch = epoch
        self.readers = list(range(pool.size))
        self.turn = 0

    def ask(self, number: int) -> Pending | None:
        """Ask for batch ``number``; return ``None`` where all readers have ended."""
        if not self.readers:
            return None
        worker = self.readers[self.turn % len(self.readers)]
        self.turn = (self.turn + 1) % len(self.readers)
        self.pool.send(Task(self.epoch, number, 0), worker)
        return Pending(worker=worker)

    def has_ended(self, worker: int) -> None:
        """Ask this worker no more."""
        if worker in self.readers:
            at = self.readers.index(worker)
            del self.readers[at]
            # The turn stays with whoever would have been next.
            if at < self.turn:
                self.turn -= 1
