"""nbgrader's settings for a learner's Validate button; an instructor's are in the course's own nbgrader_config.py."""

from datakit.harmless_warnings import HarmlessWarnings

c = get_config()
c.Execute.on_cell_start = HarmlessWarnings()
c.Execute.timeout = 120  # seconds a cell
c.Execute.startup_timeout = 120  # seconds until a kernel answers, also on a busy machine
