"""The cases: what is loaded, and what is measured. One idea a file; ``CASES`` lists them by name."""

from __future__ import annotations

from benchmarks.cases.case import Case
from benchmarks.cases.first_batch import FIRST_BATCH
from benchmarks.cases.images import FLOAT32, UINT8
from benchmarks.cases.in_memory import IN_MEMORY
from benchmarks.cases.memory import MEMORY
from benchmarks.cases.shards import SHARDS

CASES: dict[str, Case] = {case.name: case for case in (UINT8, FLOAT32, *IN_MEMORY, SHARDS, FIRST_BATCH, MEMORY)}
