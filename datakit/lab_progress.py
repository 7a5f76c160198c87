"""How far a learner has come: read from their own saved notebooks, kept nowhere else, sent nowhere."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from datakit.text_table import text_table

CHECK = "-check"  # the end of the `grade_id` of the check beneath an exercise
HEADING = re.compile(r"^#+ (Exercise .*)", re.MULTILINE)
HIDDEN = "-hidden"  # and of the tests that are added when the lab is graded


class State(StrEnum):
    """What the check beneath an exercise said when it last ran."""

    passes = "✓"
    fails = "✗"
    not_run = "·"


@dataclass(frozen=True)
class ExerciseProgress:
    """One exercise.

    Attributes:
        title: its heading.
        state: what its check said.
        points: what its check gives when it passes.
        hidden: points for tests that only grading runs.
    """

    title: str
    state: State
    points: float
    hidden: float


@dataclass(frozen=True)
class LabProgress:
    """One lab.

    Attributes:
        name: its folder's name.
        exercises: in the notebook's order.
        problem: why its notebook can't be read; empty if it can.
    """

    name: str
    exercises: tuple[ExerciseProgress, ...] = ()
    problem: str = ""

    @property
    def next(self) -> str:
        """What to do next in this lab."""
        if self.problem:
            return self.problem
        for exercise in self.exercises:
            if exercise.state is not State.passes:
                return exercise.title
        return f"hand it in: {sum(each.hidden for each in self.exercises):g} more points for hidden tests"

    @property
    def row(self) -> dict[str, str]:
        """The lab as a row of a table."""
        passing = [each for each in self.exercises if each.state is State.passes]
        points = f"{sum(each.points for each in passing):g} of {sum(each.points for each in self.exercises):g}"
        return {
            "lab": self.name,
            "exercises": "".join(each.state for each in self.exercises),
            "pass": f"{len(passing)} of {len(self.exercises)}",
            "points of checks": points,
            "next": self.next,
        }


@dataclass(frozen=True)
class Progress:
    """All labs in a learner's folder; shown as a table.

    Attributes:
        labs: in their order; empty if there are none.
        problem: why there are none.
    """

    labs: tuple[LabProgress, ...]
    problem: str = ""

    def __str__(self) -> str:
        if self.problem:
            return self.problem
        table = text_table([lab.row for lab in self.labs])
        return f"{table}\n\n✓ passes  ✗ fails  · not run.  Counted from your notebooks as they were last saved."

    __repr__ = __str__


def progress(work: str | Path | None = None) -> Progress:
    """Read how far a learner has come in each lab.

    An exercise passes if the check beneath it passed when it last ran. Its hidden tests run only when it is graded.

    Args:
        work: the learner's folder with a copy of each lab. By default the folder that the lab you are in lies in, or
            ``my-labs`` below the folder you are in.

    Returns:
        What is shown as a table. Where no folder is named and none is found, it says so: at the end of a lab that is
        run somewhere else, as when it is graded, this is no error.

    Raises:
        FileNotFoundError: if the named folder holds no lab.

    Example:
        >>> progress("labs").labs[0].row["pass"]
        '0 of 6'
    """
    folder = _default_work(Path.cwd()) if work is None else Path(work)
    notebooks = sorted(path for path in folder.glob("*/*.ipynb") if path.stem == path.parent.name)
    if not notebooks:
        problem = (
            f"There are no labs in {folder}. Expected folders such as 01_datasets with a notebook of that name. "
            "`datakit lab` puts them there; or name your folder with --work FOLDER."
        )
        if work is None:
            return Progress((), problem)
        raise FileNotFoundError(problem)
    return Progress(tuple(_read(notebook) for notebook in notebooks))


def _default_work(here: Path) -> Path:
    return here.parent if (here / f"{here.name}.ipynb").exists() else here / "my-labs"


def _read(notebook: Path) -> LabProgress:
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        return LabProgress(notebook.stem, tuple(_exercises(cells)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"{notebook.name} can't be read ({type(error).__name__}: {error})."
        return LabProgress(notebook.stem, problem=f"{why} `datakit reset {notebook.stem}` gives a fresh one.")


def _exercises(cells: list[dict[str, Any]]) -> list[ExerciseProgress]:
    graded = [cell["metadata"]["nbgrader"] for cell in cells if _grade_id(cell)]
    points = {cell["grade_id"]: float(cell.get("points") or 0) for cell in graded}
    found, heading = [], ""
    for cell in cells:
        title = HEADING.search("".join(cell["source"])) if cell["cell_type"] == "markdown" else None
        heading = title[1].strip() if title else heading
        name = _grade_id(cell).removesuffix(CHECK)
        if name != _grade_id(cell):
            state = _state(cell.get("outputs", []))
            found.append(ExerciseProgress(heading or name, state, points[name + CHECK], points.get(name + HIDDEN, 0.0)))
    return found


def _grade_id(cell: dict[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def _state(outputs: list[dict[str, Any]]) -> State:
    if not outputs:
        return State.not_run
    return State.fails if any(output["output_type"] == "error" for output in outputs) else State.passes
