"""The same honest work gets the same verdict each time, also where worker processes leave much to chance.

All variants, 20 times each: ``python -m benchmarks.grading_repeats``.
"""

from __future__ import annotations

import pytest

from benchmarks.grading_repeats import different, repeats

from .conftest import MakeSchool, variants

TIMES = 20
RESTLESS = "workers_print_and_warn"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_twenty_repeats_are_identical(make_school: MakeSchool) -> None:
    school = make_school("loader_lab")
    entries = [entry for entry in variants("loader_lab", anywhere=False) if entry.name == RESTLESS]
    verdicts = repeats(school.course, school.lab, entries, TIMES)[RESTLESS]
    assert len(verdicts) == TIMES
    ((results, times),) = different(verdicts).items()
    assert (sum(result.points for result in results), times) == (6.0, TIMES)
