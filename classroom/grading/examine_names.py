"""Where a test cell's names come from: its own, builtins, what the instructor's cells import, the learner's process."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager


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
                self[name] = found(*self.table[name])
            except ModuleNotFoundError:  # a module that the learner writes, such as by %%writefile
                return self.look_up(name)
            return self[name]
        return self.look_up(name)


def imported_names(sources: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The names that cells import, each with its module and the attribute (empty for the module itself).

    Args:
        sources: the cells' code, IPython's magics among it; a cell that is no Python is passed over.
    """
    table: dict[str, tuple[str, str]] = {}
    for source in sources:
        try:
            tree = ast.parse(TransformerManager().transform_cell(source))
        except SyntaxError:
            continue
        for node in _statements(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.partition(".")[0]
                    table[alias.asname or top] = (alias.name if alias.asname else top, "")
                    if not alias.asname and alias.name != top:
                        table.setdefault(alias.name, (alias.name, ""))
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                table |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
    return table


def found(module: str, attribute: str) -> Any:
    """What an import gives."""
    value = import_module(module)
    if not attribute:
        return value
    return getattr(value, attribute) if hasattr(value, attribute) else import_module(f"{module}.{attribute}")


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from _statements(child)
