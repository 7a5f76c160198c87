"""Which names may a test cell use? Those that the examiner has without running anything but the answer."""

from __future__ import annotations

from collections.abc import Iterator

from nbformat import NotebookNode

from classroom.cell_code import GIVEN, defined_names, foreign_names, imported_names
from classroom.exercises import exercise_of, exercises, grade_id, is_answer, is_test


def name_problems(notebook: NotebookNode) -> Iterator[str]:
    """What tests use that an examiner can't have, one sentence each.

    A test runs outside the learner's process (docs/contributors/lab_format.md). There it has its own names, Python's,
    whatever the instructor's cells import, and what the answer cell of its exercise defines.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    imported = imported_names(cell.source for cell in code if not is_answer(cell) and not is_test(cell)).keys()
    names = {exercise.name for exercise in exercises(notebook)}
    defined: dict[str, set[str]] = {}
    for cell in code:
        try:
            if is_answer(cell) and grade_id(cell) in names:
                defined[grade_id(cell)] = defined_names(cell.source)
                for name in sorted(defined[grade_id(cell)] & (GIVEN | imported)):
                    whose = "Python's own" if name in GIVEN else "the one that your cells import"
                    yield f"the answer cell {grade_id(cell)!r} defines {name!r}, but a test takes {whose}. Rename it."
            elif is_test(cell):
                answer = exercise_of(grade_id(cell))
                for name in sorted(foreign_names(cell.source) - imported - defined.get(answer, set())):
                    yield (
                        f"the test {grade_id(cell)!r} uses {name!r}, which is neither its own name, nor imported by a "
                        f"cell of yours, nor defined by the answer cell {answer!r}. Make it in the test cell: tests "
                        "run outside the learner's notebook."
                    )
        except SyntaxError as error:
            yield f"the cell {grade_id(cell)!r} is no Python: {error}. Repair it."
