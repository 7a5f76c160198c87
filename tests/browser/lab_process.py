"""A real `datakit lab` in a folder of its own."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_SECONDS = 60

# All cells stand in the page, not only those in sight, and the tests' own folders hold what Jupyter remembers.
SETTINGS = {"@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {"windowingMode": "none"}}


@dataclass
class Lab:
    """A running JupyterLab.

    Attributes:
        url: its address, without a path.
        token: its token.
        work: the folder that it serves.
    """

    url: str
    token: str
    work: Path

    def address(self, page: str) -> str:
        return f"{self.url}{page}?token={self.token}"

    def ask(self, method: str, path: str, content: dict[str, Any] | None = None) -> Any:
        """Send a request to the server's own interface; return its JSON answer, or None where it has none."""
        body = None if content is None else json.dumps(content).encode()
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data=body, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def end_sessions(self) -> None:
        """Shut down every kernel."""
        for session in self.ask("GET", "/api/sessions"):
            self.ask("DELETE", f"/api/sessions/{session['id']}")

    def kernel_states(self) -> list[str]:
        """Return each kernel's state; empty while the server is busy ending one."""
        try:
            kernels = self.ask("GET", "/api/kernels")
        except urllib.error.HTTPError:
            # Jupyter answers 500 when a kernel ends while it makes the list.
            return []
        return [kernel["execution_state"] for kernel in kernels]

    def use_theme(self, theme: str) -> None:
        """Choose "JupyterLab Light" or "JupyterLab Dark" for pages that are opened from now on."""
        setting = json.dumps({"theme": theme})
        self.ask("PUT", "/lab/api/settings/@jupyterlab/apputils-extension:themes", {"raw": setting})


@contextmanager
def running_lab(labs: Path, folder: Path) -> Iterator[Lab]:
    """Start `datakit lab` on ``labs``; end it, and its kernels, with Ctrl-C's signal."""
    for name, values in SETTINGS.items():
        file = folder / "settings" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    environment = {
        **os.environ,
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "IPYTHONDIR": str(folder / "ipython"),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    command = [sys.executable, "-m", "datakit.cli", "lab", "--no-browser", "--port", str(any_port())]
    command += ["--labs", str(labs), "--work", str(folder / "my-labs")]
    log = folder / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        url, token = _address(process, log)
        yield Lab(url, token, folder / "my-labs")
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def any_port() -> int:
    """Let the system choose a port: two test runs side by side then never choose the same one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _address(process: subprocess.Popen[bytes], log: Path) -> tuple[str, str]:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        found = re.search(r"(http://127\.0\.0\.1:\d+)/lab\S*\?token=(\w+)", log.read_text())
        if found:
            return found[1], found[2]
        time.sleep(0.1)
    raise AssertionError(f"datakit lab did not start:\n{log.read_text()}")
