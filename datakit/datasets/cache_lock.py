"""A lock for threads that a fork can't leave closed for ever."""

from __future__ import annotations

import os
from threading import Lock
from types import TracebackType
from weakref import WeakSet


class ForkSafeLock:
    """A lock that is open when a forked child begins, and that can be sent to another process.

    A fork copies only the thread that calls it. Had another thread of the parent closed a lock just then, nobody would
    ever open the child's copy. So a fork first waits until every lock is open, and what the locks guard is then
    complete in the child as well. Sent to another process, it is a new lock: threads of two processes share nothing to
    guard.

    Source: "os.register_at_fork", Python documentation; the module ``logging`` does the same.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        _locks.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._lock.release()

    def __reduce__(self) -> tuple[type[ForkSafeLock], tuple[()]]:
        return ForkSafeLock, ()


_locks: WeakSet[ForkSafeLock] = WeakSet()
_held: list[ForkSafeLock] = []


def _close_all() -> None:
    for lock in list(_locks):
        lock._lock.acquire()
        _held.append(lock)


def _open_all() -> None:
    while _held:
        _held.pop()._lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_close_all, after_in_parent=_open_all, after_in_child=_open_all)
