"""What a learner would hand in: the released notebook with answers in it, its hidden tests put back."""

from __future__ import annotations

from collections.abc import Mapping

import nbformat
from nbformat import NotebookNode

from classroom.exercises import grade_id, grading, is_answer, is_demonstration, is_test
from classroom.grading.grade_shown import left_out
from classroom.grading.items import Step, StepKind

SEED_TAG = "datakit_seed"


def submission(release: NotebookNode, source: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """Fill in a released notebook, then restore its tests as nbgrader's autograding does.

    Args:
        release: the released notebook.
        source: the instructor's notebook, which holds the whole tests.
        answers: the answer cells' sources by exercise; an exercise without one stays as it was released.
    """
    notebook = nbformat.from_dict(release)
    tests = {grade_id(cell): cell for cell in source.cells if is_test(cell)}
    for cell in notebook.cells:
        if is_answer(cell):
            cell.source = answers.get(grade_id(cell), cell.source)
        elif grade_id(cell) in tests:
            cell.source = tests[grade_id(cell)].source
    return notebook


def reference_answers(source: NotebookNode) -> dict[str, str]:
    """The instructor's own answers by exercise."""
    return {grade_id(cell): cell.source for cell in source.cells if is_answer(cell)}


def without_demonstrations(notebook: NotebookNode) -> NotebookNode:
    """The notebook without the cells that only show something, as far as no other cell uses what they make.

    Grading leaves them out as well; they are often the longest work of a lab.
    """
    code = steps(notebook)
    unneeded = {code[number].cell for number in left_out(code)}
    return _with_cells(notebook, [cell for place, cell in enumerate(notebook.cells) if place not in unneeded])


def steps(notebook: NotebookNode) -> tuple[Step, ...]:
    """The notebook's code cells as the grader takes them."""
    return tuple(_step(place, cell) for place, cell in enumerate(notebook.cells) if cell.cell_type == "code")


def _step(place: int, cell: NotebookNode) -> Step:
    if is_test(cell):
        return Step(StepKind.TEST, cell.source, place, grade_id(cell), float(grading(cell)["points"]))
    own = is_answer(cell)
    return Step(StepKind.RUN, cell.source, place, grade_id(cell), own=own, shown=not own and is_demonstration(cell))


def with_start_method(notebook: NotebookNode, method: str) -> NotebookNode:
    """The notebook with multiprocessing's start method set before its first cell."""
    code = f"import multiprocessing\n\nmultiprocessing.set_start_method({method!r}, force=True)"
    return _with_cells(notebook, [nbformat.v4.new_code_cell(code), *notebook.cells])


def with_seeds(notebook: NotebookNode, seeds: range) -> NotebookNode:
    """The notebook with each test run once more under each of these seeds, in the same kernel."""
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if is_test(cell) and seeds:
            for seed in seeds:
                again = nbformat.from_dict(cell)
                again.metadata[SEED_TAG] = seed
                cells += [_seed_cell(seed), again]
            cells.append(_seed_cell(0))
    return _with_cells(notebook, cells)


def _seed_cell(seed: int) -> NotebookNode:
    return nbformat.v4.new_code_cell(f"import os\n\nos.environ['DATAKIT_CHECK_SEED'] = '{seed}'")


def _with_cells(notebook: NotebookNode, cells: list[NotebookNode]) -> NotebookNode:
    return nbformat.from_dict({**notebook, "cells": cells})
