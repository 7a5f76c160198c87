"""The door at which the agent meets the examiner: asked by a cell, opened on the kernel's main thread."""

from __future__ import annotations

import socket

from IPython import get_ipython

_listening: list[socket.socket] = []


def listen(listening: socket.socket) -> None:
    """Remember the socket at which examiners arrive."""
    _listening[:] = [listening]


def serve() -> None:
    """Let one examiner in and answer until it leaves."""
    from classroom.grading import agent

    connection, _ = _listening[0].accept()
    with connection:
        agent.serve(connection, get_ipython().user_ns)
