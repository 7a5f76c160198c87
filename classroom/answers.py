"""Known answers to a lab's exercises: right ones in other styles, wrong ones with the hint that they must meet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from classroom.course import CourseError, Lab

HINT = re.compile(r"^# hint: ([a-z0-9][a-z0-9-]*)$")
NO_HINT = "none"


@dataclass(frozen=True)
class Answer:
    """One known answer.

    Args:
        exercise: the exercise that it answers.
        name: the file's name without ``.py``.
        right: should it pass?
        hint: the slug of the hint that a wrong one must meet; empty if it has none of its own.
        source: the answer cell's source.
    """

    exercise: str
    name: str
    right: bool
    hint: str
    source: str

    @property
    def label(self) -> str:
        """How a report names it."""
        return f"{'right' if self.right else 'wrong'}/{self.exercise}/{self.name}"


def read_answers(lab: Lab) -> list[Answer]:
    """All known answers to a lab's exercises, sorted.

    Raises:
        CourseError: if a file lies in an unexpected place, or a wrong answer names no hint.
    """
    found = []
    for path in sorted(lab.answers.rglob("*")):
        if path.is_dir() or "__pycache__" in path.parts:
            continue
        parts = path.relative_to(lab.answers).parts
        if len(parts) != 3 or parts[0] not in ("right", "wrong") or path.suffix != ".py":
            raise CourseError(
                f"{path} isn't a known answer. Expected answers/right/EXERCISE/NAME.py or "
                "answers/wrong/EXERCISE/NAME.py. Move it there, or remove it."
            )
        found.append(_read(path, right=parts[0] == "right", exercise=parts[1]))
    return found


def _read(path: Path, *, right: bool, exercise: str) -> Answer:
    source = path.read_text(encoding="utf-8").strip()
    if not source:
        raise CourseError(f"{path} is empty. Expected the full source of the answer cell.")
    if right:
        return Answer(exercise, path.stem, True, "", source)
    # Only the comment at the top counts: a solution may well print "# hint: …".
    comments = []
    for line in source.splitlines():
        if not line.startswith("#"):
            break
        comments.append(line)
    slugs = [match[1] for line in comments if (match := HINT.match(line))]
    if len(slugs) != 1:
        raise CourseError(
            f"{path} has {len(slugs)} lines `# hint: SLUG` in its first comment, expected exactly one. "
            "Name the hint that a learner with this mistake must meet, or write `# hint: none`."
        )
    return Answer(exercise, path.stem, False, "" if slugs[0] == NO_HINT else slugs[0], source)
