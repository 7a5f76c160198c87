"""A learner's process as plain as can be: forked, without a kernel or a sandbox, with the real agent in it."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import torch

from classroom.grading.agent import serve
from classroom.grading.examine import examine
from classroom.grading.items import Result, Step, StepKind, WorkItem
from classroom.grading.wire_link import Broken

SET_UP = """
import os, random, tempfile
from pathlib import Path
import numpy as np
import torch
from datakit import check
"""


class ForkedLearner:
    """A process that runs the learner's code and answers the examiner.

    Args:
        folder: where it works.
    """

    def __init__(self, folder: Path) -> None:
        self.orders, theirs = socket.socketpair()
        self.connection, agents = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.orders.close()
                self.connection.close()
                torch.set_num_threads(1)
                os.chdir(folder)
                _obey(theirs, agents)
            finally:
                os._exit(0)
        theirs.close()
        agents.close()

    def run(self, source: str) -> str:
        """Run a cell; the error's type and text, or an empty text."""
        _send(self.orders, {"run": source})
        answer = _receive(self.orders)
        return str(answer["error"])

    def examine(
        self,
        test: str,
        *,
        grade_id: str = "double-check",
        files: Mapping[str, bytes] | None = None,
        set_up: str = SET_UP,
        seed: int = 0,
        seconds: float = 60.0,
    ) -> Result:
        """Run a test cell worth 2 points in the examiner."""
        _send(self.orders, {"serve": True})
        step = Step(StepKind.TEST, test, 1, grade_id, 2.0)
        item = WorkItem("lab", "ada", (Step(StepKind.RUN, set_up, 0), step), files or {}, seed, "digest")
        return examine(step, self.connection, item, {}, seconds)

    def __enter__(self) -> ForkedLearner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.orders.close()
        self.connection.close()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def _obey(orders: socket.socket, connection: socket.socket) -> None:
    namespace: dict[str, object] = {"__name__": "__main__", "connection": connection}
    while (order := _receive(orders)) is not None:
        if "serve" in order:
            try:
                serve(connection, namespace)
            except Broken:
                return
            continue
        error = ""
        try:
            exec(order["run"], namespace)
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
        _send(orders, {"error": error})


def _send(connection: socket.socket, message: dict[str, Any]) -> None:
    content = json.dumps(message).encode()
    connection.sendall(struct.pack("<I", len(content)) + content)


def _receive(connection: socket.socket) -> Any:
    head = connection.recv(4, socket.MSG_WAITALL)
    if len(head) < 4:
        return None
    return json.loads(connection.recv(struct.unpack("<I", head)[0], socket.MSG_WAITALL))
