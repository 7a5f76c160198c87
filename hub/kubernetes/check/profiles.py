"""What learners choose from: each profile has a name, one is the default, none gives away more than it should."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kubespawner import KubeSpawner

from datakit.gpu_share import SHARE, checked_share, share_settings

GPU = "nvidia.com/gpu"
_KEYS = {"slug", "display_name", "description", "default", "kubespawner_override", "profile_options"}
_USER_NODES = {"hub.jupyter.org/dedicated", "hub.jupyter.org_dedicated"}


def profile_mistakes(profiles: Any, replicas: int | None) -> Iterator[str]:
    """What is wrong with ``singleuser.profileList``.

    Args:
        profiles: the list.
        replicas: as how many each GPU is offered (gpu-sharing.yaml); None where that isn't known.
    """
    if not isinstance(profiles, list) or not profiles:
        yield "profileList is no list of profiles: learners can choose nothing."
        return
    defaults = [profile.get("slug") for profile in profiles if profile.get("default")]
    if len(defaults) != 1:
        yield f"profileList has {len(defaults)} default profiles ({defaults}); expected one."
    slugs = [profile.get("slug") for profile in profiles]
    for slug in {slug for slug in slugs if slug and slugs.count(slug) > 1}:
        yield f"two profiles have the slug {slug!r}."
    for profile in profiles:
        name = profile.get("slug") or profile.get("display_name")
        for mistake in _profile(profile, replicas):
            yield f"profile {name}: {mistake}"


def _profile(profile: dict[str, Any], replicas: int | None) -> Iterator[str]:
    for key in ("slug", "display_name"):
        if not profile.get(key):
            yield f"it has no {key}."
    for key in profile.keys() - _KEYS:
        yield f"{key!r} means nothing there; KubeSpawner's settings belong below kubespawner_override."
    override = profile.get("kubespawner_override") or {}
    known = set(KubeSpawner.class_traits(config=True))
    for key in override.keys() - known:
        yield f"KubeSpawner has no setting {key!r}, and would take it without a word."
    if "image" in override or profile.get("profile_options"):
        yield "it chooses an image: staff's image goes by group (group_overrides), and learners' is singleuser.image."
    for table in ("extra_resource_limits", "extra_resource_guarantees"):
        for name, amount in (override.get(table) or {}).items():
            if not isinstance(amount, str):
                yield f"{table}: {name} is {amount!r}; Kubernetes expects text: {str(amount)!r}."
    wants = (override.get("extra_resource_limits") or {}).get(GPU)
    if wants is not None:
        yield from _gpu(override, replicas)
    elif SHARE in (override.get("environment") or {}):
        yield f"it sets {SHARE} and asks for no {GPU}."


def _gpu(override: dict[str, Any], replicas: int | None) -> Iterator[str]:
    tolerations = override.get("tolerations") or []
    kept = {toleration.get("key") for toleration in tolerations}
    if GPU not in kept:
        yield f"it has no toleration of {GPU}: GPU nodes are tainted with it, so the server would wait for ever."
    if missing := _USER_NODES - kept:
        yield f"its tolerations replace the chart's, and leave out {', '.join(sorted(missing))}."
    if not override.get("node_selector"):
        yield "it has no node_selector: it could land on a GPU that isn't shared."
    environment = override.get("environment") or {}
    text = environment.get(SHARE)
    try:
        share = checked_share(text if isinstance(text, str) else None, SHARE)
    except ValueError:
        yield f"{SHARE} is {text!r}; expected text with a number above 0 and at most 1, such as '0.25'."
        return
    for name, wanted in share_settings(share, {}).items():
        if environment.get(name) != wanted:
            yield f"{name} is {environment.get(name)!r}; expected {wanted!r}, for kernels that don't import datakit."
    if replicas is not None and share * replicas > 1:
        yield f"{SHARE} is {text}, and gpu-sharing.yaml offers each GPU {replicas} times: together more than one GPU."
