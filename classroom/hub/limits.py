"""What the kernel holds each learner's processes to, where every learner is an account of its own.

Memory is held for each process (`RLIMIT_DATA`), processes and threads for each account (`RLIMIT_NPROC`). Cores are
told, not held: the scheduler shares them fairly between processes, and learners' stand behind the hub's own.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Callable

from classroom.hub.roster import Limits

NICE = 5  # behind the hub, the proxy and the graders, which everybody waits for
GIB = 1 << 30


def held(limits: Limits) -> Callable[[], None]:
    """Make what a learner's server does before it becomes the learner's: give up what it may not have, for good."""
    bounds = {
        resource.RLIMIT_DATA: int(limits.memory_gib * GIB),
        resource.RLIMIT_NPROC: limits.processes,
        resource.RLIMIT_FSIZE: int(limits.file_gib * GIB),
        resource.RLIMIT_CORE: 0,
    }

    def hold() -> None:
        os.nice(NICE)
        for kind, bound in bounds.items():
            _, hard = resource.getrlimit(kind)
            most = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
            resource.setrlimit(kind, (most, most))

    return hold


def told(limits: Limits) -> dict[str, str]:
    """Variables from which PyTorch and other libraries learn how many cores they may use."""
    cores = str(max(1, int(limits.cores)))
    return {"OMP_NUM_THREADS": cores, "MKL_NUM_THREADS": cores, "OPENBLAS_NUM_THREADS": cores}
