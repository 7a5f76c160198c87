"""A learner against a hub: other people, grades, solutions and the hub itself are out of reach by every way tried.

Each attempt has a counterpart: whoever may do the same thing does it, so that an attempt can't fail by a slip of ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from textwrap import indent
from typing import Any

import pytest
import requests
import websocket

from classroom.grading.intake import digest_of
from classroom.hub.receive import Receipt

from .attempts_code import CODES, Code
from .attempts_http import REQUESTS, Request
from .client import SECONDS, Person
from .cycle import LAB
from .facts import gather, plant, process
from .forgeries import FORGERIES
from .kernels import Kernel, dial, in_terminal
from .midcourse import SCORES, SWAPPERS, MidCourse, arrive, forge, hand_in
from .running import all_at_once, running_hub

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
TRY = """\
import os, sys
from pathlib import Path
from urllib.request import Request, urlopen
globals().update({facts!r})
try:
{code}
except OSError as error:
    print("REFUSED", type(error).__name__, error)
else:
    print("REACHED")
"""


@pytest.fixture(scope="module")
def class_(machine: None) -> Iterator[MidCourse]:
    """A class that has handed in, forged, was graded, and got feedback."""
    with running_hub(learners=6) as hub:
        class_ = arrive(hub)
        all_at_once(*(partial(hand_in, class_, short) for short in SCORES))
        forge(class_)
        class_.people["tom"].grade(class_.course, "POST", f"assignment/{LAB}/collect")
        better(class_)
        class_.grade()
        for action in ("generate_feedback", "release_feedback"):
            class_.people["ina"].grade(class_.course, "POST", f"assignment/{LAB}/{action}")
        plant(class_)
        yield class_


@pytest.fixture(scope="module")
def attacker(class_: MidCourse) -> Kernel:
    """A kernel of ada's."""
    return Kernel(class_.people["ada"])


@pytest.fixture(scope="module")
def attacked(class_: MidCourse) -> Kernel:
    """A kernel of ben's, in which something goes on."""
    kernel = Kernel(class_.people["ben"])
    kernel.run("import threading, time\ndef speak():\n    while True:\n        print('hm'); time.sleep(0.2)")
    kernel.run("threading.Thread(target=speak, daemon=True).start()")
    return kernel


@pytest.fixture(scope="module")
def facts(class_: MidCourse, attacked: Kernel) -> dict[str, Any]:
    """What the attacker knows."""
    return gather(class_, attacked)


# The exchange.


def receipts(class_: MidCourse) -> list[Receipt]:
    """All receipts, as the grader keeps them."""
    book = class_.root / "course" / "received" / class_.course / "receipts"
    return [Receipt(**json.loads(path.read_text())) for path in book.glob("*.json")]


def better(class_: MidCourse) -> None:
    """What ben has handed in, and was received, is exchanged for right answers."""
    (place,) = (class_.inbound / each.name for each in receipts(class_)
                if each.learner == class_.hub.names["ben"] and not each.refused)  # fmt: skip
    right = class_.hub.places.root.parent / "right.ipynb"
    code = f"import shutil; shutil.copyfile({str(right)!r}, {str(place / f'{LAB}.ipynb')!r})"
    assert not class_.run_as("ben", code)
    assert (place / f"{LAB}.ipynb").read_bytes() == right.read_bytes()


def test_only_what_was_received_is_graded_and_the_scores_are_exact(class_: MidCourse) -> None:
    assert class_.scores() == SCORES


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda each: each.name)
def test_a_forgery_is_refused_and_its_receipt_says_why(class_: MidCourse, forgery: Any) -> None:
    found = [each for each in receipts(class_) if each.name.endswith(f"+{forgery.secret}")]
    assert [each.refused.split("]")[0] for each in found] == [f"[{forgery.reason}"]


def test_two_who_exchange_their_submissions_both_lose_them(class_: MidCourse) -> None:
    found = {each.learner: each.refused for each in receipts(class_) if each.name.endswith("+swapped")}
    assert set(found) == {class_.hub.names[short] for short in SWAPPERS}
    assert all(reason.startswith("[owner]") for reason in found.values())


@pytest.mark.parametrize("short", SCORES)
def test_an_honest_learner_can_read_the_right_receipt(class_: MidCourse, short: str) -> None:
    (kept,) = (each for each in receipts(class_) if each.learner == class_.hub.names[short] and not each.refused)
    receipt = class_.hub.places.exchange / class_.course / "receipts" / f"{kept.name}.json"
    read = json.loads(class_.run_as(short, f"print(open({str(receipt)!r}).read())"))
    assert Receipt(**read) == kept
    folder = class_.root / "course" / "received" / class_.course / "inbound" / kept.name
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert (kept.digest, kept.files) == (digest_of(files), len(files))


# Over HTTP.


def ask(class_: MidCourse, attempt: Request, short: str, path: str, how: str, names: dict[str, Any]) -> int:
    """Send a request; the status at the end of all redirections."""
    place = path.format(**names)
    content = json.loads(json.dumps(attempt.content).replace("{ada}", names["ada"]))
    method = attempt.method if path == attempt.path else "GET"
    if how == "cookies":
        return class_.people[short].ask(method, place, content, may_fail=tuple(range(400, 600))).status_code
    session, headers = requests.Session(), {}
    if how == "token":
        name = names[short]
        token = class_.people[short].ask("POST", f"hub/api/users/{name}/tokens", {}).json()["token"]
        headers = {"Authorization": f"token {token}"}
    elif how == "stolen cookie":
        for cookie in class_.people[short].session.cookies:
            other = cookie.name.replace(names["ada"], names["ben"])
            session.cookies.set(other, cookie.value, path=cookie.path.replace(names["ada"], names["ben"]))
    elif how == "no mark":
        session.cookies.update(class_.people[short].session.cookies)
    answer = session.request(method, class_.hub.url + place, json=content, headers=headers, timeout=SECONDS)
    return 401 if "/hub/login?" in answer.url else answer.status_code


@pytest.mark.parametrize("attempt", REQUESTS, ids=lambda each: f"{each.name} ({each.by})")
def test_a_request_is_refused(class_: MidCourse, facts: dict[str, Any], attempt: Request) -> None:
    how = "cookies" if attempt.how != "token" else "token"
    assert ask(class_, attempt, attempt.may, attempt.own or attempt.path, how, facts) < 300
    assert ask(class_, attempt, attempt.by, attempt.path, attempt.how, facts) in (401, 403, 404)


def test_another_may_not_use_a_kernel_that_runs(class_: MidCourse, attacked: Kernel) -> None:
    path = f"user/{attacked.person.name}/api/kernels/{attacked.id}/channels"
    dial(attacked.person, path).close()
    for short in ("ada", "ina"):
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            dial(class_.people[short], path)
        assert refused.value.status_code in (403, 404)


# By code of a learner's.


@pytest.mark.parametrize("attempt", CODES, ids=lambda each: each.name)
def test_code_is_refused(class_: MidCourse, facts: dict[str, Any], attacker: Kernel, attempt: Code) -> None:
    code = TRY.format(facts=facts, code=indent(attempt.code, "    "))
    who = {"ben": ("jupyterhub.singleuser", "ben"), "root": ("configurable-http-proxy", "root")}.get(attempt.may)
    environment = process(class_, *who).environ() if who else None
    assert class_.run_as(attempt.may, code, environment).splitlines()[-1:] == ["REACHED"]
    said = attacker.run(code)
    assert said.startswith("REFUSED") and "FileNotFound" not in said, said


def test_a_terminal_has_no_more_than_a_kernel(class_: MidCourse, attacker: Kernel) -> None:
    code = (
        "import os, resource as r; print(os.getresuid(), os.getresgid(), os.getgroups(), r.getrlimit(r.RLIMIT_NPROC))"
    )
    mine: Person = class_.people["ada"]
    assert in_terminal(mine, f'python -c "{code}"').split() == attacker.run(code).split()


def test_staff_have_the_warm_kernel_and_learners_do_not(class_: MidCourse) -> None:
    theirs = class_.people["ina"].ask("GET", f"services/{class_.course}/api/kernelspecs").json()["kernelspecs"]
    assert {"python3", "datakit-warm"} <= set(theirs)
    assert "datakit-warm" not in class_.people["ada"].own("GET", "api/kernelspecs")["kernelspecs"]
