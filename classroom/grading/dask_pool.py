"""The same work on more than one machine: work items go to the workers of a Dask cluster, verdicts come back.

Universities run Dask on Slurm (`dask-jobqueue`) and Kubernetes (`dask-kubernetes`): docs/administrators/grading.md.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import replace
from queue import Empty, SimpleQueue

from distributed import Client, Future
from distributed.comm import CommClosedError
from distributed.scheduler import KilledWorker

from classroom.grading.items import Verdict, WorkItem
from classroom.grading.pool import Grade, failed
from classroom.grading.sandbox import NoSandboxError

LOG = logging.getLogger(__name__)
ANSWER_SECONDS = 30.0
"""How long to wait for the scheduler's first answer."""
QUIET_SECONDS = 30.0
"""When no verdict came for so long, somebody looks whether there are workers."""
LOST = (CancelledError, CommClosedError)
"""What Dask raises for work that was given up, and for a result that can't be fetched any more."""

# That the connection is lost is said in one sentence, not by its log of all that it tried.
logging.getLogger("distributed.client").setLevel(logging.CRITICAL)


def grade_on(address: str, items: Iterable[WorkItem], grade: Grade) -> Iterator[Verdict]:
    """Grade on the workers of a running Dask cluster; verdicts in the order in which they are reached.

    Each item's verdict is given exactly once. An item whose worker is lost runs elsewhere; one that is lost with
    several workers in turn is refused. A verdict is fetched as soon as it is reached, so that a worker lost later takes
    none along. Without workers the items wait for some, as they do while a batch system has their jobs in its queue;
    that is logged as a warning. Leaving the iterator early cancels what has not been run.

    Args:
        address: of the scheduler, such as ``tcp://10.0.0.1:8786``.
        items: what to grade; one item for each student and lab.
        grade: what grades one item, in the worker's process; importable there.

    Raises:
        OSError: if no scheduler answers, it is lost, or submissions can't be confined on a worker's machine.
    """
    with _connected(address) as client:
        # `pure=False`: Dask must not take two items for one, nor keep a verdict for a later call.
        waiting = {client.submit(grade, item, pure=False): item for item in items}
        ended: SimpleQueue[Future] = SimpleQueue()
        for future in waiting:
            future.add_done_callback(ended.put)
        try:
            while waiting:
                future = _next(ended, client, len(waiting))
                verdict = _verdict(future, waiting.pop(future))
                future.release()
                yield verdict
        except LOST as error:
            raise OSError(
                f"The Dask scheduler at {address} was lost, or its work was cancelled. Submissions not graded: "
                f"{len(waiting) + 1}; the others are recorded. Start the scheduler again, and the same command goes on "
                "with the rest."
            ) from error
        finally:
            client.cancel(list(waiting), force=True)


def _next(ended: SimpleQueue[Future], client: Client, waiting: int) -> Future:
    told = False
    while True:
        try:
            return ended.get(timeout=QUIET_SECONDS)
        except Empty:
            if not told and not client.nthreads():
                LOG.warning(
                    "The Dask scheduler at %s has no worker. Submissions that wait for one: %d. Start some workers, or "
                    "leave with Ctrl-C: what was graded is recorded.",
                    client.scheduler.address,
                    waiting,
                )
                told = True


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
    except (NoSandboxError, *LOST):
        raise
    except Exception as error:
        return failed(item, f"on a worker: {type(error).__name__}: {error}")
    if not isinstance(verdict, Verdict):
        return failed(item, f"a worker gave a {type(verdict).__name__}; install the same version everywhere")
    return replace(verdict, lab=item.lab, student=item.student, digest=item.digest)
