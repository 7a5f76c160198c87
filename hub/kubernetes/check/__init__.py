"""Look for mistakes in this folder's files before a cluster does: ``python -m hub.kubernetes.check``.

Helm checks that values have the types which the chart expects, and Kubernetes that objects have the fields which it
knows. Neither notices a mount without its volume in a profile, a misspelt setting of KubeSpawner's, a scope that
doesn't exist, or an instructor's image that learners get: those show when somebody starts a server, or never.
"""
