"""nbgrader's settings in the grader account's server on Kubernetes, where formgrader lives."""

import os
from pathlib import Path

from classroom.grading.grade_route import route
from classroom.grading.grade_runners import on_cluster

load_subconfig("exchange.py", path=str(Path(__file__).resolve().parents[1]))
c = get_config()
c.CourseDirectory.course_id = "datakit"
c.CourseDirectory.root = str(Path.home() / "datakit" / "course")  # wherever the server was started
# "Autograde" grades outside the learner's process, and not in this pod, where no sandbox can be had: grading.yaml.
workers = os.environ.get("DATAKIT_DASK")
route(on_cluster(workers) if workers else None)
