"""The shared memories that a worker process writes its batches to."""

from __future__ import annotations

from datakit.workers.memory import Bytes, mapped, nameless_file

KEEP = 4
"""Memories that a worker keeps for later; more come back only where the loop's consumer held many batches at once."""


class Shelf:
    """Memories of one worker, used again as soon as the loop has no more use for what they hold.

    New memory is slow at first, because the system fills each page with zeros when it is touched; so a handful of
    memories go back and forth for a whole epoch.
    """

    def __init__(self) -> None:
        self._all: dict[int, Bytes] = {}
        self._free: list[int] = []
        self._dropped: list[int] = []
        self._next = 0

    def give_back(self, numbers: list[int]) -> None:
        """Take back memories that may be written to again."""
        self._free += numbers
        while len(self._free) > KEEP:
            self._drop(self._free[0])

    def take(self, size: int) -> tuple[int, Bytes, int | None]:
        """Take a memory of at least ``size`` bytes.

        Returns:
            Its number, the memory, and the file that holds it if it is new; the caller passes it on and closes it.
        """
        for number in self._free:
            if len(self._all[number]) >= size:
                self._free.remove(number)
                return number, self._all[number], None
        # Batches have grown: what is too small now won't be needed.
        for number in list(self._free):
            self._drop(number)
        file = nameless_file(size)
        number, self._next = self._next, self._next + 1
        self._all[number] = mapped(file, size)
        return number, self._all[number], file

    def dropped(self) -> list[int]:
        """Return the memories that were dropped since the last call."""
        dropped, self._dropped = self._dropped, []
        return dropped

    def _drop(self, number: int) -> None:
        self._free.remove(number)
        del self._all[number]
        self._dropped.append(number)
