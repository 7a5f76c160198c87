"""From an instructor's folder to a learner's, by nbgrader's own `generate_assignment`."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sysconfig import get_path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from classroom.course import CourseError, Lab
from classroom.source import normalise, notebook_bytes, without_layout, write_notebook
from classroom.way import way_svg


def nbgrader_settings(root: Path) -> Any:
    """The course's nbgrader_config.py, loaded."""
    return PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()


def write_source(lab: Lab, folder: Path, notebook: NotebookNode) -> None:
    """Lay out an assignment's source: the notebook, the support files and the picture."""
    write_notebook(folder / f"{lab.name}.ipynb", notebook)
    write_support(lab, folder, notebook)


def write_support(lab: Lab, folder: Path, notebook: NotebookNode) -> None:
    """Put what goes along with the notebook into a folder: its own files, the course's glossary, the picture."""
    for relative in lab.support_files():
        (folder / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(lab.folder / relative, folder / relative)
    if lab.glossary.is_file():
        shutil.copyfile(lab.glossary, folder / lab.glossary.name)
    data = notebook.metadata.datakit
    (folder / "way.svg").write_text(way_svg(data.stage, data.title), encoding="utf-8")


def compose(lab: Lab, notebook: NotebookNode) -> dict[str, bytes]:
    """Make a lab's release from its instructor's notebook, touching neither the course nor its gradebook.

    Returns:
        Each file's content by its path within the release.

    Raises:
        CourseError: if nbgrader refuses the notebook.
    """
    with tempfile.TemporaryDirectory() as scratch:
        write_source(lab, Path(scratch) / "source" / lab.name, without_layout(notebook))
        generate(lab, Path(scratch), gradebook=False)
        release = Path(scratch) / "release" / lab.name
        files = {str(path.relative_to(release)): path.read_bytes() for path in release.rglob("*") if path.is_file()}
    name = f"{lab.name}.ipynb"
    files[name] = notebook_bytes(normalise(nbformat.reads(files[name].decode(), as_version=4)))
    return dict(sorted(files.items()))


def generate(lab: Lab, work: Path, *, gradebook: bool) -> None:
    """Run nbgrader's `generate_assignment` from ``work/source`` to ``work/release``.

    Args:
        lab: the lab, whose settings count.
        work: nbgrader's working directory.
        gradebook: record the assignment in ``work/gradebook.db``?

    Raises:
        CourseError: if nbgrader refuses; the message holds its own words.
    """
    settings = nbgrader_settings(lab.root)
    settings.merge(Config({"CourseDirectory": {"root": str(work), "assignment_id": lab.name}}))
    if not gradebook:
        settings.merge(Config({"SaveCells": {"enabled": False}, "GenerateAssignment": {"no_database": True}}))
    converter = GenerateAssignment(coursedir=CourseDirectory(config=settings), config=settings, force=True)
    with own_programs_first():
        result = capture_log(converter)
    if not result["success"]:
        raise CourseError(
            f"nbgrader couldn't make the release of {lab.name!r}. It says:\n{result.get('log') or result['error']}"
        )


@contextmanager
def own_programs_first() -> Iterator[None]:
    """Put the programs beside this Python on the PATH: nbgrader starts `alembic` by name to make a gradebook.

    nbgrader's own ``setenv`` would take the variable away for good.
    """
    before = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = f"{get_path('scripts')}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before
