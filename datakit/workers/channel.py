"""A pipe between the loop and one worker process, for small messages and for files without a name."""

from __future__ import annotations

import pickle
import select
import socket
from multiprocessing.connection import Connection
from typing import Any

from datakit.workers.memory import nameless_file

LONG = 64 * 1024
"""Bytes; a pipe that says it has room has room for so many."""


class Channel:
    """One end of a pipe.

    A long message goes into a file without a name, and only the file is passed on. So what lies in the pipe is short,
    and where :meth:`has_room` says yes, sending doesn't wait: both sides can't wait for each other.

    Args:
        connection: one end of ``multiprocessing.Pipe()``.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._readable = select.poll()
        self._readable.register(connection, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(connection, select.POLLOUT)

    def fileno(self) -> int:
        """What ``select`` waits for."""
        return self.connection.fileno()

    def send(self, message: Any, file: int | None = None) -> None:
        """Send a message, and a file descriptor after it.

        Raises:
            OSError: if the other side is gone.
        """
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        if len(data) > LONG:
            with open(nameless_file(0), "wb") as long:  # noqa: PTH123  # it has no path
                long.write(data)
                long.flush()
                self.connection.send_bytes(b"")
                self._send_file(long.fileno())
        else:
            self.connection.send_bytes(data)
        if file is not None:
            self._send_file(file)

    def receive(self) -> Any:
        """Wait for the next message.

        Raises:
            EOFError: if the other side is gone.
            OSError: if so.
        """
        data = self.connection.recv_bytes()
        if not data:
            with open(self.receive_file(), "rb") as long:  # noqa: PTH123
                # Both sides have the same position in the file, and it is at the end.
                long.seek(0)
                data = long.read()
        return pickle.loads(data)

    def receive_file(self) -> int:
        """Wait for the file descriptor that comes after a message.

        Raises:
            EOFError: if the other side is gone.
        """
        with self._socket() as pipe:
            _, descriptors, _, _ = socket.recv_fds(pipe, 1, 1)
        if not descriptors:
            raise EOFError
        return descriptors[0]

    def has_message(self, timeout: float = 0) -> bool:
        """Wait at most ``timeout`` seconds for something to read; the end of the pipe counts."""
        return bool(self._readable.poll(1000 * timeout))

    def has_room(self) -> bool:
        """Whether a message can be sent without waiting."""
        return bool(self._writable.poll(0))

    def close(self) -> None:
        """Close this end."""
        self.connection.close()

    def _send_file(self, file: int) -> None:
        with self._socket() as pipe:
            socket.send_fds(pipe, [b"f"], [file])

    def _socket(self) -> socket.socket:
        # multiprocessing's pipes are sockets underneath, which can pass on files.
        return socket.fromfd(self.fileno(), socket.AF_UNIX, socket.SOCK_STREAM)
