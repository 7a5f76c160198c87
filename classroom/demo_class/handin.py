"""What a learner hands in: a notebook, files beside it, and what was done to the folder in the end."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from classroom.demo_class.entries import Entry
from classroom.exercises import grade_id, is_answer
from classroom.source import notebook_bytes
from classroom.verify.material import Material
from classroom.verify.submission import reference_answers

NOTHING = '''\
class Nothing:
    """Takes whatever comes, and is never right."""

    def __init__(self, *args, **names):
        pass

    def __call__(self, *args, **names):
        return Nothing()

    def __getitem__(self, index):
        return Nothing()

    def __len__(self):
        return 0

    def __iter__(self):
        return iter(())


'''


@dataclass
class HandIn:
    """A submission that can still be changed.

    Args:
        lab: the lab's name.
        notebook: the notebook.
        files: what lies beside it, content by path.
        raw: the notebook file's bytes where they are not what nbformat would write.
        finish: what is done to the written folder in the end.
    """

    lab: str
    notebook: NotebookNode
    files: dict[str, bytes] = field(default_factory=dict)
    raw: bytes | None = None
    finish: list[Callable[[Path], None]] = field(default_factory=list)

    def cell(self, name: str) -> NotebookNode:
        """The cell with this ``grade_id``."""
        return next(cell for cell in self.notebook.cells if grade_id(cell) == name)

    def position(self, name: str) -> int:
        """The index of the cell with this ``grade_id``."""
        return next(i for i, cell in enumerate(self.notebook.cells) if grade_id(cell) == name)

    def content(self) -> bytes:
        """The notebook file's bytes."""
        return notebook_bytes(self.notebook) if self.raw is None else self.raw

    def write(self, folder: Path) -> None:
        """Write it to a folder ``submitted/STUDENT/LAB``, which must not exist yet."""
        folder.mkdir(parents=True)
        for path, content in {**self.files, f"{self.lab}.ipynb": self.content()}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        for action in self.finish:
            action(folder)


def answered(material: Material, answers: dict[str, str]) -> HandIn:
    """The released folder with these answers written into the notebook."""
    notebook = material.release
    for cell in notebook.cells:
        if is_answer(cell):
            cell.source = answers.get(grade_id(cell), cell.source)
    return HandIn(material.name, notebook, dict(material.support))


def compose(entry: Entry, material: Material) -> HandIn:
    """Make an entry's submission: an attack answers nothing right but what it says, an honest one everything."""
    from classroom.demo_class import tricks, tricks_folder  # they need HandIn

    known = {**tricks.TRICKS, **tricks_folder.TRICKS}

    base = no_answers(material) if entry.hostile else reference_answers(material.source)
    made = answered(material, {**base, **entry.answers()})
    cells = made.notebook.cells
    for number, piece in enumerate(entry.pieces):
        new = nbformat.v4.new_code_cell(piece.text.rstrip("\n"), id=f"added-{number}")  # ids are else drawn at random
        match piece.kind:
            case "file":
                made.files[piece.name] = piece.text.encode()
            case "first":
                cells.insert(0, new)
            case "last":
                cells.append(new)
            case "before":
                cells.insert(made.position(piece.name), new)
            case "after":
                cells.insert(made.position(piece.name) + 1, new)
    for name, *arguments in entry.tricks:
        known[name](made, *arguments)
    return made


def no_answers(material: Material) -> dict[str, str]:
    """For each exercise an answer that runs, takes anything, and is wrong."""
    return {name: NOTHING + _all_nothing(source) for name, source in reference_answers(material.source).items()}


def _all_nothing(source: str) -> str:
    names = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return "\n".join(f"{name} = Nothing()" for name in names)
