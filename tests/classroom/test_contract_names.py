"""A test cell uses only names that an examiner has."""

from __future__ import annotations

import pytest

from classroom.answers import read_answers
from classroom.cell_code import defined_names, foreign_names, imported_names
from classroom.contract import check_contract
from classroom.course import CourseError, Lab
from classroom.source import read_script

from .conftest import edit


def complaint(lab: Lab) -> str:
    with pytest.raises(CourseError) as caught:
        check_contract(lab, read_script(lab), read_answers(lab))
    return str(caught.value)


def test_a_set_up_cells_variable_is_refused(lab: Lab) -> None:
    edit(lab.script, 'words = ["one", "three", "two"]\n', "")
    assert "the test 'lengths-hidden' uses 'words', which is neither its own name, nor imported" in complaint(lab)


def test_another_exercises_answer_is_refused(lab: Lab) -> None:
    edit(lab.script, "assert lengths([]) == []", "assert double(lengths([])) == []")
    assert "the test 'lengths-hidden' uses 'double'" in complaint(lab)


@pytest.mark.parametrize(("name", "whose"), [("filter", "Python's own"), ("random", "the one that your cells import")])
def test_an_answer_takes_no_name_away(lab: Lab, name: str, whose: str) -> None:
    text = lab.script.read_text()
    lab.script.write_text(text.replace("def double(values):", f"{name} = 3\n\n\ndef double(values):"))
    assert f"the answer cell 'double' defines '{name}', but a test takes {whose}. Rename it." in complaint(lab)


def test_a_test_that_is_no_python_is_named(lab: Lab) -> None:
    edit(lab.script, "given = [3, 5]", "given = [3, 5")
    assert "the cell 'double-check' is no Python" in complaint(lab)


def test_a_test_may_import_and_define_for_itself(lab: Lab) -> None:
    own = "import math\n\n\nclass Box:\n    side = math.floor(3.5)\n\n\ngiven = [Box.side, 5]"
    edit(lab.script, "given = [3, 5]", own)
    check_contract(lab, read_script(lab), read_answers(lab))


@pytest.mark.parametrize(
    ("source", "foreign"),
    [
        ("x = 1\nprint(x, y)", {"y"}),
        ("def f(a):\n    b = a\n    return b + c\nc = 2", set()),
        ("def f():\n    global g\n    g = 1\nf()\ng", set()),
        ("class A:\n    x = late\n    def f(self): return x", {"late", "x"}),
        ("[i for i in items if j]", {"items", "j"}),
        ("lambda q: q + r", {"r"}),
        ("for k in range(3): pass\nk", set()),
        ("from m import n as o\no, n", {"n"}),
        ("!ls\n%time x = y", {"get_ipython"}),
    ],
)
def test_foreign_names_are_found_in_every_scope(source: str, foreign: set[str]) -> None:
    assert foreign_names(source) == foreign


def test_what_a_cell_defines_is_not_what_it_imports() -> None:
    source = "import os.path as p, sys\nfrom a.b import c\nd = 1\ndef e():\n    import f\nclass g: pass"
    assert defined_names(source) == {"d", "e", "g"}
    assert imported_names([source, "this is no Python"]) == {
        "p": ("os.path", ""),
        "os.path": ("os.path", ""),
        "sys": ("sys", ""),
        "c": ("a.b", "c"),
    }
    assert imported_names(["import x.y"]) == {"x": ("x", ""), "x.y": ("x.y", "")}
    assert imported_names(["%matplotlib inline\nif True:\n    import z"]) == {"z": ("z", "")}
