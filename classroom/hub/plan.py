"""A hub as it is to run: what `make hub` decided, and `hub/jupyterhub_config.py` then reads."""

from __future__ import annotations

import json
import os
import socket
import sys
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from classroom.hub.as_user import PATH
from classroom.hub.limits import told
from classroom.hub.places import Places
from classroom.hub.roster import Roster, read_roster

Role = Literal["learner", "instructor", "grader"]
VARIABLE = "DATAKIT_HUB"  # all processes of a hub carry its folder's path under this name


@dataclass(frozen=True)
class Hub:
    """A hub.

    Args:
        root: its folder.
        accounts: whether everyone is an account of this machine; else all share one, for a look.
        port: where browsers find it, on loopback.
        proxy: the words that start the proxy.
        ports: loopback ports of the hub's own parts, by name.
    """

    root: Path
    accounts: bool
    port: int
    proxy: tuple[str, ...]
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def places(self) -> Places:
        """Where its files lie."""
        return Places(self.root)

    @cached_property
    def roster(self) -> Roster:
        """Who is in which course, as it stood when the hub was started."""
        return read_roster(self.places.roster)

    @property
    def python(self) -> str:
        """The Python of all servers and kernels."""
        return str(self.places.python) if self.accounts else sys.executable

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/"

    def role(self, name: str) -> Role:
        """What a person is on this hub."""
        return "instructor" if name in self.roster.staff else "learner"

    def variables(self, role: Role) -> dict[str, str]:
        """The environment of a server in this role."""
        programs = str(Path(self.python).parent)
        variables = {
            VARIABLE: str(self.root),
            "DATAKIT_EXCHANGE": str(self.places.exchange),
            "JUPYTER_CONFIG_PATH": str(self.places.roles / role),
            "PATH": f"{programs}:{PATH}",
            "LANG": "C.UTF-8",
        }
        if role == "learner":
            return {**variables, **told(self.roster.limits)}
        if self.accounts:
            variables["DATAKIT_HUB_ACCOUNTS"] = "1"
        staff = self.places.staff
        return {
            **variables,
            "PYTHONPATH": str(staff / "site-packages"),
            "JUPYTER_PATH": str(staff / "share" / "jupyter"),
        }

    def save(self) -> None:
        """Write it down for `load`, for root's eyes only."""
        file = self.places.state / "run.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps({**asdict(self), "root": str(self.root)}, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, root: Path) -> Hub:
        """Read what `save` wrote."""
        content = json.loads((Places(root).state / "run.json").read_text(encoding="utf-8"))
        return cls(root, content["accounts"], content["port"], tuple(content["proxy"]), content["ports"])


@cache
def this_hub() -> Hub:
    """The hub to which this process belongs."""
    return Hub.load(Path(os.environ[VARIABLE]))


def free_ports(names: list[str]) -> dict[str, int]:
    """Let the system choose ports, which it won't give to anybody else soon."""
    sockets = [socket.socket() for _ in names]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return {name: int(each.getsockname()[1]) for name, each in zip(names, sockets, strict=True)}
    finally:
        for each in sockets:
            each.close()
