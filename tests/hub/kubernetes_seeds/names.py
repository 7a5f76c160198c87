"""Names, types, quantities and fixed words."""

from __future__ import annotations

from .seed import Seed

SEEDS = [
    Seed("a variable that is a number", 'OMP_NUM_THREADS: "2"', "OMP_NUM_THREADS: 2", "OMP_NUM_THREADS"),
    Seed("seconds as text", "http_timeout: 180", 'http_timeout: "180"', "http_timeout"),
    # Names and types: the chart's schema.
    Seed(
        "misspelt key of the chart", "concurrentSpawnLimit: 20", "concurrentSpawnLimits: 20", "Limits", by_schema=True
    ),
    Seed("misspelt section", "prePuller:\n", "prepuller:\n", "prepuller", by_schema=True),
    Seed("misspelt below storage", "    extraVolumeMounts:", "    extraVolumesMounts:", "Mounts", by_schema=True),
    Seed("text where a number belongs", "activeServerLimit: 200", 'activeServerLimit: "many"', "many", by_schema=True),
    Seed("a CPU limit in words", "    limit: 2\n  memory:", "    limit: two\n  memory:", "two", by_schema=True),
    Seed("yes in quotes", "cull:\n  enabled: true", 'cull:\n  enabled: "yes"', "yes", by_schema=True),
    Seed("a duration with a unit", "  timeout: 3600", "  timeout: 1h", "1h", by_schema=True),
    Seed("wrong kind of certificate", "type: letsencrypt\n", "type: letsencript\n", "letsencript", by_schema=True),
    Seed(
        "profiles as a mapping",
        "  profileList:\n    - display_name: CPU",
        "  profileList:\n      display_name: CPU",
        "YAML",
    ),
    Seed("indented too far", "      medium: Memory", "        medium: Memory", ""),
    Seed("a key that stands twice", "  uid: 1000\n", "  uid: 1000\n  uid: 0\n", "stands there twice"),
    # Quantities and fixed words.
    Seed("memory with GB", "    limit: 4G\n", "    limit: 4GB\n", "4GB"),
    Seed(
        "memory with Gi, which KubeSpawner doesn't read", "        mem_limit: 8G\n", "        mem_limit: 8Gi\n", "8Gi"
    ),
    Seed("size limit with GB", "sizeLimit: 1Gi", "sizeLimit: 1GB", "'1GB'; expected a quantity"),
    Seed("home with a unit that there isn't", "capacity: 5Gi", "capacity: 5GiB", "5GiB"),
    Seed("medium in small letters", "medium: Memory", "medium: memory", "'memory'; expected one of Memory"),
    Seed("medium that there isn't", "medium: Memory", "medium: RAM", "'RAM'"),
]
