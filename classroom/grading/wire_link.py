"""A conversation of two processes over a socket: each may ask, and while it waits for the answer it may be asked.

A message is four bytes of length and a value: ``("?", operation, arguments)``, ``("=", value, effects)`` or
``("!", exception, effects)``, where the effects are what the operation changed in its arguments.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

from .wire import Terms, WireError, decode, encode
from .wire_bounds import MOST_BYTES
from .wire_effects import Effects, apply, effects, mutable_parts, snapshot

MOST_NESTED = 30
MOST_PIECE = 1 << 20


class Broken(BaseException):
    """The conversation is over."""


class Gone(Broken):
    """The other process ended, or closed its end."""


class TimeUp(Broken):
    """The deadline passed."""


class Garbled(Broken):
    """What arrived is no message."""


class Link:
    """One end of the conversation.

    Args:
        connection: a connected stream socket.
        terms: how values that aren't plain are sent and received.
        answer: called with an operation and its arguments when the other side asks.
        deadline: when to give up, as ``time.monotonic`` counts; None for never.

    Attributes:
        takes_effects: whether what a call changes in its arguments is changed in the caller's objects, too.
        had_effects: whether a call has changed something.
        over: whether nobody is there any more to answer.
    """

    def __init__(
        self,
        connection: socket.socket,
        terms: Terms,
        answer: Callable[[str, list[Any]], object],
        deadline: float | None = None,
    ) -> None:
        self.connection, self.terms, self.answer, self.deadline = connection, terms, answer, deadline
        self.process, self.nested, self.lock = os.getpid(), 0, threading.RLock()
        self.takes_effects, self.had_effects, self.over = True, False, False

    def ask(self, operation: str, *arguments: Any) -> Any:
        """Ask the other side and return its answer.

        Raises:
            Exception: what the operation raised there.
            RuntimeError: if this is another process than that which holds the conversation, or the test is over.
            Broken: if the conversation is over.
        """
        if os.getpid() != self.process:
            raise RuntimeError(
                "an object of a test was used in a worker process, where it can't be reached; "
                "a test that needs worker processes uses check.probe"
            )
        if self.over:
            raise RuntimeError("an object of a test was used after the test had ended")
        given = mutable_parts(arguments)
        request = encode(("?", operation, arguments), self.terms)
        with self.lock:
            self._send(request)
            while True:
                message = self._receive()
                if message[0] == "?":
                    self._serve(message)
                    continue
                self._take(message[2], given)
                if message[0] == "!":
                    raise message[1]
                return message[1]

    def _take(self, changed: list[Any], given: list[Any]) -> None:
        self.had_effects |= bool(changed)
        if self.takes_effects:
            try:
                apply(given, changed)
            except WireError as error:
                raise Garbled(str(error)) from None

    def tell(self, operation: str) -> None:
        """Tell the other side something to which there is no answer.

        Raises:
            Broken: if the conversation is over.
        """
        self._send(encode(("?", operation, ()), self.terms))

    def serve(self) -> None:
        """Answer until the other side says that it is done, or closes its end.

        Raises:
            Broken: if what arrives is no message.
        """
        while True:
            try:
                with self.lock:
                    message = self._receive()
            except Gone:
                return
            if message[0] != "?" or message[1] == "done":
                return
            self._serve(message)

    def _serve(self, message: tuple[str, str, tuple[Any, ...]]) -> None:
        _, operation, arguments = message
        given = mutable_parts(arguments)
        before = snapshot(given)
        self.nested += 1
        try:
            if self.nested > MOST_NESTED:
                raise RecursionError(f"the calls between the two processes are nested deeper than {MOST_NESTED}")
            tag, value = "=", self.answer(operation, list(arguments))
        except Broken:
            raise
        except BaseException as error:
            tag, value = "!", error
        finally:
            self.nested -= 1
        with self.lock:
            self._send(self._answer(tag, value, lambda: effects(given, before)))

    def _answer(self, tag: str, value: object, changed: Callable[[], Effects]) -> bytes:
        try:
            return encode((tag, value, changed()), self.terms)
        except Exception as error:  # too large, or an object that resists
            return encode(("!", error, []), self.terms)

    def _send(self, content: bytes) -> None:
        try:
            self._limit()
            self.connection.sendall(struct.pack("<I", len(content)) + content)
        except TimeoutError:
            raise TimeUp from None
        except OSError as error:
            raise Gone(str(error)) from None

    def _receive(self) -> tuple[Any, Any, Any]:
        size = struct.unpack("<I", self._exactly(4))[0]
        if size > MOST_BYTES + 1024:
            raise Garbled(f"a message of {size:,} bytes was announced")
        try:
            message = decode(self._exactly(size), self.terms)
        except WireError as error:
            raise Garbled(str(error)) from None
        if type(message) is tuple and len(message) == 3:
            tag, first, second = message
            asks = tag == "?" and type(first) is str and type(second) is tuple
            tells = type(second) is list and (tag == "=" or (tag == "!" and isinstance(first, Exception)))
            if asks or tells:
                return message
        raise Garbled("a message of no known form")

    def _exactly(self, size: int) -> bytes:
        content = bytearray()
        while len(content) < size:
            self._limit()
            try:
                piece = self.connection.recv(min(size - len(content), MOST_PIECE))
            except TimeoutError:
                raise TimeUp from None
            except OSError as error:
                raise Gone(str(error)) from None
            if not piece:
                raise Gone("the other end was closed")
            content += piece
        return bytes(content)

    def _limit(self) -> None:
        if self.deadline is None:
            self.connection.settimeout(None)
            return
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeUp
        self.connection.settimeout(left)
