"""The part of a probe that runs beside the learner's classes: iterate, write down, clean up."""

from __future__ import annotations

import gc
import os
import signal
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import psutil
import torch

from datakit.check.probe_dataset import Recorded, RecordedDataset, read_events
from datakit.nesting import map_leaves

SETTLE_SECONDS = 3.0  # that workers get to end after their loader is gone


def iterate(
    make: Callable[..., Any],
    recipe: tuple[Any, ...] | None,
    arguments: tuple[Any, ...],
    options: dict[str, Any],
    epochs: int,
    take: int | None,
    seconds: float,
    pause: float,
) -> dict[str, Any]:
    """Make a loader, iterate over it, and return plain values: see :func:`datakit.check.probe`."""
    home, threads = psutil.Process(), set(threading.enumerate())
    children = {child.pid for child in home.children(recursive=True)}
    begin = time.monotonic()
    found: list[list[Any]] = []
    error: Exception | None = None
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "events"
        given = () if recipe is None else (RecordedDataset(Recorded(*recipe), log),)
        try:
            with _limited(seconds):
                _fill(found, make(*given, *arguments, **options), epochs, take, pause)
        except Exception as raised:
            error = _without_locals(raised)
        took = time.monotonic() - begin
        gc.collect()
        processes_left, threads_left = _settle(home, children, threads)
        events = [tuple(vars(event).values()) for event in read_events(log, os.getpid())]
    return {
        "epochs": found,
        "error": error,
        "events": events,
        "processes_left": processes_left,
        "threads_left": threads_left,
        "seconds": took,
    }


def read_files(folder: Path) -> dict[str, bytes]:
    """The content of every file below a folder, by its path from there."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _fill(found: list[list[Any]], loader: Any, epochs: int, take: int | None, pause: float) -> None:
    for _ in range(epochs):
        batches: list[Any] = []
        found.append(batches)
        iterator = iter(loader)
        while take is None or len(batches) < take:
            try:
                batch = next(iterator)
            except StopIteration:
                break
            # A copy, because a loader may write the next batch into the same memory.
            batches.append(map_leaves(_copy, batch))
            time.sleep(pause)
        del iterator


def _copy(leaf: Any) -> Any:
    if isinstance(leaf, torch.Tensor):
        return leaf.detach().clone()
    return leaf.copy() if isinstance(leaf, np.ndarray) else leaf


def _without_locals(error: Exception) -> Exception:
    """The error, whose traceback no longer keeps the loader and its workers alive."""
    chain: list[BaseException] = [error]
    while (earlier := chain[-1].__cause__ or chain[-1].__context__) is not None and earlier not in chain:
        chain.append(earlier)
    for link in chain:
        traceback.clear_frames(link.__traceback__)
    return error


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in the main thread when the time is up; elsewhere, and on Windows, there is no limit."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"the loop wasn't done after {seconds:g} s")

    begin = time.monotonic()
    old = signal.signal(signal.SIGALRM, stop)
    left, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, max(0.001, left - (time.monotonic() - begin)) if left else 0)
        signal.signal(signal.SIGALRM, old)


def _settle(home: psutil.Process, children: set[int], threads: set[threading.Thread]) -> tuple[int, int]:
    """How many processes and threads are still there after a while; the processes are ended then."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        processes = [child for child in home.children(recursive=True) if _works(child, children)]
        alive = [thread for thread in threading.enumerate() if thread not in threads]
        if not (processes or alive) or time.monotonic() > deadline:
            break
        time.sleep(0.02)
    for process in processes:
        process.kill()
    return len(processes), len(alive)


def _works(child: psutil.Process, before: set[int]) -> bool:
    try:
        # multiprocessing keeps one helper process of its own for as long as the interpreter lives.
        helper = any("resource_tracker" in word or "forkserver" in word for word in child.cmdline())
        return child.pid not in before and not helper and child.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
