"""The exchange on Kubernetes, really running: everybody is one Unix user, a real JupyterHub says who is asking."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from classroom.demo_class.course import lay_out

from .image_files import ROOT
from .ngshare_files import answer, at
from .ngshare_world import NgshareWorld

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # starts a hub, ngshare, and nbgrader nine times

LAB = "mini_lab"
MINI = ROOT / "tests" / "fixtures" / LAB
GRADER = "grader-datakit"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NgshareWorld]:
    """Hub, ngshare and a course whose lab has been released."""
    world = NgshareWorld(tmp_path_factory.mktemp("ngshare"))
    try:
        world.start()
        lay_out(world.folder / "homes" / GRADER / "datakit", ROOT, [MINI])
        world.run(GRADER, "nbgrader", "generate_assignment", LAB, "--force", cwd="datakit")
        world.run(GRADER, "nbgrader", "release_assignment", LAB, cwd="datakit")
        yield world
    finally:
        world.close()


def course(world: NgshareWorld) -> Path:
    return world.folder / "homes" / GRADER / "datakit" / "course"


def hand_in(world: NgshareWorld, name: str, files: str) -> str:
    """Submit; the time that ngshare gives it."""
    taken = world.ask(name, "POST", f"/submission/datakit/{LAB}", files=files)
    assert taken.status == 200
    return str(taken.body["timestamp"])


def submissions(world: NgshareWorld, name: str) -> list[str]:
    listed = world.ask(GRADER, "GET", f"/submissions/datakit/{LAB}/{name}")
    assert listed.status == 200
    return [submission["timestamp"] for submission in listed.body["submissions"]]


def refused(world: NgshareWorld, name: str, method: str, path: str, **fields: str) -> bool:
    """Whether ngshare refused, and kept nothing."""
    before = world.stored()
    answered = world.ask(name, method, path, **fields)
    denied = answered.status in (400, 403, 404, 405, 409, 500)
    told = isinstance(answered.body, dict) and set(answered.body) - {"success", "message"}
    return denied and not told and world.stored() == before


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="grading needs bubblewrap")
def test_released_fetched_submitted_collected_graded_and_returned(world: NgshareWorld) -> None:
    world.run("ada", "nbgrader", "fetch_assignment", LAB, "--course", "datakit")
    home = world.folder / "homes" / "ada"
    notebook = home / "datakit" / LAB / f"{LAB}.ipynb"
    assert "BEGIN SOLUTION" not in notebook.read_text()
    answer(
        notebook,
        double="def double(values):\n    return [value + value for value in values]",
        lengths="def lengths(words):\n    return [4, 1]",
    )
    world.run("ada", "nbgrader", "submit", LAB, "--course", "datakit")
    (handed_in,) = submissions(world, "ada")

    world.run(GRADER, "nbgrader", "collect", LAB, "--update", cwd="datakit")
    taken = course(world) / "submitted" / "ada" / LAB
    assert (taken / f"{LAB}.ipynb").read_text() == notebook.read_text()
    assert (taken / "timestamp.txt").read_text() == handed_in

    world.run(GRADER, "classroom", "grade", LAB, cwd="datakit")
    with Gradebook(f"sqlite:///{course(world)}/gradebook.db") as gradebook:
        graded = gradebook.find_submission(LAB, "ada")
        assert graded.score == 3  # both tests of `double`, none of `lengths`
    world.run(GRADER, "nbgrader", "release_feedback", LAB, cwd="datakit")
    world.run("ada", "nbgrader", "fetch_feedback", LAB, "--course", "datakit")
    (page,) = (home / "datakit" / LAB / "feedback").rglob("*.html")
    assert page.read_text() == (course(world) / "feedback" / "ada" / LAB / f"{LAB}.html").read_text()


def test_what_is_handed_in_counts_for_whoever_the_hub_says_it_is(world: NgshareWorld) -> None:
    """A learner may say another name in every field there is: the token decides."""
    bens, eves = submissions(world, "ben"), submissions(world, "eve")
    for field in ("user", "student_id", "username"):
        fields = {"files": at("x"), field: "ben"}
        assert world.ask("eve", "POST", f"/submission/datakit/{LAB}?{field}=ben", **fields).status == 200
    assert submissions(world, "ben") == bens
    assert len(submissions(world, "eve")) == len(eves) + 3
    assert refused(world, "eve", "POST", f"/submission/datakit/{LAB}/ben", files=at("x"))


def test_a_learner_reads_nothing_of_another_s(world: NgshareWorld) -> None:
    when = hand_in(world, "ben", at("answer.txt"))
    for path in (
        f"/submission/datakit/{LAB}/ben",
        f"/submission/datakit/{LAB}/ben?list_only=true",
        f"/submission/datakit/{LAB}/eve",  # nobody downloads even their own: only staff collect
        f"/submissions/datakit/{LAB}/ben",
        f"/submissions/datakit/{LAB}",
        f"/feedback/datakit/{LAB}/ben?timestamp={when.replace(' ', '%20')}",
        "/student/datakit/ben",
        "/students/datakit",
        "/initialize-Data6ase?action=dump",
    ):
        assert refused(world, "eve", "GET", path), path


def test_a_learner_changes_nothing_of_the_course_s(world: NgshareWorld) -> None:
    when = hand_in(world, "ben", at("answer.txt"))
    before = submissions(world, "ben")
    person = {"first_name": "Eve", "last_name": "", "email": ""}
    for path, fields in (
        ("/assignment/datakit/other", {"files": at("x")}),
        (f"/feedback/datakit/{LAB}/eve", {"files": at("x"), "timestamp": when}),
        ("/instructor/datakit/eve", person),
        ("/student/datakit/stranger", person),
        ("/students/datakit", {"students": json.dumps([{"username": "stranger", **person}])}),
        ("/course/mine", {"instructors": '["eve"]'}),
    ):
        assert refused(world, "eve", "POST", path, **fields), path
    kept = [f"/assignment/datakit/{LAB}", "/course/datakit", "/student/datakit/ben", f"/instructor/datakit/{GRADER}"]
    for path in kept:
        assert refused(world, "eve", "DELETE", path), path
    assert refused(world, "eve", "GET", "/initialize-Data6ase?action=clear")
    assert world.ask(GRADER, "GET", "/assignments/datakit").body["assignments"] == [LAB]
    assert submissions(world, "ben") == before


def test_the_hub_lets_the_grader_account_keep_the_learners_group_and_nobody_else_s(world: NgshareWorld) -> None:
    """nbgrader asks so when a student is added in formgrader."""
    assert {group["name"] for group in world.ask_hub(GRADER, "GET", "/groups").body} >= {"nbgrader-datakit"}
    joined = world.ask_hub(GRADER, "POST", "/groups/nbgrader-datakit/users", users=["zoe"])
    assert "zoe" in joined.body["users"]
    assert world.ask_hub(GRADER, "POST", "/groups/formgrade-datakit/users", users=["eve"]).status in (403, 404)
    for path, users in (("/groups/nbgrader-datakit/users", ["stranger"]), ("/groups/formgrade-datakit/users", ["eve"])):
        assert world.ask_hub("eve", "POST", path, users=users).status in (403, 404)
    for path in ("/groups", "/users", "/users/ben", "/services"):
        answered = world.ask_hub("eve", "GET", path)
        assert answered.status in (403, 404) or not {"ben", GRADER} & set(json.dumps(answered.body).split('"')), path


def test_staff_may_use_the_grader_accounts_server_and_a_learner_may_not(world: NgshareWorld) -> None:
    for scope in ("servers", "access:servers", "read:users"):
        wanted = [f"{scope}!user={GRADER}"]
        assert world.make_token("iris", wanted).status == 201, scope
        assert world.make_token("eve", wanted).status in (400, 403), scope
        assert world.make_token("iris", [f"{scope}!user=ben"]).status in (400, 403), scope


@pytest.mark.parametrize("name", ["stranger", "nobody"])
def test_who_isn_t_in_the_course_gets_and_leaves_nothing(world: NgshareWorld, name: str) -> None:
    """Neither with an account of the hub's but not of the course's, nor with a token that the hub never gave."""
    assert refused(world, name, "GET", f"/assignment/datakit/{LAB}")
    assert refused(world, name, "POST", f"/submission/datakit/{LAB}", files=at("x"))
    assert refused(world, name, "GET", f"/submission/datakit/{LAB}/ben")


@pytest.mark.parametrize("path", ["../../../outside", "/etc/outside", "a/../../outside", "", ".", "a/./b"])
def test_a_path_that_leads_out_of_a_submission_is_refused(world: NgshareWorld, path: str) -> None:
    assert refused(world, "eve", "POST", f"/submission/datakit/{LAB}", files=at(path))


def test_files_that_can_t_be_written_cost_nobody_else_their_submission(world: NgshareWorld) -> None:
    """ngshare takes such names, and its own collecting would end at the first of them."""
    hostile = {"eve": "timestamp.txt/x", "dan": "x" * 300, "fay": "nul\0byte"}
    for name, path in hostile.items():
        hand_in(world, name, at(path))
    # Whoever stands before and after them in the list.
    for name in ("ben", "zoe"):
        hand_in(world, name, at("answer.txt"))
    said = world.run(GRADER, "nbgrader", "collect", LAB, "--update", cwd="datakit")
    assert said.count("Refused, nothing of it was collected") == len(hostile)
    taken = course(world) / "submitted"
    for name in ("ben", "zoe"):
        assert (taken / name / LAB / "answer.txt").read_text() == "x"
        assert (taken / name / LAB / "timestamp.txt").read_text() == submissions(world, name)[-1]
    assert not [name for name in hostile if (taken / name / LAB).exists()]
