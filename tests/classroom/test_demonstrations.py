"""Verifying leaves demonstrations out as grading does: those whose names no other cell uses."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from classroom.verify.submission import without_demonstrations

DEMONSTRATION = {"tags": ["demonstration"]}
ANSWER = {"nbgrader": {"grade_id": "twice", "solution": True, "grade": False}}


def notebook(answer: str) -> nbformat.NotebookNode:
    """Two demonstrations: `picture`, and `factor` with `shown` after it."""
    return new_notebook(
        cells=[
            new_markdown_cell("# Demonstrations", metadata=DEMONSTRATION),
            new_code_cell("picture = 'of a cat'", metadata=DEMONSTRATION),
            new_code_cell("factor = 2", metadata=DEMONSTRATION),
            new_code_cell(answer, metadata=ANSWER),
            new_code_cell("print(factor)", metadata=DEMONSTRATION),
        ]
    )


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ("def twice(x): return 2 * x", []),
        ("def twice(x): return factor * x", ["factor = 2"]),
        ("def twice(x): return eval('factor * x')", ["picture = 'of a cat'", "factor = 2", "print(factor)"]),
        ("def (", ["picture = 'of a cat'", "factor = 2", "print(factor)"]),
    ],
)
def test_only_demonstrations_that_are_needed_stay(answer: str, left: list[str]) -> None:
    whole = notebook(answer)
    cells = without_demonstrations(whole).cells
    assert [cell.source for cell in cells if cell.cell_type == "code" and cell.source != answer] == left
    assert cells[0].cell_type == "markdown"
    assert len(whole.cells) == 5
