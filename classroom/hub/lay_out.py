"""Run as a course's grader: build its labs and hand them out. ``python -m classroom.hub.lay_out ROOT [--release]``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from nbgrader.auth import Authenticator, NoAuthPlugin
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeReleaseAssignment
from nbgrader.utils import capture_log
from traitlets.config import Config

from classroom.build import build
from classroom.course import Course, CourseError
from classroom.release import nbgrader_settings


def lay_out(root: Path, *, release: bool) -> list[str]:
    """Build, and release if asked to, every lab of a course that isn't built or released yet.

    Returns:
        What was done, one sentence for each lab.

    Raises:
        CourseError: if a lab can't be built, or isn't in the exchange afterwards.
    """
    course = Course(root)
    os.chdir(course.root)
    settings = nbgrader_settings(course.root)
    # Nobody has to be asked who this is: the hub isn't there yet, and only a grader can write there.
    settings.merge(Config({"Authenticator": {"plugin_class": NoAuthPlugin}}))
    outbound = Path(settings.Exchange.root) / settings.CourseDirectory.course_id / "outbound"
    said = []
    for lab in course.labs():
        if not (course.work / "release" / lab.name).is_dir():
            build(course, [lab], say=lambda sentence: None)
            said.append(f"built {lab.name}")
        if not release or (outbound / lab.name).is_dir():
            continue
        settings.CourseDirectory.assignment_id = lab.name
        folder = CourseDirectory(config=settings)
        answer = capture_log(
            ExchangeReleaseAssignment(coursedir=folder, authenticator=Authenticator(config=settings), config=settings)
        )
        # What nbgrader answers may say success where nothing was done.
        if not (outbound / lab.name / f"{lab.name}.ipynb").is_file():
            raise CourseError(f"{lab.name} could not be released. nbgrader says:\n{answer.get('log')}")
        said.append(f"released {lab.name}")
    return said


def main() -> None:
    """Do it, and say what was done, or in one line why not."""
    try:
        print("\n".join(lay_out(Path(sys.argv[1]), release="--release" in sys.argv[2:])))
    except (CourseError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
