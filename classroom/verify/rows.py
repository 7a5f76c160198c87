"""One row of the report: what was looked at, how it went, and what to look into if it went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check went."""

    passed = "passed"
    failed = "FAILED"
    skipped = "SKIPPED"


@dataclass(frozen=True)
class Row:
    """One check of a lab.

    Args:
        check: what was looked at.
        status: how it went.
        found: what was found, in a few words.
        details: one sentence for each thing to look into.
    """

    check: str
    status: Status
    found: str
    details: tuple[str, ...] = ()


def row(check: str, found: str, faults: list[str]) -> Row:
    """A row that failed if there are faults."""
    return Row(check, Status.failed if faults else Status.passed, found, tuple(faults))
