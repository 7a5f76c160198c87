"""The doctor: this machine is ready, and what is taken away is found and named with what to do."""

from __future__ import annotations

import sys

import pytest

from datakit import doctor
from datakit.doctor import Status, examine_machine
from tests.test_cli import datakit


def found() -> dict[str, doctor.Finding]:
    return {finding.what.partition(" (")[0]: finding for finding in examine_machine()}


def test_this_machine_is_ready() -> None:
    told = datakit("doctor")
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.endswith("Ready for the labs.\n")
    for words in (f"✓ Python: {sys.version.split()[0]}", "nbgrader 0.9.", ", av ", "✓ workers: two started by"):
        assert words in told.stdout


def test_everything_is_looked_at() -> None:
    assert list(found()) == [
        "Python", "packages", "cores", "memory", "shared memory", "disk", "PyTorch", "GPU", "workers",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "what", "words"),
    [
        ("usable_cores", 0.5, "cores", "0.5 usable"),
        ("available_memory", 2**30, "memory", "1.0 GiB free, expected 3.0 GiB"),
        ("free_shared_memory", 64 * 2**20, "shared memory", "64.0 MiB free, expected 256.0 MiB"),
    ],
)
def test_what_is_scarce_limits(monkeypatch: pytest.MonkeyPatch, name: str, value: float, what: str, words: str) -> None:
    monkeypatch.setattr(doctor, name, lambda: value)
    finding = found()[what]
    assert finding.status is Status.limited
    assert words in finding.found
    assert finding.advice


def test_where_there_is_no_shared_memory_none_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "free_shared_memory", lambda: None)
    assert found()["shared memory"].status is Status.ready


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("torch", "no-such-package"))
    finding = found()["packages"]
    assert (finding.status, finding.found) == (Status.missing, "missing: no-such-package")
    assert "make setup" in finding.advice


def test_a_torchvision_that_does_not_fit_is_told_and_ends_the_examination(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise RuntimeError("operator torchvision::nms does not exist")

    monkeypatch.setattr(doctor, "import_module", refuse)
    *_, last = examine_machine()
    assert (last.what, last.status) == ("PyTorch", Status.missing)
    assert "torchvision::nms does not exist" in last.found


def test_workers_that_cannot_start_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("os.fork", refuse)
    monkeypatch.setattr(doctor, "SECONDS", 20)
    finding = found()["workers"]
    assert finding.status is Status.missing
    assert "Resource temporarily unavailable" in finding.found
    assert "ulimit -u" in finding.advice
