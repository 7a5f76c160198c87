"""How checks put values into words, and the corners of a probe that no loader of a lab reaches."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import numpy as np
import psutil
import pytest
import torch

from datakit import check
from datakit.check.describe import describe
from datakit.check.failure import CheckFailed
from datakit.check.probe_run import _works


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.array([[1.5, 2.0]], dtype=np.float32), "numpy array, float32 [1, 2]: [1.5, 2]"),
        (np.arange(20), "numpy array, int64 [20]: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …]"),
        (torch.tensor(2.5), "tensor(2.5), float32"),
        (ValueError("no"), "ValueError: no"),
        (StopIteration(), "StopIteration"),
    ],
)
def test_values_in_words(value: Any, words: str) -> None:
    assert describe(value) == words


@pytest.mark.parametrize(("hint", "slug"), [("[off-by-one] Count from 0.", "off-by-one"), ("Count from 0.", "")])
def test_a_recognised_mistake_has_a_name(hint: str, slug: str) -> None:
    assert CheckFailed("ds[0]", "1", "0", hint).slug == slug


def beyond_the_end(dataset: Any) -> Any:
    yield dataset[0]
    yield dataset[len(dataset)]


def test_an_index_beyond_the_end_of_the_recorded_dataset() -> None:
    seen = check.probe(beyond_the_end, dataset=check.Recorded(3))
    assert len(seen.batches) == 1
    assert isinstance(seen.error, IndexError)
    assert "index 3 is outside a dataset of 3 samples" in str(seen.error)


def two_errors() -> Any:
    try:
        yield from {}["none"]
    except KeyError as error:
        raise RuntimeError("no loader") from error


def test_an_error_keeps_the_one_that_caused_it() -> None:
    seen = check.probe(two_errors)
    assert isinstance(seen.error, RuntimeError)
    assert isinstance(seen.error.__cause__, KeyError)


def test_a_probe_in_another_thread_has_no_limit_and_works() -> None:
    seen = []
    thread = threading.Thread(target=lambda: seen.append(check.probe(range, 3, within=60)))
    thread.start()
    thread.join(60)
    assert seen[0].batches == [0, 1, 2]


def test_a_process_that_is_gone_does_not_work() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        process = psutil.Process(child.pid)
    assert not _works(process, set())
