"""The boundaries of the package, held by reading every import; and a light ``import datakit``."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import datakit

ROOT = Path(datakit.__file__).parent
HEAVY = ("IPython", "PIL", "ipywidgets", "matplotlib", "pandas", "scipy", "skimage", "sklearn", "torchvision")

# Who must not import what. A name stands for the module and everything below it.
BOUNDARIES = [
    ("datakit", "classroom"),
    ("datakit", "hub"),
    ("datakit.datasets", "datakit.loader"),
    ("datakit.samplers", "datakit.loader"),
    ("datakit.collate", "datakit.loader"),
    ("datakit.collates", "datakit.loader"),
    ("datakit.transforms", "datakit.loader"),
    ("datakit.fetch", "datakit.loader"),
    ("datakit.loader", "datakit.prefetch"),
    ("datakit.pinning", "datakit.prefetch"),
    ("datakit.nesting", "datakit.prefetch"),
]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(source: str, module: str, is_package: bool) -> set[str]:
    """Every module that a source imports, wherever in the file, with relative imports resolved."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = module.split(".")[: len(module.split(".")) - node.level + is_package]
                base = ".".join([*parents, *filter(None, [node.module])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


def below(name: str, module: str) -> bool:
    return name == module or name.startswith(f"{module}.")


IMPORTS = {
    module_name(path): imported(path.read_text(encoding="utf-8"), module_name(path), path.name == "__init__.py")
    for path in sorted(ROOT.rglob("*.py"))
}


def test_the_reader_of_imports_sees_all_kinds() -> None:
    source = "import a.b\nfrom c import d\ndef f():\n    from . import e\n    from ..g import h\n"
    assert imported(source, "p.q.r", is_package=False) == {"a.b", "c", "c.d", "p.q", "p.q.e", "p.g", "p.g.h"}
    assert "p.q.e" in imported("from . import e", "p.q", is_package=True)
    assert {"datakit.datasets.images", "datakit.loader"} <= IMPORTS.keys()
    assert "datakit.datasets.decode" in IMPORTS["datakit.datasets.images"]


@pytest.mark.parametrize(("importer", "forbidden"), BOUNDARIES)
def test_a_boundary_holds(importer: str, forbidden: str) -> None:
    broken = [
        f"{module} imports {name}"
        for module, names in IMPORTS.items()
        if below(module, importer)
        for name in names
        if below(name, forbidden)
    ]
    assert broken == []


def test_nothing_imports_experiments() -> None:
    # The command line starts experiments; it is no piece of the way that a batch travels.
    broken = [
        module
        for module, names in IMPORTS.items()
        if not below(module, "datakit.experiments") and module != "datakit.cli"
        if any(below(name, "datakit.experiments") for name in names)
    ]
    assert broken == []


def test_no_file_is_longer_than_one_reads_in_a_sitting() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in ROOT.rglob("*.py")}
    assert {str(path.relative_to(ROOT)): length for path, length in lengths.items() if length > 300} == {}


def modules_after(code: str) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(ran.stdout.split())


def test_importing_datakit_brings_nothing_heavy() -> None:
    modules = modules_after("import datakit")
    assert "datakit" in modules
    assert modules.isdisjoint(HEAVY)
    assert "torch" not in modules


def test_loading_tensors_brings_nothing_heavy() -> None:
    modules = modules_after("import datakit; list(datakit.DataLoader(datakit.TensorDataset([1, 2]), batch_size=2))")
    assert "torch" in modules
    assert modules.isdisjoint(HEAVY)


def test_every_public_name_is_there() -> None:
    for name in datakit.__all__:
        value = getattr(datakit, name)
        assert value.__name__.split(".")[-1] == name
        assert name in dir(datakit)
        if name in datakit._HOMES:
            assert value is getattr(import_module(datakit._HOMES[name]), name)
    assert sorted([*datakit._HOMES, *datakit._MODULES]) == datakit.__all__ == sorted(datakit.__all__)


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8"))
    (guarded,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        (alias.name, node.module) for node in guarded.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert seen == {*datakit._HOMES.items(), *((name, "datakit") for name in datakit._MODULES)}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'datakit' has no attribute 'DataLoder'"):
        datakit.DataLoder  # noqa: B018
    assert not hasattr(datakit, "experiments_of_tomorrow")
