"""What nbgrader's exchange needs beside a learner's page to give it back to its owner: when, and the secret address."""

from __future__ import annotations

from pathlib import Path

from classroom.grading.intake import TIMESTAMP
from classroom.grading.intake_refused import Refused
from classroom.grading.intake_walk import folder, read

SECRET = "submission_secret.txt"
SECRET_BYTES = 1000


def secret_of(submitted: Path, student: str, lab: str) -> dict[str, bytes]:
    """The file with the secret that nbgrader put beside a hand-in, by its name; empty where there is none."""
    try:
        with folder(submitted, student, lab) as descriptor:
            return {SECRET: read(descriptor, SECRET, SECRET_BYTES)[0]}
    except (Refused, OSError):
        return {}


def for_the_exchange(autograded: Path) -> dict[str, bytes]:
    """The files that go from a folder of ours to the learner's page, by name."""
    paths = [autograded / name for name in (TIMESTAMP, SECRET)]
    return {path.name: path.read_bytes() for path in paths if path.is_file()}
