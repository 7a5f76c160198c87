"""What learners hand in."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import nbformat


def at(path: str) -> str:
    """A file at this path, as ngshare's clients send it."""
    return json.dumps([{"path": path, "content": base64.b64encode(b"x").decode()}])


def answer(notebook: Path, **sources: str) -> None:
    """Write answers into a notebook: a cell's text by its grade id."""
    book = nbformat.read(notebook, as_version=4)
    for cell in book.cells:
        source = sources.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
        if source is not None:
            cell.source = source
    nbformat.write(book, notebook)
