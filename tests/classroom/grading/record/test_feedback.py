"""A learner's page tells what helps and nothing that must stay hidden."""

from __future__ import annotations

import nbformat
import pytest
from nbgrader.api import Gradebook

from classroom.course import Course
from classroom.grading.feedback_class import write_feedback
from classroom.grading.feedback_clean import clean_html, clean_markdown, clean_outputs
from classroom.grading.feedback_words import NOT_EXPECTED, as_text, words
from classroom.grading.grade import grade
from classroom.grading.items import CellRun, Result, Verdict, WorkItem

from .fakes import judge
from .learner import RIGHT, Learner

INPUTS = "double([17, 4])"


def page(learner: Learner) -> str:
    return (learner.course.work / "feedback" / learner.name / "mini_lab" / "mini_lab.html").read_text()


def test_a_visible_test_tells_all_and_a_hidden_one_its_hint() -> None:
    texts = {"what": INPUTS, "arrived": "[34]", "expected": "[34, 8]", "hint": "Count again.", "error": f"E: {INPUTS}"}
    visible, hidden = Result("a-check", 0, 2, False, **texts), Result("a-hidden", 0, 2, True, **texts)
    assert [name for name, _ in words(visible)] == ["tested", "arrived", "expected", "hint", "error"]
    assert words(hidden) == [("hint", "Count again."), ("result", "E")]
    assert as_text(hidden) == "✗ 0 of 2 points\n  hint      Count again.\n  result    E"
    assert as_text(Result("a", 2, 2, True)) == "✓ 2 of 2 points"
    assert words(Result("a-hidden", 0, 2, True, what="[17, 4]", arrived="[34]")) == [("result", NOT_EXPECTED)]


def test_what_ran_after_a_hidden_test_is_not_shown(ada: Learner) -> None:
    """A learner's code has seen the inputs by then, and could print them."""

    def tell(item: WorkItem) -> Verdict:
        verdict = judge(item)
        node = nbformat.v4.new_output("stream", name="stdout", text="printed by the learner")
        runs = tuple(CellRun(run.cell, (node,) if step else ()) for step, run in enumerate(verdict.runs))
        return Verdict(item.lab, item.student, item.digest, verdict.results, runs)

    ada.hand_in(**RIGHT)
    grade(ada.course, ada.lab, lambda items: map(tell, items))  # type: ignore[arg-type, return-value]
    assert page(ada).count("printed by the learner") == 1, "double's, and not lengths', which runs after double-hidden"
    assert "BEGIN HIDDEN" not in page(ada)
    assert "chance.randint" not in page(ada)


def test_pages_are_written_again_after_grading_by_hand(ada: Learner, built_course: Course) -> None:
    ada.hand_in(**RIGHT, reflect_copy="Because of <aliasing>.")
    grade(ada.course, ada.lab, lambda items: map(judge, items))  # type: ignore[arg-type, return-value]
    assert "waits for a person, 2 points" in page(ada)
    assert '<a href="#to-double">double</a></td><td class="number points">✓ 3 of 3</td>' in page(ada)
    assert '<a href="#to-reflect-copy">reflect-copy</a></td>' in page(ada)
    with Gradebook(f"sqlite:///{built_course.work}/gradebook.db", "datakit") as book:
        mark = book.find_grade("reflect-copy", "mini_lab", "mini_lab", "ada")
        mark.manual_score, mark.needs_manual_grade = 1.5, False
        book.find_comment("reflect-copy", "mini_lab", "mini_lab", "ada").manual_comment = "Nearly <all>."
        book.db.commit()
    assert len(write_feedback(ada.course, ada.lab)) == 1
    assert "7 of 7.5 points" in page(ada)
    assert "Nearly &lt;all&gt;." in page(ada)
    assert "1.5 of 2" in page(ada)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("**bold** and `code`", "<strong>bold</strong> and <code>code</code>"),
        ("a < b and c > d", "a &lt; b and c &gt; d"),
        ("> quote", "<blockquote>"),
        ("[x](https://pytorch.org)", 'href="https://pytorch.org"'),
        ("```\na\n\nb\n```", "a\n&#8203;\nb"),
    ],
)
def test_honest_markdown_stays_readable(text: str, kept: str) -> None:
    clean = clean_markdown(text)
    assert kept in clean
    assert "\n\n" not in clean, "a blank line would end the block of HTML"


def test_a_table_and_a_picture_stay(ada: Learner) -> None:
    table = "<style>td {color: red}</style><table border=1><tr><td colspan=2 style='color:red'>1</td></tr></table>"
    assert clean_html(table) == '<table><tbody><tr><td colspan="2">1</td></tr></tbody></table>'
    png = nbformat.v4.new_output("display_data", data={"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"})
    assert clean_outputs([png])[0].data == {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}
    assert clean_html("<img src='https://example.org/spy.png' alt='x'>") == '<img alt="x">'


def test_endless_output_is_cut() -> None:
    long = nbformat.v4.new_output("stream", name="stdout", text="x" * 200_000)
    text = clean_outputs([long])[0].text
    assert len(text) < 101_000
    assert text.endswith("100,000 more characters were cut off")
