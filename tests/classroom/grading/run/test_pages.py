"""Forking gets cheap, and nothing that was in memory changes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from classroom.grading.inside import pages

MIB = 1 << 20


def large() -> int:
    """Bytes of this process that lie in large pages."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("AnonHugePages"))


def test_what_is_held_lies_in_large_pages_and_is_as_it_was() -> None:
    child = os.fork()  # in a process of its own: this one keeps its pages as they are
    if child == 0:
        status = 1
        try:
            held = [os.urandom(MIB // 4) for _ in range(128)]  # 32 MiB in pieces
            copies, before = [bytes(bytearray(piece)) for piece in held], large()
            pages.use_large_pages()
            status = 3 if held != copies else 0 if large() - before > 16 * MIB else 2
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 2)
    if status == 2:
        pytest.skip("this system has no MADV_COLLAPSE (Linux before 6.1, or large pages switched off)")
