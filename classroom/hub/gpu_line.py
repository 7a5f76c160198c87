"""The line for shares of a GPU: who holds one, who waits, in the order in which they came.

One hub lends one machine's shares, so the line is the hub's own, and a plain object. Who holds a share is what the hub
knows of its running servers, also after a restart (`Line.adopt`). Who waits stands in a file: a hub that was started
anew keeps everybody's place for a while, until they ask again.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

KEPT = 300.0  # seconds that a place is kept for somebody who waited when the hub ended

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Share:
    """One of the equal parts of one GPU.

    Args:
        device: what CUDA_VISIBLE_DEVICES calls the GPU.
        number: which of its parts, from 0.
    """

    device: str
    number: int


class OneShareError(Exception):
    """Somebody asks for a second share, or for a second place in line; the message is for them."""


def shares_of(devices: Sequence[str], share: float) -> list[Share]:
    """The parts of some GPUs: first one of each, so that people are spread over the devices.

    Args:
        devices: the GPUs' names.
        share: how large a part is, above 0 and up to 1.
    """
    return [Share(device, number) for number in range(int(1 / share + 1e-9)) for device in devices]


class Line:
    """Who holds which share, and who is next.

    Args:
        shares: what there is to lend.
        file: where those who wait are kept; nowhere if nothing is said.
        kept: seconds that a place is kept for somebody who waited when the hub ended.
        clock: tells the time, in seconds.
    """

    def __init__(
        self,
        shares: Sequence[Share],
        file: Path | None = None,
        kept: float = KEPT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.shares, self.held = tuple(shares), dict[str, Share]()
        self._file, self._kept, self._clock = file, kept, clock
        self._until = dict.fromkeys(self._read(), clock() + kept)  # in the order of the line; inf for who is here

    @property
    def free(self) -> list[Share]:
        """The shares that nobody holds. A share that was lent by other settings before a restart counts as one, too."""
        held = set(self.held.values())
        return [share for share in self.shares if share not in held][: max(0, len(self.shares) - len(held))]

    @property
    def waiting(self) -> list[str]:
        """Those who wait, the next one first, with those whose place is kept."""
        late = [who for who, until in self._until.items() if until < self._clock()]
        for who in late:
            del self._until[who]
        if late:
            self._write()
        return list(self._until)

    def join(self, who: str) -> None:
        """Go to the end of the line, or back to one's place if it was kept.

        Raises:
            OneShareError: if they hold a share, or wait for one, already.
        """
        if who in self.held:
            raise OneShareError("You have a GPU share on another server of yours: stop that one, or choose CPU only.")
        if who in self.waiting and self._until[who] == inf:
            raise OneShareError("Another server of yours waits for a GPU share: stop that one, or choose CPU only.")
        self._until[who] = inf
        self._write()

    def place(self, who: str) -> int:
        """Their place in line: 1 is next; 0 for somebody who isn't in it."""
        waiting = self.waiting
        return waiting.index(who) + 1 if who in waiting else 0

    def take(self, who: str) -> Share | None:
        """Lend a share to somebody in line; None until it is their turn."""
        free = self.free
        if not 0 < self.place(who) <= len(free):
            return None
        self.leave(who)
        self.held[who] = free[0]
        return free[0]

    def keep(self, who: str) -> None:
        """Keep a place for somebody who has stopped waiting, for a while, so that they can come back to it."""
        if who in self._until:
            self._until[who] = self._clock() + self._kept

    def leave(self, who: str) -> None:
        """Give up one's place, if one has any."""
        if self._until.pop(who, None) is not None:
            self._write()

    def give_back(self, who: str) -> None:
        """End a loan, if there is one."""
        self.held.pop(who, None)

    def adopt(self, who: str, share: Share) -> None:
        """Note a loan of before a restart: the server that it was for still runs."""
        self.held[who] = share

    def _read(self) -> list[str]:
        if self._file is None or not self._file.exists():
            return []
        try:
            names = json.loads(self._file.read_text(encoding="utf-8"))
            return [str(name) for name in names]
        except (OSError, ValueError, TypeError) as error:
            # Places are lost, and a class is not kept out of its hub for that.
            log.warning("%s holds no line for GPU shares (%s): the line begins anew.", self._file, error)
            return []

    def _write(self) -> None:
        if self._file is None:
            return
        new = self._file.with_name(self._file.name + ".new")
        new.write_text(json.dumps(list(self._until)), encoding="utf-8")
        new.replace(self._file)
