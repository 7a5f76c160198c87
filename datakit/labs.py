"""A learner's own copy of the labs: made on the first start, added to later, never overwritten."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

RECORD = Path(".datakit", "handed_out.json")
SKIPPED = {"__pycache__"}


class LabsError(Exception):
    """The copy can't be made; the message says why, and what to do."""


@dataclass
class Update:
    """What :func:`update_work` did. Paths are relative to the learner's folder.

    Attributes:
        added: files that were not there.
        beside: existing file → the newer release of it that was put beside.
        problem: a sentence about the record of what was handed out, or empty.
    """

    added: list[Path] = field(default_factory=list)
    beside: dict[Path, Path] = field(default_factory=dict)
    problem: str = ""


def update_work(labs: Path, work: Path) -> Update:
    """Copy new labs into the learner's folder and leave what is there alone.

    A file that exists stays as it is, whether the learner has changed it or not. Where the release has changed since
    it was handed out, the new file is put beside the old one (``01_datasets.release2.ipynb``), once. A file that the
    learner deleted comes back: so deleting a notebook and starting again gives a fresh one.

    What was handed out is kept in ``work/.datakit/handed_out.json`` (path → SHA-256).

    Args:
        labs: the released labs.
        work: the learner's folder; created if it is not there.

    Returns:
        What was done.

    Raises:
        LabsError: if ``labs`` is not a folder or holds nothing, or if ``work`` can't be written.
    """
    if not labs.is_dir():
        raise LabsError(f"There is no folder {labs} with labs. Start in datakit's folder, or pass --labs FOLDER.")
    files = list(_released(labs))
    if not files:
        raise LabsError(f"The folder {labs} holds no labs. Pass --labs FOLDER, with the folder that holds 01_datasets.")
    if work.resolve().is_relative_to(labs.resolve()) or labs.resolve().is_relative_to(work.resolve()):
        raise LabsError(f"Your folder {work} and the labs in {labs} lie in one another. Pass another --work FOLDER.")
    try:
        return _update(labs, files, work)
    except OSError as error:
        raise LabsError(
            f"Your copy of the labs in {work} can't be written: {error.strerror or error}. "
            "Nothing of yours was changed. Free some space or permit writing there, or pass another --work FOLDER."
        ) from error


def first_notebook(work: Path) -> Path | None:
    """Return the first lab's notebook, relative to ``work``, or ``None`` if there is none."""
    notebooks = sorted(path for path in work.glob("*/*.ipynb") if path.stem == path.parent.name)
    return notebooks[0].relative_to(work) if notebooks else None


def _released(labs: Path) -> Iterator[Path]:
    for path in sorted(labs.rglob("*")):
        relative = path.relative_to(labs)
        hidden = any(part.startswith(".") or part in SKIPPED for part in relative.parts)
        if path.is_file() and not hidden:
            yield relative


def _update(labs: Path, files: list[Path], work: Path) -> Update:
    update = Update()
    handed_out = _read_record(work, update)
    work.mkdir(parents=True, exist_ok=True)
    for file in files:
        digest = _digest(labs / file)
        earlier = handed_out.get(file.as_posix())
        if not (work / file).exists():
            _copy(labs / file, work / file)
            update.added.append(file)
        elif earlier is not None and earlier != digest:
            update.beside[file] = _free_name(work, file)
            _copy(labs / file, work / update.beside[file])
        handed_out[file.as_posix()] = digest
        # After every file, so that a copy killed midway says next time what it had done.
        _write_record(work, handed_out)
    return update


def _copy(source: Path, target: Path) -> None:
    """Copy so that a kill at any moment leaves no half file under the target's name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, part)
    part.replace(target)


def _free_name(work: Path, file: Path) -> Path:
    number = 2
    while (work / (name := file.with_name(f"{file.stem}.release{number}{file.suffix}"))).exists():
        number += 1
    return name


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _read_record(work: Path, update: Update) -> dict[str, str]:
    record = work / RECORD
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        content = None
    if isinstance(content, dict):
        return content
    record.replace(record.with_suffix(".damaged.json"))
    update.problem = "The record of the labs you were given was damaged, so changes in the release can't be seen today."
    return {}


def _write_record(work: Path, handed_out: dict[str, str]) -> None:
    record = work / RECORD
    record.parent.mkdir(exist_ok=True)
    part = record.with_suffix(".part")
    part.write_text(json.dumps(handed_out, indent=1), encoding="utf-8")
    part.replace(record)
