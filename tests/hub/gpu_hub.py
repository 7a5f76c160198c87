"""A real JupyterHub, as a process that can be killed, and what the tests of GPU shares ask of it."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

HANGS = 150.0  # seconds after which something hangs
CONFIG = Path(__file__).parent / "gpu_config.py"
ROOT = Path(__file__).parents[2]


class GpuHub:
    """A hub that lends the two halves of one device.

    Args:
        folder: its own.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.token = folder, secrets.token_hex(16)
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            two.bind(("127.0.0.1", 0))
            self.ports = f"{one.getsockname()[1]} {two.getsockname()[1]}"
        self.api = f"http://127.0.0.1:{self.ports.split()[1]}/hub/api"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        own = {"GPU_HUB_FOLDER": str(self.folder), "GPU_HUB_PORTS": self.ports, "GPU_HUB_TOKEN": self.token}
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", str(CONFIG)],
                env={**os.environ, **own, "PYTHONPATH": path},
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + HANGS
        while time.monotonic() < end and self.process.poll() is None:
            with suppress(URLError, ConnectionError):
                self.ask("GET", "/users")
                return
            time.sleep(0.2)
        raise AssertionError(f"The hub didn't start:\n{self.log()}")

    def kill(self) -> None:
        """End the hub at once; its servers run on."""
        self.process.kill()
        self.process.wait(HANGS)

    def close(self) -> None:
        """End the servers, too."""
        with suppress(URLError, ConnectionError):
            for user in self.ask("GET", "/users"):
                with suppress(ProcessLookupError):
                    if pid := self.pid(user["name"]):
                        os.kill(pid, signal.SIGKILL)
        self.kill()

    def log(self) -> str:
        """What it has written."""
        return (self.folder / "log").read_text()

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call of the hub's REST interface."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(self.api + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=HANGS) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def come(self, who: str, compute: str = "gpu") -> None:
        """Somebody starts a server."""
        with suppress(HTTPError):  # known already
            self.ask("POST", f"/users/{who}")
        self.ask("POST", f"/users/{who}/server", {"compute": compute})

    def stop(self, who: str) -> None:
        """Somebody stops the server, or gives up their place."""
        self.ask("DELETE", f"/users/{who}/server")

    def server(self, who: str) -> dict[str, Any]:
        """What the hub says of somebody's server; empty while there is none."""
        return dict(self.ask("GET", f"/users/{who}")["servers"].get("", {}))

    def pid(self, who: str) -> int:
        """The server's process; 0 while there is none."""
        return int((self.server(who).get("state") or {}).get("pid") or 0)

    def until(self, who: str, ready: bool = True) -> dict[str, Any]:
        """Wait until somebody's server runs, or no longer does."""
        end = time.monotonic() + HANGS
        while time.monotonic() < end:
            server = self.server(who)
            if bool(server.get("ready")) == ready and not server.get("pending"):
                return server
            time.sleep(0.1)
        raise AssertionError(f"{who}'s server: {server}\n{self.log()}")

    def told(self, who: str) -> Iterator[str]:
        """What somebody's page says while the server starts, as it comes."""
        url = f"{self.api}/users/{who}/server/progress"
        request = urllib.request.Request(url, headers={"Authorization": f"token {self.token}"})
        end = time.monotonic() + HANGS
        with urllib.request.urlopen(request, timeout=HANGS) as lines:
            for line in lines:  # empty ones, too, every few seconds
                assert time.monotonic() < end, f"{who}'s page says nothing more:\n{self.log()}"
                if line.startswith(b"data: "):
                    yield str(json.loads(line[6:])["message"])

    def place(self, who: str) -> str:
        """The place in line that somebody's page says."""
        return next(words for words in self.told(who) if "in line" in words).split(";")[0]

    def variables(self, who: str) -> dict[str, str]:
        """The environment of somebody's server."""
        text = Path(f"/proc/{self.pid(who)}/environ").read_text()
        return dict(pair.split("=", 1) for pair in text.split("\0") if "=" in pair)
