"""Datasets that workers of any kind can be given: at the top of a module, so that a spawned process finds them."""

from __future__ import annotations

import faulthandler
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info

from datakit.randomness import sample_random

KINDS = ["thread", "process"]


class Squares:
    """Map-style, with a bit of everything in a sample."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int) -> dict[str, Any]:
        if not 0 <= index < self.n:
            raise IndexError(index)
        return {"index": index, "square": torch.tensor([float(index**2)]), "pair": (np.float32(index), str(index))}


class Fetched(Squares):
    def __getitems__(self, indices: list[int]) -> list[dict[str, Any]]:
        return [self[index] for index in indices]


class Large(Squares):
    """Samples so large that a batch goes through shared memory."""

    def __getitem__(self, index: int) -> Any:
        return torch.full((64, 128), float(index)), "x" * 10_000


class Placed(Squares):
    """Writes its samples straight into the batch; equal to what collating them gives."""

    def __getitem__(self, index: int) -> list[Any]:
        noise = sample_random().random()
        return [torch.full((3, 5), index, dtype=torch.uint8), torch.tensor(noise), index]

    def empty_batch(self, n: int) -> Any:
        pixels = torch.empty(n, 3, 5, dtype=torch.uint8)
        return [pixels, torch.empty(n), torch.empty(n, dtype=torch.int64)]

    def write_sample(self, index: int, batch: Any, place: int) -> None:
        for column, value in zip(batch, self[index], strict=True):
            column[place] = value


class Augmented(Squares):
    """Samples that draw random numbers: from the sample's own generator and from the global ones."""

    def __getitem__(self, index: int) -> Any:
        own = sample_random()
        shared = random.random(), float(np.random.rand()), float(torch.rand(()))
        return index, own.random(), own.random(), shared


class Stream(IterableDataset[Any]):
    """Each worker reads its part, of another length than the others'."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __iter__(self) -> Iterator[Any]:
        info = get_worker_info()
        worker, workers = (0, 1) if info is None else (info.id, info.num_workers)
        for i in range(self.n):
            if i * (i + 1) // 2 % workers == worker:
                yield {"index": i, "epoch": self.epoch, "noise": sample_random().random()}


class WhoAmI(Squares):
    """Tells which worker makes a sample; slow enough for all to get some."""

    def __getitem__(self, index: int) -> Any:
        time.sleep(0.005)
        info = get_worker_info()
        here = (os.getpid(), threading.get_ident(), torch.get_num_threads())
        return None if info is None else (info.id, info.num_workers, info.seed, type(info.dataset).__name__, here)


class Trouble(Squares):
    """Does something terrible at sample 5."""

    def __init__(self, n: int, trouble: str) -> None:
        super().__init__(n)
        self.trouble = trouble

    def __getitem__(self, index: int) -> Any:
        if index == 5:
            getattr(self, self.trouble)()
        return index

    def damaged(self) -> None:
        raise OSError("photo.jpg is damaged")

    def own_error(self) -> None:
        raise NeedsTwoError("sample", 5)

    def local_error(self) -> None:
        class LocalError(LookupError):
            pass

        raise LocalError("not in any module")

    def talking_error(self) -> None:
        raise TalkingError("not in any module")

    def stop(self) -> None:
        raise StopIteration

    def leave(self) -> None:
        os._exit(3)

    def killed(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def real_time(self) -> None:
        os.kill(os.getpid(), signal.SIGRTMIN + 3)

    def crash(self) -> None:
        faulthandler.disable()  # its report would fill the screen
        os.kill(os.getpid(), signal.SIGSEGV)

    def sleep(self) -> None:
        time.sleep(30)


class NeedsTwoError(ValueError):
    """An error that pickle can't restore, because its arguments are not those that it was made with."""

    def __init__(self, what: str, which: int) -> None:
        super().__init__(f"{what} {which} is wrong")


class TalkingError(LookupError):
    """An error that can't be restored, and whose message is nowhere but in an attribute."""

    def __init__(self, message: str) -> None:
        self.message = message
        self.lock = threading.Lock()

    def __str__(self) -> str:
        return self.message


class Starting(Squares):
    """Fails where a worker begins, rather than at a sample."""

    def __setstate__(self, state: Any) -> None:
        raise ImportError("no such module here")


def as_it_is(batch: Any) -> Any:
    return batch


def refuse_worker_one(worker: int) -> None:
    if worker == 1:
        raise PermissionError("worker 1 may not")
