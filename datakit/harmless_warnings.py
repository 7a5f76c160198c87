"""A warning costs no point: how nbgrader is told, by an instructor's settings and by a learner's JupyterLab alike."""

from __future__ import annotations

from typing import Any


class HarmlessWarnings:
    """Shows what a cell wrote to stderr as ordinary output; nbgrader calls it when a cell starts.

    nbgrader takes all points of a test that writes to stderr, so a mere warning or progress bar would cost them. This
    holds for autograding and for the Validate button alike. nbgrader leaves no hook free at the end of a cell, so each
    cell is looked at when the next one starts; a lab never ends with a test.
    """

    def __init__(self) -> None:
        self.previous: Any = {}

    def __call__(self, cell: Any, cell_index: int) -> None:
        """Look at the cell before the one that starts.

        Args:
            cell: the notebook cell that starts.
            cell_index: its place in the notebook.
        """
        for output in self.previous.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                output.name = "stdout"
        self.previous = cell
