"""All that is needed to verify one lab, read once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from classroom.answers import Answer, read_answers
from classroom.contract import check_contract
from classroom.course import Lab
from classroom.exercises import Exercise, exercises
from classroom.release import compose
from classroom.source import read_script


@dataclass(frozen=True)
class Material:
    """A lab as instructors have it and as learners get it.

    Args:
        name: the lab's name.
        source: the instructor's notebook.
        files: the release, each file's content by its path.
        answers: the known answers.
        root: the course's root, where nbgrader's settings lie.
    """

    name: str
    source: NotebookNode
    files: dict[str, bytes]
    answers: list[Answer]
    root: Path

    @property
    def exercises(self) -> list[Exercise]:
        """What the lab asks for."""
        return exercises(self.source)

    @property
    def release(self) -> NotebookNode:
        """The released notebook, a fresh copy."""
        return nbformat.reads(self.files[f"{self.name}.ipynb"].decode(), as_version=4)

    @property
    def support(self) -> dict[str, bytes]:
        """What is released beside the notebook."""
        return {path: content for path, content in self.files.items() if path != f"{self.name}.ipynb"}

    def known(self, exercise: str, *, right: bool) -> list[Answer]:
        """The known right or wrong answers to one exercise."""
        return [answer for answer in self.answers if answer.exercise == exercise and answer.right == right]


def read_material(lab: Lab) -> Material:
    """Read a lab and make its release in memory.

    Raises:
        CourseError: if the lab breaks the contract, or nbgrader refuses it.
    """
    source, answers = read_script(lab), read_answers(lab)
    check_contract(lab, source, answers)
    return Material(lab.name, source, compose(lab, source), answers, lab.root)
