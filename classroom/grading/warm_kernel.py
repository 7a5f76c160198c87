"""A kernel that was forked from the warm parent: its end is noticed, its interrupt and its death are asked for."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path
from typing import Any

from classroom.grading.inside.keeper import INTERRUPT

CHANNELS = ("shell", "iopub", "stdin", "control", "hb")
"""Jupyter's channels, in the order of their port numbers 1 … 5."""

DOORS = (*(f"kernel-{number}" for number in range(1, len(CHANNELS) + 1)), "agent")
KEEPER_KILLED = "its keeper was killed"
ROOM = 30.0  # seconds that preparing a room may take on a busy machine


class WarmKernel:
    """One forked kernel.

    Args:
        report: the socket of its keeper. Closing it ends the kernel.
        folder: where its sockets lie.
        key: signs the messages.
    """

    def __init__(self, report: socket.socket, folder: Path, key: str) -> None:
        self.report, self.folder, self.key = report, folder, key
        self.ended = ""  # how it ended; empty while it lives
        self.peak = 0  # bytes that all its processes used at most, once it has ended
        self._rest = b""

    @property
    def connection(self) -> dict[str, Any]:
        """Jupyter's connection information."""
        ports = {f"{channel}_port": number for number, channel in enumerate(CHANNELS, start=1)}
        common = {"transport": "ipc", "ip": str(self.folder / "kernel"), "signature_scheme": "hmac-sha256"}
        return {**common, "key": self.key, **ports}

    @property
    def agent(self) -> Path:
        """The socket at which the agent meets an examiner."""
        return self.folder / "agent"

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        self._hear(0)
        return not self.ended

    def failed_to_start(self) -> str:
        """Wait until its room is ready. Returns why it isn't, empty if it is."""
        message = self._next(ROOM)
        if "started" in message:
            return ""
        self.ended = str(message.get("failed") or message.get("ended") or f"no room within {ROOM:.0f} s")
        return self.ended

    def interrupt(self) -> None:
        """Send what Ctrl-C sends."""
        self._order(INTERRUPT)

    def kill(self, seconds: float = 10.0) -> None:
        """End all its processes, and wait until none is left.

        Raises:
            TimeoutError: if one is left after ``seconds``.
        """
        if not self.ended:
            self.report.shutdown(socket.SHUT_WR)
            self._hear(seconds)
        if not self.ended:
            raise TimeoutError(f"Processes of a kernel are left {seconds:.0f} s after they were killed.")

    def wait(self, seconds: float) -> None:
        """Wait until it has ended, for at most ``seconds``."""
        self._hear(seconds)

    def close(self) -> None:
        """End it and remove its sockets."""
        try:
            self.kill()
        finally:
            self.report.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _hear(self, seconds: float) -> None:
        if self.ended:
            return
        message = self._next(seconds)
        if message:
            self.ended = str(message.get("ended") or message.get("failed"))
            self.peak = int(message.get("peak", 0))

    def _order(self, order: bytes) -> None:
        try:
            self.report.sendall(order)
        except OSError:  # it has ended
            return

    def _next(self, seconds: float) -> dict[str, Any]:
        """The keeper's next message, empty if there is none in time. A keeper that has gone took its kernel along."""
        self.report.settimeout(seconds or 1e-6)
        while b"\n" not in self._rest:
            try:
                arrived = self.report.recv(1 << 16)
            except TimeoutError:
                return {}
            except OSError:
                arrived = b""
            if not arrived:
                return {"ended": KEEPER_KILLED}
            self._rest += arrived
        line, _, self._rest = self._rest.partition(b"\n")
        return dict(json.loads(line))
