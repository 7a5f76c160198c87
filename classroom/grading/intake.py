"""Intake: what a learner handed in, looked at without trust, and the part of it that grading may use."""

from __future__ import annotations

import hashlib
import os
import pwd
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from classroom.grading.intake_refused import Refused
from classroom.grading.intake_rules import Intake
from classroom.grading.intake_walk import Seen, folder, look_through, read, read_all

TIMESTAMP = "timestamp.txt"
TIMESTAMP_BYTES = 1000
EPOCH = datetime.fromtimestamp(0, UTC)  # of what couldn't even be opened
MAX_ID = 128  # characters that nbgrader's database keeps of a student's id


@dataclass(frozen=True)
class Submission:
    """One learner's work on one lab, as it was taken in.

    Args:
        lab: the lab's name.
        student: the learner's id: the folder's name.
        owner: the Unix user to whom the folder belongs.
        received: the server's own time (UTC) at which the notebook last changed; of a refused one, the folder.
        claimed: what timestamp.txt said when this work was first taken in, in nbgrader's form; empty if there was none
            that can be read.
        digest: of ``files``.
        files: the content by path of what grading may use: the notebook, and support files that the course lets
            learners hand in. Everything else stays behind.
        refused: why it isn't run; empty if it may be.
        timestamp: what timestamp.txt says now; later than ``claimed`` where the same work was handed in again.
    """

    lab: str
    student: str
    owner: str = ""
    received: datetime = EPOCH
    claimed: str = ""
    digest: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    refused: str = ""
    timestamp: str = ""

    @property
    def notebook(self) -> bytes:
        """The notebook's file content."""
        return self.files[f"{self.lab}.ipynb"]

    def when(self, rules: Intake) -> datetime:
        """The time (UTC) that counts for late penalties."""
        if rules.clock == "timestamp" and self.claimed:
            claimed: datetime = parse_utc(self.claimed)
            return claimed.replace(tzinfo=UTC)
        return self.received

    @property
    def handed_in(self) -> datetime | None:
        """What timestamp.txt says now, as nbgrader's database holds it: UTC without saying so."""
        when: datetime | None = parse_utc(self.timestamp or None)
        return when


def submitted(root: Path, lab: str) -> list[str]:
    """The ids of all who handed in a lab, sorted.

    Args:
        root: nbgrader's folder of submissions.
        lab: the lab's name.
    """
    if not root.is_dir():
        return []
    found = [path.name for path in root.iterdir() if not path.name.startswith(".") and os.path.lexists(path / lab)]
    return sorted(found)


def is_student_id(name: str) -> bool:
    """Can a folder's name be a student's id in nbgrader's database?"""
    return 0 < len(name) <= MAX_ID and name.isprintable() and name == name.strip()


def take_in(root: Path, lab: str, student: str, rules: Intake, listed: Iterable[str] = ()) -> Submission:
    """Look at a submission and read what grading may use of it. Never raises for anything that a learner does.

    Args:
        root: nbgrader's folder of submissions.
        lab: the lab's name.
        student: the learner's id.
        rules: what is allowed.
        listed: support files that learners may hand in, by path.
    """
    found = Submission(lab, student)
    try:
        with folder(root, student, lab) as descriptor:
            status = os.fstat(descriptor)
            received = datetime.fromtimestamp(status.st_ctime, UTC)
            claimed = _claimed(descriptor)
            found = replace(
                found, owner=user_name(status.st_uid), received=received, claimed=claimed, timestamp=claimed
            )
            return _read_all(descriptor, found, rules, listed)
    except Refused as why:
        return replace(found, refused=str(why))
    except OSError as error:
        unreadable = Refused("unreadable", f"The submission can't be read ({error.strerror}). Check its permissions.")
        return replace(found, refused=str(unreadable))


def _read_all(descriptor: int, found: Submission, rules: Intake, listed: Iterable[str]) -> Submission:
    seen = look_through(descriptor, rules)
    if rules.real_users:
        check_owner(seen, found.student)
    name = f"{found.lab}.ipynb"
    if name not in seen.files:
        others = ", ".join(repr(path) for path in sorted(seen.files) if path.endswith(".ipynb"))
        raise Refused("no-notebook", f"There is no {name!r}; found {others or 'no notebook at all'}. Rename it.")
    files, statuses = read_all(descriptor, [name, *sorted(path for path in listed if path in seen.files)], rules)
    changed = max(status.st_ctime for status in statuses.values())
    return replace(
        found,
        received=datetime.fromtimestamp(changed, UTC),
        digest=digest_of(files),
        files=files,
    )


def check_owner(seen: Seen, student: str) -> None:
    """Refuse what doesn't belong to the learner as whose work it was handed in."""
    owners = {user_name(uid) for uid in seen.owners}
    if owners != {student}:
        named = ", ".join(sorted(owners))
        raise Refused("owner", f"It belongs to {named}, and was handed in as {student}'s work. Ask both who wrote it.")


def _claimed(descriptor: int) -> str:
    try:
        text = read(descriptor, TIMESTAMP, TIMESTAMP_BYTES)[0].decode("ascii").strip()
        parse_utc(text)
    except (Refused, ValueError, OverflowError, TypeError, AttributeError):  # dateutil fails in several ways
        return ""
    return text


def digest_of(files: Mapping[str, bytes]) -> str:
    """A digest of files by path."""
    digest = hashlib.sha256()
    for path in sorted(files):
        for part in (path.encode(), files[path]):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def user_name(uid: int) -> str:
    """The name of a Unix user; the number itself if nobody has it."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
