"""The cycle of a lab on the JupyterHub that is installed, and who is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .client import RefusedError
from .cycle import LAB, whole_cycle

if TYPE_CHECKING:
    from .running import ClassroomHub

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def test_the_whole_cycle(hub: ClassroomHub) -> None:
    whole_cycle(hub)


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
