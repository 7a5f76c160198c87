"""A notebook's kernel and a terminal on somebody's server at a hub, spoken to as the pages speak: over websockets."""

from __future__ import annotations

import json
import time
import uuid
from contextlib import suppress
from urllib.parse import quote

import websocket

from .client import SECONDS, Person


def dial(person: Person, path: str) -> websocket.WebSocket:
    """Open a websocket of a hub's, with the person's cookies as a browser would send them; ``path`` as in `ask`."""
    base = "/" + "/".join(path.split("/")[:2]) + "/"
    cookies = [each for each in person.session.cookies if base.startswith(each.path)]
    return websocket.create_connection(
        person.hub.replace("http", "ws", 1) + quote(path, safe="/?=&+@%"),
        timeout=SECONDS,
        cookie="; ".join(f"{each.name}={each.value}" for each in cookies),
        origin=person.hub.rstrip("/"),
        header=["Sec-Fetch-Mode: websocket", "Sec-Fetch-Site: same-origin"],
    )


class Kernel:
    """A kernel on a person's own server.

    Args:
        person: somebody whose server runs.
        folder: where the kernel starts, below the person's home.
        name: the kernel's specification.
        running: the id of one that runs; otherwise one is started.
    """

    def __init__(self, person: Person, folder: str = "", name: str = "python3", running: str = "") -> None:
        self.person = person
        self.id = running or str(person.own("POST", "api/kernels", {"name": name, "path": folder})["id"])
        self.socket = dial(person, f"user/{person.name}/api/kernels/{self.id}/channels")

    def run(self, code: str, seconds: float = SECONDS) -> str:
        """Run a cell.

        Returns:
            What it printed; after it the error's type and text, if there was one.

        Raises:
            TimeoutError: if it doesn't end.
        """
        number = uuid.uuid4().hex
        header = {"msg_id": number, "msg_type": "execute_request", "username": "", "session": number, "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        self.socket.send(json.dumps({**message, "buffers": []}))
        said, end = "", time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(websocket.WebSocketTimeoutException):
                told = json.loads(self.socket.recv())
                if told["parent_header"].get("msg_id") != number:
                    continue
                if told["msg_type"] == "stream":
                    said += told["content"]["text"]
                elif told["msg_type"] == "error":
                    said += f"{told['content']['ename']}: {told['content']['evalue']}"
                elif told["msg_type"] == "status" and told["content"]["execution_state"] == "idle":
                    return said
        raise TimeoutError(f"the cell did not end within {seconds:g} s; it said {said!r}")

    def close(self) -> None:
        """End the kernel."""
        self.socket.close()
        self.person.own("DELETE", f"api/kernels/{self.id}")


def in_terminal(person: Person, command: str, seconds: float = SECONDS) -> str:
    """Type a command into a new terminal; what it answers.

    Raises:
        TimeoutError: if it doesn't end.
    """
    name = person.own("POST", "api/terminals")["name"]
    socket = dial(person, f"user/{person.name}/terminals/websocket/{name}")
    try:
        # What is typed is shown as well; what is said stands between the marks.
        socket.send(json.dumps(["stdin", f"echo 'be''gin'; {command}; echo 'e''nd'\r"]))
        said, end = "", time.monotonic() + seconds
        while time.monotonic() < end:
            kind, *rest = json.loads(socket.recv())
            said += rest[0] if kind == "stdout" else ""
            if "\nend" in said:
                return said.split("begin\r\n", 1)[1].split("\nend", 1)[0].strip()
    finally:
        socket.close()
        person.own("DELETE", f"api/terminals/{name}")
    raise TimeoutError(f"the command did not end within {seconds:g} s; it said {said!r}")
