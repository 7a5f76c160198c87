"""Several ranks: notice when one is lost, and say which.

When a rank dies, the others learn it late or never: a collective fails with "Connection closed by peer", which names
nobody, or waits for half an hour for one that doesn't come. So each rank shows twice a second that it is alive, and
looks at the others.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from datetime import timedelta
from types import TracebackType

from torch import distributed
from torch.distributed import TCPStore  # type: ignore[attr-defined]  # public, but not marked so

# Seconds from finding a loss to ending a process that is stuck in a collective: time for an error of its own to arrive.
GRACE = 1.0
DONE = "done"


class RankLostError(RuntimeError):
    """Another rank died, stopped with an error, or is not heard of any more."""


class RankWatch:
    """A ``with`` block in which no rank dies unnoticed.

    Inside the block each rank counts up a number in a store that all ranks see. A rank whose number stands still for
    ``timeout`` seconds is lost, and so is one that left the block with an error. Then the block ends with an error that
    names the rank. A process that can't end it, because it is stuck in a collective, writes the message to stderr and
    exits with status 1; ``torchrun`` sees that, and ends the rest.

    Rank 0 keeps the store, and so stays in the block until all others are done.

    Args:
        timeout: seconds of silence after which a rank counts as lost. It must be longer than any operation that keeps
            Python's lock; half a second is normal.

    Raises:
        RankLostError: as the block ends, if a rank was lost.
        RuntimeError: as the block begins, if no process group is running.
        ValueError: if ``timeout`` is not a positive number.

    An error of this rank's own leaves the block as it is. If it is a ``RuntimeError``, as failing collectives raise, it
    leaves ``timeout`` seconds later: so long it takes to learn whether a lost rank is behind it.

    Source: "Distributed communication package", PyTorch documentation: TCPStore, and the watchdog of its NCCL backend.

    Example:
        >>> import tempfile
        >>> place = tempfile.mkdtemp()
        >>> distributed.init_process_group("gloo", init_method=f"file://{place}/meet", rank=0, world_size=1)
        >>> with RankWatch():
        ...     print("training")
        training
        >>> distributed.destroy_process_group()
    """

    def __init__(self, timeout: float = 5.0) -> None:
        if not timeout > 0:
            raise ValueError(f"RankWatch: timeout must be a positive number of seconds; {timeout!r} arrived.")
        self.timeout = timeout
        self._interval = timeout / 10
        self._last_word = DONE
        self._leaving = threading.Event()
        self._said_last = threading.Event()
        self._store_error = ""
        self._lost: str | None = None
        self._judged = threading.Event()

    def __enter__(self) -> RankWatch:
        if not distributed.is_initialized():
            raise RuntimeError(
                "RankWatch: no process group is running. Call torch.distributed.init_process_group first."
            )
        self.rank = distributed.get_rank()
        self._others = [rank for rank in range(distributed.get_world_size()) if rank != self.rank]
        self._store = self._meet()
        self._store.set(f"who {self.rank}", f"process {os.getpid()} on {socket.gethostname()}")
        self._store.set(f"word {self.rank}", "0")
        # From here on every rank's entries are there.
        distributed.barrier()
        self._names = {rank: self._store.get(f"who {rank}").decode() for rank in self._others}
        self._words = dict.fromkeys(self._others, "")
        self._answered = time.monotonic()
        self._heard = dict.fromkeys(self._others, self._answered)
        # Two threads: one may wait for the store without end, if rank 0 hangs. The other only looks at the clock.
        threading.Thread(target=self._talk, name="RankWatch talks", daemon=True).start()
        self._judge_thread = threading.Thread(target=self._judge, name="RankWatch judges", daemon=True)
        self._judge_thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, RuntimeError):
            self._judged.wait(self.timeout + 4 * self._interval)
        if error is not None and self._lost is None:
            self._last_word = f"stopped with {type(error).__name__}: {error}"
        self._leaving.set()
        self._judge_thread.join()
        if self._lost is not None and (error is None or isinstance(error, RuntimeError)):
            raise RankLostError(self._lost) from error

    def _meet(self) -> TCPStore:
        """Let rank 0 open a store, and the others find it."""
        patience = timedelta(seconds=self.timeout)
        place: list[tuple[str, int]] = [("", 0)]
        if self.rank == 0:
            host = os.environ.get("MASTER_ADDR") or socket.gethostname()
            store = TCPStore(host, 0, is_master=True, timeout=patience, wait_for_workers=False)
            place = [(host, store.port)]
        distributed.broadcast_object_list(place, src=0)
        if self.rank == 0:
            return store
        host, port = place[0]
        return TCPStore(host, port, is_master=False, timeout=patience, wait_for_workers=False)

    def _talk(self) -> None:
        """Say one's own word and hear the others', again and again."""
        count = 0
        while not self._said_last.is_set() or self.rank == 0:
            count += 1
            last = self._leaving.is_set()
            try:
                self._store.set(f"word {self.rank}", self._last_word if last else str(count))
                words = self._store.multi_get([f"word {rank}" for rank in self._others])
            except RuntimeError as error:
                self._store_error = str(error)
                return
            self._answered = time.monotonic()
            for rank, word in zip(self._others, words, strict=True):
                if word.decode() != self._words[rank]:
                    self._words[rank], self._heard[rank] = word.decode(), self._answered
            if last:
                self._said_last.set()
            time.sleep(self._interval)

    def _judge(self) -> None:
        """Wait for a loss, or for the end."""
        while self._lost is None:
            if self._said_last.wait(self._interval) and (self.rank != 0 or set(self._words.values()) <= {DONE}):
                return
            self._lost = self._verdict()
        self._judged.set()
        if not self._leaving.wait(GRACE):
            print(f"RankWatch, rank {self.rank}: {self._lost}", file=sys.stderr, flush=True)
            os._exit(1)

    def _verdict(self) -> str | None:
        if self._store_error or time.monotonic() - self._answered > self.timeout:
            return self._told(0, "does not answer any more, and it keeps the store by which ranks hear of each other")
        for rank, word in self._words.items():
            # Silence counts only as long as the store answers: else its own would be blamed on everybody.
            silence = self._answered - self._heard[rank]
            if word.startswith("stopped"):
                return self._told(rank, word)
            if word != DONE and silence > self.timeout:
                return self._told(rank, f"was last heard of {silence:.1f} s ago; it was killed, or hangs")
        return None

    def _told(self, rank: int, what: str) -> str:
        return (
            f"rank {rank} ({self._names.get(rank, 'this process')}) {what}. Look at that rank's own output for the "
            "cause, and start all ranks again from the last checkpoint."
        )
