"""Recognise a known mistake by what it produces."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """A mistake that learners are known to make, and the hint that helps.

    Attributes:
        slug: a short name, unique within a lab (``"negative-index"``).
        hint: one or two sentences that lead on without giving the answer away.
        matches: whether the value that arrived is what this mistake produces.
    """

    slug: str
    hint: str
    matches: Callable[[object], bool]

    def __str__(self) -> str:
        """The hint as a learner sees it."""
        return f"[{self.slug}] {self.hint}"


def mistake(slug: str, hint: str, **evidence: object) -> Mistake:
    """Describe a mistake by its evidence.

    Args:
        slug: a short name, unique within a lab.
        hint: what to tell the learner.
        evidence: one of ``value=`` (what the mistake makes arrive, compared as :func:`datakit.check.equal` compares)
            or ``when=`` (a function of what arrived that returns true for this mistake). Without evidence the mistake
            is the likely one whenever nothing listed before it was recognised.

    Raises:
        TypeError: if the evidence is neither ``value`` nor ``when``, or both are given.
    """
    from datakit.check.compare import difference

    if not evidence:
        return Mistake(slug, hint, lambda arrived: True)
    if len(evidence) != 1 or not evidence.keys() <= {"value", "when"}:
        raise TypeError(f"mistake({slug!r}): expected value= or when=, not both; got {sorted(evidence)}.")
    if "value" in evidence:
        return Mistake(slug, hint, lambda arrived: difference(arrived, evidence["value"]) is None)
    when = evidence["when"]
    if not callable(when):
        raise TypeError(f"mistake({slug!r}): when= must be a function of what arrived; got {when!r}.")
    return Mistake(slug, hint, lambda arrived: bool(when(arrived)))


def recognise(arrived: object, mistakes: Iterable[Mistake]) -> str:
    """Return the hint of the first mistake that ``arrived`` shows, or an empty string.

    A detector looks at values that may be of any kind, so one that fails on them has simply not recognised its mistake.
    """
    for known in mistakes:
        try:
            if known.matches(arrived):
                return str(known)
        except Exception:
            continue
    return ""
