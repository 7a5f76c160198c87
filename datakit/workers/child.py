"""What runs in a worker process."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
from collections import deque
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import torch

from datakit.randomness import seed_worker_globals
from datakit.workers.channel import Channel
from datakit.workers.info import answer_in_this_process, make_info
from datakit.workers.memory import mapped
from datakit.workers.messages import SMALL, Answer, Order, Parcel, Target
from datakit.workers.packing import Packed, unpack
from datakit.workers.relay import note_traceback, pickle_error
from datakit.workers.shelf import Shelf
from datakit.workers.tasks import Done, Task
from datakit.workers.worker import Worker

CHECK = 1.0
"""Seconds between two looks at whether the main process still lives, while there is nothing else to do."""


def run(pipe: Connection, others: list[Connection], parcel: Parcel, number: int, size: int, base_seed: int) -> None:
    """Work until the loop says stop, or is gone.

    Args:
        pipe: this worker's end of the pipe to the loop.
        others: the loop's ends of pipes, which a forked process inherits: while they are open here, nobody notices
            that the loop is gone.
        parcel: the recipe and the ``worker_init_fn``.
        number: this worker's number.
        size: how many workers there are.
        base_seed: this plus the worker's number seeds the global generators.
    """
    for other in others:
        other.close()
    # The collector writes to each object that it looks at, and a page that is written to is copied: let it look at
    # nothing that was there before the fork.
    gc.freeze()
    # Ctrl-C goes to all processes of a terminal; the loop decides what becomes of its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # One thread a worker: PyTorch would let each use all cores. A forked process can't start more anyway.
    torch.set_num_threads(1)
    seed_worker_globals(base_seed, number)
    with contextlib.suppress(EOFError, OSError):  # the loop is gone
        ChildWorker(Channel(pipe), parcel, number, size, base_seed).work()


class ChildWorker:
    """A worker process's side of the pipe: orders come in, batches go out through shared memory."""

    def __init__(self, channel: Channel, parcel: Parcel, number: int, size: int, base_seed: int) -> None:
        self.channel = channel
        self.name = f"worker {number} of {size} (process {os.getpid()})"
        self.shelf = Shelf()
        self.targets: dict[int, Any] = {}
        self.worker: Worker | None = None
        self.problem: BaseException | None = None
        self._orders: deque[Order] = deque()
        self._parent = os.getppid()
        try:
            recipe, init_fn = parcel.open()
            answer_in_this_process(make_info(number, size, base_seed + number, recipe.dataset))
            self.worker = Worker(recipe, lambda batch: batch, number, init_fn, own_dataset=True)
        except Exception as error:
            error.add_note(CANNOT_OPEN)
            self.problem = error

    def work(self) -> None:
        """Carry out orders until there will be no more."""
        while self._wait_for_orders():
            order = self._orders.popleft()
            newest = self._orders[-1] if self._orders else order
            # What an epoch that was left early had asked for is not worth doing.
            stale = order.task.epoch.token != newest.task.epoch.token
            self._answer(self._done(order.task, stale))

    def _wait_for_orders(self) -> bool:
        """Read all orders that have come, and wait for one if there is none; return whether to go on."""
        while not self._orders or self.channel.has_message():
            if not self.channel.has_message(CHECK):
                if self._loop_is_gone():
                    return False
                continue
            message = self.channel.receive()
            if message is None:
                return False
            if isinstance(message, Target):
                self._meet(message)
            else:
                self.shelf.give_back(message.returned)
                self._orders.append(message)
        return True

    def _meet(self, target: Target) -> None:
        for number in target.forgotten:
            del self.targets[number]
        file = self.channel.receive_file()
        self.targets[target.number] = unpack(target.rest, target.layout, mapped(file, target.size))
        os.close(file)

    def _loop_is_gone(self) -> bool:
        main = parent_process()
        return os.getppid() != self._parent or (main is not None and not main.is_alive())

    def _done(self, task: Task, stale: bool) -> Done:
        token, number = task.epoch.token, task.number
        if stale:
            return Done(token, number)
        if self.worker is None:
            return Done(token, number, error=self.problem)
        if task.target is not None:
            task = task._replace(target=self.targets[task.target])
        return self.worker.do(task)

    def _answer(self, done: Done) -> None:
        answer, file = Answer(done.token, done.number, ended=done.ended), None
        error = done.error
        if error is None and done.batch is not None:
            try:
                answer, file = self._packed(answer, done.batch)
            except Exception as problem:
                problem.add_note(CANNOT_SEND)
                error = problem
        if error is not None:
            note_traceback(error, self.name)
            answer = answer._replace(error=pickle_error(error))
        self.channel.send(answer._replace(dropped=self.shelf.dropped()), file)
        if file is not None:
            os.close(file)

    def _packed(self, answer: Answer, batch: Any) -> tuple[Answer, int | None]:
        packed = Packed(batch)
        answer = answer._replace(layout=packed.layout)
        if packed.size + len(packed.rest) <= SMALL:
            inline = bytearray(packed.size)
            packed.write(inline)
            return answer._replace(rest=packed.rest, inline=inline), None
        size = packed.size + len(packed.rest)
        number, memory, file = self.shelf.take(size)
        packed.write(memory)
        memory[packed.size : size] = np.frombuffer(packed.rest, dtype=np.uint8)
        answer = answer._replace(memory=number, new_size=size if file is not None else 0)
        return answer._replace(rest_at=(packed.size, size)), file


CANNOT_OPEN = (
    "DataLoader: the dataset, or what goes with it, could not be unpickled in a worker process. Classes and functions "
    "of a notebook are not known there: move them to a module of their own that can be imported, or use "
    'workers="thread", or multiprocessing_context="fork" where the system has it.'
)
CANNOT_SEND = (
    "DataLoader: this batch can't be sent from a worker process, because something in it can't be pickled. "
    'Return tensors, numbers, strings and the like, or use workers="thread".'
)
