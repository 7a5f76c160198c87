"""A classroom hub on this machine, in one command: ``python -m classroom.hub.local``, which `make hub` calls."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from classroom.course import CourseError
from classroom.hub.accounts import AccountError, read_passwords
from classroom.hub.courses import LayOutError
from classroom.hub.environment import NoPythonError
from classroom.hub.places import REPOSITORY
from classroom.hub.plan import VARIABLE, Hub
from classroom.hub.prepare import forget, prepare
from classroom.hub.processes import end_all
from classroom.hub.proxy import ProxyError
from classroom.hub.reach import ReachError
from classroom.hub.roster import RosterError

START_SECONDS = 180
STOP_SECONDS = 90
CONFIG = REPOSITORY / "hub" / "jupyterhub_config.py"


class HubError(Exception):
    """The hub didn't start, or ended by itself; the message says where to look."""


REPAIRABLE = (
    AccountError, CourseError, HubError, LayOutError, NoPythonError, OSError, ProxyError, ReachError, RosterError,
)  # fmt: skip


def main() -> None:
    """Prepare, start, say where it is, and end everything at Ctrl-C."""
    parser = argparse.ArgumentParser(prog="make hub", description="A classroom JupyterHub on this machine.")
    parser.add_argument("--data", type=Path, default=Path("hub-data"), help="its folder (default: hub-data)")
    parser.add_argument("--port", type=int, default=8000, help="where browsers find it (default: 8000)")
    parser.add_argument("--course", type=Path, default=REPOSITORY, help="the folder with solutions/ and its settings")
    parser.add_argument("--look", action="store_true", help="make no accounts: everyone shares yours")
    parser.add_argument("--forget", action="store_true", help="remove the accounts that were made; the folder stays")
    arguments = parser.parse_args()
    # A folder that was made for others has to be open to them, whatever this shell's habit is.
    os.umask(0o022)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    root = arguments.data.resolve()
    root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(root / ".running")
    try:
        with lock.acquire(timeout=0):
            end_all(root)  # what a killed hub left behind
            if arguments.forget:
                print(f"Removed the accounts {', '.join(forget(root)) or '(none)'}. {root} is left as it was.")
                return
            serve(prepare(root, arguments.port, arguments.course, _say, look=arguments.look))
    except Timeout:
        sys.exit(
            f"A hub is running in {root} already. Stop it with Ctrl-C where it was started, or name another folder."
        )
    except REPAIRABLE as error:
        sys.exit(f"make hub: {error}")
    except KeyboardInterrupt:
        _say("Stopped.")


def serve(hub: Hub) -> None:
    """Run the hub until Ctrl-C; then end it and everything it started.

    Raises:
        HubError: if it doesn't start, or ends by itself.
        KeyboardInterrupt: at Ctrl-C, when everything has ended.
    """
    log = hub.places.state / "hub.log"
    environment = {**os.environ, VARIABLE: str(hub.root)}
    command = [sys.executable, "-m", "jupyterhub", "-f", str(CONFIG)]
    with log.open("a") as output:
        # A session of its own: Ctrl-C is this program's, which then ends things in order.
        process = subprocess.Popen(
            command, cwd=hub.places.state, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait(hub, process, log)
        _announce(hub)
        process.wait()
        raise HubError(f"JupyterHub ended by itself, status {process.returncode}.{_tail(log)}")
    finally:
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            process.terminate()
            process.wait(STOP_SECONDS)
        end_all(hub.root)


def _wait(hub: Hub, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        with suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"{hub.url}hub/login", timeout=5).close()
            return
        time.sleep(0.3)
    if process.poll() is not None:
        raise HubError(f"JupyterHub ended while it started, status {process.returncode}.{_tail(log)}")
    raise HubError(f"JupyterHub did not answer at {hub.url} within {START_SECONDS} s.{_tail(log)}")


def _announce(hub: Hub) -> None:
    roster, passwords = hub.roster, read_passwords(hub.places.logins)
    _say(f"\nThe hub runs at {hub.url}")
    for course in roster.courses:
        _say(f"Course {course.name}; formgrader: {hub.url}services/{course.name}/lab?formgrader=true")
        people = [("instructor", course.instructors), ("assistant", course.assistants), ("learner", course.learners)]
        for kind, names in people:
            for name in names:
                _say(f"  {kind:<11}{name:<12}{passwords.get(name) or passwords.get('everyone', '(own password)')}")
    _say(f"Log-ins: {hub.places.logins}. People and limits: {hub.places.roster}. Log: {hub.places.state / 'hub.log'}")
    _say("Ctrl-C ends it; everybody's work stays, and the same command goes on with it.")


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-15:]
    return "\n".join([f" The end of {log}:", *lines])


def _say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    main()
