"""Where submissions run: on this machine's processes, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

from classroom.grading import pool
from classroom.grading.gpu_devices import devices
from classroom.grading.grade_modules import instructors_modules
from classroom.grading.grade_one import grade_one
from classroom.grading.items import Verdict, WorkItem
from classroom.grading.warm import MODULES, WarmParent
from datakit.machine_limits import usable_cores

if TYPE_CHECKING:
    from types import TracebackType

    from classroom.grading.grade import Run

FIRST, LAST = "classroom.grading.preload_first", "classroom.grading.preload"


def preloaded(modules: Iterable[str]) -> list[str]:
    """What the workers share: these modules and the grader's own, imported once."""
    return [FIRST, *modules, LAST]


def on_this_machine(jobs: int, *, unsafe_no_sandbox: bool = False, begun: Lender | None = None) -> Run:
    """Grade with this many processes, all of which use one warm parent.

    Args:
        jobs: how many.
        unsafe_no_sandbox: run without a sandbox.
        begun: what was started before the work was known; used if it suits the work.
    """

    def run(items: list[WorkItem]) -> Iterator[Verdict]:
        if not items:
            return
        modules = sorted(set[str]().union(*map(instructors_modules, items)))
        slots = min(jobs, len(items))
        gpu = any(item.limits.gpu_shares for item in items) and bool(devices())
        with ExitStack() as stack:
            if begun is not None and begun.suits(modules, gpu):
                lender = begun
            else:
                lender = stack.enter_context(Lender(modules, slots, unsafe_no_sandbox, gpu))
            # The workers' imports begin here, beside those of the warm parent, or have begun.
            workers = pool.local(slots, preloaded(modules), lender.lend)
            yield from pool.grade_here(items, grade_one, workers)

    return run


def on_cluster(address: str) -> Run:
    """Grade on the workers of the Dask scheduler at this address."""
    from classroom.grading.dask_pool import grade_on

    return lambda items: grade_on(address, items, grade_one)


class Lender:
    """Keeps the warm parent that is lent to workers. A context manager.

    Args:
        modules: what it imports beside what it always does.
        slots: how many kernels run at a time; they share the cores.
        unsafe: run without a sandbox.
        gpu: whether GPUs are lent.
    """

    def __init__(self, modules: Iterable[str], slots: int, unsafe: bool = False, gpu: bool = False) -> None:
        self._modules, self._unsafe, self._gpu = (*MODULES, *modules), unsafe, gpu
        self._threads = max(1, int(usable_cores()) // slots)
        self._parent: WarmParent | None = None
        self._unused = False

    def begin(self) -> None:
        """Start the first warm parent, and don't wait for it.

        Raises:
            NoSandboxError: if submissions can't be confined here.
        """
        self._parent = WarmParent(
            self._modules, gpu=self._gpu, threads=self._threads, unsafe_no_sandbox=self._unsafe, wait=False
        )
        self._unused = True

    def suits(self, modules: Iterable[str], gpu: bool) -> bool:
        """Whether what it lends has imported these modules, and sees GPUs or doesn't."""
        return set(modules) <= set(self._modules) and gpu == self._gpu

    def lend(self) -> WarmParent:
        """A fresh warm parent: asked for again only after a worker has died, perhaps because the last one had.

        Raises:
            NoSandboxError: if submissions can't be confined here.
        """
        if not self._unused:
            self._end()
            self.begin()
        assert self._parent is not None
        self._unused = False
        self._parent.await_ready()
        return self._parent

    def __enter__(self) -> Lender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        if self._parent is not None:
            self._parent.close()
        self._parent = None
