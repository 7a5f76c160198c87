"""Each profile as the pod that KubeSpawner would ask the cluster for, for a learner and for staff."""

from __future__ import annotations

import asyncio
import copy
import itertools
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from kubespawner import KubeSpawner
from traitlets.config import Config


@dataclass(frozen=True)
class Server:
    """A server that somebody could start.

    Attributes:
        profile: the profile's slug.
        groups: the groups of whoever starts it.
        pod: the pod's manifest.
        claim: the manifest of the claim on its home volume.
    """

    profile: str
    groups: frozenset[str]
    pod: dict[str, Any]
    claim: dict[str, Any]

    @property
    def where(self) -> str:
        """Such as ``profile cpu, for formgrade-datakit``."""
        return f"profile {self.profile}, for {', '.join(sorted(self.groups)) or 'a learner'}"


@dataclass(frozen=True)
class _Group:
    name: str


def render(config: Config, profiles: Iterable[str], kinds: Iterable[frozenset[str]]) -> list[Server]:
    """Let the real KubeSpawner make a pod of each profile, without a cluster.

    Args:
        config: the settings, as :func:`hub.kubernetes.check.chart.spawner_config` gives them.
        profiles: the slugs.
        kinds: the groups of whoever starts it; each profile is rendered for each.

    Raises:
        Exception: whatever KubeSpawner and traitlets find wrong with the settings.
    """
    # In a thread of its own: where this is called, an event loop may run already, a notebook's say.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _render(config, profiles, kinds)).result()


async def _render(config: Config, profiles: Iterable[str], kinds: Iterable[frozenset[str]]) -> list[Server]:
    servers = []
    # No cluster is asked for anything, so none's address is read. `_mock` is KubeSpawner's own stand-in for the hub
    # and the user. The rest is what runs in a hub.
    with patch("kubespawner.spawner.load_config"):
        for groups, profile in itertools.product(kinds, profiles):
            spawner = KubeSpawner(config=copy.deepcopy(config), _mock=True)
            spawner.user.groups = [_Group(name) for name in groups]
            spawner.user_options = {"profile": profile}
            # In the hub's order: by group, then by profile.
            await spawner.apply_group_overrides()
            await spawner.load_user_options()
            plain = spawner.api.api_client.sanitize_for_serialization
            pod, claim = plain(await spawner.get_pod_manifest()), plain(spawner.get_pvc_manifest())
            servers.append(Server(profile, groups, pod, claim))
    return servers
