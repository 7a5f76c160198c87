"""Workers that are processes."""

from __future__ import annotations

import multiprocessing
import os
import selectors
import time
import weakref
from collections import deque
from collections.abc import Callable
from multiprocessing.context import BaseContext
from typing import Any

from datakit.fetch import Recipe, empty_batch
from datakit.workers.channel import Channel
from datakit.workers.member import Member, close_all
from datakit.workers.messages import Order, Target
from datakit.workers.pool import WorkerDied
from datakit.workers.targets import Targets
from datakit.workers.tasks import Done, Task


class ProcessPool:
    """Processes that each have a copy of the dataset, and send batches back through shared memory.

    Each worker has a pipe of its own, and no lock is shared: whatever becomes of one, the others and the loop go on.

    Args:
        recipe: how batches are made.
        size: how many processes.
        init_fn: called in each process with its number, or ``None``.
        finish: called with each batch that arrives.
        base_seed: this plus the worker's number seeds a worker's global generators.
        context: how processes start; by default as the system does it.

    Raises:
        PicklingError: if the processes don't fork and what they need can't be pickled.
    """

    def __init__(
        self,
        recipe: Recipe,
        size: int,
        init_fn: Callable[[int], None] | None,
        finish: Callable[[Any], Any],
        base_seed: int,
        context: str | BaseContext | None,
    ) -> None:
        if not isinstance(context, BaseContext):
            context = multiprocessing.get_context(context)
        self.recipe = recipe
        self.size = size
        self.finish = finish
        self.token: int | None = None
        self._members: list[Member] = []
        self._selector = selectors.DefaultSelector()
        self._arrived: deque[Done] = deque()
        self._problem: WorkerDied | None = None
        self._targets = Targets()
        # Called by hand, or when nobody holds the pool any more, or as Python ends: whatever comes first.
        self.close = weakref.finalize(self, close_all, os.getpid(), self._members, self._selector)
        try:
            for number in range(size):
                member = Member(context, self._members, recipe, init_fn, number, size, base_seed)
                self._members.append(member)
                self._selector.register(member.channel, selectors.EVENT_READ, member)
                self._selector.register(member.process.sentinel, selectors.EVENT_READ, member)
        except BaseException:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        """Whether the pool can take tasks."""
        return self.close.alive

    def begin(self, token: int) -> None:
        """Begin an epoch: answers of any other are dropped from now on."""
        self.token = token

    def new_batch(self, n: int) -> tuple[Any, int]:
        """Return a shared batch, and the number that tasks call it by."""
        taken = self._targets.take(n)
        if taken is None:
            target, file = self._targets.add(n, empty_batch(self.recipe.dataset, n))
            for member in self._members:
                self._post(member, target, file)
            os.close(file)
            taken = self._targets.take(n)
            assert taken is not None, "one was just added"
        return taken

    def filled(self, batch: Any) -> Any:
        """Return such a batch when it is full."""
        return self.finish(batch)

    def send(self, task: Task, worker: int) -> None:
        """Hand out a task to this worker."""
        member = self._members[worker]
        returned = [member.returned.popleft() for _ in range(len(member.returned))]
        member.tasks.append(task)
        self._post(member, Order(task, returned))

    def receive(self, timeout: float | None) -> Done | None:
        """Wait for the next answer; return ``None`` if there is none within ``timeout`` seconds.

        Raises:
            WorkerDied: if a worker ended; but what had arrived before comes first.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while not self._arrived:
            if self._problem is not None:
                raise self._problem
            left = None if until is None else max(0.0, until - time.monotonic())
            if not self._collect(left):
                return None
        return self._arrived.popleft()

    def _post(self, member: Member, message: Order | Target, file: int | None = None) -> None:
        # A pipe that is full would block us, while its worker may be blocked by answers that we don't read. So read.
        while not member.channel.has_room() and self._problem is None:
            self._collect(None)
        try:
            member.channel.send(message, file)
        except OSError:
            self._problem = self._problem or member.obituary()

    def _collect(self, timeout: float | None) -> bool:
        """Read what has arrived, after waiting for something to arrive; return whether something did."""
        events = self._selector.select(timeout)
        for key, _ in events:
            member: Member = key.data
            try:
                while member.channel.has_message():
                    answer = member.channel.receive()
                    self._arrived.append(member.done(answer, answer.token == self.token, self.finish))
            except (EOFError, OSError):
                self._problem = self._problem or member.obituary()
            if not isinstance(key.fileobj, Channel):
                self._problem = self._problem or member.obituary()
        return bool(events)
