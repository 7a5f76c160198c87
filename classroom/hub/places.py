"""Where a hub's files lie: one object instead of paths scattered over the code."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Places:
    """The folder of a hub. Its own people can enter it, not list it; what they may read lies in `environment`.

    Args:
        root: that folder.
    """

    root: Path

    @property
    def roster(self) -> Path:
        """Who is in which course."""
        return self.root / "hub.toml"

    @property
    def logins(self) -> Path:
        """The first passwords; the administrator's alone."""
        return self.root / "log-ins.txt"

    @property
    def state(self) -> Path:
        """The hub's own database, secrets and logs; the administrator's alone."""
        return self.root / "hub"

    @property
    def homes(self) -> Path:
        """Home folders."""
        return self.root / "homes"

    @property
    def exchange(self) -> Path:
        """What nbgrader hands out and takes in."""
        return self.root / "exchange"

    @property
    def environment(self) -> Path:
        """The Python environment in which all servers and kernels run, a copy of the administrator's."""
        return self.root / "environment"

    @property
    def interpreter(self) -> Path:
        """A copy of the administrator's Python, where others can't run that one."""
        return self.root / "python"

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.environment / "bin" / "python"

    @property
    def site(self) -> Path:
        """Its packages."""
        return self.environment / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"

    @property
    def staff(self) -> Path:
        """What those who grade have beside it: `classroom`, and the warm kernel."""
        return self.root / "staff"

    @property
    def roles(self) -> Path:
        """The settings of each role, copied from the repository's hub/roles."""
        return self.root / "roles"

    @property
    def proxy(self) -> Path:
        """Where npm installs the proxy."""
        return self.root / "proxy"

    def home(self, name: str) -> Path:
        """A person's or a grader's home folder."""
        return self.homes / name

    def course(self, grader: str) -> Path:
        """The root folder of a course, in its grader's home."""
        return self.home(grader) / "course-root"
