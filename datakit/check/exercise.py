"""One exercise's checks: counted when they hold, explained when there is no answer yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from datakit.check.failure import CheckFailed, is_unanswered

_held: ContextVar[int] = ContextVar("checks that held in the current exercise", default=0)


def count_check() -> None:
    """Count one more check of the current exercise."""
    _held.set(_held.get() + 1)


@contextmanager
def exercise(name: str) -> Iterator[None]:
    """Run an exercise's checks as one block and say how many held.

    Args:
        name: the exercise's name, as its heading has it.

    Raises:
        CheckFailed: if a check fails, or if there is no answer yet. An error of the learner's own code goes through
            with its traceback and a note that says when it came.
    """
    _held.set(0)
    try:
        yield
    except CheckFailed as failure:
        failure.what, failure.exercise = f"{name}: {failure.what}", name
        raise
    except Exception as error:
        if not is_unanswered(error):
            error.add_note(_when(error, name))
            raise
        unanswered = CheckFailed(
            name,
            arrived="NotImplementedError: there is no answer yet",
            expected="your code in place of `raise NotImplementedError()`",
            hint="Write your answer in the cell above, run that cell, then run this one again.",
        )
        unanswered.exercise = name
        raise unanswered from error
    print(f"✓ {name}: {_held.get()} checks hold")


def _when(error: Exception, name: str) -> str:
    if type(error) is NameError and error.name:  # mostly the kernel was restarted, and the answer's cell not run since
        return (
            f"{name} could not be checked. Run the cells above, from the top, then this one again. If they have run, "
            f"compare how {error.name!r} is spelled where it is made and where it is used."
        )
    return f"Your code raised this while {name!r} was checked, in check number {_held.get() + 1}."
