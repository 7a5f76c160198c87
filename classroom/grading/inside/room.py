"""A room of its own for each kernel: no peers, no network, a private scratch disk.

The outer sandbox (bubblewrap) has taken away what no submission may see. This separates the submissions from one
another: namespaces within the sandbox, which need no rights that an ordinary account doesn't have.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import resource
import socket
import struct
import sys
from pathlib import Path
from typing import Any

from classroom.grading.inside import filter, system

LEARNER = 1000  # the account's number inside
LAB, HOME, SCRATCH = "/lab", "/home/learner", "/scratch"
_PLACES = {"lab": LAB, "home": HOME, "tmp": "/tmp", "shm": "/dev/shm"}
_FILES = 100_000  # on the scratch disk
_OPEN_FILES = 1024
_SET_INTERFACE_FLAGS, _UP = 0x8914, 0x1


def leave_peers() -> None:
    """Move to namespaces of this process's own; the process must have one thread.

    Only children enter the new namespace of processes.

    Raises:
        OSError: if the system has no user namespaces for this account.
    """
    user, group = os.getuid(), os.getgid()
    system.unshare(system.NEW_USER | system.NEW_PIDS | system.NEW_IPC | system.NEW_NET)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{LEARNER} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{LEARNER} {group} 1")


def furnish(memory: int) -> None:
    """Mount what the first process of a room needs: its scratch disk and its own view of processes.

    Args:
        memory: bytes that the scratch disk may hold.

    Raises:
        OSError: if the system refuses a mount.
    """
    system.unshare(system.NEW_MOUNTS)
    safe = system.NO_SUID | system.NO_DEVICES
    system.mount("tmpfs", SCRATCH, "tmpfs", safe, f"size={memory},nr_inodes={_FILES},mode=755")
    environment = {path: os.open(path, os.O_PATH | os.O_DIRECTORY) for path in _covered()}
    for name, place in _PLACES.items():
        folder = f"{SCRATCH}/{name}"
        Path(folder).mkdir(0o700)
        system.mount(folder, place, flags=system.BIND)
    for path, descriptor in environment.items():  # bound again from below, as read-only as it was
        path.mkdir(parents=True)
        system.mount(f"/proc/self/fd/{descriptor}", str(path), flags=system.BIND | system.WITH_ALL_BELOW)
        os.close(descriptor)
    system.mount("proc", "/proc", "proc", safe | system.NO_EXEC)
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_INTERFACE_FLAGS, struct.pack("16sh14x", b"lo", _UP))


def restrict(limits: dict[str, Any], gpu: bool) -> None:
    """Cap what this process and each of its children may use, and give up all rights.

    Args:
        limits: the fields of ``Limits``.
        gpu: whether a GPU is lent: its driver needs anonymous memory files.
    """
    caps = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_DATA: limits["memory"] + _data_in_use(),  # what the warm parent has brought is a gift
        resource.RLIMIT_FSIZE: limits["file_size"],
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_NPROC: limits["processes"],
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_MEMLOCK: limits["memory"],
    }
    for kind, cap in caps.items():
        _, hard = resource.getrlimit(kind)
        cap = cap if hard == resource.RLIM_INFINITY else min(cap, hard)
        resource.setrlimit(kind, (cap, cap))
    system.drop_capabilities()
    system.no_new_privileges()
    system.may_be_inspected()
    if not gpu:
        filter.refuse_odd_calls()


def _covered() -> list[Path]:
    """The folders of the Python environment that the scratch disk would hide, such as one below /tmp."""
    datakit = importlib.util.find_spec("datakit")
    places = {Path(sys.prefix), Path(sys.base_prefix)}
    if datakit is not None and datakit.origin:
        places.add(Path(datakit.origin).parent)
    below = [place for place in places if any(place.is_relative_to(taken) for taken in _PLACES.values())]
    # What lies within another of them comes along with it.
    return sorted(place for place in below if not set(place.parents) & set(below))


def _data_in_use() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0
