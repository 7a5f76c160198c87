"""Read a notebook that somebody else wrote: only texts come out of it, however damaged it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from classroom.grading.intake_refused import Refused

MAX_CELLS = 2000
MAX_SOURCE = 1 << 20  # characters of one cell


@dataclass(frozen=True)
class Cell:
    """What is taken from one cell of a submission.

    Args:
        kind: ``code``, ``markdown``, or whatever the file says.
        source: its text, with Unix line ends.
        id: the notebook format's own id, empty where it has none.
        grade_id: nbgrader's id, empty where it has none.
    """

    kind: str
    source: str
    id: str
    grade_id: str


def read_cells(content: bytes) -> list[Cell]:
    """A notebook's cells.

    Raises:
        Refused: if it isn't a notebook of format 4, or is too large to be an honest one.
    """
    notebook = _parsed(content)
    if not isinstance(notebook, dict) or not {"cells", "nbformat"} & notebook.keys():
        raise Refused("not-a-notebook", "The file holds JSON, but no notebook. Save it in JupyterLab; hand in again.")
    version = notebook.get("nbformat")
    if version != 4 or isinstance(version, bool):
        raise Refused("nbformat", f"The notebook's format is {_short(version)}, expected 4. Save it in JupyterLab.")
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise Refused("no-cells", f"The notebook's cells are {_short(cells)}, expected a list. Hand in your own copy.")
    if len(cells) > MAX_CELLS:
        raise Refused("too-many-cells", f"The notebook has {len(cells)} cells, at most {MAX_CELLS} are taken.")
    return [cell for raw in cells if (cell := _cell(raw)) is not None]


def _parsed(content: bytes) -> Any:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(
            "not-utf-8", f"Byte {error.start} of the notebook isn't UTF-8. Save it in JupyterLab and hand in again."
        ) from error
    try:
        return json.loads(text)
    except RecursionError as error:
        raise Refused("nested", "The notebook is nested too deeply to be one. Hand in your own copy.") from error
    except ValueError as error:
        what = "is empty" if not text.strip() else f"is no JSON ({str(error)[:100]})"
        raise Refused("not-json", f"The notebook {what}. Save it in JupyterLab and hand in again.") from error


def _cell(raw: Any) -> Cell | None:
    """The texts of a cell; None if it has none that could be used."""
    if not isinstance(raw, dict):
        return None
    source = raw.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    if len(source) > MAX_SOURCE:
        raise Refused("cell-too-large", f"A cell has {len(source):,} characters, at most {MAX_SOURCE:,} are taken.")
    metadata = raw.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return Cell(_text(raw.get("cell_type")), _plain(source), _text(raw.get("id")), _text(grade_id))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _plain(source: str) -> str:
    """Unix line ends, and nothing that can't be written as UTF-8."""
    whole = source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\r\n", "\n").replace("\r", "\n")


def _short(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return f"a {type(value).__name__}"
    return repr(value)[:40]
