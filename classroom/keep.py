"""Whose text counts where script and notebook were both edited. Light to import, for the command line."""

from __future__ import annotations

from enum import StrEnum


class Keep(StrEnum):
    """Whose text counts where both were edited."""

    script = "script"
    notebook = "notebook"
