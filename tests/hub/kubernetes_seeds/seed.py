"""What a mistake is, for these tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Seed:
    """A mistake, made in a file's text as an administrator would make it.

    Attributes:
        name: what it is.
        old: what stands in the file.
        new: what stands there instead.
        said: what one of the sentences must say that come of it.
        file: the file.
        by_schema: whether finding it takes the chart's schema.
    """

    name: str
    old: str
    new: str
    said: str
    file: str = "values.yaml"
    by_schema: bool = False
