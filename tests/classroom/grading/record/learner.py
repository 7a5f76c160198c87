"""A learner's side: a copy of the release, answers in it, handed in where nbgrader looks for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from classroom.course import Course, Lab
from classroom.grading.intake import Submission, take_in
from classroom.grading.intake_rules import Intake

RIGHT = {
    "double": "def double(values):\n    return [value + value for value in values]",
    "lengths": "def lengths(words):\n    return list(map(len, words))",
}


@dataclass(frozen=True)
class Learner:
    course: Course
    lab: Lab
    name: str

    @property
    def folder(self) -> Path:
        return self.course.work / "submitted" / self.name / self.lab.name

    @property
    def path(self) -> Path:
        return self.folder / f"{self.lab.name}.ipynb"

    def notebook(self, **answers: str) -> NotebookNode:
        notebook = nbformat.read(self.lab.release / f"{self.lab.name}.ipynb", as_version=4)
        for cell in notebook.cells:
            cell.source = answers.get(cell.id.replace("-", "_"), cell.source)
        return notebook

    def hand_in(self, change: Callable[[Any], None] = lambda notebook: None, /, **answers: str) -> None:
        """Write the release with these answers in it, after ``change`` has had a go at its JSON."""
        content = json.loads(nbformat.writes(self.notebook(**answers)))
        change(content)
        self.write(json.dumps(content).encode())

    def write(self, content: bytes, at: str = "2026-11-20 10:00:00.000000 UTC") -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(content)
        (self.folder / "timestamp.txt").write_text(at)

    def taken(self, rules: Intake | None = None, listed: tuple[str, ...] = ()) -> Submission:
        return take_in(self.course.work / "submitted", self.lab.name, self.name, rules or Intake(), listed)
