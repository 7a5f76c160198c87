"""What the Zero to JupyterHub chart makes of values: its schema, and the settings that it passes on to KubeSpawner."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft7Validator
from traitlets.config import Config

DEFAULTS: dict[str, Any] = {
    "scheduling": {
        "userPods": {
            "tolerations": [
                {"key": key, "operator": "Equal", "value": "user", "effect": "NoSchedule"}
                for key in ("hub.jupyter.org/dedicated", "hub.jupyter.org_dedicated")
            ]
        }
    },
    "singleuser": {
        "extraLabels": {"hub.jupyter.org/network-access-hub": "true"},
        "allowPrivilegeEscalation": False,
        "uid": 1000,
        "fsGid": 100,
        "storage": {
            "type": "dynamic",
            "capacity": "10Gi",
            "homeMountPath": "/home/jovyan",
            "dynamic": {"volumeNameTemplate": "volume-{user_server}", "storageAccessModes": ["ReadWriteOnce"]},
        },
    },
}
"""The chart's own values (4.4), as far as they reach a server's pod."""

# KubeSpawner's setting → where the chart takes it from, below `singleuser`.
_PASSED_ON = {
    "pod_name_template": "podNameTemplate",
    "start_timeout": "startTimeout",
    "image_pull_policy": "image.pullPolicy",
    "extra_labels": "extraLabels",
    "extra_annotations": "extraAnnotations",
    "allow_privilege_escalation": "allowPrivilegeEscalation",
    "uid": "uid",
    "fs_gid": "fsGid",
    "service_account": "serviceAccountName",
    "node_selector": "nodeSelector",
    "lifecycle_hooks": "lifecycleHooks",
    "init_containers": "initContainers",
    "extra_containers": "extraContainers",
    "mem_limit": "memory.limit",
    "mem_guarantee": "memory.guarantee",
    "cpu_limit": "cpu.limit",
    "cpu_guarantee": "cpu.guarantee",
    "extra_resource_limits": "extraResource.limits",
    "extra_resource_guarantees": "extraResource.guarantees",
    "environment": "extraEnv",
    "profile_list": "profileList",
    "extra_pod_config": "extraPodConfig",
    "cmd": "cmd",
    "default_url": "defaultUrl",
    "storage_class": "storage.dynamic.storageClass",
    "storage_access_modes": "storage.dynamic.storageAccessModes",
    "storage_capacity": "storage.capacity",
}


def schema_mistakes(values: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    """Hold values against the chart's published schema.

    What the schema requires may stand in the chart's own values, so a missing key is no mistake here.
    """
    for error in Draft7Validator(schema).iter_errors(values):
        if error.validator != "required":
            yield f"values.yaml: {error.json_path.removeprefix('$.')}: {error.message}"


def with_defaults(values: dict[str, Any]) -> dict[str, Any]:
    """The values on top of the chart's own, merged as Helm does: mappings are, lists aren't."""
    return _merge(copy.deepcopy(DEFAULTS), values)


def at(values: dict[str, Any], path: str, default: Any = None) -> Any:
    """What stands at a path such as ``singleuser.memory.limit``; ``default`` where nothing does."""
    found: Any = values
    for key in path.split("."):
        if not isinstance(found, dict) or key not in found:
            return default
        found = found[key]
    return default if found is None else found


def spawner_config(values: dict[str, Any]) -> Config:
    """KubeSpawner's settings, as the chart's hub makes them from values.

    Args:
        values: as :func:`with_defaults` gives them.
    """
    settings: dict[str, Any] = {}
    for trait, path in _PASSED_ON.items():
        value = at(values, f"singleuser.{path}")
        if value is not None:
            settings[trait] = value
    image = at(values, "singleuser.image.name", "")
    tag = at(values, "singleuser.image.tag", "")
    settings["image"] = f"{image}:{tag}" if tag else image
    settings["tolerations"] = [
        *at(values, "scheduling.userPods.tolerations", []),
        *at(values, "singleuser.extraTolerations", []),
    ]
    home = at(values, "singleuser.storage.dynamic.volumeNameTemplate")
    settings["volumes"] = [
        {"name": home, "persistentVolumeClaim": {"claimName": "{pvc_name}"}},
        *at(values, "singleuser.storage.extraVolumes", []),
    ]
    settings["volume_mounts"] = [
        {"name": home, "mountPath": at(values, "singleuser.storage.homeMountPath")},
        *at(values, "singleuser.storage.extraVolumeMounts", []),
    ]
    spawner = {name: at(values, f"hub.config.{name}", {}) for name in ("Spawner", "KubeSpawner")}
    return Config({"Spawner": spawner["Spawner"], "KubeSpawner": {**settings, **spawner["KubeSpawner"]}})


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(below.get(key), dict)
        below[key] = _merge(below[key], value) if both else value
    return below
