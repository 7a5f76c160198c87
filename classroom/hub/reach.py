"""What the learners of a hub can reach on its machine: solutions and hidden tests must not be among it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from classroom.hub.as_user import run_as
from classroom.hub.places import Places

# What of a repository holds, or once held, solutions, hidden tests or somebody's work.
SECRET = (".git", "solutions", "course", "class", "tests", "my-labs", "classroom", "artifacts")
_USE = "import jupyterhub, jupyterlab, nbgrader; from importlib.util import find_spec as find; find('datakit').name"
_LOOK = "import os, sys; sys.exit(any(os.access(path, os.R_OK) for path in sys.argv[1:]))"


class ReachError(Exception):
    """A learner could read what no learner may, or can't reach what all need; the message says what to do."""


def close(repository: Path) -> list[str]:
    """Take from other accounts what they may do with a repository's secret folders; their contents are as they were.

    Returns:
        The names of the folders that were open.

    Raises:
        ReachError: if they can't be closed.
    """
    closed = []
    for name in SECRET:
        folder = repository / name
        if not folder.is_dir() or not folder.stat().st_mode & stat.S_IRWXO:
            continue
        try:
            folder.chmod(stat.S_IMODE(folder.stat().st_mode) & ~stat.S_IRWXO)
        except OSError as error:
            raise ReachError(
                f"{folder} can be read by every account of this machine, and can't be closed: {error.strerror}. It "
                "holds solutions or hidden tests. Move the repository to where others can't read it."
            ) from None
        closed.append(name)
    return closed


def check_reach(places: Places, repository: Path, learner: str, others: list[str]) -> None:
    """Look, as a learner, whether secrets are out of reach and the environment is within.

    Args:
        places: the hub's folder.
        repository: where the labs' sources lie.
        learner: a learner's account.
        others: other people's and graders' accounts.

    Raises:
        ReachError: if not.
    """
    above = next((each for each in [*reversed(places.root.parents), places.root] if not _enters(learner, each)), None)
    if above is not None:
        raise ReachError(
            f"The hub's folder is {places.root}, and no other account may enter {above}. Put it elsewhere: "
            "make hub HUB_DATA=/srv/datakit-hub"
        )
    # Their contents, too: a folder that can't be listed may still be passed through.
    secrets = [repository / name for name in SECRET]
    inside = [path / name for path in secrets for name in ("HEAD", "README.md", "gradebook.db")]
    inside += sorted((repository / "solutions").rglob("*.py"))[:20]
    inside += [places.logins, places.state, places.staff, *(places.home(name) for name in others)]
    readable = [path for path in [*secrets, *inside] if os.path.lexists(path)]
    if run_as(learner, [str(places.python), "-c", _LOOK, *map(str, readable)]).returncode:
        found = [p for p in readable if run_as(learner, [str(places.python), "-c", _LOOK, str(p)]).returncode]
        raise ReachError(
            f"The learner {learner} can read {found[0]}. Close it to others (chmod o-rwx, and look at its group and at "
            "access lists: getfacl), then start again."
        )
    done = run_as(learner, [str(places.python), "-c", _USE])
    if done.returncode:
        raise ReachError(
            f"The learner {learner} can't use the environment {places.environment}. Python says:\n"
            f"{done.stdout.strip()}\nWere the packages installed with a umask that closes them (077)? Then: "
            f"chmod -R o+rX .venv, delete {places.environment} and start again."
        )


def _enters(name: str, folder: Path) -> bool:
    # `test` alone, since the hub's Python may lie out of reach as well.
    return run_as(name, ["/usr/bin/test", "-x", str(folder)], folder=Path("/")).returncode == 0
