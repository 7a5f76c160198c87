"""The pipeline over a class: what runs, what is recorded, what a person did stays, and nothing is done twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory

from classroom.course import Course, CourseError, Lab
from classroom.grading.grade import Choice, grade
from classroom.grading.grade_rows import Row, Status, exit_status, slowest
from classroom.grading.intake_accept import Accept
from classroom.grading.items import StepKind, Verdict, WorkItem
from classroom.release import nbgrader_settings

from ...conftest import edit
from .fakes import judge
from .learner import RIGHT, Learner


class Runs:
    """Grades with fake verdicts, and remembers what it was given."""

    def __init__(self, verdict: Any = judge) -> None:
        self.items: list[WorkItem] = []
        self._verdict = verdict

    def __call__(self, items: list[WorkItem]) -> Iterator[Verdict]:
        for item in reversed(items):
            self.items.append(item)
            yield self._verdict(item)

    @property
    def tests(self) -> dict[str, list[str]]:
        return {
            item.student: [step.grade_id for step in item.steps if step.kind is StepKind.TEST] for item in self.items
        }


def run(learner: Learner, verdict: Any = judge, **choice: Any) -> tuple[list[Row], Runs]:
    runs = Runs(verdict)
    return grade(learner.course, learner.lab, runs, Choice(**choice)), runs


def gradebook(course: Course) -> Gradebook:
    return Gradebook(f"sqlite:///{course.work}/gradebook.db", "datakit")


def scores(learner: Learner) -> dict[str, float | None]:
    with gradebook(learner.course) as book:
        notebook = book.find_submission_notebook(learner.lab.name, learner.lab.name, learner.name)
        return {grade.name: grade.auto_score for grade in notebook.grades}


def autograded(learner: Learner) -> Path:
    return learner.course.work / "autograded" / learner.name / learner.lab.name


FULL = {"double-check": 1.0, "double-hidden": 2.0, "lengths-check": 1.0, "lengths-hidden": 1.5}


def test_a_verdict_becomes_scores_a_transcript_and_a_page(ada: Learner) -> None:
    ada.hand_in(**{**RIGHT, "lengths": "pass"}, reflect_copy="Because of *aliasing*.")
    rows, _ = run(ada)
    assert [(row.student, row.status, row.score, row.possible) for row in rows] == [("ada", Status.graded, 3.0, 7.5)]
    assert scores(ada) == {**FULL, "lengths-check": 0, "lengths-hidden": 0, "reflect-copy": None}
    assert {path.name for path in autograded(ada).iterdir()} == {
        "mini_lab.ipynb",
        "way.svg",
        "words.txt",
        "timestamp.txt",
    }
    notebook = nbformat.read(autograded(ada) / "mini_lab.ipynb", as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    assert cells["double-check"].outputs[0].text == "✓ 1 of 1 points"
    assert cells["lengths-check"].outputs[0].traceback[0].startswith("✗ 0 of 1 points\n  arrived   [9]")
    assert cells["reflect-copy"].source == "<div><p>Because of <em>aliasing</em>.</p></div>"
    page = (ada.course.work / "feedback" / "ada" / "mini_lab" / "mini_lab.html").read_text()
    assert "3 of 7.5 points" in page
    assert "waits for a person" in page


def test_an_unanswered_text_gets_nothing_at_once(ada: Learner) -> None:
    run(ada)
    assert scores(ada) == {**dict.fromkeys(FULL, 0), "reflect-copy": 0}
    with gradebook(ada.course) as book:
        assert book.find_comment("double", "mini_lab", "mini_lab", "ada").auto_comment == "No response."


def test_nothing_is_run_twice_unless_it_must(ada: Learner) -> None:
    bob = Learner(ada.course, ada.lab, "bob")
    bob.hand_in(**RIGHT)
    assert set(run(ada)[1].tests) == {"ada", "bob"}
    rows, runs = run(ada)
    assert runs.items == []
    assert [(row.student, row.status, row.score) for row in rows] == [
        ("ada", Status.unchanged, 0),
        ("bob", Status.unchanged, 5.5),
    ]
    assert set(run(ada, everything=True)[1].tests) == {"ada", "bob"}
    assert set(run(ada, everything=True, students=("bob",))[1].tests) == {"bob"}
    ada.write(ada.path.read_bytes().replace(b"NotImplementedError", b"ValueError"), at="2026-11-21 10:00:00.000000 UTC")
    assert set(run(ada)[1].tests) == {"ada"}


def test_a_mended_test_runs_alone(ada: Learner, built_lab: Lab) -> None:
    ada.hand_in(**RIGHT)
    run(ada)
    edit(built_lab.notebook, "assert lengths(words) == [3, 5, 3]", "assert lengths(words) == [3, 5, 3]  # mended")
    rows, runs = run(ada)
    assert runs.tests == {"ada": ["lengths-hidden"]}
    assert rows[0].score == 5.5
    assert [result.test for result in rows[0].verdict.results] == list(FULL)
    assert run(ada)[1].items == []


def test_one_question_is_graded_again_and_the_others_keep_their_points(ada: Learner) -> None:
    ada.hand_in(**RIGHT)
    run(ada)

    def harsh(item: WorkItem) -> Verdict:
        verdict = judge(item)
        results = tuple(type(result)(result.test, 0.0, result.possible, result.hidden) for result in verdict.results)
        return type(verdict)(verdict.lab, verdict.student, verdict.digest, results, verdict.runs)

    rows, runs = run(ada, harsh, questions=("double",))
    assert runs.tests == {"ada": ["double-check", "double-hidden"]}
    assert rows[0].score == 2.5
    assert scores(ada) == {**FULL, "double-check": 0, "double-hidden": 0, "reflect-copy": 0}


def test_what_a_person_gave_is_never_lost(ada: Learner) -> None:
    ada.hand_in(**RIGHT, reflect_copy="Because.")
    run(ada)
    with gradebook(ada.course) as book:
        for name, score, extra in (("reflect-copy", 1.5, None), ("double-check", 0.5, 0.25)):
            mark = book.find_grade(name, "mini_lab", "mini_lab", "ada")
            mark.manual_score, mark.extra_credit, mark.needs_manual_grade = score, extra, False
        book.find_comment("reflect-copy", "mini_lab", "mini_lab", "ada").manual_comment = "Well said."
        book.db.commit()
    assert run(ada)[0][0].score == pytest.approx(5.5 - 1 + 0.75 + 1.5)
    ada.write(ada.path.read_bytes().replace(b"Because.", b"Because!"), at="2026-11-21 10:00:00.000000 UTC")
    for choice in ({}, {"everything": True}, {"questions": ("double",)}):
        rows, _ = run(ada, **choice)
        assert rows[0].score == pytest.approx(5.5 - 1 + 0.75 + 1.5)
    with gradebook(ada.course) as book:
        mark = book.find_grade("reflect-copy", "mini_lab", "mini_lab", "ada")
        assert (mark.manual_score, mark.needs_manual_grade) == (1.5, True), "a person should look again, as in nbgrader"
        assert book.find_comment("reflect-copy", "mini_lab", "mini_lab", "ada").comment == "Well said."
    assert "Well said." in (ada.course.work / "feedback" / "ada" / "mini_lab" / "mini_lab.html").read_text()


def test_a_failed_regrade_clears_the_stale_score(ada: Learner) -> None:
    ada.hand_in(**RIGHT)
    run(ada)
    ada.write(b"{", at="2026-11-21 10:00:00.000000 UTC")
    rows, runs = run(ada)
    assert runs.items == []
    assert [(row.status, row.score) for row in rows] == [(Status.refused, 0)]
    assert set(scores(ada).values()) == {0}
    notebook = nbformat.read(autograded(ada) / "mini_lab.ipynb", as_version=4)
    assert notebook.cells[0].source.startswith("**Not run:** [not-json] The notebook is no JSON")
    page = (ada.course.work / "feedback" / "ada" / "mini_lab" / "mini_lab.html").read_text()
    assert "0 of 7.5 points" in page and "Not graded.</strong> The notebook is no JSON" in page and "not-json" in page
    assert "Your answer" not in page and "double · check" not in page, "what was released is not what was handed in"
    assert exit_status(rows) == 3
    assert run(ada)[0][0].status is Status.refused
    ada.hand_in(**RIGHT)
    ada.write(ada.path.read_bytes(), at="2026-11-22 10:00:00.000000 UTC")
    assert run(ada)[0][0].score == 5.5


def test_a_fault_of_the_grader_is_nobodys_zero_for_good(ada: Learner) -> None:
    from classroom.grading.pool import failed

    ada.hand_in(**RIGHT)
    run(ada)
    rows, _ = run(ada, lambda item: failed(item, "no luck"), everything=True)
    assert (rows[0].status, rows[0].score, exit_status(rows)) == (Status.failed, 0, 1)
    assert set(scores(ada).values()) == {None}
    assert "No points yet" in (ada.course.work / "feedback" / "ada" / "mini_lab" / "mini_lab.html").read_text()
    with gradebook(ada.course) as book:
        assert book.find_grade("double-check", "mini_lab", "mini_lab", "ada").needs_manual_grade
    assert run(ada)[0][0].score == 5.5, "it runs again by itself"


def test_a_change_after_intake_is_refused(ada: Learner) -> None:
    ada.hand_in(double="pass")
    run(ada)
    ada.hand_in(**RIGHT)
    rows, runs = run(ada)
    assert runs.items == []
    assert rows[0].verdict.refused.startswith("[changed-after-intake]")
    assert rows[0].score == 0
    rows, _ = run(ada, accept=Accept.first)
    assert (rows[0].status, rows[0].score) == (Status.graded, 0)
    rows, _ = run(ada, accept=Accept.now)
    assert (rows[0].status, rows[0].score) == (Status.graded, 5.5)
    assert run(ada)[0][0].status is Status.unchanged


def test_a_link_swapped_in_after_handing_in_is_refused(ada: Learner, built_lab: Lab) -> None:
    ada.hand_in(**RIGHT)
    run(ada)
    ada.path.unlink()
    ada.path.symlink_to(built_lab.notebook)
    rows, _ = run(ada)
    assert rows[0].verdict.refused.startswith("[link]")
    everything = b"".join(path.read_bytes() for path in autograded(ada).iterdir())
    assert b"HIDDEN" not in everything


def test_a_tampered_gradebook_is_put_right(ada: Learner) -> None:
    run(ada)
    with gradebook(ada.course) as book:
        for name in ("double-check", "reflect-copy"):
            book.find_grade(name, "mini_lab", "mini_lab", "ada").auto_score = 2.0
        book.db.commit()
    rows, runs = run(ada)
    assert runs.items == []
    assert rows[0].score == 0
    assert set(scores(ada).values()) == {0}


def test_a_lost_file_is_written_again_without_a_run(ada: Learner) -> None:
    run(ada)
    before = (autograded(ada) / "mini_lab.ipynb").read_bytes()
    (autograded(ada) / "mini_lab.ipynb").unlink()
    assert run(ada)[1].items == []
    assert (autograded(ada) / "mini_lab.ipynb").read_bytes() == before


@pytest.mark.parametrize(("hours", "late"), [(-1, False), (1, True)])
def test_late_penalties_are_nbgraders(ada: Learner, hours: int, late: bool) -> None:
    config = ada.course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + '\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    ada.hand_in(**RIGHT)
    received = ada.taken().received
    with gradebook(ada.course) as book:
        due = received - timedelta(hours=hours)
        book.update_or_create_assignment("mini_lab", duedate=due.astimezone(UTC).replace(tzinfo=None))
    rows, _ = run(ada)
    assert rows[0].score == (0 if late else 5.5)
    with gradebook(ada.course) as book:
        assert book.find_submission("mini_lab", "ada").late_submission_penalty == (5.5 if late else 0)
    page = (ada.course.work / "feedback" / "ada" / "mini_lab" / "mini_lab.html").read_text()
    assert ("5.5 points were taken because it was handed in late" in page) is late


def test_a_backdated_timestamp_buys_no_time(ada: Learner) -> None:
    config = ada.course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + '\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    with gradebook(ada.course) as book:
        book.update_or_create_assignment("mini_lab", duedate=datetime(2026, 1, 1))
    ada.hand_in(**RIGHT)
    ada.write(ada.path.read_bytes(), at="2001-01-01 00:00:00.000000 UTC")
    assert run(ada)[0][0].score == 0
    config.write_text(config.read_text() + '\nc.Intake.clock = "timestamp"\n')
    assert run(ada, everything=True)[0][0].score == 5.5, "unless the course says that its timestamps are to be trusted"


@pytest.mark.parametrize("clock", ["server", "timestamp"])
def test_the_same_work_handed_in_again_is_graded_and_no_later(ada: Learner, clock: str) -> None:
    config = ada.course.root / "nbgrader_config.py"
    late = f'\nc.LateSubmissionPlugin.penalty_method = "zero"\nc.Intake.clock = "{clock}"\n'
    config.write_text(config.read_text() + late)
    ada.hand_in(**RIGHT)
    due = ada.taken().received + timedelta(seconds=1)
    with gradebook(ada.course) as book:
        book.update_or_create_assignment("mini_lab", duedate=due.astimezone(UTC).replace(tzinfo=None))
    run(ada)
    time.sleep(1.1)
    ada.write(ada.path.read_bytes(), at=f"{due + timedelta(hours=1):%Y-%m-%d %H:%M:%S.%f} UTC")
    settings = nbgrader_settings(ada.course.root)
    formgrader = NbGraderAPI(CourseDirectory(config=settings, root=str(ada.course.work)), config=settings)
    assert formgrader.get_autograded_students("mini_lab") == set(), "formgrader sees a newer hand-in"
    for expected in (Status.graded, Status.unchanged):
        rows, runs = run(ada)
        assert runs.items == [], "the verdict is known"
        assert [(row.status, row.score) for row in rows] == [(expected, 5.5)]
        assert formgrader.get_autograded_students("mini_lab") == {"ada"}
    again = (ada.folder / "timestamp.txt").read_text()
    assert (autograded(ada) / "timestamp.txt").read_text() == again


def test_an_extension_is_nbgraders(ada: Learner) -> None:
    config = ada.course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + '\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    with gradebook(ada.course) as book:
        book.update_or_create_assignment("mini_lab", duedate=datetime(2026, 1, 1))
    ada.hand_in(**RIGHT)
    assert run(ada)[0][0].score == 0
    with gradebook(ada.course) as book:
        book.grant_extension("mini_lab", "ada", weeks=52 * 50)
    rows, runs = run(ada)
    assert (rows[0].status, rows[0].score, runs.items) == (Status.graded, 5.5, []), "nothing runs for it"
    assert run(ada)[0][0].status is Status.unchanged
    with gradebook(ada.course) as book:
        book.grant_extension("mini_lab", "ada")  # of no time at all: it is taken back
    assert run(ada)[0][0].score == 0


def test_points_beyond_the_maximum_or_no_number_are_not_recorded(ada: Learner) -> None:
    def generous(item: WorkItem) -> Verdict:
        verdict = judge(item)
        odd = iter((1e9, float("nan"), -5.0, 0.5))
        results = tuple(type(each)(each.test, next(odd), each.possible, each.hidden) for each in verdict.results)
        return type(verdict)("other", "eve", "x", results, verdict.runs)

    run(ada, lambda item: type(generous(item))(item.lab, item.student, item.digest, generous(item).results))
    found = scores(ada)
    assert [found[name] for name in FULL] == [1.0, 0.0, 0.0, 0.5]


def test_what_is_named_must_be_there(ada: Learner) -> None:
    with pytest.raises(CourseError, match="eve handed in nothing for 'mini_lab'"):
        run(ada, students=("eve",))
    with pytest.raises(CourseError, match=r"no question 'treble'\. Expected an exercise, or one of its tests: double-"):
        run(ada, questions=("treble",))
    (ada.course.work / "submitted" / "e\nve" / "mini_lab").mkdir(parents=True)
    with pytest.raises(CourseError, match="can't be a learner's id"):
        run(ada)


def test_one_process_grades_at_a_time(ada: Learner) -> None:
    def impatient(item: WorkItem) -> Verdict:
        with pytest.raises(CourseError, match="Another process is grading in this course"):
            run(ada)
        return judge(item)

    assert run(ada, impatient)[0][0].status is Status.graded


def test_the_slowest_cell_is_named(ada: Learner) -> None:
    place = next(index for index, cell in enumerate(ada.notebook().cells) if cell.id == "lengths")
    assert slowest(run(ada)[0][0].verdict) == (0.75, f"cell {place + 1}")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_an_unchanged_class_of_200_runs_nothing(ada: Learner) -> None:
    content = ada.path.read_bytes()
    for number in range(199):
        Learner(ada.course, ada.lab, f"learner-{number:03}").write(content)
    run(ada)
    begin = time.monotonic()
    rows, runs = run(ada)
    print(f"200 unchanged submissions checked in {time.monotonic() - begin:.2f} s")
    assert runs.items == []
    assert {row.status for row in rows} == {Status.unchanged}
    assert len(rows) == 200
