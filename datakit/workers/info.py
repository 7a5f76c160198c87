"""``torch.utils.data.get_worker_info()`` for workers that are threads.

Datasets ask this function which worker they run in, above all streams that divide themselves among workers. PyTorch
keeps one answer a process. Threads share a process, so here each thread has its own answer.

The function itself must change, because a dataset's module may have imported it long ago: putting another function in
its place would not reach that module, and each thread would read the whole stream. So the function gets a new body.
"""

from __future__ import annotations

import threading
from typing import Any

from torch.utils.data import get_worker_info
from torch.utils.data._utils import worker as torch_worker


class _OfThisThread(threading.local):
    info: torch_worker.WorkerInfo | None = None


of_this_thread = _OfThisThread()


def make_info(worker: int, num_workers: int, seed: int, dataset: Any) -> torch_worker.WorkerInfo:
    """Describe a worker as PyTorch does."""
    return torch_worker.WorkerInfo(id=worker, num_workers=num_workers, seed=seed, dataset=dataset)


def answer_in_this_process(info: torch_worker.WorkerInfo) -> None:
    """Make ``info`` the answer of ``get_worker_info()`` in this process, which is a worker and nothing else."""
    torch_worker._worker_info = info


def answer_in_this_thread(info: torch_worker.WorkerInfo) -> None:
    """Make ``info`` the answer of ``get_worker_info()`` in this thread."""
    get_worker_info.__code__ = _thread_first.__code__
    of_this_thread.info = info


def _thread_first() -> torch_worker.WorkerInfo | None:
    # This body runs among PyTorch's own globals, so it must bring its own names, and `_worker_info` is PyTorch's.
    from datakit.workers.info import of_this_thread

    return of_this_thread.info or _worker_info  # type: ignore[name-defined]  # noqa: F821
