"""Among one learner's notebooks, one at a time uses the GPU: a share is a learner's, not each notebook's.

PyTorch limits what one process takes. Three notebooks that are left open would take three shares, and somebody else's
work would fail for want of memory. So the first that uses the GPU keeps it until its kernel ends, and another one says
where it is.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from filelock import FileLock, Timeout

PATIENCE = 5.0  # seconds in which a kernel that is being restarted lets go
_held: list[FileLock] = []


class ShareInUseError(RuntimeError):
    """Another notebook of the same learner uses the share."""


def take_turn(folder: Path | None = None, patience: float = PATIENCE) -> None:
    """Keep the learner's share for this process until it ends, however it ends.

    What the process that keeps it has started (ranks, a script in a cell) may use the share, too.

    Args:
        folder: where the learner's notebooks meet; ``.cache/datakit/gpu-share`` in their home if nothing is said.
        patience: seconds to wait for it.

    Raises:
        ShareInUseError: if another notebook has it, by name, with what to do.
    """
    folder = folder or _own_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock, holder = FileLock(folder / "turn.lock", timeout=patience, thread_local=False), folder / "holder.json"
    try:
        lock.acquire()
    except Timeout:
        pid, notebook = _who(holder)
        if pid in _ancestors():
            return
        raise ShareInUseError(
            f"Your share of the GPU is in use by {notebook} (process {pid}), and one notebook at a time can use it. "
            "Shut that one's kernel down (Running Terminals and Kernels, at the left), then restart this one's. "
            "Without a GPU this notebook works at once: use the device 'cpu'."
        ) from None
    new = holder.with_suffix(f".{os.getpid()}")
    new.write_text(json.dumps([os.getpid(), os.environ.get("JPY_SESSION_NAME", "another program of yours")]))
    new.replace(holder)
    _held.append(lock)


def _own_folder() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "datakit" / "gpu-share"


def _who(holder: Path) -> tuple[int, str]:
    try:
        pid, notebook = json.loads(holder.read_text())
    except (OSError, ValueError):  # it has the share since a moment ago, and hasn't said so yet
        return 0, "another program of yours"
    return int(pid), Path(str(notebook)).name


def _ancestors() -> set[int]:
    import psutil

    return {process.pid for process in psutil.Process().parents()}
