"""What a cell's code imports, defines and uses, read without running it."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterable, Iterator
from functools import lru_cache

from IPython.core.inputtransformer2 import TransformerManager

GIVEN = frozenset(vars(builtins)) | {"__name__", "__builtins__"}
"""Names that are there in every cell."""


def imported_names(sources: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The names that cells import, each with its module and the attribute (empty for the module itself).

    A module that is imported by a dotted name stands under that name as well.

    Args:
        sources: the cells' code, IPython's magics among it; a cell that is no Python is passed over.
    """
    table: dict[str, tuple[str, str]] = {}
    for source in sources:
        table |= dict(_imported(source))
    return table


@lru_cache(maxsize=1024)  # the same cells come with every submission
def _imported(source: str) -> tuple[tuple[str, tuple[str, str]], ...]:
    table: dict[str, tuple[str, str]] = {}
    try:
        tree = ast.parse(plain_python(source))
    except SyntaxError:
        return ()
    for node in _outside_functions(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                table[alias.asname or top] = (alias.name if alias.asname else top, "")
                table.setdefault(alias.name, (alias.name, ""))  # `import a.b` gives `a`, with `a.b` in it
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            table |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
    return tuple(table.items())


def defined_names(source: str) -> set[str]:
    """The names that a cell assigns, or defines as functions and classes: not those that it imports.

    Raises:
        SyntaxError: if the cell is no Python.
    """
    return _own(symtable.symtable(plain_python(source), "cell", "exec")) - imported_names([source]).keys()


def foreign_names(source: str) -> set[str]:
    """The names that a cell uses and that are neither its own nor Python's.

    Raises:
        SyntaxError: if the cell is no Python.
    """
    module = symtable.symtable(plain_python(source), "cell", "exec")
    used = {symbol.get_name() for symbol in module.get_symbols() if symbol.is_referenced()}
    for scope in _scopes(module):
        used |= {symbol.get_name() for symbol in scope.get_symbols() if symbol.is_referenced() and symbol.is_global()}
    return used - _own(module) - GIVEN


def plain_python(source: str) -> str:
    """A cell's code with IPython's magics written as calls."""
    return str(TransformerManager().transform_cell(source))


def _own(module: symtable.SymbolTable) -> set[str]:
    own = {symbol.get_name() for symbol in module.get_symbols() if _bound(symbol)}
    for scope in _scopes(module):
        own |= {s.get_name() for s in scope.get_symbols() if s.is_declared_global() and _bound(s)}
    return own


def _bound(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _scopes(child)


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from _outside_functions(child)
