"""Real ranks: torchrun and gloo processes share every sample exactly once, and a lost one is named."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from datakit.distributed import RankWatch

ROOT = Path(__file__).parent.parent
JOBS = Path(__file__).parent / "distributed"
SAMPLES = 23
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "GLOO_SOCKET_IFNAME": "lo"}


def torchrun(ranks: int, *command: str) -> list[str]:
    return [
        *(sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(ranks)),
        *("--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0", *command),
    ]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ranks_and_workers_give_every_sample_once(tmp_path: Path) -> None:
    """Ranks 1 to 4, workers 0 to 3 in each; 23 samples, which only 1 divides."""
    for ranks in range(1, 5):
        folder = tmp_path / str(ranks)
        folder.mkdir()
        for number, part in enumerate((range(10), range(10, 11), range(11, SAMPLES))):
            (folder / f"{number}.jsonl").write_text("".join(f"{i}\n" for i in part))
        subprocess.run(
            torchrun(ranks, str(JOBS / "coverage_job.py"), str(folder), str(SAMPLES)),
            env=ENVIRONMENT,
            check=True,
            timeout=300,
        )
        of_ranks = [json.loads((folder / f"rank{rank}.json").read_text()) for rank in range(ranks)]
        check_coverage(of_ranks, ranks)


def check_coverage(of_ranks: list[dict[str, Any]], ranks: int) -> None:
    for workers in "0123":
        seen = [of_rank[workers] for of_rank in of_ranks]
        epochs = list(zip(*(rank["map"] for rank in seen), strict=True))
        assert epochs[0] != epochs[1]
        for epoch in epochs:
            drawn = Counter(i for part in epoch for i in part)
            assert sorted(drawn) == list(range(SAMPLES))
            # Ranks make the same number of steps, so some samples come twice: as many as the sampler says, and where.
            assert len({len(part) for part in epoch}) == 1
            assert drawn.total() - SAMPLES == seen[0]["repeats"] == -SAMPLES % ranks
            once = [i for part, rank in zip(epoch, seen, strict=True) for i in part[: len(part) - rank["repeats_here"]]]
            assert sorted(once) == list(range(SAMPLES))
        assert sorted(i for rank in seen for i in rank["stream"]) == list(range(SAMPLES))
    own = [of_rank["datakit"] for of_rank in of_ranks]
    assert own == [of_rank["0"]["map"][0] for of_rank in of_ranks]


@contextmanager
def ranks_of(tmp_path: Path, world_size: int, fate: str) -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, str(JOBS / "watch_job.py"), str(tmp_path / "meet")]
    processes = [
        subprocess.Popen(
            [*command, str(rank), str(world_size), fate],
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(world_size)
    ]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fate", "lost", "words"),
    [
        ("killed", 2, "was last heard of"),
        ("frozen", 2, "it was killed, or hangs"),
        ("error", 2, "stopped with LookupError: photo 7 is damaged"),
        ("killed first", 0, "does not answer any more, and it keeps the store"),
        ("frozen first", 0, "does not answer any more"),
    ],
)
def test_a_lost_rank_is_named_and_nothing_hangs(tmp_path: Path, fate: str, lost: int, words: str) -> None:
    with ranks_of(tmp_path, 3, fate) as processes:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "working\n"
        since = time.monotonic()
        for rank, process in enumerate(processes):
            if rank == lost:
                continue
            _, errors = process.communicate(timeout=60)
            # The promise: an error that names the rank within 10 s. It is no measure of speed.
            assert time.monotonic() - since < 10
            # PyTorch's own threads may abort the process (SIGABRT) on its way out, after the error was printed.
            assert process.returncode != 0, errors
            assert f"rank {lost} (process {processes[lost].pid} on " in errors
            assert words in errors


@pytest.mark.slow
def test_ranks_may_finish_one_after_another(tmp_path: Path) -> None:
    with ranks_of(tmp_path, 2, "done") as processes:
        for process in processes:
            output, errors = process.communicate(timeout=60)
            assert process.returncode == 0, errors
            assert output == "working\nfinished\n"


@pytest.mark.slow
def test_torchrun_names_a_killed_rank(tmp_path: Path) -> None:
    job = tmp_path / "job.py"
    job.write_text(
        "import os, signal, torch\nfrom torch import distributed\nfrom datakit.distributed import RankWatch\n"
        "distributed.init_process_group('gloo')\n"
        "with RankWatch():\n"
        "    if distributed.get_rank() == 1:\n        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    distributed.all_reduce(torch.ones(1))\n"
    )
    ran = subprocess.run(torchrun(2, str(job)), env=ENVIRONMENT, capture_output=True, text=True, timeout=120)
    assert ran.returncode != 0
    assert "rank      : 1 (local_rank: 1)" in ran.stderr
    assert f"exitcode  : -{signal.SIGKILL.value}" in ran.stderr


def test_a_watch_needs_a_process_group_and_a_timeout() -> None:
    with pytest.raises(RuntimeError, match=r"RankWatch: no process group is running\. Call torch"):
        RankWatch().__enter__()
    for timeout in (0, -1.0, float("nan")):
        with pytest.raises(ValueError, match=f"RankWatch: timeout must be a positive number of seconds; {timeout!r}"):
            RankWatch(timeout)
