"""The warm parent: has imported what kernels need, and forks a keeper for each of them.

It runs as an ordinary account. Started by root, it first becomes one.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
from collections.abc import Iterable

from classroom.grading.inside import pages, room, system

ALWAYS = (
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "tornado.platform.asyncio",
)
"""What a kernel would import while it starts."""
LARGEST = 1 << 16  # bytes of one request
READY = b"ready"
MOST = 16  # descriptors that come with it


def main(control: int, confined: bool, account: int, modules: Iterable[str]) -> None:
    """Import, say so, and serve until the grader closes the control socket.

    Args:
        control: descriptor of the control socket.
        confined: whether this runs inside the outer sandbox.
        account: the number of the account to become if this is root.
        modules: what to import once for all kernels; what isn't installed is left out.
    """
    orders = socket.socket(fileno=control)
    for name in pages.FROM_THE_START:  # these have done what they are for, and no kernel needs them
        os.environ.pop(name, None)
    if os.getuid() == 0 and confined:
        _become(account)
    if confined and (why := _try_room()):
        orders.send(why.encode())
        return
    gc.disable()  # it would look through all that is imported time and again, a tenth of the start
    from classroom.grading.inside import keeper  # imports ipykernel

    for module in (*ALWAYS, *modules):
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    gc.freeze()  # objects that a collection never touches stay shared with the children
    gc.enable()
    pages.use_large_pages()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a keeper
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the grader's to handle
    orders.send(READY)
    while True:
        request, descriptors, _, _ = socket.recv_fds(orders, LARGEST, MOST)
        if not request:
            return
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            orders.close()
            keeper.keep(json.loads(request), descriptors)
            os._exit(0)
        for descriptor in descriptors:
            os.close(descriptor)


def _try_room() -> str:
    """Why a room can't be had, empty if it can."""
    ours, theirs = os.pipe()
    tenant = os.fork()
    if tenant == 0:
        try:
            room.leave_peers()
            if os.fork() == 0:
                room.furnish(1 << 20)
            else:
                os.wait()
        except OSError as error:
            os.write(theirs, str(error).encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as answer:
        why = answer.read()
    os.waitpid(tenant, 0)
    return why


def _become(account: int) -> None:
    """Turn from root into an ordinary account."""
    # Bubblewrap covers parts of root's /proc. The system lets a room mount a /proc only where an uncovered one stands.
    system.mount("proc", "/proc", "proc", system.NO_SUID | system.NO_DEVICES | system.NO_EXEC)
    os.setgroups([])
    os.setresgid(account, account, account)
    os.setresuid(account, account, account)
    system.may_be_inspected()
