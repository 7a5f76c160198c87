"""What `datakit lab` says where something is missing, and of what it did to a learner's folder."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from datakit import cli, lab_server
from datakit.labs import Update


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which this process listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_missing_jupyterlab_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(lab_server, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"datakit lab needs the package jupyterlab.*'datakit\[lab\]'"):
        lab_server.command(tmp_path, None, 8888, browser=False, root=False)


def test_who_has_a_port_is_left_out_where_nobody_can_tell(monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    assert lab_server.port_problem(taken).startswith(f"Port {taken} is taken by ")
    monkeypatch.setattr(lab_server, "find_spec", lambda name: None)
    assert lab_server.port_problem(taken).startswith(f"Port {taken} is taken. Choose another: datakit lab --port ")


def test_a_port_that_nobody_listens_on_has_no_owner() -> None:
    assert lab_server._owner(lab_server.free_port()) == ""


def test_a_network_that_is_down_is_no_matter_of_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(port: int) -> None:
        raise OSError(errno.ENETDOWN, "Network is down")

    monkeypatch.setattr(lab_server, "_try_port", refuse)
    with pytest.raises(OSError, match="Network is down"):
        lab_server.port_problem(8888)


def test_newer_releases_and_problems_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    old, new = Path("01/01.ipynb"), Path("01/01.release2.ipynb")
    cli._tell(Update([Path("02/02.ipynb")], {old: new}, "The record was damaged."), Path("my-labs"))
    assert capsys.readouterr().out.splitlines() == [
        "1 new files in my-labs: 02.",
        f"A newer release of {old} is there. Yours was left alone; the new one is {Path('my-labs') / new}.",
        "The record was damaged.",
    ]
