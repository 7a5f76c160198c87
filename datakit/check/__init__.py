"""What stands beneath each exercise: comparisons that explain themselves.

A failed check says what arrived, what was expected and what to try next. The same calls run in the learner's notebook,
in ``nbgrader autograde`` and in an examiner outside the learner's process, so they take plain values and touch a
learner's object only by calling, indexing, iterating and ``len``. What must run beside the learner's objects, such as a
loop with worker processes, goes through a probe.
"""

from datakit.check.compare import close, difference, equal
from datakit.check.describe import describe
from datakit.check.exercise import exercise
from datakit.check.failure import CheckFailed
from datakit.check.in_place import in_place
from datakit.check.indexing import indexing
from datakit.check.mistakes import Mistake, mistake
from datakit.check.outcomes import raises, runs
from datakit.check.probe_dataset import Event, Recorded
from datakit.check.probe_route import beside
from datakit.check.probes import Probe, files, probe
from datakit.check.seeds import rng
from datakit.check.tiles import tile

__all__ = [
    "CheckFailed",
    "Event",
    "Mistake",
    "Probe",
    "Recorded",
    "beside",
    "close",
    "describe",
    "difference",
    "equal",
    "exercise",
    "files",
    "in_place",
    "indexing",
    "mistake",
    "probe",
    "raises",
    "rng",
    "runs",
    "tile",
]
