"""Compare what arrived with what was expected, and say where they part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Number
from typing import Any

import numpy as np
import torch

from datakit.check.describe import describe
from datakit.check.exercise import count_check
from datakit.check.failure import CheckFailed
from datakit.check.mistakes import Mistake, recognise

RELATIVE_TOLERANCE = 1e-5
ABSOLUTE_TOLERANCE = 1e-6


def equal(arrived: object, expected: object, what: str, mistakes: Iterable[Mistake] = ()) -> None:
    """Check that ``arrived`` equals ``expected``, nested containers included.

    Where either serves, either passes: a list for a tuple, a NumPy array for a tensor, a 0-d tensor for a number.
    Tensors must agree in shape, dtype and values (floating point within a relative 1e-5 or an absolute 1e-6; NaN equals
    NaN).

    Args:
        arrived: what the learner's code gave.
        expected: the right value.
        what: what is compared, in the learner's terms (``"ds[-1]"``).
        mistakes: known mistakes, the most specific first; the first one recognised lends its hint.

    Raises:
        CheckFailed: if they differ; it names the place, both values and the hint.
    """
    count_check()
    found = difference(arrived, expected)
    if found is not None:
        # Of two plain values the difference is plain too; of two nested ones it says where to look.
        nested = isinstance(expected, (torch.Tensor, np.ndarray, Mapping, list, tuple))
        wanted = f"{describe(expected)}\n({found})" if nested else describe(expected)
        raise CheckFailed(what, describe(arrived), wanted, recognise(arrived, mistakes))


def close(arrived: object, expected: torch.Tensor, what: str, within: float, mistakes: Iterable[Mistake] = ()) -> None:
    """Check that a tensor equals ``expected`` but for rounding: each value ``within`` an absolute distance.

    Args:
        arrived: what the learner's code gave: a tensor, or a NumPy array.
        expected: the right values, floating point; NaN equals NaN.
        what: what is compared, in the learner's terms.
        within: the largest distance allowed.
        mistakes: known mistakes, the most specific first.

    Raises:
        CheckFailed: if shape, dtype or a value differs.
    """
    count_check()
    given = torch.as_tensor(arrived) if isinstance(arrived, np.ndarray) else arrived
    if (
        isinstance(given, torch.Tensor)
        and given.shape == expected.shape
        and given.dtype == expected.dtype
        and bool(torch.isclose(given, expected, 0.0, within, equal_nan=True).all())
    ):
        return
    wanted = f"{describe(expected)}\nwithin {within:g} ({difference(arrived, expected)})"
    raise CheckFailed(what, describe(arrived), wanted, recognise(arrived, mistakes))


def difference(arrived: object, expected: object, place: str = "") -> str | None:
    """Return a sentence about the first difference, or ``None`` where there is none.

    Args:
        arrived: what the learner's code gave.
        expected: the right value.
        place: where in the nesting the two stand (``"[1]['mask']"``); empty at the top.
    """
    here = f"at {place}: " if place else ""
    if isinstance(expected, (torch.Tensor, np.ndarray)) and np.ndim(expected):
        return _tensor_difference(arrived, torch.as_tensor(expected), here)
    if isinstance(expected, Mapping):
        return _mapping_difference(arrived, expected, place)
    if isinstance(expected, (list, tuple)):
        return _sequence_difference(arrived, expected, place)
    if isinstance(expected, (torch.Tensor, np.generic, Number)):
        return _number_difference(arrived, expected, here)
    if type(arrived) is not type(expected) or arrived != expected:
        return f"{here}{describe(arrived)} is not {describe(expected)}"
    return None


def _tensor_difference(arrived: object, expected: torch.Tensor, here: str) -> str | None:
    if isinstance(arrived, np.ndarray):
        arrived = torch.as_tensor(arrived)
    if not isinstance(arrived, torch.Tensor):
        return f"{here}type {type(arrived).__name__} arrived; a tensor was expected"
    if arrived.shape != expected.shape:
        return f"{here}shape {list(arrived.shape)} arrived; {list(expected.shape)} was expected"
    if arrived.dtype != expected.dtype:
        return f"{here}dtype {_dtype(arrived)} arrived; {_dtype(expected)} was expected"
    arrived, expected = arrived.detach().cpu(), expected.detach().cpu()
    if expected.is_floating_point():
        same = torch.isclose(arrived, expected, RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE, equal_nan=True)
    else:
        same = arrived == expected
    if bool(same.all()):
        return None
    first = tuple(int(i) for i in (~same).nonzero()[0])
    return (
        f"{here}{int((~same).sum())} of {same.numel()} values differ; the first at index {list(first)}: "
        f"{arrived[first].item()} arrived, {expected[first].item()} was expected"
    )


def _mapping_difference(arrived: object, expected: Mapping[object, object], place: str) -> str | None:
    here = f"at {place}: " if place else ""
    if not isinstance(arrived, Mapping):
        return f"{here}type {type(arrived).__name__} arrived; a dict was expected"
    if set(arrived) != set(expected):
        return f"{here}keys {_names(arrived)} arrived; {_names(expected)} were expected"
    for key, value in expected.items():
        found = difference(arrived[key], value, f"{place}[{key!r}]")
        if found is not None:
            return found
    return None


def _sequence_difference(arrived: object, expected: list[object] | tuple[object, ...], place: str) -> str | None:
    here = f"at {place}: " if place else ""
    if not isinstance(arrived, (list, tuple)):
        return f"{here}type {type(arrived).__name__} arrived; a list or tuple was expected"
    if len(arrived) != len(expected):
        return f"{here}{len(arrived)} elements arrived; {len(expected)} were expected"
    for position, (one, other) in enumerate(zip(arrived, expected, strict=True)):
        found = difference(one, other, f"{place}[{position}]")
        if found is not None:
            return found
    return None


def _number_difference(arrived: object, expected: object, here: str) -> str | None:
    if isinstance(arrived, (torch.Tensor, np.ndarray)) and np.ndim(arrived):
        return f"{here}a tensor of shape {list(np.shape(arrived))} arrived; a single number was expected"
    if isinstance(arrived, torch.Tensor) and isinstance(expected, torch.Tensor) and arrived.dtype != expected.dtype:
        return f"{here}dtype {_dtype(arrived)} arrived; {_dtype(expected)} was expected"
    one, other = _plain(arrived), _plain(expected)
    if not isinstance(one, (bool, int, float, complex)):
        return f"{here}{describe(arrived)} arrived; the number {describe(expected)} was expected"
    if isinstance(one, bool) != isinstance(other, bool) or (isinstance(other, int) and isinstance(one, float)):
        return f"{here}type {type(one).__name__} arrived; {type(other).__name__} was expected"
    if one == other or np.isclose(complex(one), complex(other), RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE, equal_nan=True):
        return None
    return f"{here}{one} arrived; {other} was expected"


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, (torch.Tensor, np.generic, np.ndarray)) else value


def _dtype(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _names(keys: Iterable[object]) -> str:
    return "{" + ", ".join(sorted(repr(key) for key in keys)) + "}"
