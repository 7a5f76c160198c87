"""All checks together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.kubernetes.check.access import access_mistakes
from hub.kubernetes.check.chart import at, schema_mistakes, spawner_config, with_defaults
from hub.kubernetes.check.cluster import cluster_mistakes, replicas
from hub.kubernetes.check.files import Manifest, UnreadableError, manifests, read
from hub.kubernetes.check.objects import object_mistakes
from hub.kubernetes.check.pods import pod_mistakes, shm_mistakes
from hub.kubernetes.check.profiles import profile_mistakes
from hub.kubernetes.check.render import Server, render


def mistakes(values: str, others: dict[str, str], schema: dict[str, Any] | None = None) -> list[str]:
    """Look for mistakes in the chart's values and in the manifests beside them.

    Args:
        values: the text of values.yaml.
        others: the manifests' texts by file name.
        schema: the chart's published schema; without it the values' names and types aren't checked.

    Returns:
        One sentence for each mistake, with where it is; empty if none was found.
    """
    try:
        documents = read(values, "values.yaml")
        objects = manifests(others)
    except UnreadableError as error:
        return [str(error)]
    if len(documents) != 1:
        return [f"values.yaml holds {len(documents)} YAML documents; expected one."]
    found = list(schema_mistakes(documents[0], schema)) if schema is not None else []
    try:
        found += _of_values(with_defaults(documents[0]), objects)
    except (AttributeError, TypeError, KeyError) as error:
        # A mapping where a list belongs, or the like: the schema says it better, where it was given.
        if not found:
            found.append(f"values.yaml: its structure isn't what was expected: {type(error).__name__}: {error}.")
    for manifest in objects:
        found += [f"{manifest.where}: {mistake}" for mistake in object_mistakes(manifest.body)]
        spec = at(manifest.body, "spec.template.spec")
        if isinstance(spec, dict):
            found += [f"{manifest.where}: {mistake}" for mistake in pod_mistakes(spec)]
            if (
                at(manifest.body, "spec.template.metadata.labels", {}).get("app.kubernetes.io/component")
                == "grading-worker"
            ):
                found += [f"{manifest.where}: {mistake}" for mistake in shm_mistakes(spec)]
    return list(dict.fromkeys(found))


def _of_values(values: dict[str, Any], objects: list[Manifest]) -> Iterator[str]:
    profiles = at(values, "singleuser.profileList", [])
    listed = list(profile_mistakes(profiles, replicas(objects)))
    yield from (f"values.yaml: {mistake}" for mistake in listed)
    yield from (f"values.yaml: {mistake}" for mistake in access_mistakes(values))
    yield from cluster_mistakes(values, objects)
    try:
        servers = servers_of(values)
    except Exception as error:  # whatever KubeSpawner refuses when a server starts
        yield f"values.yaml: KubeSpawner can't make a pod of it: {type(error).__name__}: {error}"
        return
    for server in servers:
        spec = server.pod["spec"]
        for body in (server.pod, server.claim):
            yield from (f"{server.where}: {mistake}" for mistake in object_mistakes(body))
        for mistake in [*pod_mistakes(spec), *shm_mistakes(spec)]:
            yield f"{server.where}: {mistake}"


def servers_of(values: dict[str, Any]) -> list[Server]:
    """Every server that somebody could start: each profile, for a learner and for each group with rules of its own.

    Who has a later rule is taken to have the earlier ones too, as the grader account has the staff's.

    Args:
        values: as :func:`hub.kubernetes.check.chart.with_defaults` gives them.
    """
    slugs = [profile.get("slug") for profile in at(values, "singleuser.profileList", []) if profile.get("slug")]
    kinds = [frozenset[str]()]
    for _, rule in sorted(at(values, "hub.config.Spawner.group_overrides", {}).items()):
        kinds.append(kinds[-1] | set(rule.get("groups", [])))
    return render(spawner_config(values), slugs, kinds)
