"""The notebook that goes to course/autograded: what formgrader shows, and what a person grades by hand."""

from __future__ import annotations

from html import escape

import nbformat
from nbformat import NotebookNode

from classroom.exercises import grade_id, is_test
from classroom.grading.feedback_clean import clean_markdown, clean_outputs
from classroom.grading.feedback_words import as_text, full
from classroom.grading.items import CellRun, Result, Verdict
from classroom.grading.rebuild import Rebuilt
from classroom.grading.rebuild_match import takes_answer

OWN = "added-by-learner-"


def transcript(rebuilt: Rebuilt, verdict: Verdict) -> NotebookNode:
    """The rebuilt notebook with its outputs, harmless in a browser and free of hidden tests.

    A test's output is its result, in the form from which nbgrader's own rules read the same points.
    """
    notebook = nbformat.from_dict(rebuilt.notebook)
    results = {result.test: result for result in verdict.results}
    runs = {run.cell: run for run in verdict.runs}
    for index, cell in enumerate(notebook.cells):
        if is_test(cell):
            name = grade_id(cell)
            cell.outputs = _result(results[name]) if name in results else [_error("not run", verdict.refused)]
        elif cell.cell_type == "code":
            cell.outputs = _run(runs[index]) if index in runs else []
        elif cell.id.startswith(OWN) or (takes_answer(cell) and grade_id(cell) not in rebuilt.blank):
            cell.source = clean_markdown(cell.source)
    if verdict.refused:
        text = f"**Not run:** {escape(verdict.refused)}"
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text, id="verdict"))
    return notebook


def _result(result: Result) -> list[NotebookNode]:
    text = as_text(result)
    if full(result):
        return [nbformat.v4.new_output("stream", name="stdout", text=text)]
    if result.points <= 0:
        return [_error("0 points", text)]
    points = nbformat.v4.new_output("execute_result", data={"text/plain": repr(result.points)})
    return [nbformat.v4.new_output("stream", name="stdout", text=text), points]


def _run(run: CellRun) -> list[NotebookNode]:
    outputs = clean_outputs(run.outputs)
    if run.error and not any(output.output_type == "error" for output in outputs):
        outputs.append(_error("ended", run.error))
    return outputs


def _error(name: str, text: str) -> NotebookNode:
    return nbformat.v4.new_output("error", ename=name, evalue="", traceback=[text])
