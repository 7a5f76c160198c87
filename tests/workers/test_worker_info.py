"""Who a worker is, and what of PyTorch is its own."""

from __future__ import annotations

import threading

import pytest
import torch
from torch.utils.data import get_worker_info

import datakit
from tests.workers.worlds import KINDS, Squares, WhoAmI, as_it_is


@pytest.mark.parametrize("kind", KINDS)
def test_workers_know_who_they_are(kind: str) -> None:
    samples = list(datakit.DataLoader(WhoAmI(20), None, num_workers=2, workers=kind, collate_fn=as_it_is))
    who = {(number, of, seed, dataset) for number, of, seed, dataset, _ in samples}
    assert sorted(entry[:2] for entry in who) == [(0, 2), (1, 2)]
    assert {entry[3] for entry in who} == {"WhoAmI"}
    assert len({seed - number for number, _, seed, _ in who}) == 1
    assert {threads for *_, (_, _, threads) in samples} == {1}
    assert get_worker_info() is None


def test_a_thread_leaves_the_number_of_pytorchs_threads_alone() -> None:
    seen: list[int] = []
    before = torch.get_num_threads()
    list(datakit.DataLoader(Squares(4), num_workers=2, workers="thread"))
    thread = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert [torch.get_num_threads(), *seen] == [before, before]
