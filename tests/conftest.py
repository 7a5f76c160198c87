"""What all tests share: one browser (two of Playwright's can't run in one process), and a second try where it is due.

Without Chromium the tests that need it are skipped, with a reason; in CI they fail.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever the page asks for elsewhere, nothing leaves this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]

# Tests that wait for other processes: browsers, kernels, servers, workers. How soon those answer depends on the machine
# too, so such a test is tried once more before it counts as failed; the summary names each that needed it. A verdict on
# an attack has no second try: it must hold every time. Nor has anything that happens in the test's own process.
PATIENT = ("browser", "distributed", "workers", "classroom", "hub", "test_distributed.py", "test_lab_server.py")
STRICT = ("classroom/grading/klass", "classroom/grading/examine", "hub/test_attacks.py")
MODES = pytest.StashKey[dict[Path, int]]()

# What a shell starts in the background ignores Ctrl-C, and so does all that it starts in turn; here Ctrl-C is tested.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No deadline for an example: how long it takes is the machine's matter. All else is Hypothesis's own, here and in CI.
settings.register_profile("patient", parent=settings.default, deadline=None)
settings.load_profile("patient")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Remember who may read this repository's folders: a hub that root starts closes some, as it should for a class."""
    folders = (path for path in Path(__file__).parents[1].iterdir() if path.is_dir() and not path.is_symlink())
    session.config.stash[MODES] = {folder: stat.S_IMODE(folder.stat().st_mode) for folder in folders}


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Give the folders back as they were, once all tests are over: those of every worker."""
    if hasattr(session.config, "workerinput"):
        return
    for folder, mode in session.config.stash[MODES].items():
        if folder.exists() and stat.S_IMODE(folder.stat().st_mode) != mode:
            folder.chmod(mode)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tests = Path(__file__).parent
    for item in items:
        path = item.path.relative_to(tests)
        if path.parts[0] in PATIENT and not any(path.is_relative_to(folder) for folder in STRICT):
            item.add_marker(pytest.mark.flaky(reruns=1))
        if item.get_closest_marker("long") and not os.environ.get("DATAKIT_LONG"):
            item.add_marker(pytest.mark.skip(reason="takes a minute or more on a hub of its own: make test-long"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        reason = "no Chromium: install it (Debian: apt-get install chromium)"
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()
