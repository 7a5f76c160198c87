"""A fresh copy of one lab; the old one is kept."""

from __future__ import annotations

import shutil
from pathlib import Path

from datakit.labs import LabsError, update_work


def reset_lab(name: str, labs: Path, work: Path) -> Path | None:
    """Give the learner a fresh copy of one lab, and keep the old one beside it.

    Args:
        name: the lab's folder, such as ``02_collate``, or its number.
        labs: the released labs.
        work: the learner's folder.

    Returns:
        Where the old copy is kept (``02_collate.old1``); ``None`` if there was none.

    Raises:
        LabsError: if there is no such lab, or if the learner's folder can't be written; it is then as it was.
    """
    lab = work / _full_name(name, labs)
    kept = _free_name(lab) if lab.exists() else None
    try:
        if kept is not None:
            lab.rename(kept)
    except OSError as error:
        raise LabsError(f"{lab} can't be renamed: {error.strerror or error}. Nothing was changed.") from error
    try:
        update_work(labs, work)
    except LabsError:
        if kept is not None:
            shutil.rmtree(lab, ignore_errors=True)
            kept.rename(lab)
        raise
    return kept


def _full_name(name: str, labs: Path) -> str:
    known = sorted(path.name for path in labs.iterdir() if path.is_dir()) if labs.is_dir() else []
    meant = [lab for lab in known if lab == name or (name.isdigit() and lab.startswith(f"{int(name):02}_"))]
    if len(meant) != 1:
        raise LabsError(f"There is no lab {name!r} in {labs}. Expected one of: {', '.join(known) or '(none)'}.")
    return meant[0]


def _free_name(lab: Path) -> Path:
    number = 1
    while (free := lab.with_name(f"{lab.name}.old{number}")).exists():
        number += 1
    return free
