"""How a learner's JupyterLab is started: quiet, on its own port, with the instructor's pages hidden."""

from __future__ import annotations

import errno
import os
import socket
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from datakit._errors import missing_package

# Jupyter's own files: which extensions are off, and that JupyterLab asks no server for news or updates.
CONFIG = Path(__file__).parent / "lab_config"


def command(work: Path, notebook: Path | None, port: int, browser: bool, root: bool) -> list[str]:
    """Return the command line that starts JupyterLab.

    Args:
        work: the folder to serve.
        notebook: the notebook to open, relative to ``work``.
        port: where to listen.
        browser: whether to open a web browser.
        root: whether this is the superuser, whom Jupyter refuses unless told otherwise.

    Raises:
        ModuleNotFoundError: if JupyterLab is not installed.
    """
    if find_spec("jupyterlab") is None:
        raise missing_package("jupyterlab", "datakit lab")
    page = f"/lab/tree/{notebook.as_posix()}" if notebook else "/lab"
    words = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={work.resolve()}",
        f"--LabApp.default_url={page}",
    ]
    # Another port than the one that was asked for would only be found by reading the log.
    words += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    # Ctrl-C ends the server at once, and its kernels with it; warnings and the address are all that is printed.
    words += ["--ServerApp.answer_yes=True", "--ServerApp.log_level=WARN", "--LabApp.log_level=WARN"]
    words += [] if browser else ["--ServerApp.open_browser=False"]
    words += ["--ServerApp.allow_root=True"] if root else []
    return words


def environment() -> dict[str, str]:
    """Return this process's environment with datakit's Jupyter configuration in it."""
    folders = [str(CONFIG), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    return {**os.environ, "JUPYTER_CONFIG_PATH": os.pathsep.join(folders)}


def port_problem(port: int) -> str:
    """Say in a sentence why nothing can listen on ``port``, who is there, and what to do; empty if it is free."""
    try:
        _try_port(port)
    except PermissionError:
        return f"Port {port} is reserved for the system. Choose another: {_choose(free_port())}"
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        return f"Port {port} is taken{_owner(port)}. Choose another: {_choose(free_port(port + 1))}"
    return ""


def free_port(start: int = 8888) -> int:
    """Return the first free port from ``start`` on."""
    for port in range(start, start + 100):
        try:
            _try_port(port)
        except OSError:
            continue
        return port
    return start


def _choose(port: int) -> str:
    return f"datakit lab --port {port} (or: make lab PORT={port})"


def _try_port(port: int) -> None:
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still closing counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


def _owner(port: int) -> str:
    """Name the process that listens on a port, where the system tells us."""
    if find_spec("psutil") is None:
        return ""
    import psutil

    # Other users' processes can't be seen everywhere.
    with suppress(psutil.Error):
        for connection in psutil.net_connections(kind="tcp"):
            here = connection.laddr and connection.laddr.port == port
            if here and connection.status == psutil.CONN_LISTEN and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""
