"""Is this machine ready for the labs? What is missing is named with what to do about it."""

from __future__ import annotations

import multiprocessing
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from datakit.gpu_share import gpu_in_words, own_share
from datakit.machine_limits import available_memory, free_shared_memory, usable_cores
from datakit.text_table import in_units

GIB, MIB = 2**30, 2**20
PACKAGES = ("torch", "torchvision", "jupyterlab", "ipywidgets", "matplotlib", "nbgrader", "av")
SECONDS = 60  # for two worker processes to start and to answer


class Status(StrEnum):
    """How one thing stands."""

    ready = "✓"
    limited = "!"
    missing = "✗"


@dataclass(frozen=True)
class Finding:
    """One thing that the labs need or can use.

    Attributes:
        what: its name.
        found: what is here.
        status: whether that is enough.
        advice: what to do; empty where nothing need be done.
    """

    what: str
    found: str
    status: Status = Status.ready
    advice: str = ""


def examine_machine() -> Iterator[Finding]:
    """Look at each thing that the labs need, one after the other.

    Yields:
        A finding each, as soon as it is made. Only ``Status.missing`` stands in a learner's way.
    """
    for look in (_python, _packages, _cores, _memory, _shared_memory, _disk):
        yield look()
    torch = _torch()
    yield torch
    if torch.status is Status.ready:
        yield _gpu()
        yield _workers()


def _python() -> Finding:
    return Finding("Python", f"{platform.python_version()} ({sys.executable})")


def _packages() -> Finding:
    versions = {name: _version(name) for name in PACKAGES}
    missing = [name for name, number in versions.items() if not number]
    if missing:
        advice = "Install the labs' packages: `make setup` in datakit's folder, or `pip install 'datakit[lab]'`."
        return Finding("packages", f"missing: {', '.join(missing)}", Status.missing, advice)
    return Finding("packages", ", ".join(f"{name} {number}" for name, number in versions.items()))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _torch() -> Finding:
    try:
        for name in ("torch", "torchvision"):
            import_module(name)
    except Exception as error:  # a build that doesn't fit raises anything, OSError and RuntimeError among them
        advice = "torch and torchvision must be builds for each other: reinstall both in one command."
        return Finding("PyTorch", f"can't be imported: {error}", Status.missing, advice)
    return Finding("PyTorch", "torch and torchvision fit each other")


def _cores() -> Finding:
    cores = usable_cores()
    found = f"{cores:g} usable of {multiprocessing.cpu_count()}"
    if cores < 2:
        return Finding("cores", found, Status.limited, "With less than two, worker processes will gain you little.")
    return Finding("cores", found)


def _memory() -> Finding:
    return _enough("memory", available_memory(), 3 * GIB, "Close other programs and other notebooks' kernels.")


def _shared_memory() -> Finding:
    free = free_shared_memory()
    if free is None:
        return Finding("shared memory", "not needed here: tensors travel by other means")
    advice = "Worker processes send batches through /dev/shm. In Docker: --shm-size=1g. Else use fewer workers."
    return _enough("shared memory", free, 256 * MIB, advice)


def _disk() -> Finding:
    folder = tempfile.gettempdir()
    return _enough(f"disk ({folder})", shutil.disk_usage(folder).free, GIB, "Experiments write their pictures there.")


def _enough(what: str, free: int, wanted: int, advice: str) -> Finding:
    found = f"{in_units(free)} free"
    if free < wanted:
        return Finding(what, f"{found}, expected {in_units(wanted)}", Status.limited, advice)
    return Finding(what, found)


def _gpu() -> Finding:
    import torch

    if not torch.cuda.is_available():
        return Finding("GPU", "none; every lab runs without one")
    if own_share() is not None:  # one of your notebooks may be using it
        return Finding("GPU", f"{gpu_in_words()}; one notebook at a time can use it")
    free, total = torch.cuda.mem_get_info()
    return Finding("GPU", f"{torch.cuda.get_device_name()}, {in_units(free)} of {in_units(total)} free")


def _workers() -> Finding:
    method = multiprocessing.get_start_method()
    try:
        _load_with_two()
    except Exception as error:  # whatever keeps a process from starting or answering
        advice = "Labs 05 to 08 need worker processes. Is the number of processes limited (`ulimit -u`)?"
        return Finding("workers", f"{type(error).__name__}: {error}", Status.missing, advice)
    return Finding("workers", f"two started by {method!r} and answered")


def _load_with_two() -> None:
    from torch.utils.data import DataLoader

    from datakit.datasets.generated import GeneratedDataset

    loader = DataLoader(GeneratedDataset(_square, 8), batch_size=4, num_workers=2, timeout=SECONDS)
    seen = [number for batch in loader for number in batch.tolist()]
    if seen != [index**2 for index in range(8)]:
        raise RuntimeError(f"expected the squares of 0 to 7, but {seen} arrived")


def _square(index: int, rng: object) -> int:
    return index**2
