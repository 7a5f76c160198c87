"""Refuse the system calls that no lab needs and that reach past the other limits (seccomp).

Memory that belongs to no file and no address space (`memfd_create`, System V shared memory and messages) escapes a cap
on both. The others are large and seldom used doors into the kernel.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

_SET_SECCOMP, _FILTER = 22, 2
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM

# (the kernel's number of the machine, the numbers of the calls)
_MACHINES = {
    "x86_64": (
        0xC000003E,
        {
            "memfd_create": 319,
            "memfd_secret": 447,
            "shmget": 29,
            "msgget": 68,
            "io_uring_setup": 425,
            "bpf": 321,
            "perf_event_open": 298,
            "userfaultfd": 323,
            "add_key": 248,
            "request_key": 249,
            "keyctl": 250,
            "mount": 165,
            "unshare": 272,
            "setns": 308,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "memfd_create": 279,
            "memfd_secret": 447,
            "shmget": 194,
            "msgget": 186,
            "io_uring_setup": 425,
            "bpf": 280,
            "perf_event_open": 241,
            "userfaultfd": 282,
            "add_key": 217,
            "request_key": 218,
            "keyctl": 219,
            "mount": 40,
            "unshare": 97,
            "setns": 268,
        },
    ),
}
_X32 = 0x40000000  # x86-64's second set of numbers, which would go round the filter


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def refuse_odd_calls() -> bool:
    """Install the filter for this process and all that it starts.

    Returns:
        Whether there is a filter for this kind of machine.

    Raises:
        OSError: if the kernel refuses the filter.
    """
    machine = os.uname().machine
    if machine not in _MACHINES:
        return False
    code = _program(*_MACHINES[machine])
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")
    return True


def _program(machine: int, calls: dict[str, int]) -> bytes:
    refused = sorted(calls.values())
    lines = [
        (_LOAD, 0, 0, 4),  # the machine
        (_JUMP_EQUAL, 1, 0, machine),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),  # the call's number
        (_JUMP_AT_LEAST, len(refused) + 1, 0, _X32),
    ]
    lines += [(_JUMP_EQUAL, len(refused) - index, 0, number) for index, number in enumerate(refused)]
    lines += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
