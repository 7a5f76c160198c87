"""A hub for a whole module of tests: real accounts, real servers, a real proxy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from classroom.hub.accounts import can_make_accounts

if TYPE_CHECKING:
    from .running import ClassroomHub


def missing() -> str:
    """Why no hub with accounts can run here; empty if it can."""
    if not can_make_accounts():
        return "a hub with accounts needs root, useradd and chpasswd"
    absent = [program for program in ("node", "npm", "bwrap") if shutil.which(program) is None]
    return f"a hub needs {', '.join(absent)}" if absent else ""


@pytest.fixture(scope="session")
def machine() -> None:
    """Skip what needs a hub where none can run."""
    if missing():
        pytest.skip(missing())


@pytest.fixture(scope="module")
def hub(machine: None) -> Iterator[ClassroomHub]:
    """A hub with an instructor, an assistant, three learners and another course."""
    from .running import running_hub

    with running_hub() as running:
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test comes with what its hub said last."""
    report = yield
    running: Any = getattr(item, "funcargs", {}).get("hub")
    if report.failed and running is not None:
        report.sections.append(("the end of hub.log", running.said()))
    return report


if os.environ.get("CI", "").lower() in ("1", "true") and missing():
    print(f"tests/hub: {missing()}; what needs a hub is skipped")
