"""A real hub in a folder of its own, started by the command that `make hub` runs, with accounts of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from classroom.hub.accounts import read_passwords
from classroom.hub.places import Places
from classroom.hub.plan import free_ports
from classroom.hub.prepare import forget
from classroom.hub.processes import end_all

from .client import Person

REPOSITORY = Path(__file__).resolve().parents[2]
MINI = REPOSITORY / "tests" / "fixtures" / "mini_lab"
START_SECONDS = 600
ROSTER = """\
[courses.{main}]
instructors = ["{ina}"]
assistants = ["{tom}"]
learners = [{learners}]
release = false

[courses.{other}]
instructors = ["{oda}"]
learners = ["{olaf}"]
release = true

[limits]
starting = 4
"""


class ClassroomHub:
    """A hub with two courses, a ``main`` one and an ``other``; people are called by short names.

    Args:
        folder: an empty folder that other accounts may enter.
        learners: how many there are in the main course; the first are ada, ben and cleo.
        labs: what both courses hold.
        environment: variables for the hub, beside this process's own.
        look: make no accounts.
    """

    def __init__(
        self,
        folder: Path,
        learners: int = 3,
        labs: tuple[Path, ...] = (MINI,),
        environment: Mapping[str, str] = {},
        look: bool = False,
    ) -> None:
        self.places = Places(folder / "data")
        self.log = folder / "make-hub.log"
        self.environment = {**os.environ, **environment}
        self.look = look
        self.port = free_ports(["hub"])["hub"]
        self.process: subprocess.Popen[str] | None = None
        # Accounts are the machine's: another test's hub may be running.
        mark = secrets.token_hex(2)
        names = [*("ada", "ben", "cleo")[:learners], *(f"learner{number}" for number in range(4, learners + 1))]
        self.learners = tuple(names)
        self.names = {short: f"{short}-{mark}" for short in ("main", "other", "ina", "tom", "oda", "olaf", *names)}
        self.course = folder / "course"
        (self.course / "solutions").mkdir(parents=True)
        for setting in ("nbgrader_config.py", "jupytext.toml"):
            shutil.copy(REPOSITORY / setting, self.course)
        for lab in labs:
            shutil.copytree(lab, self.course / "solutions" / lab.name, ignore=shutil.ignore_patterns("__pycache__"))
        quoted = ", ".join(f'"{self.names[name]}"' for name in names)
        self.places.root.mkdir()
        self.places.roster.write_text(ROSTER.format(**self.names, learners=quoted))

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Run the command, and wait until it says where the hub is."""
        command = [sys.executable, "-m", "classroom.hub.local", "--data", str(self.places.root)]
        command += ["--port", str(self.port), "--course", str(self.course), *["--look"] * self.look]
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                command, cwd=REPOSITORY, env=self.environment, stdout=output, stderr=subprocess.STDOUT, text=True
            )
        end = time.monotonic() + START_SECONDS
        while "Ctrl-C ends it" not in self.log.read_text():
            assert self.process.poll() is None, f"the hub ended:\n{self.log.read_text()}"
            assert time.monotonic() < end, f"the hub did not start:\n{self.log.read_text()}"
            time.sleep(0.2)

    def stop(self) -> None:
        """Press Ctrl-C, and wait for the end."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(180)
            self.process = None

    def said(self) -> str:
        """The end of what the hub and everybody's servers wrote."""
        log = self.places.state / "hub.log"
        return log.read_text(errors="replace")[-12_000:] if log.exists() else ""

    def destroy(self) -> None:
        """End everything that is left, and take the accounts and the folder away."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        end_all(self.places.root, patience=3)
        forget(self.places.root)
        shutil.rmtree(self.places.root.parent)

    def person(self, short: str, password: str | None = None) -> Person:
        """A person who has not logged in yet."""
        name = self.names[short]
        known = read_passwords(self.places.logins)
        return Person(self.url, name, password or known["everyone" if self.look else name])

    def home(self, short: str) -> Path:
        """A person's home folder; ``main`` and ``other`` for the courses' graders."""
        name = self.names[short]
        return self.places.home(f"grader-{name}" if short in ("main", "other") else name)


@contextmanager
def running_hub(
    learners: int = 3, labs: tuple[Path, ...] = (MINI,), environment: Mapping[str, str] = {}, look: bool = False
) -> Iterator[ClassroomHub]:
    """Start a hub; afterwards nothing of it is left. What it said comes with a failure."""
    folder = Path(tempfile.mkdtemp(prefix="datakit-hub-", dir=_shared_disk()))
    folder.chmod(0o711)
    hub = ClassroomHub(folder, learners, labs, environment, look)
    try:
        hub.start()
        yield hub
    except BaseException:
        print(
            f"== the command's own words\n{hub.log.read_text() if hub.log.exists() else ''}\n== hub.log\n{hub.said()}"
        )
        raise
    finally:
        hub.destroy()


def _shared_disk() -> Path:
    """Where the packages can be linked instead of copied: the system's temporary folder, or else the repository."""
    temporary = Path(tempfile.gettempdir())
    return temporary if temporary.stat().st_dev == Path(sys.prefix).stat().st_dev else REPOSITORY


def all_at_once(*actions: object) -> None:
    """Do things side by side, as people in a class do; the first failure is raised."""
    failures: list[BaseException] = []

    def attempt(action: object) -> None:
        try:
            action()  # type: ignore[operator]
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=attempt, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
