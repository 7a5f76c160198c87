"""What all processes of a kernel use together, seen from its keeper."""

from __future__ import annotations

import os
from dataclasses import dataclass

PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Watch:
    """Follow the descendants of one process.

    Args:
        proc: an open descriptor of a ``/proc`` that shows them.
        keeper: the number of the process whose descendants are meant.
        peak: bytes that were seen in use at most.
    """

    proc: int
    keeper: int
    peak: int = 0

    def family(self) -> list[int]:
        """All living descendants, parents before children."""
        children: dict[int, list[int]] = {}
        for name in os.listdir(self.proc):  # noqa: PTH208 - a descriptor has no path
            # "12 (any name) S 3 …": the state and the parent's number follow the last bracket
            fields = self._read(f"{name}/stat").rpartition(")")[2].split() if name.isdecimal() else []
            if fields and fields[0] not in "ZX":
                children.setdefault(int(fields[1]), []).append(int(name))
        found = list(children.get(self.keeper, []))
        for number in found:
            found += children.get(number, [])
        return found

    def memory(self, limit: int) -> int:
        """Bytes in use; memory that several share is divided among them wherever the plain sum would pass ``limit``."""
        family = self.family()
        used = sum(self._resident(number) for number in family)
        if used > limit:  # now the dearer figure
            used = sum(self._share(number) for number in family)
        self.peak = max(self.peak, used)
        return used

    def _resident(self, number: int) -> int:
        fields = self._read(f"{number}/statm").split()
        return int(fields[1]) * PAGE if fields else 0

    def _share(self, number: int) -> int:
        for line in self._read(f"{number}/smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
        return 0  # it has ended

    def _read(self, path: str) -> str:
        try:
            with os.fdopen(os.open(path, os.O_RDONLY, dir_fd=self.proc), errors="replace") as file:
                return file.read()
        except OSError:  # it has ended
            return ""
