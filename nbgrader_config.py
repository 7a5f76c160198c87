"""nbgrader's settings for this course: read by nbgrader's commands, JupyterLab and `classroom`, from this folder."""

from pathlib import Path


class HarmlessWarnings:
    """Shows what a cell wrote to stderr as ordinary output.

    nbgrader takes all points of a test that writes to stderr, so a mere warning or progress bar would cost them. This
    holds for autograding and for the Validate button alike. nbgrader leaves no hook free at the end of a cell, so each
    cell is looked at when the next one starts; a lab never ends with a test.
    """

    def __init__(self):
        self.previous = {}

    def __call__(self, cell, cell_index):
        """Look at the cell before the one that starts."""
        for output in self.previous.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                output.name = "stdout"
        self.previous = cell


c = get_config()
c.CourseDirectory.course_id = "datakit"
c.CourseDirectory.root = str(Path(__file__).resolve().parent / "course")
c.Execute.on_cell_start = HarmlessWarnings()
c.Execute.timeout = 120  # seconds a cell; a lab as a whole takes at most 180 on the machine on which it was verified
c.Execute.startup_timeout = 120  # seconds until a kernel answers, also on a busy machine
