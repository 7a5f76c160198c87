"""The processes of a hub: all carry its folder's path in their environment, and so none is overlooked."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import psutil

from classroom.hub.plan import VARIABLE


def processes_of(root: Path) -> list[psutil.Process]:
    """Find everything that runs for the hub in this folder, but this process itself."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(VARIABLE) == str(root):
                found.append(process)
        except (psutil.Error, OSError):
            continue  # ended meanwhile, or somebody else's
    return found


def end_all(root: Path, patience: float = 20) -> int:
    """End everything that runs for the hub in this folder: asked first, killed after some seconds.

    Returns:
        How many processes there were.
    """
    found = processes_of(root)
    for process in found:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(found, timeout=patience)
    # Kernels that were started meanwhile, too.
    for process in {*alive, *processes_of(root)}:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    return len(found)
