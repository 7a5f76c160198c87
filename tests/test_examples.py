"""Every example in a docstring runs and shows what it says; every public piece that one calls has an example."""

from __future__ import annotations

import dataclasses
import doctest
import inspect
from importlib import import_module
from pathlib import Path

import pytest
import torch

import datakit

ROOT = Path(datakit.__file__).parent
MODULES = [
    ".".join(("datakit", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in sorted(ROOT.rglob("*.py"))
    if ">>>" in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_show_what_they_say(name: str) -> None:
    torch.manual_seed(0)
    failed, tried = doctest.testmod(import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert tried > 0
    assert failed == 0


def is_called(name: str) -> bool:
    """Is this a piece that one calls, rather than a module, an error, or a record that another piece returns?"""
    piece = getattr(datakit, name)
    return callable(piece) and not dataclasses.is_dataclass(piece) and not hasattr(piece, "_fields")


@pytest.mark.parametrize("name", [name for name in datakit.__all__ if is_called(name)])
def test_public_pieces_have_an_example(name: str) -> None:
    piece = getattr(datakit, name)
    if isinstance(piece, type) and issubclass(piece, Exception):
        pytest.skip("an error is raised, not called")
    methods = [value for value in vars(piece).values() if callable(value)] if inspect.isclass(piece) else []
    documented = [inspect.getdoc(each) or "" for each in (piece, *methods)]
    assert any(">>>" in text for text in documented)
