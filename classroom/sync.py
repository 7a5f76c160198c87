"""Script and instructor's notebook: which of the two was edited, and whose text counts."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from pathlib import Path

from classroom.course import CourseError, Lab
from classroom.keep import Keep
from classroom.source import read_notebook, read_script, script_text


class Edited(StrEnum):
    """What was edited since the last build."""

    nothing = "nothing"
    script = "script"
    notebook = "notebook"


def edited(lab: Lab, keep: Keep | None = None) -> Edited:
    """Say whether the script or the notebook holds the newer text.

    Both are compared with what they were after the last build; their times are not asked, since a checkout or a copy
    changes these.

    Args:
        lab: the lab.
        keep: whose text counts where both were edited, or where there is nothing to compare with.

    Raises:
        CourseError: if both were edited, differ, and ``keep`` doesn't say which one counts.
    """
    if not lab.notebook.exists():
        return Edited.script
    script, notebook = script_text(lab, read_script(lab)), script_text(lab, read_notebook(lab))
    if script == notebook:
        return Edited.nothing
    base = _stamp(lab).read_text(encoding="utf-8") if _stamp(lab).exists() else ""
    if _digest(notebook) == base:
        return Edited.script
    if _digest(script) == base:
        return Edited.notebook
    if keep is not None:
        return Edited(keep)
    newer = max((lab.script, lab.notebook), key=lambda path: path.stat().st_mtime)
    raise CourseError(
        f"{_shown(lab, lab.script)} and {_shown(lab, lab.notebook)} were both edited since the last build, "
        "and they differ. "
        f"The newer file is {_shown(lab, newer)}. Nothing was overwritten. Say whose text counts: "
        "`classroom build --keep script` or `--keep notebook`; the other's edits are lost."
    )


def remember(lab: Lab) -> None:
    """Note that script and notebook now hold the same text."""
    _stamp(lab).parent.mkdir(parents=True, exist_ok=True)
    _stamp(lab).write_text(_digest(script_text(lab, read_script(lab))), encoding="utf-8")


def _stamp(lab: Lab) -> Path:
    return lab.root / "course" / ".built" / lab.name


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _shown(lab: Lab, path: Path) -> str:
    return str(path.relative_to(lab.root))
