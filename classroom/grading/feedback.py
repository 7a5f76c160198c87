"""A learner's page: for each test its points and what to try next, for each text what a person said of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from markupsafe import Markup
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode

from classroom.exercises import exercise_of, grade_id, grading, is_test
from classroom.grading.feedback_clean import clean_markdown, clean_outputs
from classroom.grading.feedback_html import render
from classroom.grading.feedback_overview import overview
from classroom.grading.feedback_words import full, words
from classroom.grading.intake_refused import refusal_of
from classroom.grading.items import CellRun, Verdict
from classroom.grading.rebuild import Rebuilt
from classroom.grading.rebuild_match import takes_answer
from classroom.grading.rebuild_original import Original
from classroom.grading.record_book import Mark, Marks
from classroom.grading.record_transcript import OWN

MOST_OUTPUT = 20_000  # characters of one output that the page shows


@dataclass
class Part:
    """One part of the page: a test, a text graded by hand, or a cell of the learner's.

    Args:
        kind: ``test``, ``text`` or ``cell``.
        name: what it is called.
        mark: its marks, None for a mere cell.
        state: ``full``, ``partly``, ``none`` or ``waiting``.
        aspects: what a test says, each with its name.
        code: the learner's code.
        outputs: what the page shows of its outputs.
        comment: what a person wrote.
    """

    kind: str
    name: str
    mark: Mark | None = None
    state: str = ""
    aspects: list[tuple[str, str]] = field(default_factory=list)
    code: str = ""
    outputs: list[Markup | str] = field(default_factory=list)
    comment: str = ""


def feedback_page(original: Original, rebuilt: Rebuilt, verdict: Verdict, marks: Marks) -> str:
    """The page's HTML.

    Args:
        original: the lab.
        rebuilt: the submission in the instructor's notebook.
        verdict: what grading it gave.
        marks: what stands in the gradebook.
    """
    title = original.release.metadata.get("datakit", {}).get("title", verdict.lab)
    return render(
        "feedback.html.j2",
        title=title,
        lab=verdict.lab,
        student=verdict.student,
        refused=refusal_of(verdict.refused),
        marks=marks,
        overview=overview(original.points(), marks),
        parts=[part for part in _parts(original, rebuilt, verdict, marks) if not verdict.refused or _by_a_person(part)],
    )


def _parts(original: Original, rebuilt: Rebuilt, verdict: Verdict, marks: Marks) -> Iterator[Part]:
    results = {result.test: result for result in verdict.results}
    runs = {run.cell: run for run in verdict.runs}
    tell = True  # until the first hidden test: an output after it could carry the test's inputs out
    for index, cell in enumerate(rebuilt.notebook.cells):
        name = grade_id(cell)
        comment = marks.comments.get(name, "")
        if is_test(cell):
            tell = tell and name not in original.hidden
            aspects = words(results[name]) if name in results else []
            passed = name in results and full(results[name])
            yield Part("test", _title(name), marks.cells[name], _state(marks.cells[name], passed), aspects)
        elif name in marks.cells:
            mark = marks.cells[name]
            shown: list[Markup | str] = [] if cell.cell_type == "code" else [Markup(clean_markdown(cell.source))]
            code = cell.source if cell.cell_type == "code" else ""
            state = "waiting" if mark.waiting and mark.manual is None else _state(mark)
            yield Part("text", name, mark, state, code=code, outputs=shown, comment=comment)
        elif cell.cell_type == "code" and (takes_answer(cell) or cell.id.startswith(OWN)):
            outputs = list(_outputs(runs[index])) if tell and index in runs else []
            yield Part("cell", name, code=cell.source, outputs=outputs, comment=comment)
        elif grading(cell).get("task"):
            yield Part("text", name, marks.cells[name], _state(marks.cells[name]), comment=comment)


def _by_a_person(part: Part) -> bool:
    """Whether somebody graded it by hand, or wrote to the learner about it."""
    return bool(part.comment) or (part.mark is not None and part.mark.manual is not None)


def _title(test: str) -> str:
    return f"{exercise_of(test)} · {'hidden tests' if test.endswith('hidden') else 'check'}"


def _state(mark: Mark, passed: bool = False) -> str:
    if passed or mark.score >= mark.possible:
        return "full"
    return "partly" if mark.score > 0 else "none"


def _outputs(run: CellRun) -> Iterator[Markup | str]:
    yield from (shown for output in clean_outputs(run.outputs) if (shown := _shown(output)))
    if run.error and not any(output.get("output_type") == "error" for output in run.outputs):
        yield _cut(run.error)


def _shown(output: NotebookNode) -> Markup | str:
    if output.output_type == "stream":
        return _cut(output.text)
    if output.output_type == "error":
        return _cut("\n".join(_lines(output)))
    for kind in ("image/png", "image/jpeg", "image/gif"):
        if kind in output.data:
            return Markup('<img alt="a picture that this cell shows" src="data:{};base64,{}">').format(
                kind, output.data[kind]
            )
    if "text/html" in output.data:
        return Markup(output.data["text/html"])
    return _cut(output.data.get("text/plain", ""))


def _lines(output: NotebookNode) -> Iterable[str]:
    return output.traceback or [f"{output.ename}: {output.evalue}"]


def _cut(text: str) -> str:
    plain = str(strip_ansi(text))
    return plain if len(plain) <= MOST_OUTPUT else f"{plain[:MOST_OUTPUT]}\n…"
