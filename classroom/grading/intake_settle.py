"""What lies in submitted/ now, against what was taken in before: the same, a new hand-in, or tampering."""

from __future__ import annotations

from dataclasses import replace

from nbgrader.utils import parse_utc

from classroom.grading.intake import Submission
from classroom.grading.intake_accept import Accept
from classroom.grading.intake_refused import Refused
from classroom.grading.journal import Journal


def settle(journal: Journal, found: Submission, accept: Accept | None = None) -> Submission:
    """Which submission is graded.

    The first one is noted. A later one takes its place if its timestamp.txt is newer, as that of every hand-in through
    nbgrader is. One that differs without being newer was changed after intake, and is refused.

    Args:
        journal: what was taken in before.
        found: what lies in submitted/ now.
        accept: the instructor's word where the two differ.
    """
    before = journal.taken(found.lab, found.student)
    if before is not None:
        # Formgrader compares the time in submitted/ with that of what was graded, so that one comes along.
        before = replace(before, timestamp=found.timestamp)
        if accept is Accept.first:
            return before
    if found.refused:
        return found
    if before is not None and found.digest == before.digest:
        return before
    if before is None or accept is Accept.now or _newer(found.claimed, before.claimed):
        journal.take(found)
        return found
    why = Refused(
        "changed-after-intake",
        f"It was changed after it was received ({before.received:%Y-%m-%d %H:%M} UTC), and timestamp.txt isn't newer. "
        "Hand it in again. Whoever grades can take it as it is with --accept now, or as received with --accept first.",
    )
    return replace(found, refused=str(why), files={})


def _newer(claimed: str, before: str) -> bool:
    if not claimed or not before:
        return bool(claimed)
    return bool(parse_utc(claimed) > parse_utc(before))
