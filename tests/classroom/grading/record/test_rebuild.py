"""A submission is rebuilt in the instructor's notebook: nothing but the texts of its cells comes along."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest

from classroom.course import CourseError, Lab
from classroom.grading.intake_refused import name_of
from classroom.grading.items import Step, StepKind
from classroom.grading.rebuild import Rebuilt, only, part_digests, question_tests, rebuild, work_digest
from classroom.grading.rebuild_original import Original, read_original
from classroom.release import nbgrader_settings

from ...conftest import edit
from .learner import RIGHT, Learner

TESTS = ["double-check", "double-hidden", "lengths-check", "lengths-hidden"]


def steps(rebuilt: Rebuilt) -> list[Step]:
    assert rebuilt.item is not None, rebuilt.refused
    return list(rebuilt.item.steps)


def sources(rebuilt: Rebuilt) -> list[str]:
    """What runs in the learner's process, in order."""
    return [step.source for step in steps(rebuilt) if step.kind is StepKind.RUN]


def own(rebuilt: Rebuilt) -> dict[str, str]:
    return {step.grade_id: step.source for step in steps(rebuilt) if step.own}


def code(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **more}


def test_answers_come_along_and_tests_are_the_instructors(original: Original, ada: Learner) -> None:
    ada.hand_in(**RIGHT, double_check="pass  # mine", reflect_copy="Because.")
    rebuilt = rebuild(original, ada.taken())
    assert own(rebuilt) == RIGHT
    tests = [step for step in steps(rebuilt) if step.kind is StepKind.TEST]
    assert [(test.grade_id, test.points, test.own) for test in tests] == [
        ("double-check", 1, False),
        ("double-hidden", 2, False),
        ("lengths-check", 1, False),
        ("lengths-hidden", 1.5, False),
    ]
    assert "BEGIN HIDDEN TESTS" in tests[1].source
    assert rebuilt.notes == ("Locked cells edited, where the instructor's count: double-check.",)
    assert rebuilt.blank == frozenset()
    cells = {cell.id: cell.source for cell in rebuilt.notebook.cells}
    assert cells["reflect-copy"] == "Because."
    assert "assert" not in cells["double-hidden"], "the transcript holds no hidden test"
    for step in steps(rebuilt):
        assert rebuilt.notebook.cells[step.cell].cell_type == "code"
    assert dict(rebuilt.item.files).keys() == {"way.svg", "words.txt"} if rebuilt.item else False


def test_metadata_outputs_kernel_and_foreign_files_stay_behind(original: Original, ada: Learner) -> None:
    def change(notebook: Any) -> None:
        notebook["metadata"] = {"kernelspec": {"name": "evil", "display_name": "e", "language": "c"}, "x": 1}
        for cell in notebook["cells"]:
            cell["metadata"]["tags"] = ["skip-execution"]
            cell["metadata"].setdefault("nbgrader", {})["points"] = 1000
            if cell["cell_type"] == "code":
                cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "forged"}]

    ada.hand_in(**RIGHT)
    honest = rebuild(original, ada.taken())
    ada.hand_in(change, **RIGHT)
    (ada.folder / "words.txt").write_text("forged")
    (ada.folder / "random.py").write_text("forged")
    rebuilt = rebuild(original, ada.taken())
    assert steps(rebuilt) == steps(honest)
    assert rebuilt.notebook == honest.notebook
    assert rebuilt.item is not None
    assert rebuilt.item.files == original.support
    assert "forged" not in json.dumps(rebuilt.notebook)


def test_own_cells_stay_where_they_stood(original: Original, ada: Learner) -> None:
    def change(notebook: Any) -> None:
        cells = notebook["cells"]
        places = {cell.get("id"): index for index, cell in enumerate(cells)}
        cells.insert(places["lengths-check"] + 1, code("late = 1"))
        cells.insert(places["double"], code("import helper", id="mine"))
        cells.insert(0, code("first = 0"))
        cells.append({"cell_type": "markdown", "source": "My thoughts.", "metadata": {}})
        cells.append({"cell_type": "raw", "source": "raw", "metadata": {}})
        cells.append(code("  \n"))

    ada.hand_in(change, **RIGHT)
    rebuilt = rebuild(original, ada.taken())
    order = [step.grade_id or step.source.partition("\n")[0] for step in steps(rebuilt)]
    assert order == [
        "first = 0",
        "# ruff: noqa: E501",
        "import helper",
        "double",
        "double-check",
        "double-hidden",
        "lengths",
        "lengths-check",
        "late = 1",
        "lengths-hidden",
    ]
    assert rebuilt.notebook.cells[-1].source == "My thoughts."
    assert rebuilt.blank == {"reflect-copy"}
    nbformat.validate(rebuilt.notebook)


def test_an_edited_set_up_cell_runs_as_released_and_then_as_edited(original: Original, ada: Learner) -> None:
    def change(notebook: Any) -> None:
        cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
        cell["source"] = "".join(cell["source"]) + "\nimport math"

    ada.hand_in(change, **RIGHT)
    ran = sources(rebuild(original, ada.taken()))
    assert [("import math" in source, "import random" in source) for source in ran[:2]] == [(False, True), (True, True)]
    assert len(ran) == 4


def duplicated(notebook: Any) -> None:
    cells = notebook["cells"]
    place = next(index for index, cell in enumerate(cells) if cell.get("id") == "double")
    cells.insert(place, {**cells[place], "source": "def double(values):\n    return 'draft'"})


def without_tests(notebook: Any) -> None:
    notebook["cells"] = [cell for cell in notebook["cells"] if not cell.get("id", "").endswith(("check", "hidden"))]


def reversed_cells(notebook: Any) -> None:
    notebook["cells"].reverse()


def old_minor(notebook: Any) -> None:
    notebook["nbformat_minor"] = 2
    for cell in notebook["cells"]:
        cell.pop("id")


def new_minor(notebook: Any) -> None:
    notebook["nbformat_minor"] = 99
    notebook["novelty"] = {"x": [1]}


def windows(notebook: Any) -> None:
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")


def new_schema(notebook: Any) -> None:
    for cell in notebook["cells"]:
        cell["metadata"].get("nbgrader", {})["schema_version"] = 99


def stripped(notebook: Any) -> None:
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def swapped_flags(notebook: Any) -> None:
    for cell in notebook["cells"]:
        data = cell["metadata"].get("nbgrader", {})
        data.update(grade=False, solution=True, locked=False, points=0)


def odd_cells(notebook: Any) -> None:
    notebook["cells"][0:0] = [None, 7, [], {}, {"cell_type": 3, "source": 4}, {"source": ["a", 1]}, {"metadata": []}]
    notebook["cells"].append({"cell_type": "code", "source": "x = '\ud800'", "metadata": {"nbgrader": 5}, "id": 3})


def answer_as_markdown(notebook: Any) -> None:
    for cell in notebook["cells"]:
        if cell.get("id") in RIGHT:
            cell["cell_type"] = "markdown"


@pytest.mark.parametrize(
    "change",
    [
        *(duplicated, without_tests, reversed_cells, old_minor, new_minor, windows, new_schema, stripped),
        *(swapped_flags, odd_cells, answer_as_markdown),
    ],
    ids=lambda change: change.__name__,
)
def test_a_mutated_notebook_keeps_its_answers(original: Original, ada: Learner, change: Any) -> None:
    ada.hand_in(change, **RIGHT)
    rebuilt = rebuild(original, ada.taken())
    answers = {name: source for name, source in own(rebuilt).items() if name}
    assert answers == RIGHT
    assert [step.grade_id for step in steps(rebuilt) if step.kind is StepKind.TEST] == TESTS
    nbformat.validate(rebuilt.notebook)
    nbformat.writes(rebuilt.notebook).encode()


def test_a_duplicate_draft_runs_before_the_answer_that_counts(original: Original, ada: Learner) -> None:
    ada.hand_in(duplicated, **RIGHT)
    rebuilt = rebuild(original, ada.taken())
    ran = sources(rebuilt)
    assert ran.index(RIGHT["double"]) == 1 + next(index for index, source in enumerate(ran) if "draft" in source)
    assert "There several times, and the last counts: double." in rebuilt.notes


def test_a_deleted_answer_is_the_stub_never_the_solution(original: Original, ada: Learner) -> None:
    def change(notebook: Any) -> None:
        notebook["cells"] = [cell for cell in notebook["cells"] if cell.get("id") != "double"]

    ada.hand_in(change, **RIGHT)
    rebuilt = rebuild(original, ada.taken())
    assert "raise NotImplementedError()" in own(rebuilt)["double"]
    assert "Cells missing: double." in rebuilt.notes
    assert "double" in rebuilt.blank


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (b"", "not-json"),
        (b"   ", "not-json"),
        (b'{"cells": [', "not-json"),
        (b"\x89PNG\r\n", "not-utf-8"),
        ('{"cells": [], "nbformat": 4}'.encode("utf-16"), "not-utf-8"),
        (b"[" * 200_000, "nested"),
        (b'{"a":' * 200_000, "nested"),
        (b"[]", "not-a-notebook"),
        (b'"text"', "not-a-notebook"),
        (b"{}", "not-a-notebook"),
        (b"1" * 5000, "not-json"),
        (b'{"cells": [], "nbformat": 3}', "nbformat"),
        (b'{"cells": [], "nbformat": 5}', "nbformat"),
        (b'{"cells": [], "nbformat": "4"}', "nbformat"),
        (b'{"cells": [], "nbformat": true}', "nbformat"),
        (b'{"cells": []}', "nbformat"),
        (b'{"worksheets": [], "nbformat": 4}', "no-cells"),
        (b'{"cells": {}, "nbformat": 4}', "no-cells"),
        (json.dumps({"nbformat": 4, "cells": [code("")] * 2001}).encode(), "too-many-cells"),
        (json.dumps({"nbformat": 4, "cells": [code("x" * (1 << 20) + "y")]}).encode(), "cell-too-large"),
    ],
    ids=range(20),
)
def test_a_damaged_notebook_gets_a_named_verdict(
    original: Original, ada: Learner, content: bytes, verdict: str
) -> None:
    ada.write(content)
    rebuilt = rebuild(original, ada.taken())
    assert name_of(rebuilt.refused) == verdict, rebuilt.refused
    assert rebuilt.item is None
    nbformat.validate(rebuilt.notebook)


def test_the_seed_is_the_courses_secret(original: Original, ada: Learner, built_lab: Lab) -> None:
    settings = nbgrader_settings(built_lab.root)
    first, again = rebuild(original, ada.taken()).item, rebuild(original, ada.taken()).item
    other = rebuild(read_original(built_lab, settings, b"another"), ada.taken()).item
    assert first is not None and again is not None and other is not None
    assert first == again
    assert first.seed != other.seed


def test_one_question_is_run_without_the_others_tests(original: Original, ada: Learner) -> None:
    ada.hand_in(**RIGHT)
    item = rebuild(original, ada.taken()).item
    assert item is not None
    few = only(item, question_tests(original, "lengths"))
    assert [step.grade_id for step in few.steps if step.kind is StepKind.TEST] == TESTS[2:]
    assert [step for step in few.steps if step.kind is StepKind.RUN] == [
        step for step in item.steps if step.kind is StepKind.RUN
    ]
    assert question_tests(original, "double-check") == {"double-check"}
    assert question_tests(original, "nothing") == frozenset()


def test_a_mended_test_changes_its_own_digest_alone(original: Original, ada: Learner, built_lab: Lab) -> None:
    before = part_digests(original, ada.taken())
    edit(built_lab.notebook, "assert lengths(words) == [3, 5, 3]", "assert lengths(words) == [3, 5, 3]  # mended")
    mended = read_original(built_lab, nbgrader_settings(built_lab.root), original.secret)
    after = part_digests(mended, ada.taken())
    assert [name for name in TESTS if before[name] != after[name]] == ["lengths-hidden"]
    assert work_digest(original, ada.taken()) != work_digest(mended, ada.taken())


def test_another_submission_changes_every_digest(original: Original, ada: Learner) -> None:
    before = part_digests(original, ada.taken())
    ada.hand_in(double="pass")
    after = part_digests(original, ada.taken())
    assert all(before[name] != after[name] for name in TESTS)


def test_an_unbuilt_lab_is_a_sentence(built_lab: Lab) -> None:
    settings = nbgrader_settings(built_lab.root)
    edit(built_lab.notebook, '"grade_id": "double-check"', '"grade_id": "double-check-2"')
    with pytest.raises(CourseError, match=r"aren't those of labs/mini_lab. Run `classroom build mini_lab` first."):
        read_original(built_lab, settings, b"")
    built_lab.notebook.unlink()
    with pytest.raises(CourseError, match="has no built notebook in course/source and labs/"):
        read_original(built_lab, settings, b"")
