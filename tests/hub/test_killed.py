"""Parts of a hub die in the middle of a course, without a warning: nothing handed in is lost, and it goes on."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial

import psutil
import pytest
import requests

from classroom.grading.intake import digest_of
from classroom.hub.processes import processes_of

from .client import SECONDS, RefusedError
from .cycle import LAB
from .facts import process
from .kernels import Kernel
from .midcourse import SCORES, MidCourse, arrive, come, hand_in
from .running import all_at_once, running_hub

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def class_(machine: None) -> Iterator[MidCourse]:
    """A class that has handed in."""
    with running_hub() as hub:
        class_ = arrive(hub)
        all_at_once(*(partial(hand_in, class_, short) for short in SCORES))
        yield class_


def handed_in(class_: MidCourse) -> dict[str, str]:
    """The digest of everything that lies in the exchange, by its folder's name."""
    return {
        folder.name: digest_of({path.name: path.read_bytes() for path in folder.iterdir()})
        for folder in class_.inbound.iterdir()
    }


def until(done: Callable[[], object]) -> None:
    """Wait until something can be asked, and is so."""
    end = time.monotonic() + SECONDS
    while True:
        with suppress(RefusedError, requests.ConnectionError):
            if done():
                return
        assert time.monotonic() < end, f"not within {SECONDS} s"
        time.sleep(0.2)


def test_a_learners_server_and_the_proxy_are_killed(class_: MidCourse) -> None:
    before, ada, ben = handed_in(class_), class_.people["ada"], class_.people["ben"]
    kernel = Kernel(ben)
    kernel.run("kept = 17")

    process(class_, "jupyterhub.singleuser", "ada").kill()
    process(class_, "configurable-http-proxy", "root").kill()

    # The hub starts another proxy; who was at work goes on.
    until(lambda: ben.own("GET", "api/kernels"))
    again = Kernel(ben, running=kernel.id)
    assert again.run("print(kept)") == "17\n"
    # The hub learns that a server is gone, and its learner starts another.
    until(lambda: not ada.ask("GET", f"hub/api/users/{ada.name}").json()["servers"])
    ada.start_server()
    assert {path.name: path for path in class_.inbound.iterdir()}.keys() == before.keys()
    assert handed_in(class_) == before
    assert (LAB, "submitted") in ada.act("submit", class_.course, LAB)
    assert len(handed_in(class_)) == len(before) + 1


def test_the_hub_is_killed_before_anything_is_collected(class_: MidCourse) -> None:
    before, program = handed_in(class_), class_.hub.process
    assert program is not None
    process(class_, "jupyterhub_config.py", "root").kill()
    # Whoever started it is told, and nothing is left that would be in the way.
    assert program.wait(SECONDS) == 1
    assert "JupyterHub ended by itself" in class_.hub.log.read_text()
    assert processes_of(class_.hub.places.root) == []

    class_.hub.start()
    come(class_)
    assert handed_in(class_) == before
    assert (LAB, "submitted") in class_.people["cleo"].act("submit", class_.course, LAB)


def test_formgrader_is_killed_while_it_grades_and_the_cycle_completes(class_: MidCourse) -> None:
    before, tom = handed_in(class_), class_.people["tom"]
    tom.grade(class_.course, "POST", f"assignment/{LAB}/collect")
    formgrader = process(class_, "jupyterhub.singleuser", "main")
    path = f"submission/{LAB}/{class_.people['ada'].name}/autograde"

    def ask() -> None:
        with suppress(RefusedError, requests.ConnectionError):
            tom.grade(class_.course, "POST", path)

    asked = threading.Thread(target=ask)
    asked.start()
    until(lambda: formgrader.children(recursive=True))  # what runs the learner's work
    workers = formgrader.children(recursive=True)
    formgrader.kill()
    asked.join()
    _, alive = psutil.wait_procs(workers, timeout=SECONDS)
    assert not alive

    # The hub starts it again, within half a minute or so.
    until(lambda: tom.grade(class_.course, "GET", "assignments"))
    class_.grade()
    assert class_.scores() == SCORES
    with closing(sqlite3.connect(class_.root / "course" / "gradebook.db")) as gradebook:
        assert gradebook.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert handed_in(class_) == before
    for action in ("generate_feedback", "release_feedback"):
        class_.people["ina"].grade(class_.course, "POST", f"assignment/{LAB}/{action}")
    for short, points in SCORES.items():
        class_.people[short].act("fetch_feedback", class_.course, LAB)
        (page,) = (class_.hub.home(short) / class_.course / LAB / "feedback").rglob("*.html")
        assert f"Score: {points:g}" in page.read_text()
