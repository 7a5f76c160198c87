"""Run a notebook as nbgrader's autograding does, and mark its test cells by nbgrader's rules."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade

from classroom.exercises import grade_id, grading, is_test
from classroom.release import nbgrader_settings
from classroom.verify.kernel import PrefixedKernelManager
from classroom.verify.submission import SEED_TAG

LIMIT = 600.0  # seconds for a whole notebook; a single cell has nbgrader's own limit


@dataclass(frozen=True)
class Mark:
    """What one run of a test cell gave.

    Args:
        test: its ``grade_id``.
        seed: the seed under which it was run again, None for the ordinary run.
        points: the points it got.
        possible: the points it can get.
        text: all that it put out.
    """

    test: str
    seed: int | None
    points: float
    possible: float
    text: str

    @property
    def full(self) -> bool:
        """Did it get all its points?"""
        return self.points == self.possible

    @property
    def timed_out(self) -> bool:
        """Did it run into the time limit?"""
        return "CellTimeoutError" in self.text


@dataclass(frozen=True)
class Run:
    """What one run of a notebook gave.

    Args:
        marks: of every test cell, in order.
        failed: ungraded cells that raised an error without announcing it, each with the error.
        seconds: how long it took, with the kernel's start.
        ended: why it ended early; empty if it ran to its end.
    """

    marks: tuple[Mark, ...]
    failed: tuple[str, ...]
    seconds: float
    ended: str

    def of(self, tests: tuple[str, ...]) -> list[Mark]:
        """The marks of these tests, those under other seeds among them."""
        return [mark for mark in self.marks if mark.test in tests]


def run(
    notebook: NotebookNode,
    support: Mapping[str, bytes],
    root: Path,
    prefix: tuple[str, ...] = (),
    limit: float = LIMIT,
) -> Run:
    """Run a notebook in a folder of its own and mark its tests.

    Args:
        notebook: the notebook; it receives the outputs.
        support: the other released files' content by path.
        root: the folder of nbgrader's settings.
        prefix: words to put before the kernel's command.
        limit: seconds after which the kernel is ended.
    """
    started: list[int] = []
    begin, why = time.monotonic(), ""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "lab"
        _lay_out(folder, support)
        execute = Execute(
            config=_settings(root, prefix, Path(scratch) / "socket", started),
            kernel_manager_class=PrefixedKernelManager,
        )
        alarm = threading.Timer(limit, _end, [execute])
        alarm.start()
        try:
            execute.preprocess(notebook, {"metadata": {"path": str(folder)}})
        except DeadKernelError:
            over = time.monotonic() - begin >= limit
            why = f"the notebook ran longer than {limit:.0f} s" if over else "the kernel died"
        except CellTimeoutError:
            why = "the kernel stopped answering"
        except RuntimeError as error:
            why = f"the kernel didn't start: {error}"
        finally:
            alarm.cancel()
    reached = started[-1] if started else 0
    ended = f"{why} in cell {_name(notebook.cells[reached])}" if why else ""
    return Run(
        marks=tuple(
            _mark(cell, ended if why and index >= reached else "")
            for index, cell in enumerate(notebook.cells)
            if is_test(cell)
        ),
        failed=tuple(_failures(notebook)),
        seconds=time.monotonic() - begin,
        ended=ended,
    )


def _lay_out(folder: Path, support: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for path, content in support.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def _settings(root: Path, prefix: tuple[str, ...], socket: Path, started: list[int]) -> Any:
    settings = nbgrader_settings(root)
    own_hook = settings.Execute.on_cell_start

    def note(cell: NotebookNode, cell_index: int) -> None:
        started.append(cell_index)
        own_hook(cell, cell_index)

    settings.Execute.on_cell_start = note
    settings.PrefixedKernelManager.transport = "ipc"
    settings.PrefixedKernelManager.ip = str(socket)
    settings.PrefixedKernelManager.prefix = [*prefix, "env", "DATAKIT_CHECK_SEED=0"]
    return settings


def _end(execute: Any) -> None:
    # nbclient then finds the kernel dead and stops.
    os.killpg(os.getpgid(execute.km.provisioner.pid), signal.SIGKILL)


def _mark(cell: NotebookNode, ended: str) -> Mark:
    seed, possible = cell.metadata.get(SEED_TAG), float(grading(cell)["points"])
    if ended:  # nbgrader's rule would give a cell that was never run all its points
        return Mark(grade_id(cell), seed, 0.0, possible, ended)
    points, _ = determine_grade(cell)
    return Mark(grade_id(cell), seed, points, possible, _text(cell))


def _text(cell: NotebookNode) -> str:
    parts: list[str] = []
    for output in cell.outputs:
        if output.output_type == "error":
            parts += [f"{output.ename}: {output.evalue}", *output.traceback]
        else:
            parts.append(output.get("text", "") or str(output.get("data", {}).get("text/plain", "")))
    return str(strip_ansi("\n".join(parts)))


def _failures(notebook: NotebookNode) -> list[str]:
    found = []
    for cell in notebook.cells:
        if cell.cell_type != "code" or is_test(cell) or "raises-exception" in cell.metadata.get("tags", []):
            continue
        errors = [output for output in cell.outputs if output.output_type == "error"]
        found += [f"cell {_name(cell)}: {error.ename}: {error.evalue}" for error in errors]
    return found


def _name(cell: NotebookNode) -> str:
    return repr(grade_id(cell) or cell.source.strip().partition("\n")[0][:60])
