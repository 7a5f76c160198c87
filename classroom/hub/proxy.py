"""The proxy in front of a hub, configurable-http-proxy: a Node program, installed by npm into the hub's own folder."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

PACKAGE = "configurable-http-proxy@5.3"


class ProxyError(Exception):
    """The proxy can't be installed; the message says why and what to do."""


def ensure_proxy(folder: Path) -> list[str]:
    """Install the proxy into a folder, unless it is there or installed for the whole system.

    Returns:
        The words that start it.

    Raises:
        ProxyError: if Node or npm is missing, or npm fails.
    """
    program = folder / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"
    node = shutil.which("node") or shutil.which("nodejs")
    if node and program.exists():
        return [node, str(program)]
    installed = shutil.which("configurable-http-proxy")
    if installed:
        return [installed]
    npm = shutil.which("npm")
    if node is None or npm is None:
        raise ProxyError(
            f"JupyterHub's proxy is a Node program, and there is no {'npm' if node else 'node'} here. Install Node "
            "20 or newer (Debian: apt install nodejs npm), then start again."
        )
    folder.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error", "--prefix"]
    done = subprocess.run([*command, str(folder), PACKAGE], capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode or not program.exists():
        raise ProxyError(
            f"npm could not install {PACKAGE}. It says:\n{(done.stderr or done.stdout).strip()}\nIs there a network? "
            "Behind a proxy, set HTTPS_PROXY first. Or install configurable-http-proxy yourself."
        )
    return [node, str(program)]
