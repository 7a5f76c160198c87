"""What a measurement was made on: a number without its machine says nothing."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from datakit._errors import missing_package
from datakit.gpu_share import gpu_in_words
from datakit.machine_limits import memory_limit, usable_cores

GIB = 2**30


@dataclass(frozen=True)
class Machine:
    """The parts that decide how fast data is loaded.

    Attributes:
        processor: the CPU's model.
        cores: how many cores this process may use at once; a fraction where a container has a quota of one.
        cores_present: how many logical cores the machine has.
        memory_gib: memory that this process may use, in GiB.
        gpu: the GPU's name, and how much of it was at hand where it is shared; ``None`` without one.
        torch: PyTorch's version.
        python: Python's version.
    """

    processor: str
    cores: float
    cores_present: int
    memory_gib: float
    gpu: str | None
    torch: str
    python: str

    def __str__(self) -> str:
        cores = f"{self.cores:g} {'core' if self.cores == 1 else 'cores'}"
        if self.cores < self.cores_present:
            cores = f"{self.cores:g} of {self.cores_present} cores"
        return (
            f"{self.processor}, {cores}, {self.memory_gib:.1f} GiB of memory, {self.gpu or 'no GPU'}, "
            f"PyTorch {self.torch}, Python {self.python}"
        )


def this_machine() -> Machine:
    """Look at the machine that this process runs on.

    Raises:
        ModuleNotFoundError: if psutil is not installed.
        ValueError: if a hub has set ``DATAKIT_GPU_SHARE`` to what is no share.
    """
    try:
        import psutil
    except ModuleNotFoundError as error:
        raise missing_package("psutil", "this_machine()") from error
    import torch

    present = os.cpu_count() or 1
    return Machine(
        processor=_processor(),
        cores=usable_cores(),
        cores_present=present,
        memory_gib=min(psutil.virtual_memory().total, memory_limit() or 2**63) / GIB,
        gpu=gpu_in_words(),
        torch=str(torch.__version__),
        python=platform.python_version(),
    )


def _processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    try:
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine() or "unknown processor"
