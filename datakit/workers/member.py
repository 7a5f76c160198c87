"""The loop's view of one worker process."""

from __future__ import annotations

import contextlib
import os
import pickle
import selectors
import signal
import time
from collections import deque
from collections.abc import Callable
from multiprocessing.context import BaseContext
from typing import Any

from datakit.fetch import Recipe
from datakit.workers.channel import Channel
from datakit.workers.child import run
from datakit.workers.memory import Bytes, lend, mapped
from datakit.workers.messages import Answer, Parcel
from datakit.workers.packing import unpack
from datakit.workers.pool import WorkerDied
from datakit.workers.relay import unpickle_error
from datakit.workers.tasks import Done, Task

GRACE = 5.0
"""Seconds that workers have to finish what they are at when they are told to stop."""


class Member:
    """One worker process, started.

    Args:
        context: how processes start.
        others: the members that were started before.
        recipe: how batches are made.
        init_fn: called in the process with its number, or ``None``.
        number: this worker's number.
        size: how many workers there will be.
        base_seed: this plus the number seeds the worker.

    Attributes:
        tasks: what the worker has been told to do and has not answered, oldest first.
        returned: numbers of its memories that nobody uses any more, for the next message to tell.

    Raises:
        PicklingError: if what the worker needs must be pickled and can't be.
    """

    def __init__(
        self,
        context: BaseContext,
        others: list[Member],
        recipe: Recipe,
        init_fn: Callable[[int], None] | None,
        number: int,
        size: int,
        base_seed: int,
    ) -> None:
        self.name = f"worker {number} of {size}"
        self.start_method = context.get_start_method()
        self.tasks: deque[Task] = deque()
        self.returned: deque[int] = deque()
        self.answered = False
        self._memories: dict[int, Bytes] = {}
        here, there = context.Pipe()
        self.channel = Channel(here)
        inherited = [self.channel, *(other.channel for other in others)] if self.start_method == "fork" else []
        self.process = context.Process(  # type: ignore[attr-defined]  # every real context has it
            target=run,
            args=(
                there,
                [channel.connection for channel in inherited],
                Parcel((recipe, init_fn)),
                number,
                size,
                base_seed,
            ),
            name=f"DataLoader worker {number}",
            daemon=True,
        )
        try:
            self.process.start()
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            here.close()
            raise pickle.PicklingError(
                f"DataLoader: worker processes that start with {self.start_method!r} get the dataset, collate_fn and "
                f"worker_init_fn pickled, which fails here: {error}. Define classes and functions at the top of a "
                'module, leave out open files and lambdas; or use workers="thread".'
            ) from error
        finally:
            there.close()

    def done(self, answer: Answer, wanted: bool, finish: Callable[[Any], Any]) -> Done:
        """Unpack an answer; one that is not wanted only gives its memory back."""
        self.tasks.popleft()
        self.answered = True
        for number in answer.dropped:
            del self._memories[number]
        if answer.new_size:
            file = self.channel.receive_file()
            self._memories[answer.memory] = mapped(file, answer.new_size)
            os.close(file)
        if not wanted and answer.memory >= 0:
            self.returned.append(answer.memory)
        batch = None
        error = None if answer.error is None else unpickle_error(answer.error)
        if wanted and (answer.inline is not None or answer.memory >= 0):
            try:
                batch = finish(self._unpacked(answer))
            except Exception as problem:
                error = problem
        return Done(answer.token, answer.number, batch, error, answer.ended)

    def _unpacked(self, answer: Answer) -> Any:
        if answer.inline is not None:
            return unpack(answer.rest, answer.layout, answer.inline)
        memory = lend(self._memories[answer.memory], self.returned.append, answer.memory)
        return unpack(memory[slice(*answer.rest_at)].tobytes(), answer.layout, memory)

    def obituary(self) -> WorkerDied:
        """Say how the process ended, and at what."""
        self.process.join(GRACE)
        code = self.process.exitcode
        if code is not None and code < 0:
            how = f"was killed by {_signal_name(-code)}"
        else:
            how = f"ended with exit code {code}"
        at = "while it waited for work"
        if self.tasks:
            task = self.tasks[0]
            of = "" if task.indices is None else f", of the samples at {task.indices}"
            at = f"while it made batch {task.number}{of}"
        return WorkerDied(f"DataLoader: {self.name} (process {self.process.pid}) {how} {at}. {self._advice(code)}")

    def _advice(self, code: int | None) -> str:
        if code == -signal.SIGKILL:
            return (
                "If nobody killed it, the system did, because memory ran out: "
                "use fewer workers, smaller batches or a smaller prefetch_factor."
            )
        if code is not None and code < 0:
            return "Native code in the dataset crashed, or somebody sent the signal: try num_workers=0 to see where."
        if not self.answered and self.start_method != "fork":
            return (
                "It may never have started: its own message stands above. A script that starts processes with "
                f"{self.start_method!r} must keep its main part below `if __name__ == '__main__':`."
            )
        return "Something in the dataset ended the process: try num_workers=0 to see where."


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # one of the real-time signals, which have only numbers
        return f"signal {number}"


def close_all(pid: int, members: list[Member], selector: selectors.BaseSelector) -> None:
    """Stop all workers: ask, wait, and in the end insist."""
    if os.getpid() != pid:
        return  # In a fork of the process that they belong to.
    selector.close()
    for member in members:
        with contextlib.suppress(OSError):
            if member.channel.has_room():
                member.channel.send(None)
        member.channel.close()
    until = time.monotonic() + GRACE
    for insist in (lambda process: None, lambda process: process.terminate(), lambda process: process.kill()):
        for member in members:
            if member.process.is_alive():
                insist(member.process)
        for member in members:
            member.process.join(max(0.0, until - time.monotonic()))
        until = time.monotonic() + GRACE
