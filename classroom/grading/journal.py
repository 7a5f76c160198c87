"""The journal: what was taken in, what came out, and whether it stands in the gradebook; safe against a kill.

One SQLite file, `course/.grading/journal.db`; each method is one transaction. A run that was killed goes on where the
journal ends: a verdict without `recorded` is recorded again, which changes nothing if it already was.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from classroom.grading.intake import Submission
from classroom.grading.items import Verdict
from classroom.grading.journal_text import verdict_from, verdict_text

FOLDER = ".grading"
TABLES = """
CREATE TABLE IF NOT EXISTS secret (value BLOB);
CREATE TABLE IF NOT EXISTS intake (
    lab TEXT, student TEXT, owner TEXT, received TEXT, claimed TEXT, digest TEXT, PRIMARY KEY (lab, student));
CREATE TABLE IF NOT EXISTS intake_file (
    lab TEXT, student TEXT, path TEXT, content BLOB, PRIMARY KEY (lab, student, path));
CREATE TABLE IF NOT EXISTS verdict (
    lab TEXT, student TEXT, digest TEXT, parts TEXT, verdict TEXT, recorded TEXT, PRIMARY KEY (lab, student));
"""


@dataclass(frozen=True)
class Entry:
    """A verdict in the journal.

    Args:
        verdict: the verdict.
        parts: for each test the digest of what decided its result.
        recorded: the automatic scores that were put into the gradebook; None if none were yet.
    """

    verdict: Verdict
    parts: Mapping[str, str]
    recorded: Mapping[str, float | None] | None


class Journal:
    """The journal of one course; a context manager.

    Args:
        work: nbgrader's working directory of the course.
    """

    def __init__(self, work: Path) -> None:
        folder = work / FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        self._db = sqlite3.connect(folder / "journal.db", timeout=30, isolation_level=None)
        self._db.executescript(TABLES)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *exception: object) -> None:
        self._db.close()

    def secret(self) -> bytes:
        """The course's own secret, made at the first call."""
        # One statement, so that of two processes that start together the first one's counts.
        self._db.execute("INSERT INTO secret SELECT ? WHERE NOT EXISTS (SELECT * FROM secret)", [os.urandom(32)])
        return bytes(self._db.execute("SELECT value FROM secret").fetchone()[0])

    def taken(self, lab: str, student: str) -> Submission | None:
        """What was taken in of a learner."""
        columns = "owner, received, claimed, digest"
        row = self._db.execute(f"SELECT {columns} FROM intake WHERE lab = ? AND student = ?", [lab, student]).fetchone()
        if row is None:
            return None
        owner, received, claimed, digest = row
        found = self._db.execute("SELECT path, content FROM intake_file WHERE lab = ? AND student = ?", [lab, student])
        files = {path: bytes(content) for path, content in found}
        return Submission(lab, student, owner, datetime.fromisoformat(received), claimed, digest, files)

    def take(self, submission: Submission) -> None:
        """Note what was taken in of a learner, in place of what was taken in before."""
        key = (submission.lab, submission.student)
        row = (*key, submission.owner, submission.received.isoformat(), submission.claimed, submission.digest)
        with self._transaction():
            self._db.execute("REPLACE INTO intake VALUES (?, ?, ?, ?, ?, ?)", row)
            self._db.execute("DELETE FROM intake_file WHERE lab = ? AND student = ?", key)
            files = [(*key, path, content) for path, content in submission.files.items()]
            self._db.executemany("INSERT INTO intake_file VALUES (?, ?, ?, ?)", files)

    def entries(self, lab: str) -> dict[str, Entry]:
        """The verdicts on a lab by learner."""
        rows = self._db.execute("SELECT student, verdict, parts, recorded FROM verdict WHERE lab = ?", [lab])
        return {
            student: Entry(verdict_from(text), json.loads(parts), json.loads(recorded))
            for student, text, parts, recorded in rows
        }

    def note(self, verdict: Verdict, parts: Mapping[str, str]) -> None:
        """Note a verdict that isn't in the gradebook yet."""
        row = (verdict.lab, verdict.student, verdict.digest, json.dumps(parts), verdict_text(verdict))
        self._db.execute("REPLACE INTO verdict VALUES (?, ?, ?, ?, ?, 'null')", row)

    def recorded(self, lab: str, student: str, scores: Mapping[str, float | None]) -> None:
        """Note that a learner's scores are in the gradebook, and the files are written."""
        row = (json.dumps(scores), lab, student)
        self._db.execute("UPDATE verdict SET recorded = ? WHERE lab = ? AND student = ?", row)

    def _transaction(self) -> _Transaction:
        return _Transaction(self._db)


class _Transaction:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *rest: object) -> None:
        self._db.execute("COMMIT" if kind is None else "ROLLBACK")
