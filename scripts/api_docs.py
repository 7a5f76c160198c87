"""Write the API reference from the docstrings: ``python scripts/api_docs.py docs/api``."""

from __future__ import annotations

import sys
from pathlib import Path

import pdoc

import datakit

# The public names are all in `datakit`; what these modules hold is called by the module's name.
MODULES = ("datakit", "datakit.check", "datakit.samples")


def main(folder: Path) -> None:
    """Write one page a module, and an index, into ``folder``."""
    for name in datakit.__all__:
        # Names come to `datakit` when they are first used; pdoc shows those that are there.
        vars(datakit)[name] = getattr(datakit, name)
    pdoc.render.configure(docformat="google", footer_text="datakit")
    pdoc.pdoc(*MODULES, output_directory=folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
