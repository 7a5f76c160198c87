"""nbgrader's settings in the server of a learner."""

import os
from pathlib import Path

c = get_config()
load_subconfig("exchange.py", path=str(Path(__file__).resolve().parents[1]))
if "DATAKIT_HUB_LOOK" in os.environ:
    # A hub for a look: the account is the same for everyone, so who hands in is whoever logged in.
    c.CourseDirectory.student_id = os.environ["JUPYTERHUB_USER"]
