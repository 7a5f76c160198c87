"""The catalogue: one small file for each submission, honest or hostile, with a sentence that says what it does.

Files lie in a folder with their lab's name, or in `any` if they suit every lab. A file begins with comment lines
`# KEY: VALUE`; then come its pieces, each under a line `# %% KIND ARGUMENT`::

    # tries: to remove each assert before it is compiled
    # earns: 2.5
    # trick: without_test double-check

    # %% first
    get_ipython().ast_transformers.append(…)
    # %% answer double
    def double(values): …
    # %% file helper.py
    …

Pieces: `first` and `last` (a cell that the learner added at the top, at the end), `before` and `after` an exercise's
answer cell, `answer` (that cell itself), `file` (a file beside the notebook).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from classroom.course import CourseError

HEAD = re.compile(r"# (tries|shows|earns|ends|trick): (.+)")
PIECE = re.compile(r"# %% (first|last|before|after|answer|file)(?: (\S+))?")


@dataclass(frozen=True)
class Piece:
    """One piece of an entry: where it goes, and its text."""

    kind: str
    name: str
    text: str


@dataclass(frozen=True)
class Entry:
    """One submission of the catalogue.

    Args:
        lab: the lab that it is handed in for.
        name: the file's name without ``.py``.
        hostile: an attack (`tries`) or an honest variant (`shows`).
        says: what it does, in a sentence.
        earns: the points that the honest part of an attack gets; None for all that a machine gives.
        late: whether it runs into a limit of time.
        pieces: what it is made of.
        tricks: what is done to the notebook or its folder: a name of `tricks.TRICKS`, and arguments.
    """

    lab: str
    name: str
    hostile: bool
    says: str
    earns: float | None = None
    late: bool = False
    pieces: tuple[Piece, ...] = ()
    tricks: tuple[tuple[str, ...], ...] = field(default=())

    @property
    def label(self) -> str:
        """How a report names it."""
        return f"{self.lab}/{self.name}"

    def answers(self) -> dict[str, str]:
        """The answer cells that it fills, by exercise."""
        return {piece.name: piece.text for piece in self.pieces if piece.kind == "answer"}


def read_catalogue(folder: Path, lab: str, *, anywhere: bool = True) -> list[Entry]:
    """The entries for one lab, sorted: those of the folder ``LAB`` and, on request, those of ``any``.

    Raises:
        CourseError: if a file lacks its sentence or holds an unknown piece.
    """
    paths = [*folder.glob("any/*.py"), *folder.glob(f"{lab}/*.py")] if anywhere else folder.glob(f"{lab}/*.py")
    return [read_entry(path, lab) for path in sorted(paths, key=lambda path: path.stem)]


def read_entry(path: Path, lab: str) -> Entry:
    """Read one entry.

    Raises:
        CourseError: if it lacks its sentence or holds an unknown piece.
    """
    head, *rest = re.split(r"^(?=# %% )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    keys = [match.groups() for line in head.splitlines() if (match := HEAD.fullmatch(line))]
    says = [(key, value) for key, value in keys if key in ("tries", "shows")]
    if len(says) != 1:
        raise CourseError(f"{path} has {len(says)} lines `# tries: …` or `# shows: …`, expected one. Say what it does.")
    hostile = says[0][0] == "tries"
    points = [float(value) for key, value in keys if key == "earns"]
    return Entry(
        lab=lab,
        name=path.stem,
        hostile=hostile,
        says=says[0][1],
        earns=sum(points) if hostile or points else None,
        late=("ends", "late") in keys,
        pieces=tuple(_piece(path, text) for text in rest),
        tricks=tuple(tuple(value.split()) for key, value in keys if key == "trick"),
    )


def _piece(path: Path, text: str) -> Piece:
    line, _, body = text.partition("\n")
    match = PIECE.fullmatch(line.rstrip())
    if match is None:
        raise CourseError(f"{path} has a line {line!r}, expected `# %% KIND NAME` with a kind of: {PIECE.pattern}")
    return Piece(match[1], match[2] or "", body.strip("\n") + "\n")
