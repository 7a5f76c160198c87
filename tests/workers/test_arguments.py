"""What a loader refuses of its workers."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import torch

import datakit
from tests.workers.worlds import Squares


def test_pinned_memory_without_a_gpu_is_a_warning() -> None:
    if torch.accelerator.is_available():
        pytest.skip("there is a GPU here")
    with pytest.warns(UserWarning, match="pin_memory=True, but PyTorch finds no GPU") as warned:
        pinning = datakit.DataLoader(Squares(4), 2, pin_memory=True)
    list(pinning), list(pinning)
    assert len(warned) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"num_workers": -1}, "num_workers must be an integer, 0 or above; -1 arrived"),
        ({"num_workers": 1.0}, r"num_workers must be an integer, 0 or above; 1\.0 arrived"),
        ({"workers": "threads"}, 'workers must be "process" or "thread"; \'threads\' arrived'),
        ({"timeout": -1}, "timeout must be a number of seconds, 0 or above; -1 arrived"),
        ({"timeout": "1"}, "timeout must be a number of seconds, 0 or above; '1' arrived"),
        ({"prefetch_factor": 2}, "prefetch_factor=2 arrived with num_workers=0, so nobody fetches ahead. Leave it out"),
        ({"num_workers": 1, "prefetch_factor": 0}, "prefetch_factor must be a positive integer; 0 arrived"),
        ({"persistent_workers": True}, "persistent_workers=True arrived with num_workers=0"),
        ({"pin_memory": 1}, "pin_memory must be True or False; 1 arrived"),
        ({"in_order": None}, "in_order must be True or False; None arrived"),
        ({"seed": -1}, "seed must be an integer, 0 or above; -1 arrived"),
        ({"seed": 1, "generator": torch.Generator()}, "seed and generator both decide the random numbers. Leave gen"),
        ({"multiprocessing_context": "fork"}, "says how processes start, but num_workers=0 and workers='process'"),
        (
            {"num_workers": 1, "workers": "thread", "multiprocessing_context": "fork"},
            "but num_workers=1 and workers='thread' start none. Leave it out",
        ),
        (
            {"num_workers": 1, "multiprocessing_context": "spoon"},
            "multiprocessing_context='spoon' arrived; expected is",
        ),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"DataLoader: .*{words}"):
        datakit.DataLoader(Squares(3), **arguments)


def test_a_context_must_be_one() -> None:
    with pytest.raises(TypeError, match=r"multiprocessing_context is a module. Pass the name of a start method"):
        datakit.DataLoader(Squares(3), num_workers=1, multiprocessing_context=sys)  # type: ignore[arg-type]
