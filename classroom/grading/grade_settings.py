"""What one submission may use: set in nbgrader_config.py as `c.Grading.…`."""

from __future__ import annotations

from typing import Any

from traitlets import Float, Int
from traitlets.config import Configurable

from classroom.grading.items import Limits


class Grading(Configurable):  # type: ignore[misc]
    """The limits of a run."""

    cell_seconds = Float(60.0, help="Seconds for one cell.").tag(config=True)
    total_seconds = Float(300.0, help="Seconds for a whole submission.").tag(config=True)
    memory = Int(6 << 30, help="Bytes of memory, and of scratch files, for all of it.").tag(config=True)
    processes = Int(256, help="Processes and threads.").tag(config=True)
    file_size = Int(256 << 20, help="Bytes of one file.").tag(config=True)
    output = Int(1 << 20, help="Bytes that a cell may print; more is cut off.").tag(config=True)
    gpu_shares = Int(0, min=0, help="How many submissions share one GPU; 0 lends none.").tag(config=True)

    @classmethod
    def limits(cls, settings: Any) -> Limits:
        """The limits in a course's loaded nbgrader_config.py."""
        return Limits(**cls(config=settings).trait_values(config=True))
