"""Where a test cell's names come from: its own, builtins, what the instructor's cells import, the learner's process."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


class Names(dict[str, Any]):
    """The builtins of a test cell: Python looks here for what the cell doesn't define itself.

    A builtin or an imported name is never asked of the learner's process, so a ``print``, ``torch`` or ``check`` of the
    learner's changes nothing.

    Args:
        imports: names that instructor's cells import, with what they are.
        table: more of them, with the module and the attribute; imported at first use.
        look_up: finds one of the learner's names, or raises KeyError.
    """

    def __init__(
        self, imports: Mapping[str, object], table: Mapping[str, tuple[str, str]], look_up: Callable[[str], Any]
    ) -> None:
        super().__init__(vars(builtins))
        self.update(imports)
        self.table, self.look_up = table, look_up
        for name in self.table.keys() & vars(builtins).keys():
            self[name] = found(*self.table[name])

    def __missing__(self, name: str) -> Any:
        if name in self.table:
            try:
                for module in [*(key for key in self.table if key.startswith(f"{name}.")), self.table[name][0]]:
                    import_module(module)
                self[name] = found(*self.table[name])
            except ModuleNotFoundError:  # a module that the learner writes, such as by %%writefile
                return self.look_up(name)
            return self[name]
        return self.look_up(name)


def found(module: str, attribute: str) -> Any:
    """What an import gives."""
    value = import_module(module)
    if not attribute:
        return value
    return getattr(value, attribute) if hasattr(value, attribute) else import_module(f"{module}.{attribute}")
