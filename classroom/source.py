"""A lab's percent script and its notebook: the same document in two forms, the same bytes on every machine."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from jupytext.config import load_jupytext_configuration_file
from nbformat import NotebookNode

from classroom.course import CourseError, Lab

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def _settings(lab: Lab) -> Any:
    # The same file that JupyterLab obeys, so that both write the script in the same form.
    return load_jupytext_configuration_file(str(lab.root / "jupytext.toml"))


def read_script(lab: Lab) -> NotebookNode:
    """Read a lab's script as a notebook with stable cell ids and no trace of this machine.

    Raises:
        CourseError: if there is no script.
    """
    if not lab.script.is_file():
        raise CourseError(
            f"Lab {lab.name!r} has no {lab.script.name}. Expected the whole lab there, as a percent script: "
            "see docs/contributors/lab_format.md."
        )
    text = lab.script.read_text(encoding="utf-8")
    return normalise(jupytext.reads(text, fmt="py:percent", config=_settings(lab)))


def read_notebook(lab: Lab) -> NotebookNode:
    """Read the instructor's notebook as it is.

    Raises:
        CourseError: if the file isn't a notebook.
    """
    try:
        return nbformat.read(lab.notebook, as_version=4)
    except Exception as error:
        raise CourseError(
            f"{lab.notebook} can't be read as a notebook ({error}). Repair it, or remove it: "
            "`classroom build` makes it again from the script."
        ) from error


def script_text(lab: Lab, notebook: NotebookNode) -> str:
    """The script's text for a notebook, in its normal form: that which a save in JupyterLab writes after a build."""
    notebook = nbformat.from_dict(notebook)
    notebook.metadata.kernelspec = dict(KERNEL)
    for cell in notebook.cells:
        # A notebook's file has sorted keys.
        cell.metadata = nbformat.from_dict(json.loads(json.dumps(cell.metadata, sort_keys=True)))
    return str(jupytext.writes(notebook, fmt="py:percent", config=_settings(lab)))


def normalise(notebook: NotebookNode) -> NotebookNode:
    """A copy with stable cell ids, one kernelspec, no outputs and no version of any tool."""
    datakit = notebook.metadata.get("datakit", {})
    cells = [nbformat.from_dict(cell) for cell in notebook.cells]
    seen: Counter[str] = Counter()
    for cell in cells:
        cell.id = _cell_id(cell, seen)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    metadata = {"datakit": datakit, "kernelspec": dict(KERNEL), "language_info": {"name": "python"}}
    return nbformat.from_dict({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def without_layout(notebook: NotebookNode) -> NotebookNode:
    """A copy without the metadata that only tells jupytext how many blank lines the script has."""
    notebook = nbformat.from_dict(notebook)
    for cell in notebook.cells:
        cell.metadata.pop("lines_to_next_cell", None)
    return notebook


def _cell_id(cell: NotebookNode, seen: Counter[str]) -> str:
    # A graded cell's id is its grade_id. Another's comes from its content, so that a cell put in elsewhere changes no
    # other id; cells that are alike are counted.
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
    if grade_id:
        return str(grade_id)
    content = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:16]
    seen[content] += 1
    return f"{content}-{seen[content]}"


def write_notebook(path: Path, notebook: NotebookNode) -> None:
    """Write a notebook, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(notebook_bytes(notebook))


def notebook_bytes(notebook: NotebookNode) -> bytes:
    """A notebook's file content: UTF-8, sorted keys, a newline at the end."""
    text: str = nbformat.writes(notebook, version=nbformat.NO_CONVERT)
    return (text.rstrip("\n") + "\n").encode()
