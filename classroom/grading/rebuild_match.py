"""Which cell of a submission is which cell of the release, and which are the learner's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode

from classroom.exercises import grade_id, grading
from classroom.grading.rebuild_read import Cell


@dataclass
class Matched:
    """A submission sorted out.

    Args:
        answers: what learners were asked to write, by ``grade_id``.
        added: the learner's own cells by the released cell (its index, -1 for the start) after which they stand.
        notes: what an instructor should know.
    """

    answers: dict[str, str] = field(default_factory=dict)
    added: defaultdict[int, list[Cell]] = field(default_factory=lambda: defaultdict(list))
    notes: list[str] = field(default_factory=list)


def takes_answer(cell: NotebookNode) -> bool:
    """Is this a released cell that learners write into: an answer, or a text graded by hand?"""
    return bool(grading(cell).get("solution"))


def match(release: Sequence[NotebookNode], cells: Sequence[Cell]) -> Matched:
    """Find each submitted cell's place in the release.

    A graded cell is known by its ``grade_id``; of several, the last one counts, as with nbgrader. Any other is known by
    its id, or by its text where it has none. A released cell that was edited is run as released and then as edited.

    Args:
        release: the released notebook's cells.
        cells: the submission's.
    """
    found, places = Matched(), _Places(release, cells)
    edited: list[str] = []
    doubled: list[str] = []
    last = {cell.grade_id: index for index, cell in enumerate(cells) if cell.grade_id}
    anchor = -1
    for index, cell in enumerate(cells):
        name = cell.grade_id or (cell.id if cell.id not in last else "")
        place = places.graded.get(name)
        if place is not None and last.get(name, index) == index:
            anchor = place
            if takes_answer(release[place]):
                found.answers[name] = cell.source
            elif cell.source.strip() != release[place].source.strip():
                edited.append(name)
            continue
        if place is not None:
            doubled.append(name)
            if cell.source.strip() == release[place].source.strip():
                continue
        else:
            plain = places.find(cell)
            if plain is not None:
                anchor = plain
                if cell.kind != "code" or cell.source.strip() == release[plain].source.strip():
                    continue
        if cell.kind in ("code", "markdown") and cell.source.strip():
            found.added[anchor].append(cell)
    missing = [
        name for name, place in places.graded.items() if takes_answer(release[place]) and name not in found.answers
    ]
    for names, what in (
        (doubled, "There several times, and the last counts"),
        (edited, "Locked cells edited, where the instructor's count"),
        (missing, "Cells missing"),
    ):
        if names:
            found.notes.append(f"{what}: {', '.join(dict.fromkeys(names))}.")
    return found


class _Places:
    """Where the released cells stand, each given away once."""

    def __init__(self, release: Sequence[NotebookNode], cells: Sequence[Cell]) -> None:
        self.graded = {grade_id(cell): index for index, cell in enumerate(release) if grade_id(cell)}
        plain = [(index, cell) for index, cell in enumerate(release) if not grade_id(cell)]
        self._by_id = {str(cell.id): index for index, cell in plain}
        kept = {cell.id for cell in cells}
        self._by_text: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for index, cell in plain:
            if cell.id not in kept:
                self._by_text[cell.cell_type, cell.source.strip()].append(index)
        self._taken: set[int] = set()

    def find(self, cell: Cell) -> int | None:
        """The released cell that this one is; None if it is the learner's own."""
        if cell.id in self._by_id:
            candidates = [self._by_id[cell.id]]
        else:
            candidates = self._by_text.get((cell.kind, cell.source.strip()), [])
        for place in candidates:
            if place not in self._taken:
                self._taken.add(place)
                return place
        return None
