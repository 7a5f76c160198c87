"""The same work on more than one machine: work items go to the workers of a Dask cluster, verdicts come back.

Universities run Dask on Slurm (`dask-jobqueue`) and Kubernetes (`dask-kubernetes`): docs/administrators/grading.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from distributed import Client, Future, as_completed
from distributed.scheduler import KilledWorker

from classroom.grading.items import Verdict, WorkItem
from classroom.grading.pool import Grade, failed
from classroom.grading.sandbox import NoSandboxError

ANSWER_SECONDS = 30.0
"""How long to wait for the scheduler's first answer."""


def grade_on(address: str, items: Iterable[WorkItem], grade: Grade) -> Iterator[Verdict]:
    """Grade on the workers of a running Dask cluster; verdicts in the order in which they are reached.

    Each item's verdict is given exactly once. An item whose worker is lost runs elsewhere; one that is lost with
    several workers in turn is refused. A verdict is fetched as soon as it is reached, so that a worker lost later takes
    none along. Leaving the iterator early cancels what has not been run.

    Args:
        address: of the scheduler, such as ``tcp://10.0.0.1:8786``.
        items: what to grade; one item for each student and lab.
        grade: what grades one item, in the worker's process; importable there.

    Raises:
        OSError: if no scheduler answers, or submissions can't be confined on a worker's machine.
    """
    with _connected(address) as client:
        # `pure=False`: Dask must not take two items for one, nor keep a verdict for a later call.
        waiting = {client.submit(grade, item, pure=False): item for item in items}
        try:
            for future in as_completed(list(waiting), loop=client.loop):
                verdict = _verdict(future, waiting.pop(future))
                future.release()
                yield verdict
        finally:
            client.cancel(list(waiting), force=True)


def _connected(address: str) -> Client:
    try:
        return Client(address, timeout=ANSWER_SECONDS, set_as_default=False)
    except OSError as error:
        raise OSError(
            f"No Dask scheduler answers at {address!r} within {ANSWER_SECONDS:.0f} s ({error}). Expected the address "
            "that `dask scheduler` prints, such as tcp://10.0.0.1:8786. Start one, or leave --dask away."
        ) from error


def _verdict(future: Future, item: WorkItem) -> Verdict:
    try:
        verdict = future.result()
    except KilledWorker:
        return failed(item, "each of several workers that ran it was lost")
    except NoSandboxError:
        raise
    except Exception as error:
        return failed(item, f"on a worker: {type(error).__name__}: {error}")
    if not isinstance(verdict, Verdict):
        return failed(item, f"a worker gave a {type(verdict).__name__}; install the same version everywhere")
    return replace(verdict, lab=item.lab, student=item.student, digest=item.digest)
