"""The learner's process as the grader sees it: runs the learner's cells, lets an examiner talk with their names."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator, Mapping

from classroom.grading.conversation import Conversation, Reply
from classroom.grading.inside.ask import ASK
from classroom.grading.items import CellRun, Limits, Step, StepKind
from classroom.grading.warm import WarmParent

_READY = 60.0  # seconds in which a forked kernel must answer on a busy machine
_SOON = 1.0  # seconds that a finished agent gets to say so
_INTERRUPTED = 2.0  # seconds that a cell gets to end after an interrupt


class Learner:
    """A confined kernel that holds one learner's names. A context manager; leaving it ends all of its processes.

    Args:
        parent: forks the kernel.
        files: what lies in its working folder, content by path.
        limits: what it may use.
        environment: more variables, such as the GPU that is lent.

    Raises:
        NoSandboxError: if it can't be confined.
        OSError: if the warm parent has ended.
    """

    def __init__(
        self,
        parent: WarmParent,
        files: Mapping[str, bytes],
        limits: Limits,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._limits = limits
        self._kernel = parent.spawn(files, limits, environment)
        self._talk = Conversation(self._kernel.connection, limits.output, self._kernel.report)
        self._talk.greet(_READY)

    def __enter__(self) -> Learner:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End all its processes and wait until none is left."""
        self._talk.close()
        self._kernel.close()

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._kernel.alive

    @property
    def ended(self) -> str:
        """How it ended, in a few words; empty while it lives."""
        return "" if self.alive else self._kernel.ended

    @property
    def peak(self) -> int:
        """Bytes that all its processes used at most; known once it has ended."""
        return self._kernel.peak

    def run(self, step: Step, seconds: float | None = None) -> CellRun:
        """Run one of the learner's cells.

        Args:
            step: the cell.
            seconds: how long it may take; the limit for a cell where nothing is given.

        Returns:
            What came of it. A cell that takes too long is interrupted; where that doesn't help, the process is ended.

        Raises:
            ValueError: for a test, whose source the learner's process must never see.
        """
        if step.kind is not StepKind.RUN:
            raise ValueError(f"Step {step.cell} is a {step.kind.value}; the learner's process runs only its own cells.")
        limit = self._limits.cell_seconds if seconds is None else seconds
        begin = time.monotonic()
        reply = self._talk.execute(step.source, limit)
        if reply is not None and not reply.finished:
            late = self._stop()
            reply.error = f"ran longer than {limit:g} s"
            reply.outputs += late.outputs if late else []
        if reply is None or not self.alive:
            reply = reply or Reply()
            reply.error = " and ".join(filter(None, [reply.error, f"the process died: {self._last_words()}"]))
        return CellRun(step.cell, tuple(reply.outputs), reply.error, time.monotonic() - begin)

    @contextlib.contextmanager
    def serving(self, seconds: float) -> Iterator[socket.socket]:
        """Let an examiner talk with the learner's names.

        Args:
            seconds: how long a single answer may take; the examiner keeps its own time beside this.

        Yields:
            The examiner's end. Afterwards the process is alive only if it came back from serving, if need be after an
            interrupt.
        """
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(seconds)
        with connection:
            try:
                connection.connect(str(self._kernel.agent))
            except OSError:  # dead, or it has shut its door: the examiner meets a closed connection
                self._kernel.kill()
            else:
                self._talk.ask_silently(ASK)
            yield connection
        if self.alive:
            reply = self._talk.finish(_SOON)
            if reply is not None and not reply.finished:
                self._stop()

    def _stop(self) -> Reply | None:
        """Interrupt what runs, and end the process if it goes on."""
        self._kernel.interrupt()
        reply = self._talk.finish(_INTERRUPTED)
        if reply is not None and not reply.finished:
            self._kernel.kill()
        return reply

    def _last_words(self) -> str:
        self._kernel.wait(_SOON)
        return self.ended or "it no longer answers"
