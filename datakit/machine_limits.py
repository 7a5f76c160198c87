"""What this process may use: cores, memory and shared memory, where a container or a quota gives it less than there is.

Programs that ask only how much the machine has start 64 workers in a container that may use two cores.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from datakit._errors import missing_package

CGROUP = Path("/sys/fs/cgroup")


def usable_cores() -> float:
    """Return how many cores this process may use at once; a fraction where a container has a quota of one.

    Example:
        >>> usable_cores() <= os.cpu_count()
        True
    """
    present = os.cpu_count() or 1
    return min(allowed_cores(present), cpu_quota() or present)


def allowed_cores(present: int) -> int:
    """Return how many of the cores present this process may run on (``taskset``, job schedulers)."""
    # Only Linux knows an affinity.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else present


def cpu_quota(cgroup: Path = CGROUP) -> float | None:
    """Return how many cores' worth of time the container may use, or ``None`` if there is no limit.

    Source: "Control Group v2" (``cpu.max``) and "CFS Bandwidth Control" (version 1), The Linux Kernel documentation.
    """
    version_2 = _words(cgroup / "cpu.max")
    if len(version_2) == 2 and version_2[0] != "max":
        return int(version_2[0]) / int(version_2[1])
    quota, period = _words(cgroup / "cpu/cpu.cfs_quota_us"), _words(cgroup / "cpu/cpu.cfs_period_us")
    if quota and period and int(quota[0]) > 0:
        return int(quota[0]) / int(period[0])
    return None


def memory_limit(cgroup: Path = CGROUP) -> int | None:
    """Return how many bytes the container may use, or ``None`` if there is no limit."""
    return _number(cgroup, "memory.max", "memory/memory.limit_in_bytes")


def available_memory(cgroup: Path = CGROUP) -> int:
    """Return how many bytes may still be allocated without swapping and without the container being killed.

    Raises:
        ModuleNotFoundError: if psutil is not installed.

    Example:
        >>> available_memory() > 0
        True
    """
    try:
        import psutil
    except ModuleNotFoundError as error:
        raise missing_package("psutil", "available_memory()") from error
    free: int = psutil.virtual_memory().available
    limit = memory_limit(cgroup)
    if limit is None:
        return free
    used = _number(cgroup, "memory.current", "memory/memory.usage_in_bytes") or 0
    # Files that were read are counted as used, but the kernel lets them go before it kills anybody.
    return max(0, min(free, limit - used + _old_file_pages(cgroup)))


def free_shared_memory(folder: Path = Path("/dev/shm")) -> int | None:
    """Return the free bytes of the file system through which worker processes send tensors.

    Containers often have 64 MiB of it. Where there is no such folder (macOS, Windows) the answer is ``None``: tensors
    travel by other means.

    Source: "Multiprocessing package - torch.multiprocessing", PyTorch documentation, Sharing strategies.

    Example:
        >>> free = free_shared_memory()
        >>> free is None or free >= 0
        True
    """
    return shutil.disk_usage(folder).free if folder.is_dir() else None


def _old_file_pages(cgroup: Path) -> int:
    for name, entry in (("memory.stat", "inactive_file"), ("memory/memory.stat", "total_inactive_file")):
        words = _words(cgroup / name)
        if entry in words:
            return int(words[words.index(entry) + 1])
    return 0


def _number(cgroup: Path, *names: str) -> int | None:
    """Return the number in the first of the files that holds one."""
    for name in names:
        words = _words(cgroup / name)
        if words and words[0].isdigit():
            return int(words[0])
    return None


def _words(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="ascii").split()
    except OSError:
        return []
