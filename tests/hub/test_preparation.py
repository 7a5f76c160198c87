"""What `make hub` reads, closes and refuses, before anything runs; each message says what arrived and what to do."""

from __future__ import annotations

import getpass
import socket
import stat
from pathlib import Path

import pytest

from classroom.hub.accounts import AccountError, ensure_account, read_passwords
from classroom.hub.places import Places
from classroom.hub.plan import Hub, free_ports
from classroom.hub.proxy import ProxyError, ensure_proxy
from classroom.hub.reach import close
from classroom.hub.roster import RosterError, read_roster

COURSE = '[courses.maths]\ninstructors = ["ina"]\nlearners = ["ada"]\n'


def test_the_first_start_writes_an_example_that_can_be_read(tmp_path: Path) -> None:
    roster = read_roster(tmp_path / "hub.toml")
    (course,) = roster.courses
    assert (course.name, course.grader, course.staff) == ("datakit", "grader-datakit", ("ina", "tom"))
    assert roster.people == ("ada", "ben", "cleo", "ina", "tom")
    assert roster == read_roster(tmp_path / "hub.toml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no course"),
        ("[courses", "isn't TOML"),
        ("[course.maths]\n", "[course], which is unknown"),
        ('[courses.maths]\nlearner = ["ada"]\n', "expected release and, as lists of names, instructors"),
        ('[courses.maths]\nlearners = "ada"\n', "learners is 'ada'. Expected a list"),
        ('[courses.maths]\nlearners = ["Ada"]\n', "'Ada' can't be a name"),
        ('[courses.maths]\nlearners = ["ada; reboot"]\n', "can't be a name"),
        ('[courses."a/b"]\n', "'a/b' can't be a name"),
        ('[courses.maths]\nassistants = ["ada"]\nlearners = ["ada"]\n', "ada is a learner and grades as well"),
        ('[courses.maths]\nrelease = "no"\n', "Expected true or false"),
        (COURSE + "[limits]\nmemory = 3\n", "memory is unknown. Expected one of memory_gib"),
        (COURSE + "[limits]\nprocesses = 0\n", "processes is 0. Expected a whole number"),
        (COURSE + "[limits]\nmemory_gib = true\n", "memory_gib is True. Expected a number"),
    ],
)
def test_a_roster_that_cannot_be_right_is_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "hub.toml"
    file.write_text(text)
    with pytest.raises(RosterError) as error:
        read_roster(file)
    assert words in str(error.value)
    assert str(file) in str(error.value)


def test_a_plan_is_read_as_it_was_written_and_by_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text(COURSE)
    hub = Hub(tmp_path, True, 8000, ("node", "proxy"), {"hub": 10_001})
    hub.places.state.mkdir()
    hub.save()
    assert Hub.load(tmp_path) == hub
    assert stat.S_IMODE((hub.places.state / "run.json").stat().st_mode) == 0o600
    assert (hub.role("ina"), hub.role("ada")) == ("instructor", "learner")
    assert "PYTHONPATH" not in hub.variables("learner")
    assert hub.variables("grader")["PYTHONPATH"].startswith(str(hub.places.staff))


def test_ports_are_free_and_not_the_systems_own() -> None:
    ports = free_ports(["a", "b", "c"])
    assert len(set(ports.values())) == 3
    assert max(ports.values()) < 32_768
    for port in ports.values():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))


def test_what_holds_solutions_is_closed_to_others_alone(tmp_path: Path) -> None:
    for name in ("solutions", ".git", "labs"):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(0o755)
    assert close(tmp_path) == [".git", "solutions"]
    modes = {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("solutions", ".git", "labs")}
    assert modes == {"solutions": 0o750, ".git": 0o750, "labs": 0o755}
    assert close(tmp_path) == []


def test_an_account_that_is_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(AccountError, match="isn't this hub's"):
        ensure_account(getpass.getuser(), Places(tmp_path))
    assert not (tmp_path / "homes").exists()


def test_without_node_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProxyError, match="there is no node here"):
        ensure_proxy(tmp_path / "proxy")


def test_no_passwords_before_there_are_any(tmp_path: Path) -> None:
    assert read_passwords(tmp_path / "log-ins.txt") == {}
