"""What a learner may lay into the exchange beside an honest submission, each as real files of a real account."""

from __future__ import annotations

from dataclasses import dataclass

# What nbgrader's Submit leaves, but for whose, when and what is in it. `midcourse` gives it the names that it uses.
HAND_IN = """\
import os, shutil, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

def hand_in(learner, notebook=None, minutes=0.0):
    stamp = f'{datetime.now(UTC) + timedelta(minutes=minutes):%Y-%m-%d %H:%M:%S.%f} UTC'
    place = Path(inbound) / f'{learner}+mini_lab+{stamp}+{secret}'
    place.mkdir()
    if notebook:
        shutil.copyfile(notebook, place / 'mini_lab.ipynb')
    (place / 'timestamp.txt').write_text(stamp)
    place.chmod(0o777)
    return place
"""


@dataclass(frozen=True)
class Forgery:
    """One of them.

    Args:
        name: what it is.
        by: who does it.
        code: how; it makes one folder in the exchange.
        reason: of the refusal.
    """

    name: str
    by: str
    code: str
    reason: str

    @property
    def secret(self) -> str:
        """What stands at the end of its folder's name, where nbgrader writes something random."""
        return "".join(letter for letter in self.name if letter.isalpha())


FORGERIES = [
    Forgery("another's name, bad work", "cleo", "hand_in(ada, wrong, 1)", "owner"),
    Forgery("another's name, good work", "cleo", "hand_in(ben, right, 1)", "owner"),
    Forgery("after the deadline, dated before it", "learner6", "hand_in(learner6, right, -600)", "time"),
    Forgery("dated so that it is always the latest", "cleo", "hand_in(cleo, right, 600)", "time"),
    Forgery("a link to the grader's solution", "cleo",
            "os.symlink(course + '/course/source/mini_lab/mini_lab.ipynb', hand_in(cleo, None, 1) "
            "/ 'mini_lab.ipynb')", "link"),
    Forgery("a link to the gradebook", "cleo",
            "os.symlink(course + '/course/gradebook.db', hand_in(cleo, right, 1) / 'book.db')", "link"),
    Forgery("a link to a folder", "cleo",
            "os.symlink(course + '/course', hand_in(cleo, right, 1) / 'figures')", "link"),
    Forgery("another name for a file", "cleo",
            "place = hand_in(cleo, right, 1); os.link(place / 'timestamp.txt', place / 'again.txt')",
            "hard-link"),
    Forgery("a folder elsewhere", "cleo",
            "place = hand_in(cleo, right, 1); aside = Path.home() / 'aside'; shutil.copytree(place, aside); "
            "shutil.rmtree(place); os.symlink(aside, place)", "link"),
    Forgery("a pipe, which never ends", "cleo", "os.mkfifo(hand_in(cleo, right, 1) / 'pipe')", "special-file"),
    Forgery("half of it, from a server that died", "cleo",
            "(hand_in(cleo, right, 1) / 'timestamp.txt').unlink()", "incomplete"),
]  # fmt: skip
