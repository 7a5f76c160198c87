"""nbgrader's settings for this course: read by nbgrader's commands, JupyterLab and `classroom`, from this folder."""

from pathlib import Path

from datakit.harmless_warnings import HarmlessWarnings

c = get_config()
c.CourseDirectory.course_id = "datakit"
c.CourseDirectory.root = str(Path(__file__).resolve().parent / "course")
c.Execute.on_cell_start = HarmlessWarnings()
c.Execute.timeout = 120  # seconds a cell; a lab as a whole takes at most 180 on the machine on which it was verified
c.Execute.startup_timeout = 120  # seconds until a kernel answers, also on a busy machine
