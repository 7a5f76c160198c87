"""Does the memory of worker processes grow?

Eight forked workers share a dataset of a million rows: its pages lie in memory once, until one of them writes to a
page and gets a copy of its own. Python writes whenever it touches an object, because it counts references inside the
object. So rows that are Python objects are copied to all workers little by little, and rows in one tensor are not.

Measured is the memory that workers have for themselves (USS), after each of three epochs with the same workers. The
bar: for rows in tensors it grows by less than 1 MiB a worker after the first epoch.

Source: "On memory consumption in PyTorch data loaders", issue 13246 of PyTorch.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import torch

from datakit import DataLoader, TensorDataset

EPOCHS = 3
MIB = 2**20


class PythonRows:
    """Each row is a tuple of Python objects in a list."""

    def __init__(self, n: int) -> None:
        self.rows = [(f"images/{number:08}.jpg", float(number)) for number in range(n)]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> int:
        path, value = self.rows[index]
        return len(path) + int(value)


class TensorRows:
    """The same rows: all paths in one tensor of bytes, all values in another."""

    def __init__(self, n: int) -> None:
        paths = "".join(f"images/{number:08}.jpg" for number in range(n)).encode()
        self.paths = torch.frombuffer(bytearray(paths), dtype=torch.uint8).view(n, -1)
        self.values = torch.arange(n, dtype=torch.float64)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index: int) -> int:
        path = bytes(self.paths[index].tolist()).decode()
        return len(path) + int(self.values[index])


def whole_rows(n: int) -> TensorDataset:
    """The same rows, served a batch at a time."""
    rows = TensorRows(n)
    return TensorDataset(rows.paths, rows.values)


CASES: dict[str, Callable[[int], Any]] = {
    "Python objects": PythonRows,
    "tensors": TensorRows,
    "tensors, whole batches": whole_rows,
}


def measure(dataset: Any, num_workers: int) -> Iterator[float]:
    """Yield the workers' own memory in MiB, all together: with the first batch, and after each epoch."""
    loader = DataLoader(dataset, 1000, shuffle=True, num_workers=num_workers, persistent_workers=True)
    for epoch in range(EPOCHS):
        for number, _ in enumerate(loader):
            if epoch == number == 0:
                yield _own_memory()
        yield _own_memory()


def _own_memory() -> float:
    return sum(child.memory_full_info().uss for child in psutil.Process().children()) / MIB


def main() -> None:
    """Print the table; leave with status 1 if the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=8)
    chosen = parser.parse_args()
    missed = False
    print(f"{chosen.rows} rows, {chosen.workers} workers: MiB that the workers have for themselves, together")
    print(f"{'rows are':<24}{'at first':>10}" + "".join(f"{f'epoch {n + 1}':>10}" for n in range(EPOCHS)))
    for name, make in CASES.items():
        first, *epochs = measure(make(chosen.rows), chosen.workers)
        print(f"{name:<24}{first:>10.0f}" + "".join(f"{used:>10.0f}" for used in epochs), flush=True)
        missed |= name != "Python objects" and epochs[-1] - epochs[0] > chosen.workers
    if missed:
        sys.exit("Memory grows where it should not.")


if __name__ == "__main__":
    main()
