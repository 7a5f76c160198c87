"""One measurement in a process of its own: ``python -m benchmarks.measure CASE PEER SAMPLES WORKERS EPOCHS CACHE``.

The last line of the output is the result as JSON. :mod:`benchmarks.runner` calls this; it is not meant to be typed.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.cases import CASES


def measure(case_name: str, peer_name: str, samples: int, workers: int, epochs: int, cache: Path) -> dict[str, object]:
    """Measure one peer on one case, here and now.

    Returns:
        The case's numbers, and the versions of the peer's libraries.
    """
    case = CASES[case_name]
    peer = import_module(f"benchmarks.peers.{peer_name}")
    work = case.prepare(samples, workers, epochs, cache)
    epoch = getattr(peer, case.kind)(work)
    return {**case.measure(epoch, work), "versions": {name: _version(name) for name in peer.LIBRARIES}}


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"


def main() -> None:
    """Read the arguments and print the result."""
    import torch

    # As in every worker of PyTorch's DataLoader: the workers share the cores, so one thread each.
    torch.set_num_threads(1)
    case, peer, samples, workers, epochs, cache = sys.argv[1:]
    result = measure(case, peer, int(samples), int(workers), int(epochs), Path(cache))
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
