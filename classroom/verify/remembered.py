"""What a lab's last verification found, kept beside the lab: it still holds while nothing that it rests on has changed.

A verification takes minutes and a course has nine labs, so one that passed is committed with the lab. Whoever changes
the lab, `datakit`, `classroom` or a locked package gets another digest, and the lab is verified again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import classroom
import datakit
from classroom.course import SKIPPED, VERIFIED, Lab
from classroom.grading.digest import digest
from classroom.verify.rows import Row, Status

# What verification never imports, so that a change to it asks for none.
BESIDE = ("hub", "challenge", "demo_class")
SETTINGS = ("nbgrader_config.py", "jupytext.toml", "requirements.lock", "solutions/glossary.md")


def basis_of(lab: Lab, seeds: int) -> str:
    """A digest of all that a verification rests on.

    Args:
        lab: the lab.
        seeds: under how many seeds its tests are run again.
    """
    parts: list[str | bytes] = [str(seeds)]
    for name in SETTINGS:
        path = lab.root / name
        parts += [name, path.read_bytes() if path.is_file() else b""]
    learners, instructors = (Path(str(package.__file__)).parent for package in (datakit, classroom))
    for folder in (lab.folder, learners, instructors):
        for path in _files(folder):
            inside = path.relative_to(folder)
            if folder is not instructors or inside.parts[0] not in BESIDE:
                parts += [inside.as_posix(), path.read_bytes()]
    return digest(*parts)


def recall(lab: Lab, basis: str) -> list[Row] | None:
    """The rows of the last verification; None if there is none, or if it rests on anything else than this basis."""
    try:
        kept = json.loads((lab.folder / VERIFIED).read_text(encoding="utf-8"))
        if kept["basis"] != basis:
            return None
        return [Row(row["check"], Status(row["status"]), row["found"]) for row in kept["rows"]]
    except (OSError, ValueError, KeyError, TypeError):  # there is none, or somebody has edited it
        return None


def remember(lab: Lab, basis: str, rows: list[Row]) -> None:
    """Keep the rows of a verification in which everything was checked and passed; else forget what was kept."""
    path = lab.folder / VERIFIED
    if any(row.status is not Status.passed for row in rows):
        path.unlink(missing_ok=True)
        return
    kept = [{key: value for key, value in asdict(row).items() if key != "details"} for row in rows]
    text = json.dumps({"basis": basis, "rows": kept}, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def _files(folder: Path) -> Iterator[Path]:
    unneeded = (SKIPPED - {"answers"}) | {VERIFIED}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not unneeded & set(parts) and not any(part.startswith(".") for part in parts):
            yield path
