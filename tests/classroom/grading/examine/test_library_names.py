"""A library's functions are found by name in the learner's process, whatever they are made of."""

from __future__ import annotations

import importlib
import operator
import random
from collections.abc import Callable

import numpy as np
import pytest
import torch

from classroom.grading.examine_desk import library_name

from .forked_learner import ForkedLearner


@pytest.mark.parametrize(
    "value",
    [
        torch.manual_seed,
        torch.stack,
        torch.Generator,
        random.seed,
        random.getrandbits,
        np.random.default_rng,
        np.random.random,
        bytes.decode,
    ],
    ids=lambda value: value.__qualname__,
)
def test_a_librarys_function_has_a_name(value: Callable[..., object]) -> None:
    named = library_name(value)
    assert named is not None
    assert operator.attrgetter(named.path)(importlib.import_module(named.module)) is value


@pytest.mark.parametrize(
    "value",
    [[].append, [1].__getitem__, {}.get, random.Random(1).seed, np.random.default_rng(1).random, lambda: 1],
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_a_method_of_an_object_is_no_librarys_function(value: Callable[..., object]) -> None:
    assert library_name(value) is None


def test_a_test_sees_whether_shared_random_numbers_were_touched(learner: ForkedLearner) -> None:
    learner.run("import random\nimport numpy as np\nimport torch")
    learner.run("def own(): return random.Random(3).random(), np.random.default_rng(3).random()")
    learner.run("def pythons(): random.seed(3)\ndef numpys(): np.random.random()\ndef torchs(): torch.rand(1)")
    result = learner.examine(
        """
import random
def next_numbers(action):
    found = []
    for seed, draw in (random.seed, random.random), (np.random.seed, np.random.random), (torch.manual_seed, torch.rand):
        check.beside(seed, 11)
        action()
        found.append(float(check.beside(draw, 1) if draw is torch.rand else check.beside(draw)))
    return found
untouched = next_numbers(lambda: None)
assert next_numbers(own) == untouched
for which, action in enumerate((pythons, numpys, torchs)):
    touched = next_numbers(action)
    assert [place for place in range(3) if touched[place] != untouched[place]] == [which]
"""
    )
    assert result.points == 2.0, result
