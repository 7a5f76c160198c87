#!/bin/sh
# Create .venv and install datakit into it, with the exact versions of requirements.lock.
#   scripts/setup.sh lab      what a learner needs: JupyterLab, widgets, plots, datakit
#   scripts/setup.sh dev      also the classroom, the hub's Python side and the tests
# Needs Python 3.11 or newer (PYTHON=… chooses one) and nothing else: uv is fetched into .venv.
set -eu
what=${1:?usage: scripts/setup.sh lab|dev}
cd "$(dirname "$0")/.."

NEED_MIB=9000 # torch brings its CUDA libraries along, on machines without a GPU too

say() { printf '%s\n' "datakit: $*" >&2; }
fail() {
    say "$*"
    exit 1
}
new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        if new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    if [ -n "${PYTHON:-}" ]; then
        fail "PYTHON=$PYTHON is not Python 3.11 or newer. Name another one, or leave PYTHON away."
    fi
    found=$(python3 --version 2>/dev/null || echo none)
    fail "Python 3.11 or newer is needed; found: $found. Install it (on Debian and Ubuntu: apt install python3 python3-venv), or name one: make setup PYTHON=/path/to/python3.12"
}

if [ ! -x .venv/bin/python ] || ! new_enough .venv/bin/python; then
    free_mib=$(df -Pm . | awk 'NR == 2 { print $4 }')
    if [ "$free_mib" -lt "$NEED_MIB" ]; then
        fail "$free_mib MiB are free on this disk; about $NEED_MIB MiB are needed (torch is large). Free some space, then run this again."
    fi
    python=$(find_python) || exit 1
    say "creating .venv with $("$python" --version)"
    "$python" -m venv --clear .venv ||
        fail "$python can't create a virtual environment. On Debian and Ubuntu: apt install python3-venv"
fi

if [ ! -x .venv/bin/uv ]; then
    say "fetching the installer (uv)"
    # A .venv that another tool has made may lack pip.
    .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null 2>&1 || true
    .venv/bin/python -m pip --quiet --disable-pip-version-check install "uv>=0.5" ||
        fail "pip could not fetch uv. Is there a network? Behind a proxy, set HTTPS_PROXY first."
fi

say "installing (a few minutes the first time: torch is large)"
set -- --editable ".[lab]"
if [ "$what" = dev ]; then
    set -- --editable ".[dev,hub]" --editable ./classroom
fi
# Compiled once now, not by each kernel and worker process anew where Python may not write bytecode.
if ! .venv/bin/uv pip install --quiet --compile-bytecode --python .venv/bin/python --constraint requirements.lock "$@"; then
    fail "the installation stopped, see above. $(df -Pm . | awk 'NR == 2 { print $4 }') MiB are free on this disk. Run the same command again: it goes on where it stopped."
fi
say "ready"
