"""Nothing of a solution or a hidden test may stand in what learners get."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions

from classroom.answers import Answer
from classroom.exercises import grade_id, grading

MARKER = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)")
LENGTH = 8  # tokens in a row: long enough not to occur by chance, short enough to find a single line
STUB = f"\n{ClearSolutions().code_stub['python']}\n"
Gram = tuple[str, ...]


def find_leaks(source: NotebookNode, answers: Iterable[Answer], release: dict[str, bytes]) -> list[str]:
    """Compare a release with everything that must stay secret.

    A secret is any run of ``LENGTH`` tokens (or a whole region, where that is shorter) of a solution, a hidden test, a
    mark scheme or a known answer that stands nowhere in the public part of the source.

    Args:
        source: the instructor's notebook.
        answers: the known answers.
        release: each released file's content by its path.

    Returns:
        One sentence for each place, empty if nothing leaks.
    """
    public, secret = split(source)
    secret += [(answer.label, answer.source) for answer in answers]
    secrets = {gram: where for where, text in secret for gram in _grams(text, LENGTH)}
    lengths = {len(gram) for gram in secrets}
    for text in public:
        for length in lengths:
            for gram in _grams(text, length):
                secrets.pop(gram, None)
    found = []
    for path, content in release.items():
        leaked: dict[str, Gram] = {}
        for text in _texts(path, content):
            found += [f"{path} holds the marker {match[0]!r}." for match in MARKER.finditer(text)]
            for gram in (gram for length in lengths for gram in _grams(text, length)):
                if gram in secrets:
                    leaked.setdefault(secrets[gram], gram)
        found += [f"{path} holds “{' '.join(gram)}”, which stands only in {where}." for where, gram in leaked.items()]
    return found


def split(source: NotebookNode) -> tuple[list[str], list[tuple[str, str]]]:
    """Split a source notebook into its public texts and its secret ones, each of these with where it stands."""
    public: list[str] = []
    secret: list[tuple[str, str]] = []
    for cell in source.cells:
        if grading(cell).get("solution") and "BEGIN SOLUTION" not in cell.source:
            secret.append((grade_id(cell), cell.source))  # nbgrader replaces such a cell as a whole
            continue
        shown, hidden = _regions(cell.source)
        # Where a region was, learners see a stub (a solution's place) or nothing (a hidden test's).
        public += [STUB.join(shown), "\n".join(shown)]
        secret += [(grade_id(cell), text) for text in hidden]
    return public, secret


def _regions(text: str) -> tuple[list[str], list[str]]:
    """Cut a cell's text at nbgrader's markers: the parts outside the regions, and those inside."""
    parts: list[list[str]] = [[]]
    for line in text.splitlines():
        if MARKER.search(line):
            parts.append([])
        else:
            parts[-1].append(line)
    texts = ["\n".join(part) for part in parts]
    return texts[::2], texts[1::2]


def _grams(text: str, length: int) -> Iterator[Gram]:
    tokens = re.findall(r"\w+|[^\w\s]", text)
    if tokens:
        length = min(length, len(tokens))
        yield from zip(*(tokens[start:] for start in range(length)), strict=False)


def _texts(path: str, content: bytes) -> Iterator[str]:
    """A file's texts: a notebook's are its strings, wherever in it they stand."""
    text = content.decode("utf-8", errors="replace")
    if path.endswith(".ipynb"):
        yield from _strings(json.loads(text))
    else:
        yield text


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        yield from (text for item in value.values() for text in _strings(item))
    elif isinstance(value, list) and all(isinstance(item, str) for item in value):
        yield "".join(value)  # a cell's source, line by line
    elif isinstance(value, list):
        yield from (text for item in value for text in _strings(item))
