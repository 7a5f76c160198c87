"""Tests of code that is meant to change what it is given."""

from __future__ import annotations

from contextvars import ContextVar

_meant: ContextVar[bool] = ContextVar("whether the test's calls are meant to change their arguments", default=False)


def in_place() -> None:
    """Declare that this test's calls are meant to change what they are given: to fill a buffer, say.

    In a notebook it does nothing. An examiner runs a test again, with arguments that stay as they were, if it held
    while the learner's code changed them: otherwise that code could change the values from which the test makes what
    it expects. A test that says ``check.in_place()`` is run once.
    """
    _meant.set(True)


def meant_in_place() -> bool:
    """Whether :func:`in_place` was called since the last time; for an examiner."""
    meant = _meant.get()
    _meant.set(False)
    return meant
