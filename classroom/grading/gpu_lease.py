"""Lend each submission one share of a GPU, and lend it again only when its memory is free.

All graders of one account on this machine lend from the same shares. A share is a lock on a file, which the system
takes back when the process that holds it ends, however it ends. Beside the lock lies a mark, from the moment a share is
lent until the device's memory is back at its baseline; a share with a mark that nobody holds is lent to nobody until
the memory is back. So neither a killed grader nor memory that stays taken costs the next submission anything.
"""

from __future__ import annotations

import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from classroom.grading.gpu_devices import Device, devices
from classroom.grading.inside.gpu import FRACTION

SLACK = 64 << 20  # bytes by which a device's memory may differ from its baseline
EVERY = 0.2  # seconds between two looks
PATIENCE = 30.0  # seconds that a device gets until its memory is back


@dataclass
class Lease:
    """What is lent for one submission.

    Args:
        environment: variables for the learner's process; none where there is no GPU to lend.
        note: what an instructor should know; complete once the lease has ended.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


class Shares:
    """The shares of this machine's GPUs.

    Args:
        each: into how many shares a GPU is divided.
        folder: where the locks lie; the same for all graders.
        patience: seconds that a device gets until its memory is back; ``PATIENCE`` if nothing is said.
        look: asks for the devices.
    """

    def __init__(
        self,
        each: int,
        folder: Path | None = None,
        patience: float | None = None,
        look: Callable[[], Mapping[str, Device]] = devices,
    ) -> None:
        self._each, self._look = each, look
        self._patience = PATIENCE if patience is None else patience
        self._folder = folder or own_folder()

    @contextmanager
    def lease(self) -> Iterator[Lease]:
        """Wait for a share and lend it.

        Where this machine has no GPU, or none whose memory comes back, nothing is lent and the work runs on the CPU.
        """
        names = sorted(self._look())
        if not names:
            yield Lease()
            return
        taken = self._wait(names)
        if taken is None:
            yield Lease(note=f"Graded on the CPU: the memory of no GPU came back within {self._patience:g} s.")
            return
        name, number, lock = taken
        share = f"share {number + 1} of {self._each} of {name}"
        lease = Lease({"CUDA_VISIBLE_DEVICES": name, FRACTION: repr(1 / self._each)})
        try:
            yield lease
            if not self._settled(name, number):
                lease.note = (
                    f"The memory of {share} was not free {self._patience:g} s after this submission. "
                    "The share is withdrawn until it is."
                )
        finally:
            lock.release()

    def _wait(self, names: list[str]) -> tuple[str, int, FileLock] | None:
        """A share that is free; None if nobody holds one and the memory of none has come back."""
        end = time.monotonic() + self._patience
        while True:
            anybody = False
            for number in range(self._each):
                for name in names:  # one submission a device, as long as there is a choice
                    lock = self._take(name, number)
                    if lock is None:
                        anybody = True
                    elif self._lend(name, number):
                        return name, number, lock
                    else:
                        lock.release()
            if anybody:  # who holds one gives it back
                end = time.monotonic() + self._patience
            elif time.monotonic() > end:
                return None
            time.sleep(EVERY)

    def _lend(self, name: str, number: int) -> bool:
        """Mark a share that this process holds as lent; False if what it was lent for last still takes memory."""
        mark = self._mark(name, number)
        if mark.exists() and not self._back(name, number):
            return False
        baseline, device = self._folder / f"{name}.baseline", self._look().get(name)
        if device is None:
            return False
        mark.unlink(missing_ok=True)
        marks = any(self._mark(name, other).exists() for other in range(self._each))
        if not baseline.exists() or not marks:  # nobody else takes memory now that a grader knows of
            baseline.write_text(str(device.used))
        mark.touch()
        return True

    def _settled(self, name: str, number: int) -> bool:
        """Wait until the memory is back, and take the mark away."""
        end = time.monotonic() + self._patience
        while not self._back(name, number):
            if time.monotonic() > end:
                return False
            time.sleep(EVERY)
        self._mark(name, number).unlink(missing_ok=True)
        return True

    def _back(self, name: str, number: int) -> bool:
        """Whether a device uses no more than before the first lease, and what others may use by their leases."""
        device = self._look().get(name)
        if device is None:
            return False
        baseline = self._folder / f"{name}.baseline"
        if not baseline.exists():  # somebody has emptied the folder
            return True
        others = sum(self._held(name, other) for other in range(self._each) if other != number)
        return device.used <= int(baseline.read_text() or 0) + SLACK + others * device.total // self._each

    def _take(self, name: str, number: int) -> FileLock | None:
        lock = FileLock(self._folder / f"{name}.{number}.lock", timeout=0, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            return None
        return lock

    def _held(self, name: str, number: int) -> bool:
        if not self._mark(name, number).exists():
            return False
        lock = self._take(name, number)
        if lock is not None:
            lock.release()
        return lock is None

    def _mark(self, name: str, number: int) -> Path:
        return self._folder / f"{name}.{number}.lent"


def own_folder() -> Path:
    """This account's folder for locks, made if it isn't there.

    Raises:
        PermissionError: if somebody else has made it.
    """
    folder = Path(tempfile.gettempdir()) / f"datakit-gpu-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != os.getuid() or not stat.S_ISDIR(status.st_mode):
        raise PermissionError(f"{folder} belongs to somebody else, expected a folder of your own. Remove it.")
    return folder
