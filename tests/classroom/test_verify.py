"""Verifying a lab: the tiny lab passes every row, and each fault that is put into it is found in its row."""

from __future__ import annotations

import re
import shutil

import pytest
from rich.console import Console

from classroom.course import Course, Lab
from classroom.verify.report import show
from classroom.verify.rows import Row, Status
from classroom.verify.verify import verify

from .conftest import MINI, edit, make_course, take_away_known_answers

CONFINED = shutil.which("bwrap") is not None
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def report(lab: Lab) -> dict[str, Row]:
    return {row.check: row for row in verify(lab, seeds=2)}


def told(row: Row) -> str:
    return "\n".join(row.details)


def test_the_tiny_lab_grades_fairly(lab: Lab) -> None:
    steps: list[tuple[int, int]] = []
    rows = verify(lab, seeds=2, progress=lambda done, total: steps.append((done, total)))
    assert [
        (row.check, row.found)
        for row in rows
        if row.status is Status.failed or (CONFINED and row.status is Status.skipped)
    ] == []
    found = {row.check: row.found for row in rows}
    assert found["reference answers get full marks"] == "5.5 of 5.5 points"
    assert found["the empty release gets nothing"] == "0 of 5.5 points"
    assert found["each wrong answer fails"] == "10 of 10"
    assert found["each wrong answer meets its own hint"] == "9 of 10 (90%)"
    assert found["each right answer passes"] == "4 of 4"
    assert found["2 seeds change no mark"] == "24 tests run again"
    assert found["the grader gives the same marks"] == ("44 marks of 11 submissions" if CONFINED else "not checked")
    tried = found["no wrong answer passes a test by luck"]
    assert tried == ("10 marks under 2 seeds" if CONFINED else "not checked")
    assert steps == [(done, 15) for done in range(2, 16)]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    """One report on a lab with many faults: the batch must go on after each of them."""
    course = make_course(tmp_path_factory.mktemp("faulty") / "course root", MINI)
    lab = course.labs()[0]
    edit(course.root / "nbgrader_config.py", "c.Execute.timeout = 120", "c.Execute.timeout = 5")
    wrong, right = lab.answers / "wrong", lab.answers / "right"
    (wrong / "double" / "passes.py").write_text(
        "# Is right.\n# hint: squared\ndef double(v):\n    return [2 * x for x in v]"
    )
    edit(wrong / "double" / "squared.py", "# hint: squared", "# hint: cubed")
    # For longer than this course's limit, but not than the grader's own, which would be waited for.
    hangs = "# Hangs.\n# hint: none\nimport time\ndef double(v):\n    time.sleep(12)"
    (wrong / "double" / "hangs.py").write_text(hangs)
    (wrong / "lengths" / "dies.py").write_text("# Dies.\n# hint: none\nimport os\ndef lengths(w):\n    os._exit(1)")
    (right / "lengths" / "isnt.py").write_text("def lengths(words):\n    return [len(word) or 1 for word in words[:2]]")
    (right / "double" / "mapped.py").unlink()
    # A solution that stands in a file beside the notebook.
    (lab.folder / "helper.py").write_text("def double(values):\n    return [2 * value for value in values]\n")
    # The second exercise builds on the first one's answer, and a cell breaks.
    edit(
        lab.script,
        "    return [len(word) for word in words]",
        "    return [number // 2 for number in double([len(word) for word in words])]",
    )
    edit(lab.script, "words = Path", "1 / 0\nwords = Path")
    edit(lab.script, "words = Path", "\n# %%\nwords = Path")
    return report(lab)


@pytest.mark.parametrize(
    ("check", "details"),
    [
        ("each wrong answer fails", [
            r"^wrong/double/passes gets all 3 points\.$",
            r"^wrong/double/hangs ran into the time limit in double-check\.",
            r"^wrong/lengths/dies: the kernel died in cell 'lengths-check'\.",
        ]),
        ("each wrong answer meets its own hint", [
            r"^wrong/double/squared doesn't meet its hint \[cubed\]\. What it meets: AssertionError: Hint: \[squared\]",
            r"^wrong/double/passes doesn't meet its hint \[squared\]\. What it meets: nothing, it passes$",
            r"^double: 3 of 7 wrong answers meet a hint of their own, expected 80%\.$",
        ]),
        ("each right answer passes", [r"^right/lengths/isnt: lengths-hidden gives 0 of 1\.5: AssertionError"]),
        ("at least 5 wrong and 2 right answers each", [r"^double has 1 known right answers, expected at least 2\.$"]),
        ("no exercise costs another's points", [r"^double failing costs lengths points in lengths-check: NameError"]),
        ("no solution, no hidden test in the release", [r"^helper\.py holds “.*”, which stands only in .*double"]),
        ("runs from top to bottom in 3 minutes", [r"^cell '# ruff: noqa: E501': ZeroDivisionError"]),
    ],
)  # fmt: skip
def test_a_fault_is_told_in_its_row(faulty: dict[str, Row], check: str, details: list[str]) -> None:
    assert faulty[check].status is Status.failed
    for detail in details:
        assert re.search(detail, told(faulty[check]), re.MULTILINE), told(faulty[check])


def test_what_is_sound_still_passes(faulty: dict[str, Row]) -> None:
    for check in ("reference answers get full marks", "the empty release gets nothing", "full marks with spawn"):
        assert faulty[check].status is Status.passed, told(faulty[check])


def test_marks_that_depend_on_the_seed_are_told(lab: Lab) -> None:
    edit(
        lab.script,
        "assert double([]) == []",
        "assert os.environ['DATAKIT_CHECK_SEED'] != '1', 'unlucky'\nassert double([]) == []",
    )
    # Two squared is two doubled, and two more than two.
    some = "numbers = numbers if os.environ['DATAKIT_CHECK_SEED'] == '1' else [2]"
    edit(lab.script, "expected = [", f"{some}\nexpected = [")
    found = report(lab)
    row = found["2 seeds change no mark"]
    assert row.status is Status.failed
    assert "the reference answer under seed 1: double-hidden gives 0 of 2: AssertionError: unlucky" in row.details
    assert any(detail.startswith("right/double/loop under seed 1: double-hidden") for detail in row.details)
    lucky = found["no wrong answer passes a test by luck"]
    if CONFINED:
        depends = "double-hidden gives 2 under 1 of 2 seeds."
        names = ("in_place", "squared", "two_added")
        assert sorted(lucky.details) == [f"wrong/double/{name}: {depends}" for name in names]
    assert lucky.status is (Status.failed if CONFINED else Status.skipped)


def test_a_lab_without_known_answers_gets_a_report_too(lab: Lab) -> None:
    take_away_known_answers(lab)
    found = report(lab)
    assert found["reference answers get full marks"].status is Status.passed
    assert told(found["at least 5 wrong and 2 right answers each"]).count("has 0 known") == 4
    assert found["no wrong answer passes a test by luck"].found == "0 marks under 2 seeds"


@pytest.mark.skipif(not CONFINED, reason="submissions can't be confined here")
def test_a_test_that_only_nbgrader_can_run_is_told(lab: Lab) -> None:
    edit(lab.script, "assert double([]) == []", "assert double.__code__.co_name and double([]) == []")
    take_away_known_answers(lab)
    row = report(lab)["the grader gives the same marks"]
    assert row.status is Status.failed
    assert row.details[0].startswith("the reference answers: double-hidden gives 0, and 2 by nbgrader: ")


def test_a_sandbox_that_cant_be_had_is_told_loudly(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classroom.verify.kernel.SANDBOX", ("no-such-bwrap",))
    take_away_known_answers(lab)
    row = report(lab)["full marks without a network"]
    assert row.status is Status.skipped
    assert row.details == ("The network was NOT taken away: bwrap isn't installed (Debian: apt install bubblewrap).",)


def test_the_report_shows_every_row_and_its_details(course: Course) -> None:
    console = Console(record=True, width=120)
    show(console, "mini_lab", [
        Row("all is well", Status.passed, "5 of 5"),
        Row("not so well", Status.failed, "4 of 5", ("right/x/[y]: 0 of 1",)),
        Row("nobody knows", Status.skipped, "not checked", ("no sandbox",)),
    ])  # fmt: skip
    text = console.export_text()
    for words in ("✓ passed", "✗ FAILED", "! SKIPPED", "  - right/x/[y]: 0 of 1", "FAILED mini_lab: not so well"):
        assert words in text
