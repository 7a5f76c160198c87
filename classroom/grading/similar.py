"""Which submissions share long runs of code, renamed or not: winnowing, the method of MOSS.

S. Schleimer, D. Wilkerson, A. Aiken: "Winnowing: Local Algorithms for Document Fingerprinting", SIGMOD 2003. Names and
literals count by their kind alone, so that renaming hides nothing; whitespace and comments don't count. What the
release holds, or what many learners write, tells nothing and is left out. A high share is a reason to look, no proof.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from pygments.lexers import PythonLexer  # type: ignore[import-untyped]
from pygments.token import Comment, Literal, Name, Text  # type: ignore[import-untyped]

GRAM = 12  # tokens of one fingerprint: shorter runs occur by chance
WINDOW = 8  # of so many neighbouring runs one is kept, so a shared run of GRAM + WINDOW - 1 tokens is always found
COMMON = 0.2  # a fingerprint that more than this share of the class has is common knowledge
FEWEST = 8  # fingerprints below which a submission is too short to compare
LEAST = 0.5  # the least share worth a look


@dataclass(frozen=True)
class Pair:
    """Two submissions that share code.

    Args:
        first: one learner.
        second: the other.
        share: what part of the shorter one's fingerprints the other has too.
        runs: how many fingerprints they share.
    """

    first: str
    second: str
    share: float
    runs: int


def similar(texts: Mapping[str, str], known: Iterable[str] = ()) -> list[Pair]:
    """Pairs of submissions that share code, the most alike first.

    Args:
        texts: each learner's code.
        known: code that anybody may have: the release, say.
    """
    public = {mark for text in known for mark in _grams(text)}
    marks = {learner: fingerprints(text) - public for learner, text in texts.items()}
    count = Counter(mark for found in marks.values() for mark in found)
    most = max(2, int(COMMON * len(texts)))
    rare = {learner: {mark for mark in found if count[mark] <= most} for learner, found in marks.items()}
    pairs = []
    for one, other in combinations(sorted(name for name, found in rare.items() if len(found) >= FEWEST), 2):
        shared = len(rare[one] & rare[other])
        share = shared / min(len(rare[one]), len(rare[other]))
        if share >= LEAST:
            pairs.append(Pair(one, other, share, shared))
    return sorted(pairs, key=lambda pair: (-pair.share, -pair.runs, pair.first, pair.second))


def fingerprints(text: str) -> set[int]:
    """A text's fingerprints: the least hash of each window."""
    hashes = _grams(text)
    if len(hashes) <= WINDOW:
        return set(hashes)
    return {min(hashes[start : start + WINDOW]) for start in range(len(hashes) - WINDOW + 1)}


def _grams(text: str) -> list[int]:
    tokens = list(_tokens(text))
    runs = zip(*(tokens[start:] for start in range(GRAM)), strict=False)
    return [zlib.crc32(" ".join(run).encode()) for run in runs]


def _tokens(text: str) -> Iterable[str]:
    for kind, value in PythonLexer().get_tokens(text):
        if kind in Comment or kind in Text or kind is Literal.String.Doc:
            continue
        # Kinds of names differ by how common a name is, so they count as one; operators and keywords are themselves.
        yield "name" if kind in Name else "literal" if kind in Literal else value
