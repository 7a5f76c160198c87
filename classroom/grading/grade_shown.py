"""Which demonstrations a submission needs: grading leaves the others out, since no point depends on them.

A lab's author marks a cell that only shows something with the tag ``demonstration``: an experiment, a figure, the
photographs for both. It may hold the longest work of the lab. It is left out where nothing that runs uses a name that
it makes. Where a cell then ends in an error that may come from this, `grade_item` runs all of them after all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from classroom.cell_code import defined_names, foreign_names, imported_names, plain_python
from classroom.grading.items import CellRun, Step

# Code that can reach any name without naming it, or an earlier cell's result.
_ANY_NAME = re.compile(r"(?<![.\w])(globals|locals|vars|eval|exec|__main__|get_ipython|Out|_oh|_\d+|__+)(?!\w)")


def left_out(steps: Sequence[Step]) -> frozenset[int]:
    """The demonstrations that nothing needs, by their step's number."""
    shown = {number for number, step in enumerate(steps) if step.shown}
    if not shown:
        return frozenset()
    used: set[str] = set()
    for number, step in enumerate(steps):
        if number not in shown:
            names = _used(step.source, step.own)
            if names is None:
                return frozenset()
            used |= names
    while needed := {number for number in shown if used & _made(steps[number])}:
        shown -= needed
        used |= {name for number in needed for name in foreign_names(steps[number].source)}
    return frozenset(shown)


def may_miss(step: Step, run: CellRun) -> bool:
    """Whether a cell may have ended in an error because a demonstration was left out."""
    return bool(run.error) and (step.own or run.error.startswith(("NameError", "FileNotFoundError")))


@lru_cache(maxsize=1024)  # the instructor's cells come with every submission
def _used(source: str, own: bool) -> set[str] | None:
    """The names that a cell takes from elsewhere; None if they can't be told."""
    try:
        if own and _ANY_NAME.search(plain_python(source)):
            return None
        return foreign_names(source)
    except (SyntaxError, ValueError):
        return None


def _made(step: Step) -> set[str]:
    # The result of a cell's last line stands in `_`.
    return defined_names(step.source) | imported_names([step.source]).keys() | {"_"}
