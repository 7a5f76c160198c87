"""The network, and how the files fit together."""

from __future__ import annotations

from .seed import Seed

FROM_STAFF = "    - from:\n        - podSelector:\n            matchLabels: {datakit.example.org/role: staff}"

SEEDS = [
    Seed(
        "two pods of the exchange",
        "replicas: 1 # one",
        "replicas: 2 # one",
        "its volume is for one pod",
        "ngshare.yaml",
    ),
    Seed(
        "a second pod during an update",
        "strategy: {type: Recreate}",
        "strategy: {type: RollingUpdate}",
        "its volume is for one pod",
        "ngshare.yaml",
    ),
    Seed("workers opened to the node", "      hostUsers: false\n", "", "without a user namespace", "grading.yaml"),
    Seed(
        "the hub closed to the exchange",
        "        hub.jupyter.org/network-access-hub",
        "        hub.jupyter.org/network-access",
        "the chart's policy refuses it",
        "ngshare.yaml",
    ),
    # The network, and how the files fit together.
    Seed(
        "no network policy",
        "    enabled: true\n    egressAllowRules",
        "    enabled: false\n    egressAllowRules",
        "networkPolicy is off",
    ),
    Seed("private addresses open", "privateIPs: false # no", "privateIPs: true # no", "privateIPs is open"),
    Seed("the metadata server open", "cloudMetadataServer: false", "cloudMetadataServer: true", "Server is open"),
    Seed(
        "a service on another port", "url: http://ngshare:8080", "url: http://ngshare:8000", "no Service has that name"
    ),
    Seed(
        "another name for the service",
        "    ngshare:\n      url",
        "    ngshara:\n      url",
        "no manifest takes the token",
    ),
    Seed(
        "a selector that finds nothing",
        "spec:\n  selector: {app.kubernetes.io/name: ngshare}",
        "spec:\n  selector: {app.kubernetes.io/name: ng}",
        "chooses 0 Deployments",
        "ngshare.yaml",
    ),
    Seed("a port that the pods don't have", "targetPort: http}", "targetPort: web}", "no port 'web'", "ngshare.yaml"),
    Seed(
        "a Deployment that isn't its pods'",
        "    matchLabels: {app.kubernetes.io/name: ngshare}\n  template",
        "    matchLabels: {app: ngshare}\n  template",
        "its own pods' labels",
        "ngshare.yaml",
    ),
    Seed(
        "a field that Kubernetes doesn't know", "  replicas: 1 # one", "  replica: 1 # one", "replica", "ngshare.yaml"
    ),
    Seed(
        "an API version of long ago", "apiVersion: apps/v1\n", "apiVersion: apps/v1beta1\n", "v1beta1", "ngshare.yaml"
    ),
    Seed(
        "a probe on a path without its port",
        "httpGet: {path: /healthz, port: http}\n          liveness",
        "httpGet: {path: /healthz}\n          liveness",
        "port",
        "ngshare.yaml",
    ),
    Seed("memory in GB for the exchange", "limits: {memory: 1Gi}", "limits: {memory: 1GB}", "'1GB'", "ngshare.yaml"),
    Seed(
        "no memory limit for the exchange", "            limits: {memory: 1Gi}\n", "", "no memory limit", "ngshare.yaml"
    ),
    Seed(
        "a token for the cluster", "      automountServiceAccountToken: false\n", "", "ask the cluster", "ngshare.yaml"
    ),
    Seed(
        "workers without shared memory",
        "            - {name: shm, mountPath: /dev/shm}\n",
        "            - {name: shm, mountPath: /mnt}\n",
        "so it has 64 MB",
        "grading.yaml",
    ),
    Seed(
        "everybody's servers reach the scheduler",
        FROM_STAFF,
        FROM_STAFF.replace("datakit.example.org/role: staff", "app.kubernetes.io/component: singleuser-server"),
        "others than staff",
        "grading.yaml",
    ),
    Seed(
        "anybody reaches the scheduler",
        FROM_STAFF,
        "    - from:\n        - podSelector: {}",
        "others than staff",
        "grading.yaml",
    ),
    Seed(
        "the staff's label misspelt",
        "podSelector:\n    matchLabels: {datakit.example.org/role: staff}",
        "podSelector:\n    matchLabels: {datakit.example.org/role: stuff}",
        "no pod has the labels",
        "grading.yaml",
    ),
]
