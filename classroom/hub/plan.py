"""A hub as it is to run: what `make hub` decided, and `hub/jupyterhub_config.py` then reads."""

from __future__ import annotations

import json
import os
import random
import socket
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from classroom.hub.as_user import PATH
from classroom.hub.limits import told
from classroom.hub.places import Places
from classroom.hub.roster import Roster, read_roster

Role = Literal["learner", "instructor", "grader"]
OWN_PORTS = range(10_000, 32_000)  # the system's own choice begins at 32768
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
        variables["DATAKIT_HUB_ACCOUNTS" if self.accounts else "DATAKIT_HUB_LOOK"] = "1"
        if role == "learner":
            return {**variables, **told(self.roster.limits)}
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


def free_ports(names: Iterable[str]) -> dict[str, int]:
    """Find a free port of loopback for each name, where the system itself takes none for outgoing connections.

    Raises:
        OSError: if none is free.
    """
    chosen: dict[str, int] = {}
    candidates = iter(random.SystemRandom().sample(OWN_PORTS, 500))
    for name in names:
        chosen[name] = next((port for port in candidates if _is_free(port)), 0)
        if not chosen[name]:
            raise OSError(f"No port between {OWN_PORTS[0]} and {OWN_PORTS[-1]} is free on this machine.")
    return chosen


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
