"""What all workers' processes share. Only their common ancestor imports this module, after everything else."""

from __future__ import annotations

import gc

from classroom.grading.inside.pages import use_large_pages
from classroom.grading.lean import import_nbformat

import_nbformat()

from classroom.grading import grade_item, grade_one  # noqa: E402, F401

# Each test runs in a fork of a fork of this process: what a collection never touches stays shared.
gc.freeze()
gc.enable()
use_large_pages()
