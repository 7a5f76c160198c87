"""A class comes at once: how long until all work, and how much memory it takes. ``python -m benchmarks.hub_load``.

A hub of its own, as `make hub` makes it, with a Unix account for each learner. All log in at the same moment; each
starts a server, fetches lab 06, opens it and runs its first cells, among them the one that imports PyTorch and datakit.
Then the memory of all processes is read; at last also that of kernels forked from a warm parent, which staff have.

It needs root, Node and npm. Run it on a machine that does nothing else. The result is `benchmarks/results/hub.json`,
with a table in `docs/benchmarks/hub.md`.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer

from benchmarks.hub_memory import memory_of
from benchmarks.hub_report import document
from classroom.hub.processes import processes_of
from datakit.experiments.machine import this_machine
from tests.hub.client import Person
from tests.hub.kernels import Kernel
from tests.hub.running import ClassroomHub

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "hub.json"
DOCUMENT = ROOT / "docs" / "benchmarks" / "hub.md"
LAB = "06_workers"
CELLS = 4  # the first ones with code: imports, how workers start, a module, its import
WARM = 5
STEPS = ("logged in", "server", "fetched", "working")


@dataclass(frozen=True)
class Start:
    """One learner's way to work.

    Args:
        seconds: since all began, for each of `STEPS` that was reached.
        failed: why it ended before the last; empty if it didn't.
    """

    seconds: dict[str, float]
    failed: str = ""


def begin(person: Person, course: str, gate: threading.Barrier) -> Start:
    """One learner's way, from the moment at which all are there."""
    seconds: dict[str, float] = {}
    gate.wait()
    began = time.perf_counter()

    def reached(step: str) -> None:
        seconds[step] = round(time.perf_counter() - began, 2)

    try:
        person.log_in()
        reached("logged in")
        person.start_server()
        reached("server")
        person.act("fetch", course, LAB)
        notebook = person.read_notebook(f"{course}/{LAB}/{LAB}.ipynb")
        reached("fetched")
        kernel = Kernel(person, f"{course}/{LAB}")
        for cell in [cell.source for cell in notebook.cells if cell.cell_type == "code"][:CELLS]:
            said = kernel.run(cell)
            if "Error: " in said:
                raise RuntimeError(said)
        reached("working")
    except Exception as error:  # one learner's failure is a result
        return Start(seconds, f"{type(error).__name__}: {error}"[:500])
    return Start(seconds)


def those(processes: Iterable[psutil.Process], words: str) -> list[psutil.Process]:
    """The processes whose command has these words."""
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if words in " ".join(process.cmdline()):
                found.append(process)
    return found


def measure(hub: ClassroomHub) -> dict[str, Any]:
    """Let all begin, and look at what it took."""
    common = processes_of(hub.places.root)
    people = [hub.person(short) for short in hub.learners]
    gate = threading.Barrier(len(people))
    with ThreadPoolExecutor(len(people)) as pool:
        starts = list(pool.map(lambda person: begin(person, hub.names["main"], gate), people))
    theirs = [process for process in processes_of(hub.places.root) if process not in common]
    groups = {
        "server": [[process] for process in those(theirs, "jupyterhub.singleuser")],
        "cold kernel": [[process] for process in those(theirs, "ipykernel_launcher")],
        "hub, proxy and two courses": [common],
        "all learners": [theirs],
    }
    return {
        "starts": [asdict(each) for each in starts],
        "memory": {name: [asdict(memory_of(each)) for each in group] for name, group in groups.items()},
    }


def warm_kernels(hub: ClassroomHub) -> list[dict[str, float]]:
    """Fork kernels from a warm parent in an instructor's server; what all take after each, its parent among it."""
    ina = hub.person("ina").log_in().start_server()
    before = {process.pid for process in psutil.process_iter()}
    found = []
    for _ in range(WARM):
        began = time.perf_counter()
        said = Kernel(ina, name="datakit-warm").run("import numpy, torch, datakit; print(torch.ones(2).sum().item())")
        if said != "2.0\n":
            raise RuntimeError(f"A warm kernel said {said!r}.")
        seconds = time.perf_counter() - began
        user = ina.name
        new = [each for each in psutil.process_iter() if each.pid not in before]
        mine = [each for each in new if each.is_running() and each.username() == user]
        found.append({"seconds": round(seconds, 2), **asdict(memory_of(mine))})
    return found


def main(
    learners: Annotated[int, typer.Option(min=3, help="How many come at once.")] = 20,
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = RESULT,
    document_to: Annotated[Path, typer.Option(help="Where the table goes.")] = DOCUMENT,
) -> None:
    """Measure, and write the result."""
    folder = Path(tempfile.mkdtemp(prefix="datakit-load-"))
    folder.chmod(0o711)
    hub = ClassroomHub(folder, learners, (ROOT / "solutions" / LAB,))
    hub.places.roster.write_text(hub.places.roster.read_text().replace("release = false", "release = true"))
    try:
        began = time.perf_counter()
        hub.start()
        prepared = time.perf_counter() - began
        busy = psutil.cpu_percent(2.0) / 100 * (psutil.cpu_count() or 1)
        measured = measure(hub)
        result = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": asdict(this_machine()),
            "versions": {name: version(name) for name in ("jupyterhub", "jupyterlab", "nbgrader", "ipykernel")},
            "lab": LAB,
            "learners": learners,
            "prepared": round(prepared, 1),
            "other_cores_before": round(busy, 2),
            **measured,
            "warm": warm_kernels(hub),
        }
    finally:
        hub.destroy()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    document_to.write_text(document(result), encoding="utf-8")
    typer.echo(document(result))


if __name__ == "__main__":
    typer.run(main)
