"""Which arguments of a loader go together, and what to say where they don't."""

from __future__ import annotations

import warnings
from collections.abc import Generator
from multiprocessing import get_all_start_methods
from multiprocessing.context import BaseContext
from typing import Any

from torch import Generator as TorchGenerator
from torch import accelerator
from torch.utils.data import IterableDataset

from datakit._errors import check_bool, check_not_negative, check_positive, kind_of, quoted


def is_iterable_style(dataset: object) -> bool:
    """Whether a dataset brings its own order: it can be looped over, but not indexed.

    Raises:
        TypeError: if it can be neither indexed nor looped over, or can be looped over only once.
    """
    if isinstance(dataset, IterableDataset):
        return True
    if hasattr(dataset, "__getitem__"):
        return False
    if not hasattr(dataset, "__iter__"):
        raise TypeError(
            f"DataLoader: the dataset is {kind_of(dataset)}, which has neither __getitem__ nor __iter__. "
            "Give it __len__ and __getitem__, or derive it from torch.utils.data.IterableDataset."
        )
    if isinstance(dataset, Generator):
        raise TypeError(
            "DataLoader: the dataset is a generator, which ends after one loop: the second epoch would be empty. "
            "Pass an object whose __iter__ starts a new generator each time."
        )
    return True


def check_arguments(
    dataset: object,
    batch_size: int | None,
    shuffle: bool | None,
    sampler: object | None,
    batch_sampler: object | None,
    drop_last: bool,
) -> None:
    """Refuse arguments that contradict each other, and values out of range.

    Raises:
        TypeError: if a sampler must be made for a map-style dataset that has no length.
        ValueError: for everything else.
    """
    if shuffle is not None:
        check_bool(shuffle, "shuffle", "DataLoader")
    check_bool(drop_last, "drop_last", "DataLoader")
    if batch_size is not None:
        check_positive(batch_size, "batch_size", "DataLoader")
    if is_iterable_style(dataset):
        _check_iterable_style(shuffle, sampler, batch_sampler)
    elif sampler is None and batch_sampler is None and not hasattr(dataset, "__len__"):
        raise TypeError(
            f"DataLoader: {type(dataset).__name__} has no __len__, so its indices are not known. "
            "Give it a __len__, or pass a sampler."
        )
    _check_combination(batch_size, shuffle, sampler, batch_sampler, drop_last)


def _check_iterable_style(shuffle: bool | None, sampler: object | None, batch_sampler: object | None) -> None:
    given: dict[str, Any] = {"shuffle": shuffle or None, "sampler": sampler, "batch_sampler": batch_sampler}
    for name, value in given.items():
        if value is not None:
            raise ValueError(
                f"DataLoader: {name}={value!r} arrived with an iterable-style dataset, which brings its own order. "
                f"Leave {name} out, and let the dataset's __iter__ decide what comes when."
            )


def _check_combination(
    batch_size: int | None, shuffle: bool | None, sampler: object | None, batch_sampler: object | None, drop_last: bool
) -> None:
    if sampler is not None and shuffle:
        raise ValueError(
            "DataLoader: sampler and shuffle=True both decide the order. "
            "Leave shuffle out, or pass no sampler; RandomSampler is what shuffle=True makes."
        )
    if batch_sampler is not None:
        others = {
            "batch_size": batch_size != 1,
            "shuffle": bool(shuffle),
            "sampler": sampler is not None,
            "drop_last": drop_last,
        }
        also = [name for name, given in others.items() if given]
        if also:
            raise ValueError(
                f"DataLoader: batch_sampler already decides the batches, but {', '.join(also)} arrived too. "
                f"Leave out {' and '.join(also)}, or batch_sampler."
            )
    if batch_size is None and drop_last:
        raise ValueError(
            "DataLoader: batch_size=None makes no batches, so drop_last=True has nothing to drop. Leave drop_last out."
        )


def check_seed(seed: int | None, generator: TorchGenerator | None) -> None:
    """Refuse a seed that is none, or that comes with a generator.

    Raises:
        ValueError: if so.
    """
    if seed is None:
        return
    check_not_negative(seed, "seed", "DataLoader")
    if generator is not None:
        raise ValueError(
            "DataLoader: seed and generator both decide the random numbers. Leave generator out: "
            "with seed=... an epoch can be repeated and resumed by its number."
        )


def check_workers(
    num_workers: int,
    workers: str,
    timeout: float,
    multiprocessing_context: str | BaseContext | None,
    prefetch_factor: int | None,
) -> None:
    """Refuse values out of range, and what only workers, or only processes, have a use for.

    Raises:
        TypeError: if ``multiprocessing_context`` is neither a name nor a context.
        ValueError: for everything else.
    """
    check_not_negative(num_workers, "num_workers", "DataLoader")
    if workers not in ("process", "thread"):
        raise ValueError(f'DataLoader: workers must be "process" or "thread"; {workers!r} arrived.')
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not timeout >= 0:
        raise ValueError(f"DataLoader: timeout must be a number of seconds, 0 or above; {timeout!r} arrived.")
    if prefetch_factor is not None:
        check_positive(prefetch_factor, "prefetch_factor", "DataLoader")
        if num_workers == 0:
            raise ValueError(
                f"DataLoader: prefetch_factor={prefetch_factor} arrived with num_workers=0, so nobody fetches ahead. "
                "Leave it out, or use workers."
            )
    if multiprocessing_context is not None:
        _check_context(multiprocessing_context, num_workers, workers)


def _check_context(context: str | BaseContext, num_workers: int, workers: str) -> None:
    if num_workers == 0 or workers != "process":
        raise ValueError(
            f"DataLoader: multiprocessing_context says how processes start, but num_workers={num_workers} and "
            f"workers={workers!r} start none. Leave it out."
        )
    if isinstance(context, str):
        known = get_all_start_methods()
        if context not in known:
            raise ValueError(f"DataLoader: multiprocessing_context={context!r} arrived; expected is {quoted(known)}.")
    elif not isinstance(context, BaseContext):
        raise TypeError(
            f"DataLoader: multiprocessing_context is {kind_of(context)}. Pass the name of a start method, or "
            "what multiprocessing.get_context() returns."
        )


def check_switches(num_workers: int, pin_memory: bool, persistent_workers: bool, in_order: bool) -> None:
    """Refuse switches that are not bools, and workers that live on where there are none; warn of useless pinning.

    Raises:
        ValueError: if so.
    """
    check_bool(pin_memory, "pin_memory", "DataLoader")
    check_bool(persistent_workers, "persistent_workers", "DataLoader")
    check_bool(in_order, "in_order", "DataLoader")
    if persistent_workers and num_workers == 0:
        raise ValueError(
            "DataLoader: persistent_workers=True arrived with num_workers=0: there are no workers to live on. "
            "Leave it out, or use workers."
        )
    if pin_memory and not accelerator.is_available():
        warnings.warn(
            "DataLoader: pin_memory=True, but PyTorch finds no GPU that could read pinned memory. Batches will lie in "
            "ordinary memory.",
            stacklevel=3,
        )
