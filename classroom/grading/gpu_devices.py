"""The GPUs of this machine, as their driver sees them: asking opens no CUDA context, which would take memory itself."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass

MIB = 1 << 20
ASK = ("--query-gpu=uuid,memory.used,memory.total", "--format=csv,noheader,nounits")
SECONDS = 30.0  # in which the driver answers


@dataclass(frozen=True)
class Device:
    """One GPU at one moment.

    Args:
        name: what CUDA_VISIBLE_DEVICES calls it.
        used: bytes that are in use, by whomever.
        total: bytes that it has.
    """

    name: str
    used: int
    total: int


def devices() -> dict[str, Device]:
    """The GPUs by name; none where there is no driver, or where it doesn't answer."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return {}
    try:
        answer = subprocess.run([program, *ASK], capture_output=True, text=True, timeout=SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return {}
    rows = [[field.strip() for field in line.split(",")] for line in answer.splitlines()]
    return {
        name: Device(name, int(used) * MIB, int(total) * MIB)
        for name, used, total in (row for row in rows if len(row) == 3)
        if used.isdecimal() and total.isdecimal()
    }
