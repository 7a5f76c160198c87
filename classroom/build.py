"""Build: solutions/ → course/source → labs/, by nbgrader's own `generate_assignment`."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from filelock import FileLock

from classroom.answers import read_answers
from classroom.contract import check_contract
from classroom.course import Course, CourseError, Lab
from classroom.keep import Keep
from classroom.leaks import find_leaks
from classroom.release import compose, generate, write_source, write_support
from classroom.source import read_notebook, read_script, script_text
from classroom.sync import Edited, edited, remember

Say = Callable[[str], None]
NBGRADER_CONFIG = '''\
"""Written by `classroom build`: nbgrader's settings also count when it is started in this folder."""

from pathlib import Path

load_subconfig("nbgrader_config.py", path=str(Path(__file__).resolve().parent.parent))
'''


def build(course: Course, labs: list[Lab], *, keep: Keep | None = None, say: Say = print) -> None:
    """Build these labs: the instructor's notebook, the gradebook's assignment, the learners' release.

    Args:
        course: the course.
        labs: which labs.
        keep: whose text counts where script and notebook were both edited.
        say: told in a sentence what was done.

    Raises:
        CourseError: if a lab can't be built; labs before it are built.
    """
    course.work.mkdir(exist_ok=True)
    # Two builds at once would each take the other's gradebook for its own.
    with FileLock(course.work / ".build.lock"):
        _build(course, labs, keep, say)


def _build(course: Course, labs: list[Lab], keep: Keep | None, say: Say) -> None:
    (course.work / "nbgrader_config.py").write_text(NBGRADER_CONFIG, encoding="utf-8")
    for lab in labs:
        _bring_together(lab, keep, say)
        release, there = made_release(lab), _released(lab)
        changed = [path for path in sorted({*release, *there}) if release.get(path) != there.get(path)]
        if changed:
            _write_release(lab, release)
        generate(lab, course.work, gradebook=True)
        say(f"{lab.name}: {'updated ' + ', '.join(changed) if changed else 'up to date'} in labs/{lab.name}")
    for orphan in course.orphans():
        path = orphan.relative_to(course.root)
        say(f"{path} has no source in solutions/. It was left alone; remove it if it is meant to go.")


def stale(course: Course, labs: list[Lab]) -> list[str]:
    """What a build would change, one sentence each; nothing is written.

    Raises:
        CourseError: if a lab can't be built.
    """
    found = []
    for lab in labs:
        if lab.script.read_text(encoding="utf-8") != script_text(lab, read_script(lab)):
            found.append(f"solutions/{lab.name}/{lab.name}.py isn't in the form that a save in JupyterLab gives it.")
        if edited(lab) is Edited.notebook:
            found.append(f"course/source/{lab.name}/{lab.name}.ipynb holds edits that solutions/{lab.name} lacks.")
        release, there = made_release(lab), _released(lab)
        for path in sorted({*release, *there}):
            if path not in there:
                found.append(f"labs/{lab.name}/{path} is missing.")
            elif path not in release:
                found.append(f"labs/{lab.name}/{path} comes from no source.")
            elif release[path] != there[path]:
                found.append(f"labs/{lab.name}/{path} differs from what solutions/{lab.name} produces.")
    found += [f"{path.relative_to(course.root)} has no source in solutions/." for path in course.orphans()]
    return found


def made_release(lab: Lab) -> dict[str, bytes]:
    """Make a lab's release in memory: each file's content by its path.

    Raises:
        CourseError: if the lab breaks the contract, nbgrader refuses it, or the release would hold a secret.
    """
    notebook, answers = read_script(lab), read_answers(lab)
    check_contract(lab, notebook, answers)
    release = compose(lab, notebook)
    leaks = find_leaks(notebook, answers, release)
    if leaks:
        raise CourseError(
            "\n".join([f"The release of {lab.name!r} would show learners what they must not see:", *leaks])
        )
    return release


def _bring_together(lab: Lab, keep: Keep | None, say: Say) -> None:
    """Make script and instructor's notebook hold the same text, whichever was edited."""
    which = edited(lab, keep)
    notebook = read_notebook(lab) if which is Edited.notebook else read_script(lab)
    text = script_text(lab, notebook)
    if text != lab.script.read_text(encoding="utf-8"):
        lab.script.write_text(text, encoding="utf-8")
        why = (
            "has the notebook's edits now"
            if which is Edited.notebook
            else "was put into the form that JupyterLab writes"
        )
        say(f"{lab.name}: the script {why}")
    notebook = read_script(lab)
    check_contract(lab, notebook, read_answers(lab))
    if which is Edited.script:
        say(f"{lab.name}: the notebook in course/source was {'updated' if lab.notebook.exists() else 'made'}")
        write_source(lab, lab.source, notebook)
    else:
        # The text is the same, so the instructor's notebook keeps its outputs.
        write_support(lab, lab.source, notebook)
    remember(lab)


def _released(lab: Lab) -> dict[str, bytes]:
    paths = (path for path in lab.release.rglob("*") if path.is_file())
    files = {str(path.relative_to(lab.release)): path.read_bytes() for path in paths}
    return {path: content for path, content in files.items() if ".ipynb_checkpoints" not in path}


def _write_release(lab: Lab, release: dict[str, bytes]) -> None:
    # labs/ is built, never edited by hand, so the old folder goes as a whole.
    if lab.release.exists():
        shutil.rmtree(lab.release)
    for path, content in release.items():
        (lab.release / path).parent.mkdir(parents=True, exist_ok=True)
        (lab.release / path).write_bytes(content)
