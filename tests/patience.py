"""Tests of measured times, on a machine that is busy with other things now and then."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps

TRIES = 4


def patiently(test: Callable[[], None]) -> Callable[[], None]:
    """Let a test of measured times hold in one of several tries: what misleads a measurement once is another program.

    What is wrong in the code misleads it every time.
    """

    @wraps(test)
    def tried() -> None:
        for _ in range(TRIES - 1):
            with suppress(AssertionError):
                return test()
        return test()

    return tried
