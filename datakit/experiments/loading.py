"""What experiments with workers share: which kinds there are, how they start, and how one speaks of them."""

from __future__ import annotations

import sys

from datakit._errors import quoted

# As a learner reads it → what `datakit.DataLoader` calls it.
KINDS = {"processes": "process", "threads": "thread"}


def start_method(kind: str) -> str | None:
    """Say how an experiment's workers start; ``None`` leaves it to the system.

    On Linux processes fork, whatever Python's version: in a few milliseconds. Elsewhere a forked process may crash in
    the system's own libraries, so each process starts afresh and imports PyTorch, which takes seconds.

    Args:
        kind: ``"process"`` or ``"thread"``.

    Raises:
        ValueError: if there is no such kind.

    Source: "multiprocessing — Process-based parallelism", Python documentation, Contexts and start methods.
    """
    if kind not in KINDS.values():
        raise ValueError(f"kind={kind!r} arrived; workers are one of {quoted(KINDS.values())}.")
    return "fork" if kind == "process" and sys.platform == "linux" else None


def many_workers(n: int) -> str:
    """Write a number of workers: ``no workers``, ``1 worker``, ``2 workers``."""
    return {0: "no workers", 1: "1 worker"}.get(n, f"{n} workers")
