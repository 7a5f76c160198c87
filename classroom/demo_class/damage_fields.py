"""Damages to what a notebook's JSON holds."""

from __future__ import annotations

import random
from typing import Any

Notebook = dict[str, Any]
ODD: tuple[Any, ...] = (None, True, -1, 3.5, "text", [], {}, [None], {"a": {"b": []}}, "\ud800", 10**30)


def odd(chance: random.Random) -> Any:
    """A value of a kind that nobody expects."""
    return chance.choice(ODD)


def a_cell(notebook: Notebook, chance: random.Random) -> dict[str, Any]:
    """One of the cells."""
    cell: dict[str, Any] = chance.choice(notebook["cells"])
    return cell


def field_missing(notebook: Notebook, chance: random.Random) -> Any:
    """A field of the notebook is missing."""
    del notebook[chance.choice(["cells", "nbformat", "nbformat_minor", "metadata"])]
    return notebook


def field_odd(notebook: Notebook, chance: random.Random) -> Any:
    """A field of the notebook is of another kind."""
    notebook[chance.choice(["cells", "nbformat", "nbformat_minor", "metadata"])] = odd(chance)
    return notebook


def cell_field_missing(notebook: Notebook, chance: random.Random) -> Any:
    """A field of a cell is missing."""
    for _ in range(3):
        a_cell(notebook, chance).pop(chance.choice(["cell_type", "source", "metadata", "id"]), None)
    return notebook


def cell_field_odd(notebook: Notebook, chance: random.Random) -> Any:
    """A field of a cell is of another kind."""
    for _ in range(3):
        a_cell(notebook, chance)[chance.choice(["cell_type", "source", "metadata", "id", "outputs"])] = odd(chance)
    return notebook


def cells_odd(notebook: Notebook, chance: random.Random) -> Any:
    """Something among the cells is none."""
    for _ in range(3):
        notebook["cells"].insert(chance.randrange(len(notebook["cells"])), odd(chance))
    return notebook


def cells_lost(notebook: Notebook, chance: random.Random) -> Any:
    """Half of the cells are lost."""
    notebook["cells"] = chance.sample(notebook["cells"], len(notebook["cells"]) // 2)
    return notebook


def cells_shuffled(notebook: Notebook, chance: random.Random) -> Any:
    """The cells stand in another order."""
    chance.shuffle(notebook["cells"])
    return notebook


def cells_doubled(notebook: Notebook, chance: random.Random) -> Any:
    """Each cell stands in it twice or more."""
    notebook["cells"] = [cell for cell in notebook["cells"] for _ in range(chance.randrange(2, 4))]
    return notebook


def sources_mixed(notebook: Notebook, chance: random.Random) -> Any:
    """The cells' texts have changed places."""
    texts = [cell["source"] for cell in notebook["cells"]]
    chance.shuffle(texts)
    for cell, text in zip(notebook["cells"], texts, strict=True):
        cell["source"] = text
    return notebook


def grading_odd(notebook: Notebook, chance: random.Random) -> Any:
    """The fields that nbgrader reads hold values of another kind."""
    graded = [cell["metadata"]["nbgrader"] for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]
    for data in graded:
        data[chance.choice(["grade_id", "points", "grade", "solution", "schema_version"])] = odd(chance)
    return notebook


def another_version(notebook: Notebook, chance: random.Random) -> Any:
    """The notebook says that it is of another version than it is."""
    notebook["nbformat"] = chance.choice([1, 2, 3, 5, 99, 0])
    return notebook


def half_answers(notebook: Notebook, chance: random.Random) -> Any:
    """Every code cell ends in the middle of a word."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            text = "".join(cell["source"])
            cell["source"] = text[: chance.randrange(len(text) // 2 + 1)]
    return notebook


def strange_letters(notebook: Notebook, chance: random.Random) -> Any:
    """Letters in the code that Python knows nothing to do with."""
    for cell in notebook["cells"]:
        letter = chance.choice(["\0", "\u200b", "\ud800", "\x1b[31m", "\u2028", "“"])
        cell["source"] = "".join(cell["source"]).replace(" ", letter, 3)
    return notebook


def metadata_odd(notebook: Notebook, chance: random.Random) -> Any:
    """The notebook's own metadata is odd."""
    notebook["metadata"] = {"kernelspec": odd(chance), "language_info": odd(chance), "widgets": odd(chance)}
    return notebook


def tags_odd(notebook: Notebook, chance: random.Random) -> Any:
    """Tags and editors' fields are odd."""
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = odd(chance)
        cell["metadata"]["collapsed"] = odd(chance)
    return notebook


def outputs_odd(notebook: Notebook, chance: random.Random) -> Any:
    """The outputs are odd."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = odd(chance), odd(chance)
    return notebook


def ids_odd(notebook: Notebook, chance: random.Random) -> Any:
    """The cells' own ids are odd or alike."""
    for cell in notebook["cells"]:
        cell["id"] = chance.choice(["same", "same", "with blanks", "x" * 999, ""])
    return notebook


def another_minor(notebook: Notebook, chance: random.Random) -> Any:
    """Another minor version, also one that there isn't yet."""
    notebook["nbformat_minor"] = chance.choice([0, 1, 2, 3, 4, 5, 6, 9])
    return notebook


def sources_as_text(notebook: Notebook, chance: random.Random) -> Any:
    """The sources are texts, or lists cut in other places."""
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        cell["source"] = chance.choice([text, [text], list(text)])
    return notebook


HEAVY_FIELDS = (
    *(field_missing, field_odd, cell_field_missing, cell_field_odd, cells_odd, cells_lost, cells_shuffled),
    *(cells_doubled, sources_mixed, grading_odd, another_version, half_answers, strange_letters),
)
LIGHT_FIELDS = (metadata_odd, tags_odd, outputs_odd, ids_odd, another_minor, sources_as_text)
