"""What a submission may be: set in nbgrader_config.py as `c.Intake.…`."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Enum, Int
from traitlets.config import Configurable


class Intake(Configurable):  # type: ignore[misc]
    """The rules by which submissions are taken in."""

    real_users = Bool(
        False,
        help="Learners are Unix users and own what they hand in: a submission of somebody else's is refused.",
    ).tag(config=True)
    clock = Enum(
        ("server", "timestamp"),
        "server",
        help="Whose time counts for late penalties. 'server': when the file system saw the notebook change, which a "
        "learner can't set. 'timestamp': timestamp.txt, for courses whose collecting tool writes it by itself.",
    ).tag(config=True)
    max_notebook_bytes = Int(16 << 20, help="A notebook may have this many bytes.").tag(config=True)
    max_file_bytes = Int(100 << 20, help="Any other file may have this many bytes.").tag(config=True)
    max_files = Int(5000, help="A submission may have this many files and folders.").tag(config=True)
    max_depth = Int(16, help="Folders may lie this deep in each other.").tag(config=True)

    @classmethod
    def of(cls, settings: Any) -> Intake:
        """The rules in a course's loaded nbgrader_config.py."""
        return cls(config=settings)
