"""When did the device reach this point? A clock for work that is done when the call returns, and one for a GPU.

A GPU works behind the host's back: a call returns when its work is *queued*. A host clock around ``loss.backward()``
measures how long queueing takes, and the real cost turns up later, at whichever line waits for a result. Events are
marks in the queue itself, so their times are those of the work.

Source: "CUDA semantics", PyTorch documentation, Asynchronous execution.
"""

from __future__ import annotations

import time
from typing import Any, Protocol

import torch


class Clock(Protocol):
    """Puts marks between pieces of work, and tells afterwards how much time lies between two of them."""

    def mark(self) -> Any:
        """Mark this point."""

    def seconds(self, start: Any, end: Any) -> float:
        """Return the seconds from one mark to a later one."""


class HostClock:
    """For the CPU: the time at which the host passes a mark."""

    def mark(self) -> float:
        """See :class:`Clock`."""
        return time.perf_counter()

    def seconds(self, start: float, end: float) -> float:
        """See :class:`Clock`."""
        return end - start


class CUDAClock:
    """For a GPU: the time at which the GPU passes a mark.

    Between a mark before ``next(loader)`` and one after it lies the time in which the GPU had nothing to do: if the GPU
    is behind the host, it passes both at once.

    Args:
        device: a CUDA device.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def mark(self) -> torch.cuda.Event:
        """See :class:`Clock`. The host does not wait."""
        event = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        event.record(torch.cuda.current_stream(self.device))
        return event

    def seconds(self, start: torch.cuda.Event, end: torch.cuda.Event) -> float:
        """See :class:`Clock`. The host waits until the later mark is passed."""
        end.synchronize()
        milliseconds: float = start.elapsed_time(end)
        return milliseconds / 1000


def clock_for(device: torch.device) -> Clock:
    """Return the clock that tells the truth about a device."""
    return CUDAClock(device) if device.type == "cuda" else HostClock()
