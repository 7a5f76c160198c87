"""The course's words: one list, which goes along with every lab and is linked from it."""

from __future__ import annotations

import re
import shutil

from classroom.course import Course, Lab
from classroom.release import compose
from classroom.source import read_script

from .conftest import ROOT

GLOSSARY = ROOT / "solutions" / "glossary.md"


def test_it_lies_beside_every_released_notebook(lab: Lab) -> None:
    assert "glossary.md" not in compose(lab, read_script(lab))
    shutil.copy(GLOSSARY, lab.glossary)
    assert compose(lab, read_script(lab))["glossary.md"] == GLOSSARY.read_bytes()


def test_every_lab_links_it() -> None:
    for lab in Course(ROOT).labs():
        assert "[glossary](glossary.md)" in lab.script.read_text(encoding="utf-8"), lab.name
        assert (lab.release / "glossary.md").read_bytes() == GLOSSARY.read_bytes()


def test_each_word_is_explained_once() -> None:
    words = re.findall(r"^- \*\*(.+?)\*\*", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(words) > 50
    assert len(words) == len(set(words))
