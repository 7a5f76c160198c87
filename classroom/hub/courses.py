"""A course on a hub: its folder in the grader's home, with the labs' sources, where no learner can look."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

from classroom.course import SKIPPED, Course
from classroom.hub.as_user import run_as
from classroom.hub.plan import Hub
from classroom.hub.roster import CourseRoster

SETTINGS = '''\
"""Written by the hub at each start: this course's settings are the repository's, then the hub's, then its own name."""

from pathlib import Path

here = Path(__file__).resolve().parent
load_subconfig("repository_config.py", path=str(here))
load_subconfig("nbgrader_config.py", path="{roles}")
c = get_config()
c.CourseDirectory.course_id = "{name}"
c.CourseDirectory.root = str(here / "course")
'''


class LayOutError(Exception):
    """A course could not be laid out; the message holds what its grader's process said."""


def bring_course(roster: CourseRoster, hub: Hub, repository: Path) -> Path:
    """Copy a course's sources to its grader; labs that are there already stay as they are, with the grader's edits.

    Args:
        roster: the course.
        hub: the hub.
        repository: the folder with solutions/, nbgrader_config.py and jupytext.toml.

    Returns:
        The course's root folder.

    Raises:
        CourseError: if the repository isn't a course.
    """
    source, root = Course(repository), hub.places.course(roster.grader)
    (root / "solutions").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source.root / "nbgrader_config.py", root / "repository_config.py")
    shutil.copyfile(source.root / "jupytext.toml", root / "jupytext.toml")
    own = SETTINGS.format(name=roster.name, roles=hub.places.roles / "grader")
    (root / "nbgrader_config.py").write_text(own, encoding="utf-8")
    for path in sorted((source.root / "solutions").iterdir()):
        target = root / "solutions" / path.name
        if path.is_file():
            shutil.copyfile(path, target)
        elif path.name not in SKIPPED and not target.exists():
            shutil.copytree(path, target, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    if hub.accounts:
        account = pwd.getpwnam(roster.grader)
        for path in [root, *root.rglob("*")]:
            if path.lstat().st_uid != account.pw_uid:
                os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    return root


def lay_out(roster: CourseRoster, hub: Hub) -> list[str]:
    """Build, as the grader's own account, what isn't built yet, and release what isn't released yet.

    Returns:
        What was done, a sentence each.

    Raises:
        LayOutError: if it could not be done.
    """
    root = hub.places.course(roster.grader)
    command = [hub.python, "-m", "classroom.hub.lay_out", str(root), *["--release"] * roster.release]
    account = roster.grader if hub.accounts else None
    done = run_as(account, command, {**hub.variables("grader"), "HOME": str(root.parent)}, root)
    if done.returncode:
        raise LayOutError(f"The labs of {roster.name} could not be laid out:\n{done.stdout.strip()}")
    return [line for line in done.stdout.splitlines() if line.startswith(("built ", "released "))]
