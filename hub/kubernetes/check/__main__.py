"""``python -m hub.kubernetes.check [VALUES] [--schema FILE]``: say what is wrong; exit status 1 if anything is.

VALUES is your copy of values.yaml; the manifests are taken from the folder in which it lies, or from this project's
own. The chart's schema is in the chart: ``helm pull jupyterhub/jupyterhub --version 4.4.0 --untar`` lays it down as
``jupyterhub/values.schema.json``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml

from hub.kubernetes.check.files import FOLDER, MANIFESTS, VALUES
from hub.kubernetes.check.mistakes import mistakes


def main(arguments: list[str] | None = None) -> int:
    """Check the files named in the arguments (by default, those of the command line); return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m hub.kubernetes.check", description=__doc__)
    parser.add_argument("values", nargs="?", type=Path, default=VALUES)
    parser.add_argument("--schema", type=Path, help="the chart's values.schema.json or .yaml")
    asked = parser.parse_args(arguments)
    try:
        schema: dict[str, Any] | None = yaml.safe_load(asked.schema.read_text()) if asked.schema else None
        texts = {name: _beside(asked.values, name).read_text() for name in MANIFESTS}
        values = asked.values.read_text()
        found = mistakes(values, texts, schema)
    except OSError as error:
        print(f"{error.filename} can't be read: {error.strerror}.", file=sys.stderr)
        return 2
    for line in found:
        print(line)
    if schema is None:
        print("The chart's schema wasn't given (--schema FILE), so names and types in the values weren't checked.")
    if left := sum(text.count("# REPLACE") for text in (values, *texts.values())):
        print(f"{left} lines still say REPLACE: fill them in, and take the word away.")
    print(f"{len(found)} mistakes found.")
    return int(bool(found))


def _beside(values: Path, name: str) -> Path:
    own = values.parent / name
    return own if own.exists() else FOLDER / name


if __name__ == "__main__":
    sys.exit(main())
