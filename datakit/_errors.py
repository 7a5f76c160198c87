"""Words that error messages share, so that each says what arrived, what was expected and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path


def package_folder(module: str, distribution: str, needed_for: str, extra: str = "lab") -> Path:
    """Return the folder of an installed package without importing it.

    Args:
        module: the name that Python imports (``"skimage"``).
        distribution: the name that pip installs (``"scikit-image"``).
        needed_for: what needs it, in the caller's terms (``"photographs()"``).
        extra: the extra of datakit that brings it.

    Raises:
        ModuleNotFoundError: if the package is not installed; the message names the command that installs it.
    """
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise missing_package(distribution, needed_for, extra)
    return Path(spec.submodule_search_locations[0])


def missing_package(distribution: str, needed_for: str, extra: str = "lab") -> ModuleNotFoundError:
    """Make the error for an optional package that is not installed."""
    return ModuleNotFoundError(
        f"{needed_for} needs the package {distribution}, which is not installed. "
        f"Install it with: pip install 'datakit[{extra}]'"
    )


def quoted(names: Iterable[object], most: int = 8) -> str:
    """Join names for a message: ``'a', 'b' and 3 more``."""
    everything = [repr(name) for name in names]
    if len(everything) <= most:
        return ", ".join(everything) or "none"
    return f"{', '.join(everything[:most])} and {len(everything) - most} more"


def kind_of(value: object) -> str:
    """Name what arrived by its type, with an article: ``"an int"``, ``"a dict"``; None is ``"None"``."""
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def check_positive(value: int, name: str, owner: str) -> None:
    """Refuse anything but a positive integer.

    Args:
        value: what arrived.
        name: the argument's name.
        owner: the class or function that has the argument.

    Raises:
        ValueError: if ``value`` is not an ``int``, is a ``bool``, or is below 1.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError(f"{owner}: {name} must be a positive integer; {value!r} arrived.")


def check_bool(value: bool, name: str, owner: str) -> None:
    """Refuse anything but ``True`` and ``False``.

    Args:
        value: what arrived.
        name: the argument's name.
        owner: the class or function that has the argument.

    Raises:
        ValueError: if ``value`` is not a ``bool``.
    """
    if not isinstance(value, bool):
        raise ValueError(f"{owner}: {name} must be True or False; {value!r} arrived.")


def check_not_negative(value: int, name: str, owner: str) -> None:
    """Refuse anything but an integer that is 0 or above.

    Args:
        value: what arrived.
        name: the argument's name.
        owner: the class or function that has the argument.

    Raises:
        ValueError: if ``value`` is not an ``int``, is a ``bool``, or is below 0.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{owner}: {name} must be an integer, 0 or above; {value!r} arrived.")
