"""What is done to a notebook where no code of the learner's does it."""

from __future__ import annotations

import json
from collections.abc import Callable

import nbformat

from classroom.demo_class.handin import HandIn
from classroom.exercises import grading, is_answer, is_test

Trick = Callable[..., None]
TRICKS: dict[str, Trick] = {}


def trick(function: Trick) -> Trick:
    """Enter a function into the list of tricks."""
    TRICKS[function.__name__] = function
    return function


def tests(made: HandIn) -> list[nbformat.NotebookNode]:
    """The notebook's test cells."""
    return [cell for cell in made.notebook.cells if is_test(cell)]


@trick
def tag_tests(made: HandIn, tag: str) -> None:
    """Give each test cell a tag."""
    for cell in tests(made):
        cell.metadata.setdefault("tags", []).append(tag)


@trick
def grading_field(made: HandIn, name: str, value: str) -> None:
    """Set a field of each test's nbgrader metadata; the value is JSON."""
    for cell in tests(made):
        cell.metadata.nbgrader[name] = json.loads(value)


@trick
def empty_tests(made: HandIn) -> None:
    """Replace each test by ``pass``."""
    for cell in tests(made):
        cell.source = "pass"


@trick
def without_tests(made: HandIn) -> None:
    """Delete the test cells."""
    made.notebook.cells = [cell for cell in made.notebook.cells if not is_test(cell)]


@trick
def tests_as_text(made: HandIn) -> None:
    """Turn each test cell to markdown."""
    for cell in tests(made):
        cell.cell_type = "markdown"
        del cell["outputs"], cell["execution_count"]


@trick
def doubled_tests(made: HandIn) -> None:
    """Put an empty cell with the same ``grade_id`` behind each test."""
    cells = []
    for cell in made.notebook.cells:
        cells.append(cell)
        if is_test(cell):
            twin = nbformat.from_dict(cell)
            twin.source, twin.id = "pass", f"{cell.id}-again"
            cells.append(twin)
    made.notebook.cells = cells


@trick
def tests_first(made: HandIn) -> None:
    """Move the test cells to the top."""
    made.notebook.cells.sort(key=lambda cell: not is_test(cell))


@trick
def swapped_ids(made: HandIn) -> None:
    """Let answer and test cells trade their ``grade_id``: what is overwritten is the answer."""
    for cell in made.notebook.cells:
        if is_test(cell) and cell.metadata.nbgrader.grade_id.endswith("-hidden"):
            cell.metadata.nbgrader.grade_id = cell.metadata.nbgrader.grade_id.removesuffix("-hidden")
        elif is_answer(cell):
            cell.metadata.nbgrader.grade_id += "-hidden"


@trick
def stripped_metadata(made: HandIn) -> None:
    """Take nbgrader's metadata from every cell."""
    for cell in made.notebook.cells:
        cell.metadata.pop("nbgrader", None)


@trick
def forged_outputs(made: HandIn) -> None:
    """Leave outputs in the test cells that say full marks."""
    for number, cell in enumerate(tests(made), start=1):
        points = grading(cell)["points"]
        cell.execution_count = number
        cell.outputs = [
            nbformat.v4.new_output("execute_result", {"text/plain": str(points)}, execution_count=number),
            nbformat.v4.new_output("stream", name="stdout", text="all checks hold"),
        ]


@trick
def kernel(made: HandIn, name: str) -> None:
    """Ask for another kernel."""
    made.notebook.metadata.kernelspec = {"display_name": name, "language": "python", "name": name}


@trick
def minor_version(made: HandIn, minor: str) -> None:
    """Write the notebook in another minor version of the format; below 5 cells have no ids."""
    made.notebook.nbformat_minor = int(minor)
    if int(minor) < 5:
        for cell in made.notebook.cells:
            cell.pop("id", None)


@trick
def windows(made: HandIn) -> None:
    """Write Windows line ends, in the file and in the sources."""
    for cell in made.notebook.cells:
        cell.source = cell.source.replace("\n", "\r\n")
    made.raw = made.content().replace(b"\n", b"\r\n")


@trick
def byte_order_mark(made: HandIn) -> None:
    """Begin the file with a byte order mark, as some editors do."""
    made.raw = b"\xef\xbb\xbf" + made.content()


@trick
def ran_before(made: HandIn) -> None:
    """Leave the outputs of an earlier run in."""
    for count, cell in enumerate(made.notebook.cells, start=1):
        if cell.cell_type == "code":
            cell.execution_count = count
            cell.outputs = [
                nbformat.v4.new_output("stream", name="stderr", text="UserWarning: harmless\n"),
                nbformat.v4.new_output("display_data", {"text/plain": "3", "text/html": "<b>3</b>"}),
                nbformat.v4.new_output("error", ename="NameError", evalue="of yesterday", traceback=["NameError"]),
            ]


@trick
def without_text(made: HandIn) -> None:
    """Delete the text cells that ask nothing."""
    made.notebook.cells = [cell for cell in made.notebook.cells if cell.cell_type == "code" or grading(cell)]


@trick
def editor_metadata(made: HandIn) -> None:
    """Add what editors and widgets store in a notebook."""
    made.notebook.metadata.update(
        widgets={"application/vnd.jupyter.widget-state+json": {"state": {}, "version_major": 2, "version_minor": 0}},
        toc={"base_numbering": 1},
        vscode={"interpreter": {"hash": "0" * 64}},
        kernelspec={"display_name": "my env", "language": "python", "name": "conda-env-mine-py"},
        language_info={"name": "python", "version": "3.99.0", "pygments_lexer": "ipython3"},
    )
    for cell in made.notebook.cells:
        cell.metadata.update(collapsed=False, scrolled=True, ExecuteTime={"start_time": "2026-01-01T00:00:00"})
