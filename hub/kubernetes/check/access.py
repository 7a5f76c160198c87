"""Who may do what: settings that exist, scopes that JupyterHub knows, and images for those for whom they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.scopes import scope_definitions
from jupyterhub.services.service import Service
from jupyterhub.spawner import Spawner
from kubespawner import KubeSpawner
from traitlets.config import Configurable

from hub.kubernetes.check.chart import at

_CLASSES: dict[str, type[Configurable]] = {
    "JupyterHub": JupyterHub,
    "Authenticator": Authenticator,
    "Spawner": Spawner,
    "KubeSpawner": KubeSpawner,
}
_SCOPE = re.compile(r"(?P<base>[a-z:-]+)(?:!(?P<kind>user|group|server|service)(?:=(?P<name>.+))?)?")
_WIDE = ("access:", "admin:", "servers", "users", "tokens", "groups")
_ROLE = {"name", "description", "scopes", "users", "groups", "services"}
_ANYBODY = {"dummy", "jupyterhub.auth.DummyAuthenticator", "tmp", "tmpauthenticator.TmpAuthenticator"}
STAFF_IMAGE = "instructor"
"""The last part of the name of the image that holds solutions and the grader: hub/images/instructor."""


def access_mistakes(values: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the hub's settings, roles, services and images."""
    config = at(values, "hub.config", {})
    for name, cls in _CLASSES.items():
        for key in (config.get(name) or {}).keys() - set(cls.class_traits(config=True)):
            yield f"hub.config.{name}: there is no setting {key!r}."
    if at(values, "hub.config.JupyterHub.authenticator_class", "dummy") in _ANYBODY:
        yield "hub.config.JupyterHub.authenticator_class lets anybody in under any name."
    if at(values, "hub.config.NativeAuthenticator.open_signup") is True:
        yield "hub.config.NativeAuthenticator.open_signup lets anybody make the grader's account, or another's."
    yield from _roles(values)
    yield from _variables(values)
    yield from _images(values)
    if at(values, "singleuser.networkPolicy.enabled", True) is not True:
        yield "singleuser.networkPolicy is off: learners reach the grading workers, and run code there."
    for rule in ("privateIPs", "cloudMetadataServer"):
        if at(values, f"singleuser.networkPolicy.egressAllowRules.{rule}", False) is not False:
            yield f"singleuser.networkPolicy.egressAllowRules.{rule} is open: learners reach what isn't theirs."


def _roles(values: dict[str, Any]) -> Iterator[str]:
    groups = set(at(values, "hub.config.JupyterHub.load_groups", {}))
    services = set(at(values, "hub.services", {}))
    for role, body in at(values, "hub.loadRoles", {}).items():
        where = f"hub.loadRoles.{role}"
        for group in set(body.get("groups", [])) - groups:
            yield f"{where}: there is no group {group!r} in load_groups."
        for service in set(body.get("services", [])) - services:
            yield f"{where}: there is no service {service!r} in hub.services."
        if not any(body.get(kind) for kind in ("groups", "users", "services")):
            yield f"{where}: it is given to nobody."
        for key in body.keys() - _ROLE:
            yield f"{where}: a role has no {key!r}."
        if not body.get("scopes"):
            yield f"{where}: it has no scopes."
        for scope in body.get("scopes", []):
            yield from (f"{where}: {mistake}" for mistake in _scope(scope, groups, services, wide=False))
    for service, body in at(values, "hub.services", {}).items():
        for key in body.keys() - {*Service.class_trait_names(), "apiToken"}:
            yield f"hub.services.{service}: a service has no {key!r}."
    for scope in at(values, "hub.config.Spawner.server_token_scopes", []):
        mistakes = _scope(scope, groups, services, wide=True)
        yield from (f"hub.config.Spawner.server_token_scopes: {mistake}" for mistake in mistakes)
    for key, rule in at(values, "hub.config.Spawner.group_overrides", {}).items():
        for group in set(rule.get("groups", [])) - groups:
            yield f"hub.config.Spawner.group_overrides.{key}: there is no group {group!r} in load_groups."
        for setting in (rule.get("spawner_override") or {}).keys() - set(KubeSpawner.class_traits(config=True)):
            yield f"hub.config.Spawner.group_overrides.{key}: KubeSpawner has no setting {setting!r}."


def _scope(scope: str, groups: set[str], services: set[str], wide: bool) -> Iterator[str]:
    match = _SCOPE.fullmatch(scope)
    if match is None or match["base"] not in scope_definitions:
        yield f"JupyterHub knows no scope {scope!r}."
        return
    if match["kind"] == "group" and match["name"] not in groups:
        yield f"{scope!r} names a group that isn't in load_groups."
    if match["kind"] == "service" and match["name"] not in services:
        yield f"{scope!r} names a service that isn't in hub.services."
    # What a server's token may do is bounded by its owner; what a role may do is bounded by nothing but its filter.
    if not wide and match["kind"] is None and match["base"].startswith(_WIDE):
        yield f"{scope!r} has no filter: it holds for everybody's."


def _variables(values: dict[str, Any]) -> Iterator[str]:
    places = {"singleuser.extraEnv": at(values, "singleuser.extraEnv", {})}
    for profile in at(values, "singleuser.profileList", []):
        override = profile.get("kubespawner_override") or {}
        places[f"profile {profile.get('slug')}"] = override.get("environment") or {}
    for key, rule in at(values, "hub.config.Spawner.group_overrides", {}).items():
        places[f"group_overrides.{key}"] = (rule.get("spawner_override") or {}).get("environment") or {}
    for where, variables in places.items():
        for name, value in variables.items():
            if not isinstance(value, str):
                yield f"{where}: the variable {name} is {value!r}; expected text, such as {str(value)!r} in quotes."


def _images(values: dict[str, Any]) -> Iterator[str]:
    learners = str(at(values, "singleuser.image.name", ""))
    if _last(learners) == STAFF_IMAGE:
        yield f"singleuser.image is {learners}: learners would get the solutions and the grader."
    tag = at(values, "singleuser.image.tag")
    if not tag or tag == "latest":
        yield f"singleuser.image.tag is {tag!r}; expected a fixed version."
    overrides = at(values, "hub.config.Spawner.group_overrides", {})
    staff = [
        image
        for rule in overrides.values()
        if (image := (rule.get("spawner_override") or {}).get("image")) and _last(image) == STAFF_IMAGE
    ]
    if not staff:
        yield f"hub.config.Spawner.group_overrides gives nobody the image {STAFF_IMAGE!r}: staff couldn't grade."
    pulled = {f"{image.get('name')}:{image.get('tag')}" for image in at(values, "prePuller.extraImages", {}).values()}
    for image in set(staff) - pulled:
        yield f"prePuller.extraImages doesn't hold {image}: staff would wait while it is fetched."


def _last(image: str) -> str:
    return image.rpartition("/")[2].partition(":")[0].partition("@")[0]
