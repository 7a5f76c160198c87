"""How worker processes start, and what must be pickled for it."""

from __future__ import annotations

import multiprocessing
import pickle
import subprocess
import sys
from typing import Any

import pytest
import torch

import datakit
from tests.workers.worlds import Squares, Starting


def loader(dataset: Any, method: Any, num_workers: int = 1) -> datakit.DataLoader:
    return datakit.DataLoader(dataset, 2, num_workers=num_workers, multiprocessing_context=method)


def test_what_cannot_be_pickled_is_refused_where_it_must_be() -> None:
    class Local(Squares):
        pass

    assert len(list(loader(Local(4), "fork", num_workers=2))) == 2
    for method in ("spawn", "forkserver"):
        with pytest.raises(pickle.PicklingError, match=f"start with '{method}' get the dataset.*workers=\"thread\""):
            list(loader(Local(4), method))
    assert multiprocessing.active_children() == []


@pytest.mark.slow
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_what_a_worker_cannot_unpickle(method: str) -> None:
    with pytest.raises(ImportError, match="no such module here") as caught:
        list(loader(Starting(4), method))
    assert "could not be unpickled in a worker process" in caught.value.__notes__[0]


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver", multiprocessing.get_context("fork")])
def test_start_methods(method: Any) -> None:
    dataset = datakit.TensorDataset(torch.arange(100_000.0), list(range(100_000)))
    batches = list(datakit.DataLoader(dataset, 50_000, num_workers=1, multiprocessing_context=method))
    assert torch.equal(torch.cat([batch[0] for batch in batches]), torch.arange(100_000.0))


@pytest.mark.slow
def test_a_script_without_a_guarded_main_part_is_told(tmp_path: Any) -> None:
    script = tmp_path / "unguarded.py"
    script.write_text(
        "import datakit\nlist(datakit.DataLoader([1, 2], num_workers=1, multiprocessing_context='spawn'))\n"
    )
    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 1
    assert "must keep its main part below `if __name__ == '__main__':`" in ran.stderr.splitlines()[-1]
