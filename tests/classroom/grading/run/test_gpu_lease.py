"""Shares of a GPU: lent once at a time, taken back from the dead, withdrawn while memory stays taken."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from classroom.grading.gpu_devices import devices
from classroom.grading.gpu_lease import FRACTION, Shares, own_folder
from tests.classroom.grading.run.conftest import HANGS
from tests.classroom.grading.run.gpu_fake import FakeGpus

HOLDER = """
import sys
from pathlib import Path
from classroom.grading.gpu_lease import Shares
with Shares({each}, Path({folder!r})).lease() as lease:
    print(lease.environment["CUDA_VISIBLE_DEVICES"], flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeGpus:
    made = FakeGpus(tmp_path)
    made.install(monkeypatch)
    return made


def locks(gpus: FakeGpus) -> Path:
    folder = gpus.folder / "locks"
    folder.mkdir(exist_ok=True)
    return folder


def shares(gpus: FakeGpus, each: int = 1, patience: float = HANGS) -> Shares:
    return Shares(each, locks(gpus), patience)


@contextmanager
def holder(gpus: FakeGpus, each: int = 1) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds a lease until its input is closed."""
    code = HOLDER.format(each=each, folder=str(locks(gpus)))
    with subprocess.Popen(
        [sys.executable, "-c", code], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None and process.stdout.readline().startswith("GPU-")
            yield process
        finally:
            process.kill()


def test_without_a_gpu_nothing_is_lent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with Shares(2, tmp_path).lease() as lease:
        assert (lease.environment, lease.note) == ({}, "")
    assert list(tmp_path.iterdir()) == []


def test_a_driver_that_fails_is_no_gpu(gpus: FakeGpus) -> None:
    (gpus.folder / "bin" / "nvidia-smi").write_text("#!/bin/sh\nexit 9\n")
    assert devices() == {}


def test_a_lease_names_the_device_and_the_fraction(gpus: FakeGpus) -> None:
    with shares(gpus, each=4).lease() as lease:
        assert lease.environment == {"CUDA_VISIBLE_DEVICES": "GPU-a", FRACTION: "0.25"}
    assert lease.note == ""


def test_one_submission_a_device_as_long_as_there_is_a_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gpus = FakeGpus(tmp_path, count=2)
    gpus.install(monkeypatch)
    with ExitStack() as leases:
        got = [leases.enter_context(shares(gpus, each=2).lease()).environment for _ in range(4)]
    assert [one["CUDA_VISIBLE_DEVICES"] for one in got] == ["GPU-a", "GPU-b", "GPU-a", "GPU-b"]


def test_no_share_is_lent_twice_among_processes_and_the_next_one_waits(gpus: FakeGpus) -> None:
    got = threading.Event()

    def lend() -> None:
        with shares(gpus, each=2).lease():
            got.set()

    with holder(gpus, each=2) as first, holder(gpus, each=2), ThreadPoolExecutor(1) as pool:
        future = pool.submit(lend)
        assert not got.wait(1.0)
        assert first.stdin is not None
        first.stdin.close()
        future.result(HANGS)
    assert got.is_set()


def test_a_share_of_a_killed_process_is_lent_again(gpus: FakeGpus) -> None:
    with holder(gpus) as process:
        process.kill()
        process.wait(HANGS)
        with shares(gpus).lease() as lease:
            assert lease.environment and not lease.note


def test_memory_that_a_killed_process_left_is_waited_for(gpus: FakeGpus) -> None:
    with holder(gpus) as process:
        gpus.use("GPU-a", 500)
        process.kill()
        process.wait(HANGS)
    timer = threading.Timer(1.0, gpus.use, ["GPU-a", 10])
    timer.start()
    with shares(gpus).lease() as lease:
        assert lease.environment and gpus.file("GPU-a").read_text() == "10"


def test_the_memory_must_be_back_before_a_lease_ends(gpus: FakeGpus) -> None:
    with shares(gpus).lease() as lease:
        gpus.use("GPU-a", 500)
        threading.Timer(1.0, gpus.use, ["GPU-a", 12]).start()
    assert lease.note == "" and gpus.file("GPU-a").read_text() == "12"


def test_a_share_whose_memory_stays_taken_is_withdrawn_until_it_is_free(gpus: FakeGpus) -> None:
    hasty = shares(gpus, patience=0.5)
    with hasty.lease() as lease:
        gpus.use("GPU-a", 500)
    assert "share 1 of 1 of GPU-a was not free 0.5 s after" in lease.note
    with hasty.lease() as lease:
        assert lease.environment == {}
    assert lease.note.startswith("Graded on the CPU")
    gpus.use("GPU-a", 10)
    with hasty.lease() as lease:
        assert lease.environment
    assert lease.note == ""


def test_what_a_neighbour_may_use_counts_as_its_own(gpus: FakeGpus) -> None:
    quick = shares(gpus, each=2, patience=0.5)
    with holder(gpus, each=2):
        with quick.lease() as lease:
            gpus.use("GPU-a", 500)  # the neighbour's half
        assert lease.note == ""
        with quick.lease() as lease:
            gpus.use("GPU-a", 700)
        assert "was not free" in lease.note


def test_the_folder_is_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = own_folder()
    assert folder.parent == tmp_path and folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with pytest.raises(PermissionError, match="Remove it"):
        own_folder()
