"""Workers that are threads of this process."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

import torch

from datakit.fetch import Recipe, empty_batch
from datakit.workers.info import answer_in_this_thread, make_info
from datakit.workers.relay import note_worker
from datakit.workers.tasks import Done, Task
from datakit.workers.worker import Worker

GRACE = 5.0
"""Seconds that a worker has to finish what it is at, before the others go on without it."""


class ThreadPool:
    """Threads that share the dataset with the main thread: nothing is copied, nothing is pickled.

    Tasks of a map-style dataset wait in one queue, so whoever is free takes the next. A stream is divided among its
    workers, so there each has a queue of its own.

    Args:
        recipe: how batches are made.
        size: how many threads.
        init_fn: called in each thread with its number, or ``None``.
        finish: called with each batch that is made.
        base_seed: ``get_worker_info().seed`` is this plus the worker's number.
    """

    def __init__(
        self,
        recipe: Recipe,
        size: int,
        init_fn: Callable[[int], None] | None,
        finish: Callable[[Any], Any],
        base_seed: int,
    ) -> None:
        self.recipe = recipe
        self.size = size
        self.finish = finish
        self._shared = _Shared(size)
        self._inboxes: list[SimpleQueue[Task | None]] = [SimpleQueue() for _ in range(size)]
        if recipe.way != "stream":
            self._inboxes = self._inboxes[:1] * size
        threads = [
            threading.Thread(
                target=_work,
                args=(Worker(recipe, finish, number, init_fn, seeds_globals=False), inbox, self._shared, base_seed),
                name=f"DataLoader worker {number}",
                daemon=True,
            )
            for number, inbox in enumerate(self._inboxes)
        ]
        own = torch.get_num_threads()
        for thread in threads:
            thread.start()
        self._shared.started.wait()
        # What a thread says of `set_num_threads` also becomes the default of threads to come: put it back.
        torch.set_num_threads(own)
        # Called by hand, or when nobody holds the pool any more, or as Python ends: whatever comes first. The threads
        # are daemons, because Python would wait for ever for others; but it must not end while one runs.
        self.close = weakref.finalize(self, _close, os.getpid(), threads, self._inboxes, self._shared)

    def begin(self, token: int) -> None:
        """Begin an epoch: tasks of any other are passed over from now on."""
        self._shared.token = token

    @property
    def token(self) -> int | None:
        """The epoch that was begun last."""
        return self._shared.token

    @property
    def alive(self) -> bool:
        """Whether the pool can take tasks."""
        return self.close.alive

    def new_batch(self, n: int) -> tuple[Any, Any]:
        """Return a batch that tasks can be told to fill, and what they call it: itself."""
        batch = self.finish(empty_batch(self.recipe.dataset, n))
        return batch, batch

    def filled(self, batch: Any) -> Any:
        """Return such a batch when it is full."""
        return batch

    def send(self, task: Task, worker: int) -> None:
        """Hand out a task: to this worker, if the dataset is a stream."""
        self._inboxes[worker].put(task)

    def receive(self, timeout: float | None) -> Done | None:
        """Wait for the next answer; return ``None`` if there is none within ``timeout`` seconds."""
        try:
            return self._shared.outbox.get(timeout=timeout)
        except Empty:
            return None


class _Shared:
    """What the threads of a pool hold in common. It doesn't hold the pool, which could never be collected then."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.token: int | None = None
        self.outbox: SimpleQueue[Done] = SimpleQueue()
        self.started = threading.Barrier(size + 1)


def _work(worker: Worker, inbox: SimpleQueue[Task | None], shared: _Shared, base_seed: int) -> None:
    # One thread a worker: PyTorch would let each use all cores, and they would wait for one another. A thread takes the
    # default when it is first asked, so it is asked now: later, that would overwrite the 1.
    torch.get_num_threads()
    torch.set_num_threads(1)
    shared.started.wait()
    answer_in_this_thread(make_info(worker.worker, shared.size, base_seed + worker.worker, worker.recipe.dataset))
    name = f"worker {worker.worker} of {shared.size} (a thread)"
    while (task := inbox.get()) is not None:
        if task.epoch.token == shared.token:
            shared.outbox.put(note_worker(worker.do(task), name))
        # Or a batch would be held until the next task comes.
        del task


def _close(pid: int, threads: list[threading.Thread], inboxes: list[SimpleQueue[Task | None]], shared: _Shared) -> None:
    if os.getpid() != pid:
        return  # In a fork of this process, which has none of its threads.
    shared.token = None
    for inbox in inboxes:
        inbox.put(None)
    for thread in threads:
        # The collector may call this in any thread, so also in one of these.
        if thread is not threading.current_thread():
            thread.join(GRACE)
