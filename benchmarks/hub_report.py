"""The hub benchmark's result as a page for people."""

from __future__ import annotations

from typing import Any

from benchmarks.ratios import Spread, spread
from datakit.experiments.machine import Machine

BAR = 90.0  # seconds until the last of a class works
GIB = 1024.0  # MiB
CLASSES = (10, 20, 40, 100)
LEFT = 2.0  # GiB for the system, its file cache, and what a class does beyond its imports


def document(result: dict[str, Any]) -> str:
    """The page's Markdown, from what `benchmarks.hub_load` measured."""
    starts, learners = result["starts"], result["learners"]
    last = [each["seconds"].get("working") for each in starts if not each["failed"]]
    reached = len(last) == learners and max(last) <= BAR
    memory = {name: [each["pss"] for each in group] for name, group in result["memory"].items()}
    own = {name: [each["uss"] for each in group] for name, group in result["memory"].items()}
    warm = result["warm"]
    forked = (warm[-1]["pss"] - warm[0]["pss"]) / (len(warm) - 1)
    again = [each["seconds"] for each in warm[1:]]
    each = memory["all learners"][0] / learners
    lines = [
        "# How long does a class take to start, and how much memory?",
        "",
        f"Written by `python -m benchmarks.hub_load`, on {result['date'][:10]}, one round. {learners} learners log in "
        "at the same moment on a hub as `make hub` sets it up; each starts a server, fetches lab "
        f"`{result['lab']}`, opens it and runs its first cells, which import NumPy, PyTorch and datakit.",
        "",
        "| what | measured | bar | reached |",
        "|---|---|---|---|",
        f"| learners who got to work | {len(last)} of {learners} | {learners} | {_said(len(last) == learners)} |",
        f"| seconds until the last of them worked | {max(last, default=0):.1f} | ≤ {BAR:g} | {_said(reached)} |",
        "",
        "Seconds since all began: the median, with the first and the last learner.",
        "",
        "| step | seconds |",
        "|---|---|",
        *(f"| {step} | {_over(starts, step)} |" for step in ("logged in", "server", "fetched", "working")),
        "",
        "## Memory",
        "",
        "PSS: a process's own pages, and its part of each page that several share. USS: its own pages alone. In MiB; "
        "the median, with the least and the most.",
        "",
        "| process | PSS | USS |",
        "|---|---|---|",
        *(
            f"| {name} | {_mib(memory[key])} | {_mib(own[key])} |"
            for name, key in (
                ("a learner's server", "server"),
                ("a learner's kernel with NumPy, PyTorch and datakit", "cold kernel"),
                ("hub, proxy, idle culler and formgrader of two courses", "hub, proxy and two courses"),
            )
        ),
        f"| a warm parent and its first kernel (for staff) | {warm[0]['pss']:.0f} | {warm[0]['uss']:.0f} |",
        f"| each further kernel forked from it | {forked:.0f} | "
        f"{(warm[-1]['uss'] - warm[0]['uss']) / (len(warm) - 1):.0f} |",
        "",
        f"A forked kernel that has imported the same takes {forked:.0f} MiB where one that starts cold takes "
        f"{spread(memory['cold kernel']).median:.0f}, and it is ready in {_one(spread(again))} s. Forked kernels take "
        "`classroom`, the grader, so learners don't have them on this hub.",
        "",
        "## Sizing",
        "",
        f"A learner takes {each:.0f} MiB here, server and one kernel together. What their programs then hold comes on "
        "top, up to the limit in `hub.toml` for each process: data in memory, and worker processes above all.",
        "",
        "| learners at once | memory: processes | with reserve | cores for a start as quick as here |",
        "|---|---|---|---|",
        *(_size(count, each, memory["hub, proxy and two courses"][0], result) for count in CLASSES),
        "",
        f"*With reserve*: {LEFT:g} GiB for the system and its file cache, and half a GiB for each learner's own data. "
        "Both columns on the right are calculated, not measured: to start is work for the processor, and for each "
        "learner the same.",
        "",
        f"Machine: {Machine(**result['machine'])}. "
        + ", ".join(f"{name} {number}" for name, number in result["versions"].items())
        + f". Before it began others kept {result['other_cores_before']:.2f} cores busy.",
    ]
    return "\n".join(lines) + "\n"


def _size(count: int, each: float, common: float, result: dict[str, Any]) -> str:
    needed = (common + count * each) / GIB
    cores = max(2.0, count / result["learners"] * result["machine"]["cores"])
    return f"| {count} | {needed:.1f} GiB | {needed + LEFT + count / 2:.0f} GiB | {cores:.0f} |"


def _over(starts: list[dict[str, Any]], step: str) -> str:
    values = [each["seconds"][step] for each in starts if step in each["seconds"]]
    return _one(spread(values)) if values else "none got there"


def _one(found: Spread) -> str:
    return f"{found.median:.1f} ({found.least:.1f}–{found.most:.1f})"


def _mib(values: list[float]) -> str:
    found = spread(values)
    return f"{found.median:.0f}" if len(values) == 1 else f"{found.median:.0f} ({found.least:.0f}–{found.most:.0f})"


def _said(reached: bool) -> str:
    return "yes" if reached else "**no**"
