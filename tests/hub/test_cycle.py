"""The cycle of a lab on the JupyterHub that is installed, and who is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.utils import compute_checksum

from classroom.hub.processes import processes_of

from .client import RefusedError
from .cycle import ANSWERS, LAB, whole_cycle

if TYPE_CHECKING:
    from .running import ClassroomHub

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def test_the_whole_cycle(hub: ClassroomHub) -> None:
    whole_cycle(hub)


TEST_CELL = {
    "grade": True,
    "locked": True,
    "solution": False,
    "task": False,
    "grade_id": "check",
    "points": 1,
    "schema_version": 3,
    "cell_type": "code",
}
HIDDEN_FROM_OTHERS = """\
import json, os
from pathlib import Path
from ipykernel.connect import get_connection_info
known = json.loads(get_connection_info())
assert known["transport"] == "ipc", known["transport"]
assert os.stat(Path(known["ip"]).parent).st_mode & 0o077 == 0
"""


@pytest.mark.parametrize(("code", "fails"), [(HIDDEN_FROM_OTHERS, False), (HIDDEN_FROM_OTHERS + "assert False", True)])
def test_validate_runs_where_no_other_account_can_listen(hub: ClassroomHub, code: str, fails: bool) -> None:
    ada = hub.person("ada").log_in().start_server()
    cell = new_code_cell(code, metadata={"nbgrader": {**TEST_CELL, "checksum": ""}})
    cell.metadata.nbgrader.checksum = compute_checksum(cell)
    ada.write_notebook("mine.ipynb", new_notebook(cells=[cell]))
    checked = ada.validate("mine.ipynb")
    assert checked["success"], checked
    assert bool(checked["value"].get("failed")) == fails, checked


def test_learners_see_their_own_course_and_no_grading(hub: ClassroomHub) -> None:
    ada = hub.person("ada").log_in().start_server()
    assert ada.own("GET", "courses")["value"] == [hub.names["main"]]
    with pytest.raises(RefusedError) as refused:
        ada.enter(f"services/{hub.names['main']}/")
    assert refused.value.status == 403
    assert ada.ask("GET", f"user/{ada.name}/formgrader", may_fail=(404,)).status_code == 404


@pytest.mark.parametrize("short", ["tom", "ada"])
def test_another_course_is_refused(hub: ClassroomHub, short: str) -> None:
    person = hub.person(short).log_in()
    with pytest.raises(RefusedError) as refused:
        person.enter(f"services/{hub.names['other']}/")
    assert refused.value.status == 403
    person.start_server()
    # nbgrader answers a refused fetch with an empty list: what counts is that nothing arrived.
    person.own("POST", "assignments/fetch", {"course_id": hub.names["other"], "assignment_id": LAB})
    assert not (hub.home(short) / hub.names["other"]).exists()


def test_a_wrong_password_is_refused(hub: ClassroomHub) -> None:
    with pytest.raises(RefusedError) as refused:
        hub.person("ben", password="not-bens-password").log_in()
    assert refused.value.status == 403


@pytest.mark.long
def test_a_second_start_goes_on_without_those_who_were_taken_out(hub: ClassroomHub) -> None:
    hub.stop()
    assert processes_of(hub.places.root) == []
    roster = hub.places.roster.read_text()
    changed = roster.replace(f', "{hub.names["ben"]}"', "").replace(f'"{hub.names["tom"]}"', "")
    hub.places.roster.write_text(changed)
    hub.start()
    tom = hub.person("tom")
    for gone in (hub.person("ben"), tom):
        with pytest.raises(RefusedError) as refused:
            gone.log_in()
        assert refused.value.status == 403
    ina = hub.person("ina").log_in().enter(f"services/{hub.names['main']}/")
    scores = {each["student"]: each["score"] for each in ina.grade(hub.names["main"], "GET", f"submissions/{LAB}")}
    assert scores[hub.names["ada"]] == ANSWERS["ada"][1]
    ada = hub.person("ada").log_in().start_server()
    assert (LAB, "submitted") in ada.assignments(hub.names["main"])
    # Back again, but no longer one who grades.
    hub.stop()
    hub.places.roster.write_text(changed.replace("learners = [", f'learners = ["{tom.name}", ', 1))
    hub.start()
    tom = hub.person("tom").log_in()
    with pytest.raises(RefusedError) as refused:
        tom.enter(f"services/{hub.names['main']}/")
    assert refused.value.status == 403
