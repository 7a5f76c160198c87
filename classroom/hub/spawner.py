"""How a person's server is started: with the settings of the person's role, within the learners' limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyterhub.spawner import LocalProcessSpawner, SimpleLocalProcessSpawner

from classroom.hub.gpu_spawner import SharesGpu
from classroom.hub.limits import held
from classroom.hub.plan import this_hub


class KnowsRoles(SharesGpu):
    """A server with the settings of its person's role, and with a share of a GPU where that was asked for."""

    def get_env(self) -> dict[str, str]:
        """The environment of a server."""
        hub = this_hub()
        return {**super().get_env(), **hub.variables(hub.role(self.user.name))}


class RoleSpawner(KnowsRoles, LocalProcessSpawner):  # type: ignore[misc]
    """A server that runs as its person's account; a learner's is held to the limits."""

    def make_preexec_fn(self, name: str) -> Callable[[], Any]:
        """What a server does before it starts: take on the limits, then become its person."""
        become: Callable[[], Any] = super().make_preexec_fn(name)
        hub = this_hub()
        if hub.role(name) != "learner":
            return become
        hold = held(hub.roster.limits)

        def prepare() -> None:
            hold()
            become()

        return prepare


class LookSpawner(KnowsRoles, SimpleLocalProcessSpawner):  # type: ignore[misc]
    """A server for a look: everyone runs as the account that started the hub, without limits."""
