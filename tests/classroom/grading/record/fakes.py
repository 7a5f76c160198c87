"""Verdicts without running anything: what is recorded is tested here, how it is reached elsewhere."""

from __future__ import annotations

import os
import signal
import time

import nbformat

from classroom.grading.items import CellRun, Result, StepKind, Verdict, WorkItem

ANSWERED = ("value + value", "map(len", "[len(")


def judge(item: WorkItem) -> Verdict:
    """Full points to a question whose answer looks right; each of the learner's cells prints its number."""
    results, runs, right = [], [], False
    for step in item.steps:
        if step.kind is StepKind.TEST:
            hidden = "HIDDEN" in step.source
            failing = {"hint": "Try it with an empty list.", "mistake": "summed"}
            told = {} if right else failing if hidden else {**failing, "arrived": "[9]", "expected": "[6]"}
            points = step.points if right else 0.0
            results.append(Result(step.grade_id, points, step.points, hidden, seconds=0.25, **told))
        else:
            right = any(sign in step.source for sign in ANSWERED) if step.grade_id else right
            output = nbformat.v4.new_output("stream", name="stdout", text=f"cell {step.cell}")
            runs.append(CellRun(step.cell, (output,), seconds=0.75 if step.grade_id == "lengths" else 0.5))
    return Verdict(item.lab, item.student, item.digest, tuple(results), tuple(runs))


def judge_or_die(item: WorkItem) -> Verdict:
    """As `judge`; a submission that says so kills the process that grades it."""
    if any("KILL THE GRADER" in step.source for step in item.steps):
        os.kill(os.getpid(), signal.SIGKILL)
    return judge(item)


def fail(item: WorkItem) -> Verdict:
    """A grader with a fault."""
    raise RuntimeError("no such luck")


def wait_long(item: WorkItem) -> Verdict:
    """A grader that takes its time; it says that it has begun, in one write: two of them say it at the same moment."""
    os.write(1, b"begun\n")
    time.sleep(600)
    return judge(item)
