"""Shared memory and volumes."""

from __future__ import annotations

from .seed import Seed

SHM_MOUNT = "      - name: shm\n        mountPath: /dev/shm\n"
SHM_VOLUME = "      - name: shm\n        emptyDir:\n          medium: Memory\n          sizeLimit: 1Gi\n"

SEEDS = [
    # /dev/shm.
    Seed("no mount at /dev/shm", SHM_MOUNT, "", "so it has 64 MB"),
    Seed("no volume for /dev/shm", SHM_VOLUME, "", "it mounts 'shm' at /dev/shm, and there is no such volume"),
    Seed("shared memory on disk", "          medium: Memory\n", "", "so it has 64 MB"),
    Seed("shared memory without a limit", "          sizeLimit: 1Gi\n", "", "has no sizeLimit"),
    Seed("shared memory of a size that is too small", "sizeLimit: 1Gi", "sizeLimit: 64Mi", "DataLoader's workers need"),
    Seed(
        "shared memory as large as the pod's", "sizeLimit: 1Gi", "sizeLimit: 8Gi", "as much as the pod's whole memory"
    ),
    Seed("shared memory in the wrong place", "mountPath: /dev/shm", "mountPath: /dev/shn", "so it has 64 MB"),
    # Volumes.
    Seed(
        "a mount without its volume",
        "      - name: data\n        mountPath",
        "      - name: date\n        mountPath",
        "date",
    ),
    Seed(
        "data mounted writable",
        "        readOnly: true # one copy",
        "        readOnly: false # one copy",
        "mounted writable",
    ),
    Seed("data claimed writable", "          readOnly: true\n", "", "shared and writable"),
    Seed("a claim that nobody makes", "claimName: datakit-data", "claimName: datakit-date", "no manifest makes"),
    Seed("two mounts in one place", "mountPath: /data", "mountPath: /dev/shm", "two volumes are mounted at /dev/shm"),
    Seed("data for one node", "[ReadWriteMany]", "[ReadWriteOnce]", "servers on many nodes", "data.yaml"),
]
