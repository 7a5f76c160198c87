"""Grade many submissions side by side: as many at a time as there are slots, each a second time if its worker died."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import forkserver

from classroom.grading.inside.pages import FROM_THE_START
from classroom.grading.intake_refused import Refused
from classroom.grading.items import Verdict, WorkItem
from classroom.grading.sandbox import NoSandboxError

Grade = Callable[[WorkItem], Verdict]
_LENT: list[object] = []


@dataclass(frozen=True)
class Workers:
    """Where submissions are graded.

    Args:
        open: makes a fresh executor, of any kind that `concurrent.futures` describes.
        slots: how many submissions it grades at a time.
        close: ends it at once; what runs on it is lost.
    """

    open: Callable[[], Executor]
    slots: int
    close: Callable[[Executor], None] = lambda executor: executor.shutdown(wait=False, cancel_futures=True)


def local(jobs: int, preload: Iterable[str] = (), lend: Callable[[], object] = lambda: None) -> Workers:
    """Processes on this machine.

    Args:
        jobs: how many.
        preload: modules that are imported once, for all of them; that begins here.
        lend: makes what each process is given; called for each fresh set of processes.
    """
    prepare(preload)
    context = multiprocessing.get_context("forkserver")
    others = set(multiprocessing.active_children())

    def close(executor: Executor) -> None:
        executor.shutdown(wait=False, cancel_futures=True)
        own = set(multiprocessing.active_children()) - others
        for process in own:
            process.kill()
        for process in own:
            process.join()

    return Workers(lambda: ProcessPoolExecutor(jobs, context, _begin, (lend(),)), jobs, close)


def prepare(preload: Iterable[str]) -> None:
    """Let the modules be imported that all processes on this machine share; where that has begun, nothing is done."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(list(preload))
    with _variables(FROM_THE_START):
        forkserver.ensure_running()


@contextmanager
def _variables(more: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in more}
    os.environ.update(more)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def lent() -> object:
    """What `local` has lent to this process; None in any other."""
    return _LENT[0] if _LENT else None


def _begin(gift: object) -> None:
    _LENT[:] = [gift]
    # Ctrl-C is for the grader to act on; and if it is killed, its workers go with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_grader, daemon=True).start()


def _end_with_the_grader() -> None:
    grader = multiprocessing.parent_process()
    if grader is not None:
        grader.join()
        os._exit(1)


def grade_here(items: Iterable[WorkItem], grade: Grade, workers: Workers) -> Iterator[Verdict]:
    """Grade submissions; yields each verdict as it is reached.

    A worker that dies takes only its own submission along: those that were running then are graded once more, one at a
    time, and the one whose worker dies again is refused.

    Raises:
        NoSandboxError: if submissions can't be confined on this machine.
    """
    todo, suspects = deque(items), deque[WorkItem]()
    executor = workers.open()
    try:
        while todo or suspects:
            alone = bool(suspects)
            queue = deque([suspects.popleft()]) if alone else todo
            running: dict[Future[Verdict], WorkItem] = {}
            sound = _fill(executor, grade, queue, running, workers.slots)
            while running:
                verdicts = []
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    item = running.pop(future)
                    verdict = _outcome(future, item)
                    sound = sound and verdict is not None
                    if verdict is not None:
                        verdicts.append(verdict)
                    elif alone:
                        verdicts.append(failed(item, "the process that graded it died twice"))
                    else:
                        suspects.append(item)
                # Before a verdict is written: meanwhile nobody should wait for work.
                sound = sound and _fill(executor, grade, queue, running, workers.slots)
                yield from verdicts
            if not sound:
                workers.close(executor)
                executor = workers.open()
    finally:
        workers.close(executor)


def _fill(
    executor: Executor, grade: Grade, queue: deque[WorkItem], running: dict[Future[Verdict], WorkItem], slots: int
) -> bool:
    """Begin as many as there are slots; False if the executor takes no more."""
    while queue and len(running) < slots:
        item = queue.popleft()
        try:
            running[executor.submit(grade, item)] = item
        except BrokenExecutor:
            queue.appendleft(item)
            return False
    return True


def failed(item: WorkItem, why: str) -> Verdict:
    """The verdict where the grader itself failed: nothing of what it found before holds any more."""
    sentence = f"The grader failed: {why}. This is no fault of the submission. Grade it again; report it if it stays."
    return Verdict(item.lab, item.student, item.digest, refused=str(Refused("grader-failed", sentence)))


def _outcome(future: Future[Verdict], item: WorkItem) -> Verdict | None:
    """The verdict; None if the worker died."""
    try:
        verdict = future.result()
    except BrokenExecutor:
        return None
    except NoSandboxError:
        raise
    except Exception as error:
        return failed(item, f"{type(error).__name__}: {error}")
    return replace(verdict, lab=item.lab, student=item.student, digest=item.digest)
