"""Each piece of an experiment that needs a package of the `lab` extra names it where it is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from datakit.experiments.figures import new_figure
from datakit.experiments.machine import this_machine
from datakit.experiments.memory import resident_bytes
from datakit.experiments.pictures import show


@pytest.mark.parametrize(
    ("module", "distribution", "call"),
    [
        ("matplotlib.figure", "matplotlib", new_figure),
        ("psutil", "psutil", getattr(this_machine, "__wrapped__", this_machine)),
        ("psutil", "psutil", resident_bytes),
        ("IPython.display", "IPython", lambda: show(new_figure(), "an empty figure")),
    ],
)
def test_a_missing_package_is_named(
    monkeypatch: pytest.MonkeyPatch, module: str, distribution: str, call: Callable[[], Any]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModuleNotFoundError, match=rf"needs the package {distribution}.*pip install 'datakit\[lab\]'"):
        call()
