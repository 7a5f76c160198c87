"""What a test gave, in words: all of it for a visible test, and nothing of its inputs for a hidden one."""

from __future__ import annotations

from classroom.grading.items import Result

NOT_EXPECTED = "Something else came out than expected, for inputs that are not shown here."


def words(result: Result) -> list[tuple[str, str]]:
    """A result's aspects that a learner may read, each with its name."""
    aspects = [
        ("tested", result.what),
        ("arrived", result.arrived),
        ("expected", result.expected),
        ("hint", result.hint),
        ("error", result.error),
    ]
    if result.hidden:
        # The examiner leaves the inputs out already. Whatever else a message says, it says it after the colon.
        aspects = [("hint", result.hint), ("result", result.error.partition(":")[0])]
        if not full(result) and not result.hint and not result.error:
            aspects = [("result", NOT_EXPECTED)]
    return [(name, text) for name, text in aspects if text]


def full(result: Result) -> bool:
    """Did the test give all its points?"""
    return result.points >= result.possible


def as_text(result: Result) -> str:
    """A result as a few lines of text."""
    lines = [f"{'✓' if full(result) else '✗'} {result.points:g} of {result.possible:g} points"]
    return "\n".join(lines + [f"  {name:<9} {text}" for name, text in words(result)])
