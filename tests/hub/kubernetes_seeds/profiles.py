"""Profiles and GPUs."""

from __future__ import annotations

from .seed import Seed

PROFILE = "        cpu_guarantee: 0.25\n        cpu_limit: 2\n"
GPU_LIMIT = '        extra_resource_limits:\n          nvidia.com/gpu: "1"\n'
GPU_TOLERATION = "          - {key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}\n"
USER_TOLERATION = "          - {key: hub.jupyter.org/dedicated, operator: Equal, value: user, effect: NoSchedule}\n"

SEEDS = [
    # Profiles.
    Seed("a profile without a slug", "      slug: gpu-share\n", "", "it has no slug"),
    Seed("two profiles of one slug", "slug: gpu-share", "slug: cpu", "two profiles have the slug"),
    Seed("no default profile", "      default: true\n", "", "0 default profiles"),
    Seed("two default profiles", "slug: gpu-share\n", "slug: gpu-share\n      default: true\n", "2 default profiles"),
    Seed("a profile's setting misspelt", "        mem_limit: 8G\n", "        memory_limit: 8G\n", "'memory_limit'"),
    Seed(
        "a profile that chooses the staff's image",
        PROFILE,
        PROFILE + "        image: x/instructor:1\n",
        "chooses an image",
    ),
    Seed("guaranteed more than the limit", "mem_guarantee: 2G", "mem_guarantee: 16G", "more than its limit"),
    Seed(
        "a setting beside the override",
        "      description: 2 CPUs, 4 GB",
        "      mem_limit: 4G\n      description: 2 CPUs, 4 GB",
        "'mem_limit' means nothing",
    ),
    # GPUs.
    Seed(
        "a guarantee of another device",
        "guarantees:\n          nvidia.com/gpu:",
        "guarantees:\n          nvidia.com/gpus:",
        "guaranteed and not limited",
    ),
    Seed(
        "a limit of another device",
        "limits:\n          nvidia.com/gpu:",
        "limits:\n          nvidia.com/gpus:",
        "asks for no nvidia.com/gpu",
    ),
    Seed("a GPU as a number", GPU_LIMIT, GPU_LIMIT.replace('"1"', "1"), "Kubernetes expects text: '1'"),
    Seed("half a GPU", GPU_LIMIT, GPU_LIMIT.replace('"1"', '"0.5"'), "expected a whole number"),
    Seed("more GPUs than guaranteed", GPU_LIMIT, GPU_LIMIT.replace('"1"', '"2"'), "can't be overcommitted"),
    Seed("no toleration of GPU nodes", GPU_TOLERATION, "", "no toleration of nvidia.com/gpu"),
    Seed("a toleration's operator misspelt", "operator: Exists", "operator: Exist", "'Exist'; expected one of"),
    Seed(
        "a toleration's effect misspelt",
        "nvidia.com/gpu, operator: Exists, effect: NoSchedule",
        "nvidia.com/gpu, operator: Exists, effect: NoScheduling",
        "'NoScheduling'",
    ),
    Seed("the chart's tolerations lost", USER_TOLERATION, "", "leave out hub.jupyter.org/dedicated"),
    Seed("a share above one", 'DATAKIT_GPU_SHARE: "0.23"', 'DATAKIT_GPU_SHARE: "25"', "above 0 and at most 1"),
    Seed("a share as a number", 'DATAKIT_GPU_SHARE: "0.23"', "DATAKIT_GPU_SHARE: 0.23", "expected text"),
    Seed("another share for PyTorch", "memory_fraction:0.23", "memory_fraction:0.5", "that don't import datakit"),
    Seed("no share", '          DATAKIT_GPU_SHARE: "0.23"\n', '          OTHER: "1"\n', "DATAKIT_GPU_SHARE is None"),
    Seed("shares that don't fit", "replicas: 4", "replicas: 8", "together more than one GPU", "gpu-sharing.yaml"),
    Seed(
        "GPU node not chosen", "        node_selector:\n          datakit.example.org/gpu: shared\n", "", "isn't shared"
    ),
]
