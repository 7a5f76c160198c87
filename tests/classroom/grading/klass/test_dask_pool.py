"""More than one machine: a real scheduler and two worker processes on loopback."""

from __future__ import annotations

import logging
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
    """The address of a cluster for tests that leave its workers alive."""
    with running(tmp_path_factory.mktemp("sound"), workers=2) as cluster:
        yield cluster.address


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """The address of a cluster of the test's own."""
    with running(tmp_path, workers=2) as cluster:
        yield cluster.address


class Cluster:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "scheduler.json"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._start("scheduler", "--port", "0")
        deadline = time.monotonic() + STARTED
        while not self.file.exists():
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        with Client(scheduler_file=str(self.file), timeout=STARTED, set_as_default=False) as client:
            self.address = client.scheduler.address

    def add_worker(self) -> None:
        self._start("worker", "--nthreads", "1", "--no-nanny")

    def _start(self, program: str, *words: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parents[3]}"}
        environment["DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"] = "1"
        environment["DASK_TEMPORARY_DIRECTORY"] = str(self.folder)
        common = ("--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(self.file))
        command = [sys.executable, "-m", f"distributed.cli.dask_{program}", *common, *words]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        self.processes.append(process)
        return process


@contextmanager
def running(folder: Path, workers: int) -> Iterator[Cluster]:
    """A cluster on loopback whose workers are ready."""
    cluster = Cluster(folder)
    try:
        for _ in range(workers):
            cluster.add_worker()
        with Client(cluster.address, timeout=STARTED, set_as_default=False) as client:
            if workers:
                client.wait_for_workers(workers, timeout=STARTED)
        yield cluster
    finally:
        for process in cluster.processes:
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


def test_items_wait_for_workers_and_that_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import dask_work

    told = []
    with running(tmp_path, workers=0) as cluster:

        def start_one(record: logging.LogRecord) -> bool:
            told.append(record.getMessage())
            cluster.add_worker()
            return True

        monkeypatch.setattr(dask_pool, "QUIET_SECONDS", 0.3)
        monkeypatch.setattr(dask_pool.LOG, "filters", [start_one])
        (verdict,) = dask_pool.grade_on(cluster.address, [item("patient")], dask_work.slow)
    assert verdict.student == "patient"
    sentence = f"The Dask scheduler at {cluster.address} has no worker. Submissions that wait for one: 1."
    assert [each[: len(sentence)] for each in told] == [sentence]


def test_a_lost_scheduler_ends_grading_and_refuses_nobody(tmp_path: Path) -> None:
    import dask_work

    with running(tmp_path, workers=2) as cluster:
        items = [item(f"student-{number}") for number in range(100)]
        verdicts = dask_pool.grade_on(cluster.address, items, dask_work.slow)
        reached = [next(verdicts)]
        cluster.scheduler.kill()
        with pytest.raises(OSError, match=r"was lost, or its work was cancelled\.") as caught:
            reached += verdicts
    assert [verdict.refused for verdict in reached if verdict.refused] == []
    assert f"Submissions not graded: {len(items) - len(reached)};" in str(caught.value)


def test_no_scheduler_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_pool, "ANSWER_SECONDS", 1.0)
    with pytest.raises(OSError, match=r"No Dask scheduler answers at 'tcp://127\.0\.0\.1:9'.*leave --dask away"):
        next(iter(dask_pool.grade_on("tcp://127.0.0.1:9", [], lambda item: Verdict("", "", ""))))
