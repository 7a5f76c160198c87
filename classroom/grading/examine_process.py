"""A process of its own for one test: it can use up only what it is given, and ends with all that it started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

MEMORY = 400 << 20  # bytes beside what the process began with
FILE_SIZE = 64 << 20
PARENT_DIED = 1  # PR_SET_PDEATHSIG of prctl(2)
_LIBC = ctypes.CDLL(None, use_errno=True)


def in_a_process(work: Callable[[], bytes], seconds: float) -> tuple[bytes | None, str]:
    """Run work in a forked process and return what it gives.

    Args:
        work: what to do there.
        seconds: when to end the process.

    Returns:
        What the work returned and an empty text; or None and how the process ended.
    """
    reading, writing = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        _child(work, parent, reading, writing)
    os.close(writing)
    try:
        content = _read(reading, time.monotonic() + seconds)
    finally:
        os.close(reading)
        for kill in (os.killpg, os.kill):  # before it has a group of its own, the process alone
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if content is None:
        return None, f"ran longer than {seconds:g} s"
    if not content:
        return None, f"ended with signal {-status}" if status < 0 else f"ended with status {status}"
    return content, ""


def _child(work: Callable[[], bytes], parent: int, reading: int, writing: int) -> NoReturn:
    status = 1
    try:
        os.setsid()
        _LIBC.prctl(PARENT_DIED, signal.SIGKILL)
        if os.getppid() == parent:
            os.close(reading)
            _quiet()
            _bound()
            content = work()
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(content)
            status = 0
    finally:
        os._exit(status)


def _read(pipe: int, deadline: float) -> bytes | None:
    content = bytearray()
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            return None
        piece = os.read(pipe, 1 << 16)
        if not piece:
            return bytes(content)
        content += piece


def _quiet() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)


def _bound() -> None:
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    had = int(fields["VmData"].split()[0]) * 1024
    for kind, most in ((resource.RLIMIT_DATA, had + MEMORY), (resource.RLIMIT_FSIZE, FILE_SIZE)):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
