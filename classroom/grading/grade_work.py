"""What must be done for one submission, and what to make of what came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from classroom.grading.grade_desk import Desk
from classroom.grading.grade_rows import Row, row
from classroom.grading.intake import Submission
from classroom.grading.items import Verdict, WorkItem
from classroom.grading.journal import Entry
from classroom.grading.rebuild import Rebuilt, only, part_digests, rebuild, work_digest
from classroom.grading.record_book import Marks


@dataclass(frozen=True)
class Todo:
    """A submission that must run.

    Args:
        item: what to run of it.
        submission: what was taken in.
        rebuilt: it in the instructor's notebook.
        entry: what the journal holds of it from before.
    """

    item: WorkItem
    submission: Submission
    rebuilt: Rebuilt
    entry: Entry | None


def prepare(
    desk: Desk,
    submission: Submission,
    entry: Entry | None,
    in_book: Marks | None,
    tests: frozenset[str],
    *,
    everything: bool,
) -> Todo | Row:
    """See what must be done for a submission; a row where nothing has to run.

    Args:
        desk: the lab.
        submission: what counts as the learner's.
        entry: what the journal holds from before.
        in_book: what the gradebook holds.
        tests: the tests to run whether or not they have changed; none means those that have.
        everything: run all tests.
    """
    parts = part_digests(desk.original, submission)
    needed = _needed(entry, parts, tests, everything)
    if entry is not None and not needed:
        return _unchanged(desk, entry, submission, in_book)
    rebuilt = rebuild(desk.original, submission)
    if rebuilt.item is not None:
        return Todo(only(rebuilt.item, needed), submission, rebuilt, entry)
    digest = work_digest(desk.original, submission)
    verdict = Verdict(desk.original.lab, submission.student, digest, refused=rebuilt.refused, notes=rebuilt.notes)
    return _write(desk, verdict, parts, rebuilt, submission)


def finish(desk: Desk, todo: Todo, verdict: Verdict) -> Row:
    """Join what came out with what is known from before, and write it."""
    if verdict.refused:
        # Without digests it runs again next time.
        return _write(desk, verdict, {}, todo.rebuilt, todo.submission)
    results = {result.test: result for result in verdict.results}
    parts = part_digests(desk.original, todo.submission)
    if todo.entry is not None and not todo.entry.verdict.refused:
        before, ran = todo.entry, {step.grade_id for step in todo.item.steps}
        kept = {result.test: result for result in before.verdict.results if result.test not in ran}
        results = {**kept, **results}
        parts = {name: part if name in ran else before.parts.get(name, "") for name, part in parts.items()}
    verdict = replace(
        verdict,
        results=tuple(results[name] for name in desk.original.tests if name in results),
        notes=(*todo.rebuilt.notes, *verdict.notes),
    )
    return _write(desk, verdict, parts, todo.rebuilt, todo.submission)


def _needed(entry: Entry | None, parts: Mapping[str, str], tests: frozenset[str], everything: bool) -> frozenset[str]:
    if entry is None or everything or (entry.verdict.refused and entry.parts != parts):
        return frozenset(parts)
    if tests:
        return frozenset(parts) if entry.verdict.refused else tests
    return frozenset(name for name in parts if entry.parts.get(name) != parts[name])


def _unchanged(desk: Desk, entry: Entry, submission: Submission, in_book: Marks | None) -> Row:
    """Nothing has to run; but what the journal holds must stand in the gradebook and in its files."""
    verdict = entry.verdict
    written = desk.work / "autograded" / verdict.student / verdict.lab / f"{verdict.lab}.ipynb"
    if in_book is not None and written.is_file() and _stands(desk, entry, submission, in_book):
        return row(verdict, in_book, unchanged=True)
    return _write(desk, verdict, entry.parts, desk.again(verdict), submission)


def _stands(desk: Desk, entry: Entry, submission: Submission, in_book: Marks) -> bool:
    """Has the gradebook the recorded points, the latest hand-in, by which formgrader knows, and today's penalty?"""
    penalty = desk.recorder.book.penalty(submission.student, in_book, submission.when(desk.rules))
    return (in_book.auto, in_book.timestamp, in_book.penalty) == (entry.recorded, submission.handed_in, penalty)


def _write(desk: Desk, verdict: Verdict, parts: Mapping[str, str], rebuilt: Rebuilt, submission: Submission) -> Row:
    if verdict.refused and not rebuilt.refused:
        rebuilt = desk.again(verdict)
    desk.journal.note(verdict, parts)
    marks = desk.recorder.record(rebuilt, verdict, submission, submission.when(desk.rules))
    desk.journal.recorded(verdict.lab, verdict.student, marks.auto)
    return row(verdict, marks, unchanged=False)
