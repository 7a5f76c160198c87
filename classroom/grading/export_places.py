"""The learning platforms for which points are written."""

from __future__ import annotations

from enum import StrEnum


class Place(StrEnum):
    """A learning platform."""

    canvas = "canvas"
    moodle = "moodle"
