from __future__ import annotations

import re

import pytest

from classroom.answers import read_answers
from classroom.contract import check_contract
from classroom.course import CourseError, Lab
from classroom.source import read_script

from .conftest import edit


def complaint(lab: Lab) -> str:
    with pytest.raises(CourseError) as caught:
        check_contract(lab, read_script(lab), read_answers(lab))
    return str(caught.value)


def test_the_tiny_lab_keeps_the_contract(lab: Lab) -> None:
    check_contract(lab, read_script(lab), read_answers(lab))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("#     stage: batch", "#     stage: bus", r"stage is 'bus', expected one of storage, sample, "),
        ("#     minutes: 5", "#     minutes: soon", r"minutes are 'soon', expected a whole number above 0"),
        ("#     title: A tiny lab\n", "", r"title is None, expected the lab's title"),
        ('"double-hidden"', '"double-check"', r"cell 5 \('double-check'\) has a grade_id that 2 cells share\."),
        ('"double-hidden"', '"double hidden"', r"no usable grade_id: expected lower-case letters, digits"),
        ('"double-hidden"', '"triple-hidden"', r"'triple-hidden' belongs to no exercise\. Expected an answer"),
        ('"double-hidden"', '"triple-hidden"', r"exercise 'double' has no cell 'double-hidden'\. Expected a"),
        ('"points": 1.5, ', "", r"'lengths-hidden'\) is graded and has points None, expected a number above 0"),
        ('"points": 1.5', '"points": 0', r"'lengths-hidden'\) is graded and has points 0, expected a number above 0"),
        ('"locked": true, "points": 1.5', '"locked": false, "points": 1.5', r'can edit, expected "locked": true'),
        ("    ### END SOLUTION\n\n\n# %% nbgrader={\"grade\": true, \"grade_id\": \"double-check\"",
         "\n\n# %% nbgrader={\"grade\": true, \"grade_id\": \"double-check\"",
         r"cell 4 \('double'\) has BEGIN of SOLUTION, expected BEGIN and END in turn\. Put `### BEGIN SOLUTION`"),
        ("words = Path", "### BEGIN SOLUTION\n### END SOLUTION\nwords = Path",
         r"cell 2 \('# ruff: noqa: E501'\) holds SOLUTION, but isn't marked \"solution\": true"),
        ('"grade_id": "reflect-copy", "locked": false, "points": 2, "schema_version": 3',
         '"grade_id": "reflect-copy", "locked": false, "points": 2, "schema_version": 1',
         r"'reflect-copy'\) has schema_version 1, expected 3"),
    ],
)  # fmt: skip
def test_what_breaks_the_contract_is_named(lab: Lab, old: str, new: str, message: str) -> None:
    edit(lab.script, old, new)
    assert re.search(rf"mini_lab\.py: .*{message}", complaint(lab)), complaint(lab)


def test_an_exercise_needs_a_solution_and_hidden_tests(lab: Lab) -> None:
    text = lab.script.read_text()
    lab.script.write_text(re.sub(r" *### (BEGIN|END) (SOLUTION|HIDDEN TESTS)\n", "", text))
    message = complaint(lab)
    assert "the answer cell 'double' has no ### BEGIN SOLUTION … ### END SOLUTION" in message
    assert "the cell 'lengths-hidden' has no ### BEGIN HIDDEN TESTS: learners would see its tests." in message


def test_a_lab_doesnt_end_with_a_test(lab: Lab) -> None:
    text = lab.script.read_text()
    lab.script.write_text(text[: text.index("# %% [markdown]\n# ## A question")])
    assert "the last cell is a test. Put a closing word after it" in complaint(lab)


def test_all_problems_are_told_at_once(lab: Lab) -> None:
    edit(lab.script, "#     stage: batch", "#     stage: bus")
    edit(lab.script, '"points": 1.5, ', "")
    assert len(complaint(lab).splitlines()) == 2


def test_answers_to_no_exercise_are_named(lab: Lab) -> None:
    (lab.answers / "right" / "triple").mkdir()
    (lab.answers / "right" / "triple" / "loop.py").write_text("def triple(values): ...")
    message = complaint(lab)
    assert "answers/right/triple/loop.py answers 'triple', which is no exercise of this lab." in message
    assert "Expected one of: double, lengths. Rename its folder." in message


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("wrong/double/plain.py", "# Wrong.\ndef double(v): ...", r"plain\.py has 0 lines `# hint: SLUG`.*exactly one"),
        ("wrong/double/two.py", "# hint: a\n# hint: b\nx = 1", r"two\.py has 2 lines `# hint: SLUG`"),
        ("wrong/double/late.py", "x = 1\n# hint: a", r"late\.py has 0 lines `# hint: SLUG` in its first comment"),
        ("right/double/empty.py", " \n", r"empty\.py is empty\. Expected the full source of the answer cell"),
        ("maybe/double/x.py", "x = 1", r"x\.py isn't a known answer\. Expected answers/right/EXERCISE/NAME\.py or"),
        ("wrong/double/notes.txt", "x", r"notes\.txt isn't a known answer"),
    ],
)
def test_answers_in_a_wrong_form_are_named(lab: Lab, path: str, text: str, message: str) -> None:
    (lab.answers / path).parent.mkdir(parents=True, exist_ok=True)
    (lab.answers / path).write_text(text)
    with pytest.raises(CourseError, match=f"(?s){message}"):
        read_answers(lab)


def test_known_answers_are_read(lab: Lab) -> None:
    answers = {answer.label: answer for answer in read_answers(lab)}
    assert len(answers) == 14
    assert answers["wrong/double/in_place"].hint == "in-place"
    assert answers["wrong/double/unfinished"].hint == ""
    assert answers["right/lengths/mapped"].source == "def lengths(words):\n    return list(map(len, words))"
