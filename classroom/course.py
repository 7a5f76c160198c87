"""Where a course's files lie: one object instead of paths scattered over the code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

VERIFIED = "verified.json"  # what the last verification of a lab found; see `verify.remembered`
SKIPPED = frozenset({"answers", VERIFIED, "__pycache__", ".ipynb_checkpoints"})


class CourseError(Exception):
    """Something in a course's files that its author can repair; the message is for reading, not for debugging."""


@dataclass(frozen=True)
class Lab:
    """One lab of a course.

    Args:
        root: the course's root folder.
        name: the lab's name: that of its folder, its script, its notebook and nbgrader's assignment.
    """

    root: Path
    name: str

    @property
    def folder(self) -> Path:
        """What the author writes: the script, support files, answers."""
        return self.root / "solutions" / self.name

    @property
    def script(self) -> Path:
        """The lab's source: a percent script with solutions and hidden tests."""
        return self.folder / f"{self.name}.py"

    @property
    def answers(self) -> Path:
        """Known right and wrong answers."""
        return self.folder / "answers"

    @property
    def glossary(self) -> Path:
        """The course's words, which go along with every lab."""
        return self.root / "solutions" / "glossary.md"

    @property
    def source(self) -> Path:
        """The instructor's folder, in nbgrader's terms the assignment's source."""
        return self.root / "course" / "source" / self.name

    @property
    def notebook(self) -> Path:
        """The instructor's notebook, paired with the script."""
        return self.source / f"{self.name}.ipynb"

    @property
    def release(self) -> Path:
        """What learners get."""
        return self.root / "labs" / self.name

    def support_files(self) -> list[Path]:
        """Files that go along with the notebook, relative to the lab's folder, sorted."""
        relative = (path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file())
        return sorted(
            path
            for path in relative
            if path != Path(self.script.name)
            and path.parts[0] not in SKIPPED
            and not any(part.startswith(".") or part in SKIPPED for part in path.parts)
        )


@dataclass(frozen=True)
class Course:
    """A course: the folder that holds ``solutions/``, ``labs/``, ``course/`` and nbgrader's and jupytext's settings.

    Args:
        root: that folder.
    """

    root: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", self.root.resolve())
        for needed in ("solutions", "nbgrader_config.py", "jupytext.toml"):
            if not (self.root / needed).exists():
                raise CourseError(
                    f"{self.root} has no {needed}. Expected the folder that holds solutions/, nbgrader_config.py and "
                    "jupytext.toml. Start there, or name it with --root."
                )

    @property
    def work(self) -> Path:
        """The working directory of nbgrader."""
        return self.root / "course"

    def labs(self) -> list[Lab]:
        """All labs, in the order of their names."""
        folders = (path for path in (self.root / "solutions").iterdir() if path.is_dir())
        return [Lab(self.root, path.name) for path in sorted(folders) if path.name not in SKIPPED]

    def choose(self, names: list[str]) -> list[Lab]:
        """The labs with these names, or all labs if there are none.

        Raises:
            CourseError: if there is no lab of that name.
        """
        known = {lab.name: lab for lab in self.labs()}
        unknown = [name for name in names if name not in known]
        if unknown:
            raise CourseError(
                f"There is no lab {', '.join(map(repr, unknown))}. "
                f"Expected one of: {', '.join(known) or '(none yet)'}. "
                "A lab is a folder in solutions/."
            )
        return [known[name] for name in names] or list(known.values())

    def orphans(self) -> list[Path]:
        """Folders of labs that have no source any more."""
        names = {lab.name for lab in self.labs()}
        parents = (self.root / "labs", self.work / "source")
        found = (path for parent in parents if parent.is_dir() for path in sorted(parent.iterdir()) if path.is_dir())
        return [path for path in found if path.name not in names and not path.name.startswith(".")]
