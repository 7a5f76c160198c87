"""Wall time, CPU time of this process and its children, and what everybody else on the machine took meanwhile."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Usage:
    """Times in seconds: points on a clock, or what passed between two of them.

    Attributes:
        wall: the time that passed.
        cpu: the CPU time of this process and of all its descendants, ended or not.
        machine: the CPU time of all programs of the machine.
    """

    wall: float
    cpu: float
    machine: float

    def __sub__(self, began: Usage) -> Usage:
        return Usage(self.wall - began.wall, self.cpu - began.cpu, self.machine - began.machine)

    @property
    def cores_busy(self) -> float:
        """How many cores this process and its children kept busy on average."""
        return self.cpu / self.wall

    @property
    def other_cores(self) -> float:
        """How many cores other programs kept busy meanwhile: 0 on a quiet machine."""
        return max(0.0, (self.machine - self.cpu) / self.wall)


def usage_now() -> Usage:
    """Read the clocks."""
    cpu = 0.0
    this = psutil.Process()
    for process in (this, *this.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        # A child that has ended and was waited for is counted in its parent's `children_` times.
        cpu += times.user + times.system + times.children_user + times.children_system
    machine = psutil.cpu_times()
    busy = machine.user + machine.system + machine.nice + machine.irq + machine.softirq
    return Usage(time.perf_counter(), cpu, busy)
