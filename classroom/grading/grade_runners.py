"""Where submissions run: on this machine's processes, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from typing import TYPE_CHECKING

from classroom.grading.grade import Run
from classroom.grading.items import Verdict, WorkItem
from classroom.grading.pool import grade_here, local

if TYPE_CHECKING:
    from classroom.grading.warm import WarmParent


def on_this_machine(jobs: int, *, unsafe_no_sandbox: bool = False) -> Run:
    """Grade with this many processes."""

    def run(items: list[WorkItem]) -> Iterator[Verdict]:
        workers = local(min(jobs, len(items)), preload=["classroom.grading.grade_item"])
        return grade_here(items, partial(grade_one, unsafe_no_sandbox=unsafe_no_sandbox), workers)

    return run


def on_cluster(address: str) -> Run:
    """Grade on the workers of the Dask scheduler at this address."""
    from classroom.grading.dask_pool import grade_on

    return lambda items: grade_on(address, items, grade_one)


def grade_one(item: WorkItem, *, unsafe_no_sandbox: bool = False) -> Verdict:
    """Grade one submission, in a worker's process."""
    from classroom.grading.grade_item import grade_item

    return grade_item(item, _unsafe_parent() if unsafe_no_sandbox else None)


@cache
def _unsafe_parent() -> WarmParent:
    from classroom.grading.warm import WarmParent

    return WarmParent(unsafe_no_sandbox=True)
