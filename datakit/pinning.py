"""Pinned memory: host memory that stays where it is, so that a GPU can read it by itself.

Ordinary (*pageable*) memory may be moved by the operating system at any time. A GPU can't follow that, so the driver
first copies a pageable tensor into memory of its own, in pieces, and the host takes part until the last. *Pinned*
(page-locked) memory is copied by the GPU alone, faster, and with ``non_blocking=True`` while the host goes on.

It helps only on the way to a GPU, and only where memory is pinned once and used again, or off the loop. Pinning is
itself a copy and a slow allocation: ``batch.pin_memory().to("cuda")`` in a loop costs more than it saves. Pinned memory
can't be swapped out, so a machine has to have it to spare.

Source: "A guide on good usage of non_blocking and pin_memory() in PyTorch", PyTorch tutorials.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from datakit._errors import check_positive
from datakit.nesting import map_leaves

MIB = 2**20


def pin_memory(batch: Any) -> Any:
    """Return a twin of ``batch`` whose tensors are in pinned memory, as a loader with ``pin_memory=True`` yields it.

    Objects with a method ``pin_memory`` of their own are asked to pin themselves; others come as they are. Where
    PyTorch finds no accelerator there is nobody to read pinned memory: the batch itself comes back, with a warning.

    Args:
        batch: any nesting of tensors and other things.

    Source: "torch.utils.data", PyTorch documentation, Memory Pinning.

    Example:
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore")  # where there is no GPU
        ...     batch = pin_memory({"x": torch.arange(3), "name": "a"})
        >>> batch["x"].tolist(), batch["x"].is_pinned() == torch.accelerator.is_available()
        ([0, 1, 2], True)
    """
    if not torch.accelerator.is_available():
        warnings.warn(
            "pin_memory: PyTorch finds no GPU here, so pinned memory would help nobody. The batch is left as it is.",
            RuntimeWarning,
            stacklevel=2,
        )
        return batch
    return map_leaves(_pinned, batch)


def copy_rates(nbytes: int = 64 * MIB, device: str | torch.device = "cuda", repeats: int = 5) -> dict[str, float]:
    """Measure how fast bytes reach a device: what pinning gains, and what it costs inside a loop.

    Args:
        nbytes: the size of a batch, in bytes.
        device: where to copy; on ``"cpu"`` there is no bus, and only a copy from memory to memory is measured.
        repeats: how often to measure; the median counts.

    Returns:
        Bytes a second, for ``"pageable"`` memory and, on a GPU, for ``"pinned"`` memory and for memory that is
        ``"pinned in the loop"``.

    Raises:
        ValueError: if ``nbytes`` or ``repeats`` is not a positive integer, or PyTorch finds no such GPU.

    Example:
        >>> sorted(copy_rates(1000, "cpu"))
        ['pageable']
    """
    check_positive(nbytes, "nbytes", "copy_rates")
    check_positive(repeats, "repeats", "copy_rates")
    target_device = torch.device(device)
    if target_device.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"copy_rates: device {str(device)!r} arrived, but PyTorch finds no GPU here. Pass 'cpu'.")
    source = torch.zeros(nbytes, dtype=torch.uint8)
    target = torch.empty_like(source, device=target_device)
    ways: dict[str, Callable[[], Tensor]] = {"pageable": lambda: target.copy_(source)}
    if target.is_cuda:
        pinned = source.pin_memory()
        ways["pinned"] = lambda: target.copy_(pinned, non_blocking=True)
        ways["pinned in the loop"] = lambda: target.copy_(source.pin_memory(), non_blocking=True)
    return {way: nbytes / _median_seconds(copy, target, repeats) for way, copy in ways.items()}


def _pinned(leaf: Any) -> Any:
    return leaf.pin_memory() if hasattr(leaf, "pin_memory") else leaf


def _median_seconds(copy: Callable[[], Tensor], target: Tensor, repeats: int) -> float:
    copy()  # the first touches new memory
    seconds = []
    for _ in range(repeats):
        _wait_for(target)
        start = time.perf_counter()
        copy()
        _wait_for(target)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def _wait_for(tensor: Tensor) -> None:
    if tensor.is_cuda:
        torch.cuda.synchronize(tensor.device)
