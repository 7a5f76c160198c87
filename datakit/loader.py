"""The loader: sampler → fetch → collate → yield, by itself or with workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from multiprocessing.context import BaseContext
from typing import Any, Literal

import torch

from datakit._loader_arguments import check_arguments, check_seed, check_switches, check_workers, is_iterable_style
from datakit.collate import default_collate
from datakit.convert import default_convert
from datakit.fetch import CollateFn, Recipe, Way, best_way
from datakit.randomness import epoch_seed
from datakit.resume import EpochStart, Resumable, epoch_of
from datakit.samplers import BatchSampler, RandomSampler, SequentialSampler
from datakit.workers import Epoch, Inline, InlineLoop, Loop, Pool, begin_loop, make_pool

# Samplers and workers are built from these, so a later change of one would have no effect.
FIXED = ("dataset", "batch_size", "sampler", "batch_sampler", "drop_last", "num_workers", "workers", "seed")

_tokens = count()


class DataLoader(Resumable):
    """Batches of a dataset, with the signature of ``torch.utils.data.DataLoader`` and its batches.

    Each loop over the loader is an epoch. With the same arguments and the same state of the generator, the batches are
    PyTorch's, epoch after epoch.

    A *map-style* dataset has ``__getitem__``: a sampler says which samples come when. An *iterable-style* dataset (it
    derives from PyTorch's ``IterableDataset``, or has ``__iter__`` and no ``__getitem__``) has its own order, so it
    takes neither a sampler nor ``shuffle``; with workers, each reads all of it unless it divides itself among them.

    Workers fetch ahead while the training loop is busy. **Threads** share the dataset and cost nothing to reach: the
    choice wherever the work is done outside Python (decoding, resizing, reading). **Processes** each have a copy of
    the dataset, as in PyTorch: the choice where ``__getitem__`` is Python code, or isn't safe for threads.

    With ``seed``, an epoch is a function of (seed, epoch): the order, and every number that a sample draws from
    :func:`datakit.randomness.sample_random`, for any number and kind of workers and after a resume. Numbers drawn from
    the global generators of Python, NumPy and PyTorch are too, but for threads, which share these generators; outside
    of processes that takes 0.1 ms a batch.

    Args:
        dataset: where samples come from. It may offer faster ways to serve a batch: see :mod:`datakit.fetch`.
        batch_size: samples a batch; ``None`` yields single samples, with no batch dimension.
        shuffle: whether to draw a new random order each epoch.
        sampler: any iterable of indices, in place of ``shuffle``.
        batch_sampler: any iterable of lists of indices, in place of ``batch_size``, ``shuffle``, ``sampler`` and
            ``drop_last``.
        num_workers: how many threads or processes fetch; with 0 the loop fetches by itself, when a batch is asked for.
        collate_fn: makes a batch of a list of samples; by default :func:`datakit.default_collate`. With
            ``batch_size=None`` it is called with each sample instead; by default :func:`datakit.default_convert`.
        pin_memory: whether batches come in page-locked memory; see :mod:`datakit.pinning`.
        drop_last: whether to leave out the last batch of an epoch if it is smaller than the others.
        timeout: how many seconds to wait for a worker before giving up; 0 waits for ever.
        worker_init_fn: called in each worker with its number, before its first batch.
        multiprocessing_context: how processes start: ``"fork"``, ``"spawn"``, ``"forkserver"`` or a context.
        generator: where the order comes from; by default PyTorch's global generator.
        prefetch_factor: batches on their way for each worker; by default 2.
        persistent_workers: whether workers live on from epoch to epoch. Then only one loop at a time can go on.
        in_order: whether batches come in the sampler's order, or as they are ready.
        workers: ``"process"`` or ``"thread"``.
        seed: 0 or above, in place of ``generator``.

    Attributes:
        epoch: the number of the next loop.

    Raises:
        TypeError: if the dataset can be neither indexed nor looped over, or can be looped over only once.
        ValueError: if arguments contradict each other, or one is out of range.

    Source: "torch.utils.data", PyTorch documentation, DataLoader.

    Example:
        >>> loader = DataLoader([10, 11, 12, 13, 14], batch_size=2, num_workers=2, workers="thread")
        >>> [batch.tolist() for batch in loader]
        [[10, 11], [12, 13], [14]]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[list[Any]] | None = None,
        num_workers: int = 0,
        collate_fn: CollateFn | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: str | BaseContext | None = None,
        generator: torch.Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        in_order: bool = True,
        workers: Literal["process", "thread"] = "process",
        seed: int | None = None,
    ) -> None:
        check_arguments(dataset, batch_size, shuffle, sampler, batch_sampler, drop_last)
        check_seed(seed, generator)
        check_workers(num_workers, workers, timeout, multiprocessing_context, prefetch_factor)
        check_switches(num_workers, pin_memory, persistent_workers, in_order)
        self.iterable_style = is_iterable_style(dataset)
        if seed is not None:
            generator = torch.Generator()
        if batch_sampler is not None:
            batch_size = None
        elif not self.iterable_style:
            if sampler is None:
                sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
            if batch_size is not None:
                batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        makes_batches = batch_size is not None or batch_sampler is not None
        if self.iterable_style:
            self.way: Way = "stream"
        else:
            self.way = best_way(dataset, collate_fn is not None) if makes_batches else "sample"
        self.dataset = dataset
        self.batch_size = batch_size
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.num_workers = num_workers
        self.collate_fn = collate_fn or (default_collate if makes_batches else default_convert)
        self.pin_memory = pin_memory
        self.drop_last = drop_last
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.generator = generator
        self.prefetch_factor = prefetch_factor or (2 if num_workers else None)
        self.persistent_workers = persistent_workers
        self.in_order = in_order
        self.workers = workers
        self.seed = seed
        self._pool: Pool | Inline | None = None

    def __iter__(self) -> Iterator[Any]:
        """Begin an epoch, or go on with the one that :meth:`load_state_dict` named.

        Yields:
            Batches, or single samples where ``batch_size`` is ``None`` and there is no ``batch_sampler``. An error in
            the dataset or in ``collate_fn`` comes through at its place, with its type and with a note that names the
            index and the worker; the loop can go on after it.
        """
        start = self._begin_epoch(workers_live_on=self._pool is not None and self._pool.alive)
        loop = self._loop(start)
        self._begun = start, loop.progress
        return loop

    def __len__(self) -> int:
        """How many batches an epoch has (samples, where no batches are made).

        Raises:
            TypeError: if the sampler, or the iterable-style dataset, has no length.
        """
        if not self.iterable_style:
            return len(self._order())  # a sampler without a length fails with Python's message
        n = len(self.dataset)
        if self.batch_size is None:
            return n
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse a change that would have no effect."""
        if name in FIXED and hasattr(self, name):
            raise ValueError(f"DataLoader: {name} can't be changed once the loader is made. Make a new loader.")
        super().__setattr__(name, value)

    def __getstate__(self) -> dict[str, Any]:
        """Leave workers and loops out of a copy, which begins its own."""
        return {**self.__dict__, "_pool": None, "_begun": None}

    def _order(self) -> Any:
        """Indices, or lists of indices where batches are made; ``None`` for a stream, which has its own order."""
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def _begin_order(self) -> Iterator[Any]:
        # Without the detour over Python's numbers, where nobody looks at them. A class of one's own may loop otherwise.
        batches = self.batch_sampler if self.way == "batch" and self.num_workers == 0 else None
        if type(batches) is BatchSampler and type(batches.sampler) in (RandomSampler, SequentialSampler):
            return batches.draw()
        return super()._begin_order()

    def _loop(self, start: EpochStart) -> Loop | InlineLoop:
        seed = epoch_seed(start.base_seed, start.epoch)
        pool = self._pool
        if pool is None or not pool.alive:
            pool = make_pool(
                Recipe(self.dataset, self.way, self.collate_fn, self.batch_size, self.drop_last),
                self.workers,
                self.num_workers,
                self.worker_init_fn,
                self.multiprocessing_context,
                self.pin_memory,
                start.base_seed if self.seed is None else seed,
            )
            self._pool = pool if self.persistent_workers else None
        return begin_loop(
            pool,
            Epoch(next(_tokens), seed, self.seed is not None, epoch_of(self.dataset)),
            start.order,
            start.skip,
            limit=self.num_workers * (self.prefetch_factor or 1) or 1,
            in_order=self.in_order,
            timeout=self.timeout or None,
            persistent=self.persistent_workers,
        )
