"""The instructor's page, similar submissions, and CSV for learning platforms."""

from __future__ import annotations

import csv
import io

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from classroom.cli import app
from classroom.course import Course
from classroom.grading.export import csv_for
from classroom.grading.export_places import Place
from classroom.grading.grade import grade
from classroom.grading.report import write_report
from classroom.grading.similar import similar

from .fakes import judge
from .learner import RIGHT, Learner

LONG = """\
def lengths(words):
    result = {}
    for index, word in enumerate(words):
        count = 0
        for letter in word:
            count = count + 1 if letter is not None else count
        result[index] = count
        if len(result) > len(words):
            raise ValueError("too many", index)
    ordered = sorted(result.items(), key=lambda pair: pair[0])
    return [count for _, count in ordered]
"""
RENAMED = """\
# My own work.
def lengths(ws):
    out = {}

    for i, w in enumerate(ws):
        n = 0   # letters
        for ch in w:
            n = n + 1 if ch is not None else n
        out[i] = n
        if len(out) > len(ws):
            raise ValueError("oops", i)
    done = sorted(out.items(), key=lambda p: p[0])
    return [n for _, n in done]
"""
OWN = """\
def lengths(words):
    found = []
    position = 0
    while position < len(words):
        found.append(sum(1 for _ in words[position]))
        position += 1
    assert len(found) == position
    try:
        return list(found)
    finally:
        print("measured", position, "words", sep=" ")
"""


@pytest.fixture
def graded(ada: Learner) -> Course:
    answers = {
        "ada": {**RIGHT, "lengths": LONG},
        "bob": {**RIGHT, "lengths": RENAMED},
        "cleo": {"lengths": OWN},
        "=cmd|x": {},
    }
    for name, given in answers.items():
        Learner(ada.course, ada.lab, name).hand_in(**given)
    for name in ("dan", "<b>eve"):
        Learner(ada.course, ada.lab, name).write(b"{")
    grade(ada.course, ada.lab, lambda items: map(judge, items))  # type: ignore[arg-type, return-value]
    return ada.course


def test_the_page_names_what_an_instructor_needs(graded: Course) -> None:
    html = write_report(graded, graded.labs()[0]).read_text()
    assert "6 handed in, 1.5 of 7.5 points on average" in html
    assert "2 refused" in html
    assert "[not-json] The notebook is no JSON" in html
    assert '<td>summed</td><td>lengths-check</td><td class="number">4</td>' in html
    assert 'bob/mini_lab/mini_lab.html">bob</a></td><td class="number">100 %</td>' in html
    assert "<title>Learners by points, in ten steps from 0 to 7.5: 2, 0, 0, 0, 2, 0, 0, 0, 0, 0</title>" in html
    assert '<a href="../feedback/%3Cb%3Eeve/mini_lab/mini_lab.html">&lt;b&gt;eve</a>' in html
    assert "<b>eve" not in html
    assert '<td>lengths</td><td class="number">0.75</td><td class="number">0.75</td>' in html


def test_renaming_hides_nothing_and_other_work_is_not_accused() -> None:
    pairs = similar({"ada": LONG, "bob": RENAMED, "cleo": OWN})
    assert [(pair.first, pair.second, pair.share) for pair in pairs] == [("ada", "bob", 1.0)]


def test_what_everybody_has_is_no_sign() -> None:
    assert similar({"ada": LONG, "bob": RENAMED}, known=[LONG]) == []
    assert similar({str(number): LONG for number in range(10)}) == []
    assert similar({"ada": "x = 1", "bob": "x = 1", "cleo": ""}) == []


def rows(course: Course, place: Place) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_for(course, course.labs()[0], place))))


def test_csv_for_canvas(graded: Course) -> None:
    with Gradebook(f"sqlite:///{graded.work}/gradebook.db", "datakit") as book:
        book.update_or_create_student("ada", first_name="Ada", last_name="Lovelace", lms_user_id="42")
    found = rows(graded, Place.canvas)
    assert found[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "mini_lab"]
    assert found[1] == ["Points Possible", "", "", "", "", "7.5"]
    assert ["Lovelace, Ada", "42", "", "ada", "", "3"] in found
    assert ["dan", "", "", "dan", "", "0"] in found


def test_csv_for_moodle_holds_no_formula(graded: Course) -> None:
    found = rows(graded, Place.moodle)
    assert found[0] == ["Username", "First name", "Last name", "Email address", "mini_lab"]
    assert ["bob", "", "", "", "3"] in found
    assert [row[0] for row in found if row[0].endswith("=cmd|x")] == ["'=cmd|x"]


def test_the_commands(graded: Course) -> None:
    def invoke(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, [*arguments, "--root", str(graded.root)])
        return result.exit_code, result.output

    assert invoke("report", "mini_lab") == (0, f"{graded.work}/reports/mini_lab.html\n")
    code, output = invoke("export", "mini_lab", "--for", "moodle", "--output", str(graded.root / "points.csv"))
    assert (code, output) == (0, "")
    assert (graded.root / "points.csv").read_text().startswith("Username,")
    assert invoke("feedback", "mini_lab", "--student", "bob") == (
        0,
        "1 pages in course/feedback/ID/mini_lab/mini_lab.html\n",
    )
    code, output = invoke("feedback", "mini_lab", "--student", "zoe")
    assert code == 1
    assert "Error: zoe: not graded yet for 'mini_lab'. Run `classroom grade mini_lab` first." in output
    assert invoke("grade", "other")[0] == 1
    code, output = invoke("grade", "mini_lab", "--question", "treble")
    assert code == 1
    assert "Error: There is no question 'treble'." in output
    # Nothing has changed, so that nothing runs; one submission is refused, which a script learns from the status.
    code, output = invoke("grade", "mini_lab")
    assert code == 3
    assert "4 unchanged, 2 refused" in output
