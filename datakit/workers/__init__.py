"""The worker half of a loader: who makes the batches, and how they come back in order.

One engine drives both kinds of workers::

    sampler ──► plan ──► tasks ──► a pool of workers ──► answers ──► loop ──► batches, in order
                                   threads or processes

=============  =====================================================================================
plan.py        what to ask for next: the sampler's indices, or whatever each reader of a stream brings
loop.py        how many batches are on their way, whose turn it is, when the epoch is over
worker.py      what a worker does: fetch, collate, note what goes wrong
inline.py      no workers: a loop that does each task by itself, when a batch is asked for
threads.py     workers that are threads; info.py: how a dataset finds out which one it runs in
processes.py   workers that are processes; member.py: the loop's view of one; child.py: what runs in it
channel.py     the pipe between the two; messages.py: what is said; relay.py: how errors travel
memory.py      shared memory without a name; packing.py: a batch in it; shelf.py, targets.py: its reuse
=============  =====================================================================================

**Threads or processes?** Only one thread at a time can run Python code, but decoding, resizing and most of PyTorch run
outside of it, and a thread's batch is simply there. Processes run Python side by side. They pay for it when they
start, with a copy of what they change, and with one copy of each batch into shared memory; and what is set on the
dataset in the main process after they started, they don't see (but for its ``epoch``, which is told).

**Who seeds what?** See :mod:`datakit.randomness` for the numbers of samples. The global generators of a process are
seeded as PyTorch seeds them, once, or with the loader's ``seed`` for each task, which takes 0.05 ms.

**How much memory?** A forked worker shares all memory with the main process until one of them writes to it; then the
page that is written to is copied. Python writes to every object that it touches, to count references. So a dataset
that holds a million Python objects is copied into each worker, one page after the other, and one that holds the same
in tensors or NumPy arrays is not: ``python -m benchmarks.worker_memory`` shows 1400 MiB against 68 for eight workers.
A worker also tells Python's collector to leave alone what was there before the fork. Batches on their way take
``num_workers × prefetch_factor`` times the memory of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from multiprocessing.context import BaseContext
from typing import Any

import torch

from datakit.fetch import Recipe
from datakit.pinning import pin_memory
from datakit.workers.inline import Inline, InlineLoop
from datakit.workers.loop import Loop, Progress
from datakit.workers.plan import IndexPlan, StreamPlan
from datakit.workers.pool import Pool, WorkerDied
from datakit.workers.processes import ProcessPool
from datakit.workers.tasks import Epoch
from datakit.workers.threads import ThreadPool

__all__ = ["Epoch", "Inline", "InlineLoop", "Loop", "Pool", "Progress", "WorkerDied", "begin_loop", "make_pool"]


def make_pool(
    recipe: Recipe,
    workers: str,
    num_workers: int,
    init_fn: Callable[[int], None] | None,
    context: str | BaseContext | None,
    pin: bool,
    base_seed: int,
) -> Pool | Inline:
    """Start the workers of a loader.

    Args:
        recipe: how batches are made.
        workers: ``"thread"`` or ``"process"``.
        num_workers: how many; with 0 the loop makes each batch itself.
        init_fn: called in each worker with its number, or ``None``.
        context: how processes start.
        pin: whether batches are to lie in pinned memory.
        base_seed: where the workers' own seeds come from.
    """
    finish = pin_memory if pin and torch.accelerator.is_available() else _as_it_is
    if num_workers == 0:
        return Inline(recipe, finish)
    if workers == "process":
        return ProcessPool(recipe, num_workers, init_fn, finish, base_seed, context)
    return ThreadPool(recipe, num_workers, init_fn, finish, base_seed)


def begin_loop(
    pool: Pool | Inline,
    epoch: Epoch,
    order: Iterator[Any] | None,
    skip: int,
    limit: int,
    in_order: bool,
    timeout: float | None,
    persistent: bool,
) -> Loop | InlineLoop:
    """Begin an epoch, after its first ``skip`` batches; see :class:`Loop` for the other arguments.

    Raises:
        ValueError: if the epoch is shorter than that.
    """
    skipped = [] if order is None else list(islice(order, skip))
    position = len(skipped) if pool.recipe.way == "sample" else sum(map(len, skipped))
    first = len(skipped)
    loop: Loop | InlineLoop
    if isinstance(pool, Inline):
        loop = InlineLoop(pool, epoch, order, position, first)
    else:
        plan = StreamPlan(pool, epoch) if order is None else IndexPlan(pool, epoch, order, position)
        loop = Loop(pool, epoch, plan, first, limit, in_order, timeout, persistent)
    if order is None:
        # Which reader of a stream has come how far is only known by reading.
        skipped = [None for _ in islice(loop, skip)]
    if len(skipped) < skip:
        raise ValueError(
            f"DataLoader: the state says that {skip} batches were yielded, but this epoch has only {len(skipped)}. "
            "Make the loader as it was made when the state was saved."
        )
    return loop


def _as_it_is(batch: Any) -> Any:
    return batch
