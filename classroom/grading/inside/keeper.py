"""The keeper of one kernel: takes a room, starts the kernel there, watches it, and ends it with all it started.

The keeper speaks with the grader over one socket, a line of JSON at a time. The socket is also the lifeline: when the
grader closes it, or ends in whatever way, the kernel ends too.
"""

from __future__ import annotations

import io
import json
import os
import select
import signal
import socket
import tarfile
import traceback
from pathlib import Path
from typing import Any

from classroom.grading.inside import gpu, kernel, room, system
from classroom.grading.inside.watch import Watch

INTERRUPT = b"i"
EVERY = 0.1  # seconds between two looks at the memory


def keep(request: dict[str, Any], descriptors: list[int]) -> None:
    """Run one kernel to its end. Called in a process of its own.

    Args:
        request: ``limits``, ``environment``, ``folder`` (of an unconfined kernel, empty for a room), ``gpu``, ``key``.
        descriptors: the report socket, an archive of the files that lie beside the notebook, and the kernel's doors.
    """
    report = socket.socket(fileno=descriptors[0])
    try:
        system.die_with_parent(signal.SIGKILL)
        proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
        if request["folder"]:
            system.adopt_orphans()
        else:
            room.leave_peers()
        first = os.fork()
        if first == 0:
            _live(request, report, descriptors[1], descriptors[2:], proc)
        for descriptor in descriptors[1:]:
            os.close(descriptor)
        reason, watch = _watch(report, first, proc, request["limits"]["memory"])
        _say(report, ended=reason, peak=watch.peak)
    except BaseException:
        _say(report, failed=traceback.format_exc(limit=-3))


def _live(request: dict[str, Any], report: socket.socket, archive: int, doors: list[int], proc: int) -> None:
    """Become the kernel; never returns."""
    try:
        system.die_with_parent(signal.SIGKILL)
        os.close(proc)
        if request["folder"]:
            lab = request["folder"]
        else:
            room.furnish(request["limits"]["memory"])
            lab = room.LAB
        os.setsid()
        os.umask(0o022)
        os.chdir(lab)
        os.environ.update(request["environment"])
        _unpack(archive, Path(lab))
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in range(3):
            os.dup2(nothing, standard)
        room.restrict(request["limits"], request["gpu"])
        gpu.bound()
        app = kernel.prepare(request["key"], doors)
    except BaseException:
        _say(report, failed=traceback.format_exc(limit=-3))
        os._exit(1)
    _say(report, started=True)
    report.close()
    try:
        app.start()  # type: ignore[no-untyped-call]
    finally:
        os._exit(1)


def _unpack(archive: int, folder: Path) -> None:
    """Write an archive's files, whose names the grader has looked at, as files of this process's own."""
    with open(archive, "rb") as file, tarfile.open(fileobj=io.BytesIO(file.read())) as files:
        for entry in files:
            content = files.extractfile(entry)
            assert content is not None, f"{entry.name} is no regular file"
            path = folder / entry.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.read())


def _watch(report: socket.socket, first: int, proc: int, memory: int) -> tuple[str, Watch]:
    watch, reason = Watch(proc, os.getpid()), ""
    ends = os.pidfd_open(first)
    while not reason:
        ready, _, _ = select.select([report.fileno(), ends], [], [], EVERY)
        if ends in ready:
            break
        if report.fileno() in ready:
            order = report.recv(1)
            if order == INTERRUPT:
                os.kill(first, signal.SIGINT)
            else:
                reason = "ended by the grader"
        elif watch.memory(memory) > memory:
            reason = f"all processes together used more than {memory / 2**20:.0f} MiB of memory"
    status = _end(first, watch)
    return reason or status, watch


def _end(first: int, watch: Watch) -> str:
    """Kill all that is left and say how the first process ended."""
    status = ""
    while True:
        for number in [first] * (not status) + watch.family():
            try:
                os.kill(number, signal.SIGKILL)
            except OSError:
                continue
        try:
            number, code = os.waitpid(-1, 0)
        except ChildProcessError:
            return status
        if number == first:
            code = os.waitstatus_to_exitcode(code)
            status = f"it exited with status {code}" if code >= 0 else f"it was ended by {_name(-code)}"


def _name(number: int) -> str:
    return signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"


def _say(report: socket.socket, **what: object) -> None:
    try:
        report.sendall(json.dumps(what).encode() + b"\n")
    except OSError:  # the grader has gone
        return
