"""The engine: keeps a bounded number of batches on their way, and yields them in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from datakit.workers.plan import IndexPlan, Pending, StreamPlan
from datakit.workers.pool import Pool, WorkerDied
from datakit.workers.tasks import Done, Epoch


class Progress:
    """How far a loop has come. The loader holds on to it, to say where a resumed run begins.

    Attributes:
        batch: how many batches of the epoch have been yielded.
        over: whether the epoch has come to its end.
    """

    def __init__(self, batch: int) -> None:
        self.batch = batch
        self.over = False


class Loop(Iterator[Any]):
    """One epoch: an iterator over its batches.

    Args:
        pool: who makes them.
        epoch: the epoch's name and seed.
        plan: what to ask the pool for.
        first: how many batches of the epoch came before.
        limit: how many batches may be on their way or wait to be yielded.
        in_order: whether to yield batches in the order of their numbers, or as they come.
        timeout: how many seconds to wait for a worker; ``None`` for ever.
        persistent: whether the pool outlives the epoch.

    Attributes:
        progress: how far it has come.
    """

    def __init__(
        self,
        pool: Pool,
        epoch: Epoch,
        plan: IndexPlan | StreamPlan,
        first: int,
        limit: int,
        in_order: bool,
        timeout: float | None,
        persistent: bool,
    ) -> None:
        self._pool = pool
        self._epoch = epoch
        self._plan = plan
        self.progress = Progress(first)
        self._limit = limit
        self._in_order = in_order
        self._timeout = timeout
        self._persistent = persistent
        self._number = self._passed = first
        self._pending: dict[int, Pending] = {}
        self._arrived: deque[int] = deque()
        self._over = False
        self._in_place = pool.recipe.way == "in place"
        pool.begin(epoch.token)
        self._ask()

    def __next__(self) -> Any:
        if self._over:
            raise StopIteration
        if self._pool.token != self._epoch.token:
            raise RuntimeError(
                "DataLoader: this loop can't go on: a newer loop over the same loader has begun, and with "
                "persistent_workers=True all loops have the same workers. Use one loader for each loop."
            )
        try:
            pending = self._next_pending()
        except (KeyboardInterrupt, WorkerDied):
            self._end(close=True)
            raise
        if pending is None:
            self.progress.over = True
            self._end(close=not self._persistent)
            raise StopIteration
        self._passed += 1
        if pending.error is None:
            self.progress.batch = self._passed
            return self._pool.filled(pending.batch) if self._in_place else pending.batch
        try:
            raise pending.error
        finally:
            # The error's traceback holds this frame, and so the loop and its workers: let go of one another.
            del pending, self

    def _end(self, close: bool) -> None:
        self._over = True
        if close:
            self._pool.close()

    def _next_pending(self) -> Pending | None:
        """Wait for the batch whose turn it is; return ``None`` where the epoch ends."""
        while True:
            self._ask()
            if not self._pending:
                return None
            number = self._whose_turn()
            if number is None:
                self._receive()
                continue
            pending = self._pending.pop(number)
            if pending.ended:
                continue
            # Before the consumer gets its batch: the workers should be busy while it is.
            self._ask()
            return pending

    def _ask(self) -> None:
        while len(self._pending) < self._limit:
            pending = self._plan.ask(self._number)
            if pending is None:
                return
            self._pending[self._number] = pending
            self._note_arrival(self._number, pending)
            self._number += 1

    def _whose_turn(self) -> int | None:
        """Find the batch to yield next; ``None`` if it has not arrived."""
        if self._in_order:
            number = next(iter(self._pending))
            return None if self._pending[number].parts else number
        return self._arrived.popleft() if self._arrived else None

    def _receive(self) -> None:
        done = self._pool.receive(self._timeout)
        if done is None:
            raise RuntimeError(
                f"DataLoader: timed out: no worker sent anything for {self._timeout} seconds. "
                "Raise timeout, or find out what the dataset waits for."
            )
        if done.token == self._epoch.token:
            self._note(done, self._pending[done.number])

    def _note(self, done: Done, pending: Pending) -> None:
        pending.parts -= 1
        pending.error = pending.error or done.error
        if done.batch is not None:
            pending.batch = done.batch
        if done.ended:
            pending.ended = True
            self._plan.has_ended(pending.worker)
        self._note_arrival(done.number, pending)

    def _note_arrival(self, number: int, pending: Pending) -> None:
        if not pending.parts and not self._in_order:
            self._arrived.append(number)
