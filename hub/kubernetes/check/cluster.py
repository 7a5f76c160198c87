"""How the files fit together: services find their pods, claims exist, policies close what must be closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import yaml

from hub.kubernetes.check.chart import at
from hub.kubernetes.check.files import Manifest

COMPONENT = "app.kubernetes.io/component"
ASKS_HUB = ("hub.jupyter.org/network-access-hub", "true")
_CHARTS_OWN = {"singleuser-server", "proxy", "hub"}


def cluster_mistakes(values: dict[str, Any], manifests: list[Manifest]) -> Iterator[str]:
    """What is wrong between the values and the manifests, and among these."""
    pods = {manifest.where: _labels(manifest) for manifest in manifests if _template(manifest)}
    for manifest in manifests:
        if manifest.body.get("kind") == "Service":
            for mistake in _service(manifest, manifests):
                yield f"{manifest.where}: {mistake}"
        if manifest.body.get("kind") == "Deployment":
            wanted = at(manifest.body, "spec.selector.matchLabels", {})
            if not wanted.items() <= pods[manifest.where].items():
                yield f"{manifest.where}: its selector doesn't match its own pods' labels."
        if "JUPYTERHUB_API_URL" in yaml.safe_dump(manifest.body) and ASKS_HUB not in _labels(manifest).items():
            yield f"{manifest.where}: it asks the hub without the label {ASKS_HUB[0]}: the chart's policy refuses it."
    yield from _claims(values, manifests)
    yield from _single(manifests)
    yield from _services(values, manifests)
    yield from _images(values, manifests)
    yield from _scheduler(values, manifests)
    yield from _policies(values, manifests, pods.values())


def replicas(manifests: list[Manifest]) -> int | None:
    """As how many the device plugin offers each GPU; None if the manifests don't say."""
    for manifest in manifests:
        for text in (manifest.body.get("data") or {}).values():
            resources = at(yaml.safe_load(text), "sharing.timeSlicing.resources", [])
            if resources:
                return int(resources[0]["replicas"])
    return None


def _template(manifest: Manifest) -> dict[str, Any]:
    found = at(manifest.body, "spec.template", {})
    return found if isinstance(found, dict) else {}


def _labels(manifest: Manifest) -> dict[str, str]:
    return dict(at(_template(manifest), "metadata.labels", {}))


def _service(service: Manifest, manifests: list[Manifest]) -> Iterator[str]:
    selector = at(service.body, "spec.selector", {})
    chosen = [pod for pod in manifests if _template(pod) and selector.items() <= _labels(pod).items()]
    if len(chosen) != 1:
        yield f"its selector chooses {len(chosen)} Deployments; expected one."
        return
    containers = at(_template(chosen[0]), "spec.containers", [])
    offered = {port.get("name") for container in containers for port in container.get("ports", [])}
    for port in at(service.body, "spec.ports", []):
        if isinstance(port.get("targetPort"), str) and port["targetPort"] not in offered:
            yield f"its pods have no port {port['targetPort']!r}."


def _claims(values: dict[str, Any], manifests: list[Manifest]) -> Iterator[str]:
    made = {m.body["metadata"]["name"]: m for m in manifests if m.body.get("kind") == "PersistentVolumeClaim"}
    used = [("values.yaml", volume) for volume in at(values, "singleuser.storage.extraVolumes", [])]
    used += [(m.where, volume) for m in manifests for volume in at(_template(m), "spec.volumes", [])]
    for where, volume in used:
        claim = volume.get("persistentVolumeClaim")
        if claim is None:
            continue
        name = claim.get("claimName")
        if name not in made:
            yield f"{where}: the volume {volume.get('name')!r} claims {name!r}, which no manifest makes."
        elif where == "values.yaml" and not set(at(made[name].body, "spec.accessModes", [])) & {
            "ReadWriteMany",
            "ReadOnlyMany",
        }:
            yield f"{made[name].where}: servers on many nodes mount it: expected ReadWriteMany or ReadOnlyMany."
        if where == "values.yaml" and claim.get("readOnly") is not True:
            yield f"{where}: the volume {volume.get('name')!r} is shared and writable: expected readOnly: true."
    shared = [volume for where, volume in used if where == "values.yaml" and "persistentVolumeClaim" in volume]
    names = {volume.get("name") for volume in shared}
    for mount in at(values, "singleuser.storage.extraVolumeMounts", []):
        if mount.get("name") in names and mount.get("readOnly") is not True:
            yield f"values.yaml: {mount.get('mountPath')} is shared and mounted writable: expected readOnly: true."


def _single(manifests: list[Manifest]) -> Iterator[str]:
    """A volume for one node, and mostly a SQLite file on it: one pod, and no second one during an update."""
    alone = {
        m.body["metadata"]["name"]
        for m in manifests
        if m.body.get("kind") == "PersistentVolumeClaim" and at(m.body, "spec.accessModes") == ["ReadWriteOnce"]
    }
    for manifest in manifests:
        claims = {
            at(volume, "persistentVolumeClaim.claimName") for volume in at(_template(manifest), "spec.volumes", [])
        }
        if not claims & alone:
            continue
        if at(manifest.body, "spec.replicas", 1) != 1 or at(manifest.body, "spec.strategy.type") != "Recreate":
            yield f"{manifest.where}: its volume is for one pod: expected replicas: 1 and strategy: {{type: Recreate}}."


def _services(values: dict[str, Any], manifests: list[Manifest]) -> Iterator[str]:
    ports = {
        m.body["metadata"]["name"]: {port.get("port") for port in at(m.body, "spec.ports", [])}
        for m in manifests
        if m.body.get("kind") == "Service"
    }
    for name, service in at(values, "hub.services", {}).items():
        if not service.get("url"):
            continue
        url = urlsplit(service["url"])
        if url.port not in ports.get(url.hostname or "", set()):
            yield f"values.yaml: hub.services.{name}.url is {service['url']}; no Service has that name and port."
        key = f"hub.services.{name}.apiToken"
        if not any(key in yaml.safe_dump(m.body) for m in manifests):
            yield f"values.yaml: no manifest takes the token of the service {name!r} ({key})."


def _images(values: dict[str, Any], manifests: list[Manifest]) -> Iterator[str]:
    overrides = at(values, "hub.config.Spawner.group_overrides", {}).values()
    staff = {(rule.get("spawner_override") or {}).get("image") for rule in overrides}
    for manifest in manifests:
        if _labels(manifest).get("app.kubernetes.io/name") != "grading":
            continue
        spec = at(_template(manifest), "spec", {})
        for container in [*spec.get("initContainers", []), *spec.get("containers", [])]:
            if container.get("image") not in staff:
                yield f"{manifest.where}: {container.get('image')} isn't staff's image: Dask needs equal versions."


def _scheduler(values: dict[str, Any], manifests: list[Manifest]) -> Iterator[str]:
    """Whoever reaches the scheduler runs code beside hidden tests: staff's servers and the workers, and nobody else."""
    staff = {
        label
        for rule in at(values, "hub.config.Spawner.group_overrides", {}).values()
        for label in ((rule.get("spawner_override") or {}).get("extra_labels") or {}).items()
    }
    grading = [m for m in manifests if _labels(m).get("app.kubernetes.io/name") == "grading"]
    for pod in grading:
        closed = False
        for policy in _over(manifests, _labels(pod), "Ingress"):
            closed = True
            for rule in at(policy.body, "spec.ingress", []):
                for peer in rule.get("from") or [{}]:
                    labels = set(at(peer, "podSelector.matchLabels", {}).items())
                    if not (labels and labels <= staff | set(_labels(pod).items())):
                        yield f"{policy.where}: it lets others than staff and workers reach {pod.where}."
        if not closed:
            yield f"{pod.where}: no NetworkPolicy closes it: learners could run code there."


def _over(manifests: list[Manifest], labels: dict[str, str], direction: str) -> list[Manifest]:
    return [
        m
        for m in manifests
        if m.body.get("kind") == "NetworkPolicy"
        and direction in at(m.body, "spec.policyTypes", [])
        and at(m.body, "spec.podSelector.matchLabels", {}).items() <= labels.items()
    ]


def _policies(values: dict[str, Any], manifests: list[Manifest], pods: Iterable[dict[str, str]]) -> Iterator[str]:
    """Each policy and each of its peers chooses pods that there are."""
    known = [*pods, *({COMPONENT: name} for name in _CHARTS_OWN)]
    known += [
        dict((rule.get("spawner_override") or {}).get("extra_labels") or {})
        for rule in at(values, "hub.config.Spawner.group_overrides", {}).values()
    ]
    for manifest in manifests:
        if manifest.body.get("kind") != "NetworkPolicy":
            continue
        spec = manifest.body["spec"]
        selectors = [spec.get("podSelector")]
        for rule in [*spec.get("ingress", []), *spec.get("egress", [])]:
            selectors += [peer.get("podSelector") for peer in [*rule.get("from", []), *rule.get("to", [])]]
        for labels in (selector["matchLabels"] for selector in selectors if selector and "matchLabels" in selector):
            if not any(labels.items() <= pod.items() for pod in known):
                yield f"{manifest.where}: no pod has the labels {labels}."
