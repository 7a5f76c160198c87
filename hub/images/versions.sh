#!/bin/sh
# Print requirements.lock (versions and hashes) without the packages that an image has in other versions.
#   versions.sh requirements.lock jupyterhub …
set -eu
lock=$1
shift
awk -v without=" $* " '/^[a-z0-9]/ { split($1, name, "=="); skip = index(without, " " name[1] " ") } !skip' "$lock"
