"""An ordinary ipykernel whose sockets were opened by the grader, so that the two share no folder."""

from __future__ import annotations

import os
import signal
import socket
import sys
from typing import Any

import zmq
from ipykernel.heartbeat import Heartbeat
from ipykernel.iostream import OutStream
from ipykernel.kernelapp import IPKernelApp

from classroom.grading.inside import door

CHANNELS = ("shell", "iopub", "stdin", "control", "hb")
_FLUSH = 2  # seconds that the end of a cell waits for its outputs' way out, which a cell may have blocked for good
_PORTS = {channel: number for number, channel in enumerate(CHANNELS, start=1)}


class _Heart(Heartbeat):
    """Beats on a socket that is open already."""

    listening: int

    def _try_bind_socket(self) -> None:
        self.socket.setsockopt(zmq.USE_FD, self.listening)
        super()._try_bind_socket()  # type: ignore[no-untyped-call]


class KernelApp(IPKernelApp):
    """Listens where it is told to, and leaves no trace on any disk."""

    listening: dict[int, int]  # descriptor by port

    def _bind_socket(self, s: Any, port: int) -> int:
        s.setsockopt(zmq.USE_FD, self.listening[port])
        return int(super()._bind_socket(s, port))  # type: ignore[no-untyped-call]

    def init_connection_file(self) -> None:
        """There is none: the grader has told everything."""

    def write_connection_file(self, **kwargs: Any) -> None:
        """Nobody reads it."""

    def init_control(self, context: Any) -> None:
        """Open the control channel; nobody debugs here."""
        super().init_control(context)  # type: ignore[no-untyped-call]
        if endpoint := self.debug_shell_socket.getsockopt(zmq.LAST_ENDPOINT):
            self.debug_shell_socket.disconnect(endpoint)

    def init_heartbeat(self) -> None:
        """Start the heartbeat."""
        heart = _Heart(zmq.Context(), (self.transport, self.ip, self.hb_port))  # type: ignore[no-untyped-call]
        heart.listening = self.listening[self.hb_port]
        heart.start()
        self.heartbeat = heart


def prepare(key: str, descriptors: list[int]) -> KernelApp:
    """Make this process a kernel that has only to be started.

    Args:
        key: signs the messages.
        descriptors: listening sockets, one a channel, and the one at which the agent meets the examiner.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for name in ("JPY_PARENT_PID", "JPY_SESSION_NAME"):
        os.environ.pop(name, None)
    door.listen(socket.socket(fileno=descriptors[len(CHANNELS)]))
    sys.path.insert(0, "")
    sys.argv = ["kernel"]
    app: KernelApp = KernelApp.instance(
        transport="ipc", ip="/socket", connection_dir="/", **{f"{name}_port": _PORTS[name] for name in CHANNELS}
    )
    app.listening = dict(zip(_PORTS.values(), descriptors, strict=False))
    app.session.key = key.encode()
    OutStream.flush_timeout = _FLUSH
    app.initialize(["--IPKernelApp.parent_handle=0", "--HistoryManager.enabled=False", "--Application.log_level=50"])
    return app
