"""A lab as the instructor has it: what every submission of it is rebuilt from, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

from classroom.course import CourseError, Lab
from classroom.exercises import grade_id, grading, is_test
from classroom.grading.digest import digest, environment
from classroom.grading.grade_settings import Grading
from classroom.grading.items import Limits
from classroom.leaks import MARKER
from classroom.source import read_notebook


@dataclass(frozen=True)
class Original:
    """The instructor's side of one lab.

    Args:
        lab: the lab's name.
        release: the notebook as learners got it: empty answers, no hidden tests.
        tests: the whole source of each test cell by ``grade_id``.
        hidden: which tests hold something that learners may not see.
        support: what is released beside the notebook, content by path.
        listed: support files that learners may hand in, by path.
        limits: what a submission may use.
        secret: the course's own, from which the seeds of hidden tests come.
        base: digest of all this but the tests.
    """

    lab: str
    release: NotebookNode
    tests: Mapping[str, str]
    hidden: frozenset[str]
    support: Mapping[str, bytes]
    listed: tuple[str, ...]
    limits: Limits
    secret: bytes
    base: str

    def points(self) -> dict[str, float]:
        """What each graded cell can give, by ``grade_id``, in their order."""
        cells = (cell for cell in self.release.cells if grading(cell).get("grade") or grading(cell).get("task"))
        return {grade_id(cell): float(grading(cell)["points"]) for cell in cells}


def read_original(lab: Lab, settings: Any, secret: bytes) -> Original:
    """Read a lab's built form.

    Args:
        lab: the lab.
        settings: the course's loaded nbgrader_config.py.
        secret: the course's own.

    Raises:
        CourseError: if the lab isn't built, or was edited after it was.
    """
    again = f"Run `classroom build {lab.name}` first."
    released = lab.release / f"{lab.name}.ipynb"
    if not lab.notebook.is_file() or not released.is_file():
        raise CourseError(f"Lab {lab.name!r} has no built notebook in course/source and labs/. {again}")
    release = nbformat.read(released, as_version=4)
    tests = {grade_id(cell): cell.source for cell in read_notebook(lab).cells if is_test(cell)}
    if set(tests) != {grade_id(cell) for cell in release.cells if is_test(cell)}:
        raise CourseError(f"The tests in course/source/{lab.name} aren't those of labs/{lab.name}. {again}")
    paths = (path for path in sorted(lab.release.rglob("*")) if path.is_file() and path != released)
    support = {str(path.relative_to(lab.release)): path.read_bytes() for path in paths}
    support = {path: content for path, content in support.items() if ".ipynb_checkpoints" not in path}
    limits = Grading.limits(settings)
    listed = tuple(settings.get("Autograde", {}).get("exclude_overwriting", {}).get(lab.name, ()))
    return Original(
        lab=lab.name,
        release=release,
        tests=tests,
        hidden=frozenset(name for name, source in tests.items() if MARKER.search(source)),
        support=support,
        listed=listed,
        limits=limits,
        secret=secret,
        base=_base(release, support, limits, secret),
    )


def _base(release: NotebookNode, support: Mapping[str, bytes], limits: Limits, secret: bytes) -> str:
    cells = [cell for cell in release.cells if not is_test(cell) and (cell.cell_type == "code" or grade_id(cell))]
    texts = [text for cell in cells for text in (cell.cell_type, grade_id(cell), cell.source)]
    files = [part for path in sorted(support) for part in (path.encode(), support[path])]
    return digest(environment(), repr(limits), secret, str(len(texts)), *texts, *files)
