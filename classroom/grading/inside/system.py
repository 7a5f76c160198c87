"""The few Linux calls that Python has no function for."""

from __future__ import annotations

import ctypes
import os

NEW_MOUNTS, NEW_IPC, NEW_USER, NEW_PIDS, NEW_NET = 0x00020000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
NO_SUID, NO_DEVICES, NO_EXEC, BIND, WITH_ALL_BELOW = 2, 4, 8, 4096, 16384

_SET_DEATH_SIGNAL, _SET_DUMPABLE, _DROP_BOUND, _SUBREAPER, _NO_NEW_PRIVILEGES = 1, 4, 24, 36, 38
_CAPABILITY_VERSION = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def unshare(flags: int) -> None:
    """Leave the namespaces that are named by ``flags``.

    Raises:
        OSError: if the system refuses; `unshare` is named in it.
    """
    _check(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount a file system, or bind a folder to another place.

    Raises:
        OSError: if the system refuses; the target is named in it.
    """
    text = [part.encode() or None for part in (source, target, kind, options)]
    _check(_libc.mount(text[0], text[1], text[2], ctypes.c_ulong(flags), text[3]), f"mount {target}")


def die_with_parent(signal: int) -> None:
    """Ask for ``signal`` when the parent ends."""
    _prctl(_SET_DEATH_SIGNAL, signal)


def adopt_orphans() -> None:
    """Become the parent of all descendants whose own parent ends."""
    _prctl(_SUBREAPER, 1)


def may_be_inspected() -> None:
    """Let processes of the same account read this one's memory figures, as any ordinary process does."""
    _prctl(_SET_DUMPABLE, 1)


def no_new_privileges() -> None:
    """Never gain rights again, not even by a program with the set-uid bit."""
    _prctl(_NO_NEW_PRIVILEGES, 1)


def drop_capabilities() -> None:
    """Give up all special rights, for good."""
    number = 0
    while _libc.prctl(_DROP_BOUND, number, 0, 0, 0) == 0:
        number += 1
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _check(_libc.capset(header, nothing), "capset")


def _prctl(option: int, value: int) -> None:
    _check(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0), f"prctl {option}")


def _check(status: int, what: str) -> None:
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
