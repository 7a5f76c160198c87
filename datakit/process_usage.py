"""What this process and its workers take while something runs: peak memory, and the workers' CPU time."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

from datakit._errors import missing_package

if TYPE_CHECKING:
    import psutil

# Often enough for a peak that lasts, seldom enough to cost nothing.
INTERVAL_SECONDS = 0.2


class ProcessUsage:
    """Watches memory and CPU time from a thread while the context lasts.

    Attributes:
        peak_memory: the most bytes at one time: this process, and what child processes have for themselves.
        worker_seconds: CPU seconds that child processes used.
        seconds: how long it watched.

    Raises:
        ModuleNotFoundError: if psutil is not installed.

    Example:
        >>> with ProcessUsage() as usage:
        ...     data = bytearray(1000)
        >>> usage.peak_memory > 1000
        True
    """

    def __init__(self) -> None:
        try:
            import psutil
        except ModuleNotFoundError as error:
            raise missing_package("psutil", "ProcessUsage") from error
        self.peak_memory = 0
        self.seconds = 0.0
        self._process = psutil.Process()
        self._gone: type[Exception] = psutil.Error
        # Process id → CPU seconds before the context began, and when it was last seen.
        self._worker_times: dict[int, tuple[float, float]] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="datakit usage", daemon=True)

    @property
    def worker_seconds(self) -> float:
        """CPU seconds that child processes used."""
        return sum(last - before for before, last in self._worker_times.values())

    def __enter__(self) -> ProcessUsage:
        self._start = time.perf_counter()
        self._look(at_start=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._look()
        self.seconds = time.perf_counter() - self._start

    def _watch(self) -> None:
        while not self._ended.wait(INTERVAL_SECONDS):
            self._look()

    def _look(self, at_start: bool = False) -> None:
        memory = self._process.memory_info().rss
        for child in self._process.children(recursive=True):
            try:
                memory += self._look_at(child, at_start)
            except self._gone:  # it has ended meanwhile; what it had used when last seen stays counted
                continue
        self.peak_memory = max(self.peak_memory, memory)

    def _look_at(self, child: psutil.Process, at_start: bool) -> int:
        times = child.cpu_times()
        used = times.user + times.system
        before, _ = self._worker_times.get(child.pid, (used if at_start else 0.0, used))
        self._worker_times[child.pid] = (before, used)
        memory: int = child.memory_full_info().uss
        return memory
