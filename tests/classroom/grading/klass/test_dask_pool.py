"""More than one machine: a real scheduler and two worker processes on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from distributed import Client

from classroom.grading import dask_pool
from classroom.grading.items import Verdict, WorkItem

HERE = Path(__file__).parent
STARTED = 120.0  # seconds; a busy machine may need them


def item(student: str, **files: str) -> WorkItem:
    return WorkItem(
        "lab", student, (), {name: text.encode() for name, text in files.items()}, 0, f"digest of {student}"
    )


@pytest.fixture(autouse=True)
def _workers_code_is_importable_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)


@pytest.fixture(scope="module")
def sound_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A cluster for tests that leave its workers alive."""
    with running(tmp_path_factory.mktemp("sound")) as address:
        yield address


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """A cluster of the test's own."""
    with running(tmp_path) as address:
        yield address


@contextmanager
def running(tmp_path: Path) -> Iterator[str]:
    """A scheduler and two workers, each a process of its own."""
    where = tmp_path / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parents[3]}"}
    environment["DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"] = "1"
    environment["DASK_TEMPORARY_DIRECTORY"] = str(tmp_path)
    loopback = ["--host", "127.0.0.1", "--no-dashboard"]
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", *loopback]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", *loopback, "--nthreads", "1", "--no-nanny"]
    commands = [
        [*scheduler, "--port", "0", "--scheduler-file", str(where)],
        *[[*worker, "--scheduler-file", str(where), "--name", name] for name in ("one", "two")],
    ]
    with (tmp_path / "log").open("wb") as log:
        started = [
            subprocess.Popen(words, env=environment, stdout=log, stderr=log, start_new_session=True)
            for words in commands
        ]
    try:
        deadline = time.monotonic() + STARTED
        while not where.exists():
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.05)
        with Client(scheduler_file=str(where), timeout=STARTED, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=STARTED)
            address = client.scheduler.address
        yield address
    finally:
        for process in started:
            process.kill()
            process.wait()


def test_both_workers_grade_and_each_item_once(sound_cluster: str) -> None:
    import dask_work

    students = [f"student-{number}" for number in range(12)]
    verdicts = list(dask_pool.grade_on(sound_cluster, [item(student) for student in students], dask_work.slow))
    assert sorted(verdict.student for verdict in verdicts) == sorted(students)
    assert {verdict.digest for verdict in verdicts} == {f"digest of {student}" for student in students}
    assert len({verdict.measured["process"] for verdict in verdicts}) == 2


def test_a_lost_workers_items_run_elsewhere_and_no_verdict_comes_twice(cluster: str, tmp_path: Path) -> None:
    import dask_work

    told = str(tmp_path / "told")
    items = [item(f"student-{number}", marker=told) for number in range(8)]
    verdicts = list(dask_pool.grade_on(cluster, items, dask_work.first_one_ends_its_worker))
    assert Path(told).exists(), "no worker was lost"
    assert Counter(verdict.student for verdict in verdicts) == Counter(item.student for item in items)
    assert not any(verdict.refused for verdict in verdicts)


def test_an_item_that_loses_every_worker_is_refused(cluster: str) -> None:
    import dask_work

    (verdict,) = dask_pool.grade_on(cluster, [item("deadly")], dask_work.ends_its_worker)
    assert verdict == Verdict("lab", "deadly", "digest of deadly", refused=verdict.refused)
    assert verdict.refused.startswith("[grader-failed]")


def test_an_error_on_a_worker_costs_its_own_item_alone(sound_cluster: str) -> None:
    import dask_work

    verdicts = list(dask_pool.grade_on(sound_cluster, [item("bad"), item("good")], dask_work.fails_for_bad))
    refused = {verdict.student: verdict.refused for verdict in verdicts}
    assert refused["good"] == ""
    assert "ValueError: bad luck" in refused["bad"]


def test_leaving_early_cancels_the_rest(sound_cluster: str) -> None:
    import dask_work

    verdicts = dask_pool.grade_on(sound_cluster, [item(f"student-{number}") for number in range(200)], dask_work.slow)
    assert next(iter(verdicts)).student.startswith("student-")
    verdicts.close()
    with Client(sound_cluster, set_as_default=False) as client:
        deadline = time.monotonic() + STARTED
        while any(client.processing().values()):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_no_scheduler_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_pool, "ANSWER_SECONDS", 1.0)
    with pytest.raises(OSError, match=r"No Dask scheduler answers at 'tcp://127\.0\.0\.1:9'.*leave --dask away"):
        next(iter(dask_pool.grade_on("tcp://127.0.0.1:9", [], lambda item: Verdict("", "", ""))))
