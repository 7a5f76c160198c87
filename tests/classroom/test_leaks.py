from __future__ import annotations

import json

import pytest

from classroom.answers import read_answers
from classroom.build import made_release
from classroom.course import CourseError, Lab
from classroom.leaks import find_leaks
from classroom.release import compose
from classroom.source import read_script

from .conftest import edit

NAME = "mini_lab.ipynb"
SOLUTION = "return [2 * value for value in values]"
HIDDEN = "assert lengths(words) == [3, 5, 3]"


def leaks(lab: Lab, release: dict[str, bytes]) -> list[str]:
    return find_leaks(read_script(lab), read_answers(lab), release)


def changed(lab: Lab, change: str, text: str) -> dict[str, bytes]:
    """The release with a text put in somewhere."""
    release = compose(lab, read_script(lab))
    notebook = json.loads(release[NAME])
    cell = notebook["cells"][1]
    if change == "cell":
        cell["source"].append("\n" + text)
    elif change == "metadata":
        cell["metadata"]["note"] = text
    elif change == "output":
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [text]}]
    release[NAME] = json.dumps(notebook).encode()
    return {**release, "helper.py": text.encode()} if change == "file" else release


def test_the_release_of_the_tiny_lab_holds_no_secret(lab: Lab) -> None:
    assert leaks(lab, compose(lab, read_script(lab))) == []


@pytest.mark.parametrize("change", ["cell", "metadata", "output", "file"])
@pytest.mark.parametrize(
    ("secret", "where"),
    [
        (SOLUTION, "double"),
        (HIDDEN, "lengths-hidden"),
        ("Whoever called it may still need the old one.", "reflect-copy"),
        ("return [sum(1 for _ in word) for word in words]", "right/lengths/counted"),
        ("return [value**2 for value in values]", "wrong/double/squared"),
    ],
)
def test_a_secret_is_found_wherever_it_stands(lab: Lab, change: str, secret: str, where: str) -> None:
    found = leaks(lab, changed(lab, change, secret))
    assert len(found) >= 1
    path = "helper.py" if change == "file" else NAME
    assert any(
        sentence.startswith(f"{path} holds “") and sentence.endswith(f"stands only in {where}.") for sentence in found
    )


def test_other_spaces_and_line_breaks_dont_hide_a_secret(lab: Lab) -> None:
    assert leaks(lab, changed(lab, "file", "return [2*value\n   for   value\n in values]"))


def test_a_marker_is_found(lab: Lab) -> None:
    assert leaks(lab, changed(lab, "file", "### BEGIN HIDDEN TESTS")) == [
        "helper.py holds the marker 'BEGIN HIDDEN TESTS'."
    ]


def test_what_learners_see_anyway_is_no_secret(lab: Lab) -> None:
    assert (
        leaks(lab, changed(lab, "file", 'assert found == [6, 10], f"double([3, 5]) gave {found}, expected [6, 10]"'))
        == []
    )


def test_a_lab_that_shows_its_solution_is_not_built(lab: Lab) -> None:
    (lab.folder / "helper.py").write_text(f"def double(values):\n    {SOLUTION}\n")
    with pytest.raises(CourseError, match=r"would show learners what they must not see:\nhelper\.py holds “"):
        made_release(lab)


def test_a_mark_scheme_goes_too(lab: Lab) -> None:
    edit(
        lab.script,
        "# ## A question",
        '# ## A task\n\n# %% [markdown] nbgrader={"grade": false, "grade_id": "draw", "locked": true, "points": 1, '
        '"schema_version": 3, "solution": false, "task": true}\n# Draw the way.\n#\n# ### BEGIN MARK SCHEME\n'
        "# One point if all five stations stand in their order.\n# ### END MARK SCHEME\n\n# %% [markdown]\n"
        "# ## A question",
    )
    release = made_release(lab)
    assert b"Draw the way." in release[NAME]
    assert b"stations" not in release[NAME]
