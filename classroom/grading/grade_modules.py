"""The modules that a lab's own cells import."""

from __future__ import annotations

from classroom.cell_code import imported_names
from classroom.grading.items import StepKind, WorkItem


def instructors_modules(item: WorkItem) -> set[str]:
    """The modules that the instructor's cells import: worth importing once for all."""
    instructors = (step.source for step in item.steps if step.kind is StepKind.RUN and not step.own)
    return {module for module, _ in imported_names(instructors).values()}
