"""Ask a kernel to run a cell, and collect what it puts out, up to a limit that holds while it flows.

All that arrives is untrusted: a message may be forged, damaged, endless or missing. Whatever it says, the worst that
can happen is that the learner's own cell counts as failed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import nbformat
import nbformat.v4
import zmq
from jupyter_client.session import Session
from nbformat import NotebookNode

_ROOM = 64 << 10  # bytes of a message beside its content
_QUEUE = 16  # messages that may wait on the grader's side
_IDLE, _HASTE = 0.5, 0.05  # seconds that a kernel's "idle" may come after its answer; the same while greeting
_LONGEST = 2000  # characters of an error
_KINDS = {"stream", "display_data", "execute_result", "error"}


@dataclass
class Reply:
    """What came back from one cell.

    Args:
        finished: whether the kernel answered in time.
        heard: whether it said that it is idle, after all its outputs.
        error: the error's text, empty if the cell ran through.
        outputs: as a notebook holds them.
    """

    finished: bool = False
    heard: bool = False
    error: str = ""
    outputs: list[NotebookNode] = field(default_factory=list)


class Conversation:
    """Talk with one kernel.

    Args:
        connection: Jupyter's connection information.
        limit: bytes of output that a cell may have.
        lifeline: a socket that becomes readable when the kernel has ended.
    """

    def __init__(self, connection: Mapping[str, Any], limit: int, lifeline: Any) -> None:
        self._limit, self._lifeline = limit, lifeline
        self._session = Session(key=connection["key"].encode())
        self._context = zmq.Context()
        self._context.setsockopt(zmq.MAXMSGSIZE, limit + _ROOM)
        self._context.setsockopt(zmq.RCVHWM, _QUEUE)
        self._context.setsockopt(zmq.LINGER, 0)
        path = connection["ip"]
        self._shell = self._context.socket(zmq.DEALER)
        self._shell.connect(f"ipc://{path}-{connection['shell_port']}")
        self._source = f"ipc://{path}-{connection['iopub_port']}"
        self._request = ""
        self._poller = zmq.Poller()
        for socket in (self._shell, lifeline):
            self._poller.register(socket, zmq.POLLIN)
        self._open_outputs()

    def close(self) -> None:
        """Stop talking."""
        self._context.destroy(linger=0)

    def greet(self, seconds: float) -> Reply | None:
        """Wait until the kernel answers and its outputs arrive. Returns an unfinished reply when time is up."""
        end = time.monotonic() + seconds
        self._listen(True)
        while (left := end - time.monotonic()) > 0:
            self._send("kernel_info_request", {})
            reply = self._collect(left, _HASTE)
            if reply is None or reply.heard:
                return reply
        return Reply()

    def execute(self, code: str, seconds: float) -> Reply | None:
        """Run a cell.

        Args:
            code: its source.
            seconds: how long to wait for the end.

        Returns:
            What came back, None if the kernel ended.
        """
        if not self._listening:
            greeted = self.greet(seconds)
            if greeted is None or not greeted.finished:
                return greeted
        self._send("execute_request", _cell(code, silent=False))
        return self._collect(seconds, _IDLE)

    def ask_silently(self, code: str) -> None:
        """Have a cell run that leaves no trace in the history and whose outputs are dropped at their source."""
        self._listen(False)
        self._send("execute_request", _cell(code, silent=True))

    def finish(self, seconds: float) -> Reply | None:
        """Wait on for the end of what was asked last. Returns None if the kernel ended."""
        return self._collect(seconds, _IDLE)

    def _send(self, kind: str, content: dict[str, Any]) -> None:
        message = self._session.msg(kind, content)
        self._request = message["header"]["msg_id"]
        self._session.send(self._shell, message)

    def _collect(self, seconds: float, after: float) -> Reply | None:
        """Gather messages until the kernel has answered and is idle, or time is up.

        Args:
            seconds: how long to wait for the answer.
            after: how long "idle" may come after the answer, since it takes another way.
        """
        reply, size, end = Reply(heard=not self._listening), 0, time.monotonic() + seconds
        while not (reply.finished and reply.heard) and (left := end - time.monotonic()) > 0:
            ready = dict(self._poller.poll(int(left * 1000) + 1))
            if self._shell in ready:
                answer, _ = self._take(self._shell)
                if answer:
                    reply.finished, end = True, min(end, time.monotonic() + after)
                    reply.error = _error(answer["content"])
            if self._outputs in ready:
                message, length = self._take(self._outputs)
                size += length
                if size > self._limit and self._listening:
                    self._listen(False)  # the kernel then drops the rest at its source
                    reply.outputs.append(cut_off(self._limit))
                elif message and size <= self._limit:
                    _add(reply.outputs, message)
                    reply.heard = reply.heard or message["content"].get("execution_state") == "idle"
                reply.heard = reply.heard or not self._listening
            elif self._lifeline.fileno() in ready and self._shell not in ready:
                return None
        if reply.finished and not reply.heard and after == _IDLE:
            # A message that was too large took its neighbours along, and the connection, which ZeroMQ never makes anew.
            reply.outputs.append(cut_off(self._limit))
            self._poller.unregister(self._outputs)
            self._outputs.close()
            self._open_outputs()
        return reply

    def _open_outputs(self) -> None:
        self._outputs = self._context.socket(zmq.SUB)
        self._outputs.connect(self._source)
        self._poller.register(self._outputs, zmq.POLLIN)
        self._listening = False

    def _take(self, socket: zmq.Socket[bytes]) -> tuple[dict[str, Any] | None, int]:
        """One message and its size; None if it isn't about the last request, or is no message at all."""
        frames = socket.recv_multipart()
        try:
            _, rest = self._session.feed_identities(frames)
            message = self._session.deserialize(rest)
            about = message["parent_header"].get("msg_id") == self._request and isinstance(message["content"], dict)
        except Exception:  # whatever a forger thought of
            about = False
        return (message if about else None), sum(map(len, frames))

    def _listen(self, on: bool) -> None:
        if on != self._listening:
            self._outputs.setsockopt(zmq.SUBSCRIBE if on else zmq.UNSUBSCRIBE, b"")
        self._listening = on


def cut_off(limit: int) -> NotebookNode:
    """What stands in the place of output that was too much."""
    text = f"[The output was cut off: this cell put out more than {limit / 2**10:.0f} KiB.]\n"
    return nbformat.v4.new_output("stream", name="stderr", text=text)


def _cell(code: str, silent: bool) -> dict[str, Any]:
    plain = {"user_expressions": {}, "allow_stdin": False, "stop_on_error": False}
    return {"code": code, "silent": silent, "store_history": not silent, **plain}


def _error(content: dict[str, Any]) -> str:
    if content.get("status", "ok") == "ok":
        return ""
    return f"{content.get('ename', 'Error')}: {content.get('evalue', '')}"[:_LONGEST]


def _add(outputs: list[NotebookNode], message: dict[str, Any]) -> None:
    kind, content = message["header"].get("msg_type"), message["content"]
    if kind not in _KINDS:
        return
    try:
        output = nbformat.v4.output_from_msg(message)
        nbformat.validate(output, ref="output", version=4)
    except Exception:  # forged: not what a notebook may hold
        return
    last = outputs[-1] if outputs else {}
    if kind == "stream" and last.get("output_type") == "stream" and last["name"] == content["name"]:
        last["text"] += content["text"]
    else:
        outputs.append(output)
