"""What holds for each pod, whoever makes it: mounts, shared memory, images, limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hub.kubernetes.check.objects import quantity

_IMAGE = re.compile(r"[\w.-]+(?::\d+)?(?:/[\w.-]+)*:(?P<tag>[\w][\w.-]*)(?:@sha256:[0-9a-f]{64})?")
_PROFILES = ("seccompProfile", "appArmorProfile")
SHM_MIN = 256 << 20
"""Bytes of /dev/shm that DataLoader's workers need at least: a few float32 batches of 64 images, 38 MB each."""


def pod_mistakes(spec: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a pod's specification.

    Args:
        spec: a pod's ``spec``, or the ``spec`` in a Deployment's template.
    """
    volumes = {volume.get("name"): volume for volume in spec.get("volumes", [])}
    if len(volumes) < len(spec.get("volumes", [])):
        yield "two volumes have the same name."
    mounted: set[str] = set()
    for container in [*spec.get("initContainers", []), *spec.get("containers", [])]:
        name = container.get("name")
        yield from (f"container {name}: {mistake}" for mistake in _container(container, volumes))
        mounted |= {mount.get("name") for mount in container.get("volumeMounts", [])}
    for volume in volumes.keys() - mounted:
        yield f"the volume {volume!r} is mounted nowhere."
    outer = spec.get("securityContext") or {}
    inner = [container.get("securityContext") or {} for container in spec.get("containers", [])]
    opened = [context.get(name, {}).get("type") for context in (outer, *inner) for name in _PROFILES]
    opened += [context.get("procMount") for context in inner]
    if {"Unconfined", "Unmasked"} & set(opened) and spec.get("hostUsers") is not False:
        yield "its protections are opened without a user namespace of its own: expected hostUsers: false."
    if spec.get("automountServiceAccountToken") is not False and not spec.get("serviceAccountName"):
        yield "automountServiceAccountToken isn't false: whoever is in the pod could ask the cluster for things."


def _container(container: dict[str, Any], volumes: dict[str, dict[str, Any]]) -> Iterator[str]:
    image = str(container.get("image", ""))
    match = _IMAGE.fullmatch(image)
    if match is None or match["tag"] == "latest":
        yield f"the image {image!r} has no fixed tag; expected REGISTRY/NAME:VERSION."
    places = [mount.get("mountPath") for mount in container.get("volumeMounts", [])]
    for place in {place for place in places if places.count(place) > 1}:
        yield f"two volumes are mounted at {place}."
    for mount in container.get("volumeMounts", []):
        if mount.get("name") not in volumes:
            yield f"it mounts {mount.get('name')!r} at {mount.get('mountPath')}, and there is no such volume."
    yield from _resources(container.get("resources") or {})
    security = container.get("securityContext") or {}
    if security.get("privileged") or security.get("allowPrivilegeEscalation") is not False:
        yield "it may become root: expected securityContext.allowPrivilegeEscalation: false, and not privileged."


def _resources(resources: dict[str, Any]) -> Iterator[str]:
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    if "memory" not in limits:
        yield "it has no memory limit: one process can take the whole node down."
    for name in requests.keys() - limits.keys():
        if "/" in name:
            yield f"{name} is guaranteed and not limited; devices need both, and equal."
    for name in limits.keys() & requests.keys():
        most, least = quantity(limits[name]), quantity(requests[name])
        if most is not None and least is not None and least > most:
            yield f"it is guaranteed {requests[name]} of {name}, more than its limit of {limits[name]}."
        if "/" in name and most != least:
            yield f"{name} can't be overcommitted: guarantee and limit must be equal."


def shm_mistakes(spec: dict[str, Any]) -> Iterator[str]:
    """What is wrong with /dev/shm, where DataLoader's workers run: absent it has 64 MB, and they die of a bus error."""
    volumes = {volume.get("name"): volume for volume in spec.get("volumes", [])}
    for container in spec.get("containers", []):
        found = [mount for mount in container.get("volumeMounts", []) if mount.get("mountPath") == "/dev/shm"]
        source = (volumes.get(found[0].get("name"), {}) if found else {}).get("emptyDir") or {}
        limit = quantity(((container.get("resources") or {}).get("limits") or {}).get("memory"))
        size = quantity(source.get("sizeLimit"))
        if not found or source.get("medium") != "Memory":
            yield "nothing in memory is mounted at /dev/shm (an emptyDir with medium: Memory), so it has 64 MB."
        elif size is None:
            yield "/dev/shm has no sizeLimit: filling it would end the server, not the write."
        elif size < SHM_MIN:
            yield f"/dev/shm has {source['sizeLimit']}; DataLoader's workers need {SHM_MIN >> 20}Mi and more."
        elif limit is not None and size >= limit:
            yield f"/dev/shm may take {source['sizeLimit']}, as much as the pod's whole memory: it counts towards that."
