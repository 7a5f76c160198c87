"""What a call changed in the arguments that it was given, so that its caller can see it.

A list, dict, set, tensor or array travels as a copy. Afterwards whatever the call changed in the copies is changed in
the caller's own objects, too, which stay the same objects: a list that was sorted holds the same tensors, in another
order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from .wire_arrays import is_carried, tensor_parts
from .wire_bounds import MOST_BYTES, WireError
from .wire_containers import base_of

Effects = list[tuple[int, list[Any]]]


def mutable_parts(value: object) -> list[Any]:
    """All that a call could change in a value, in an order that is the same for the value and its copy."""
    found: list[Any] = []
    _collect(value, found)
    return found


def _collect(value: object, found: list[Any]) -> None:
    kind = base_of(type(value))
    if kind in (list, dict, set) or _is_numbers(value):
        found.append(value)
    if isinstance(value, list | tuple) and kind in (list, tuple):
        for item in value:
            _collect(item, found)
    elif isinstance(value, dict) and kind is dict:
        for item in value.values():
            _collect(item, found)


def snapshot(parts: list[Any]) -> list[Any]:
    """What these hold now."""
    return [_state(part) for part in parts]


def effects(parts: list[Any], before: list[Any]) -> Effects:
    """Which of these hold something else now, and what: plain data, to be sent.

    An element that is itself one of the parts is told by its number, any other by its value.
    """
    numbers = {id(part): number for number, part in enumerate(parts)}
    changed: Effects = []
    for number, (part, old) in enumerate(zip(parts, before, strict=True)):
        new = _state(part)
        if isinstance(new, bytes):
            if new != old:
                changed.append((number, [part]))
        elif len(new) != len(old) or any(one is not other for one, other in zip(new, old, strict=True)):
            changed.append((number, [(True, numbers[id(e)]) if id(e) in numbers else (False, e) for e in new]))
    return changed


def apply(parts: list[Any], changed: object) -> None:
    """Change the caller's own objects as their copies were changed.

    Raises:
        WireError: if what arrived describes no change of these.
    """
    try:
        for number, state in changed:  # type: ignore[attr-defined]
            _set_state(parts[number], state, parts)
    except Exception as error:
        raise WireError(f"the changes of the arguments can't be made: {type(error).__name__}: {error!s:.200}") from None


def _is_numbers(value: object) -> bool:
    return is_carried(value) if isinstance(value, torch.Tensor) else isinstance(value, np.ndarray)


def _state(part: Any) -> Any:
    if isinstance(part, torch.Tensor):
        name, shape, raw = tensor_parts(part, MOST_BYTES) or ("", (), b"")
        return f"{name} {shape}".encode() + raw
    if isinstance(part, np.ndarray):
        return f"{part.dtype} {part.shape}".encode() + part.tobytes()
    if isinstance(part, dict):
        return [item for pair in part.items() for item in pair]
    return list(part)


def _set_state(part: Any, state: list[Any], parts: list[Any]) -> None:
    if isinstance(part, torch.Tensor | np.ndarray):
        (new,) = state
        if isinstance(part, np.ndarray):
            part[...] = new
        elif part.shape == new.shape and part.dtype == new.dtype:
            part.detach().copy_(new)
        else:
            part.data = new
        return
    elements = [parts[element] if known else element for known, element in state]
    if isinstance(part, list):
        part[:] = elements
    else:
        part.clear()
        part.update(dict(zip(elements[::2], elements[1::2], strict=True)) if isinstance(part, dict) else elements)
