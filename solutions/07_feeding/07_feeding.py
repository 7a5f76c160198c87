# ---
# jupyter:
#   datakit:
#     minutes: 120
#     stage: step
#     title: Feeding the GPU
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 07 · Feeding the GPU: find the limiting stage
#
# **2 hours · 25 points from checks, 4 for two short texts**
#
# ![The way of a batch: storage, sample, batch, device, step. This lab stands at the step.](way.svg)
#
# A training run is slow. So somebody buys a faster GPU, and the run is as slow as before: the GPU was waiting for its data all the time.
# A run is as quick as its slowest stage, and to make any other stage quicker changes nothing. In this lab you learn to find
# that stage, to say beforehand what a repair can bring, and to repair.
#
# After this lab you can
#
# - measure how long a training loop waits for its data,
# - read a trace in which loading, copying and computing overlap, and say what limits it,
# - work out the best that a pipeline can do,
# - say what pinned memory is for, and bring a nested batch into it,
# - write a prefetcher that copies one batch ahead, and works without a GPU as well,
# - write a training loop that watches itself,
# - take a run that waits for data, find out why, and repair it until the wait is below 10 %.
#
# You need Python functions, classes with `__iter__`, and tensors with shape and dtype. Labs 01 and 05 help, but are not needed.
# You need no GPU, no network and no experience in training. With a GPU, the lab is the same.

# %% [markdown]
# ## How this lab works
#
# **Predict, run, compare.** Before you run a cell, say what it will show. Where you are wrong, you are about to learn
# something.
#
# There are six exercises. Each has
#
# 1. a task, with its points, its difficulty (★ to ★★★) and about how long it takes,
# 2. three hints, folded: open one only when you are stuck,
# 3. an **answer cell**: write your code in place of `raise NotImplementedError()`,
# 4. a **check**, folded: run it as often as you like. It says what arrived, what was expected, and what to try next.
#    (Unfold it by a click on the blue bar to its left, if you want to see what it asks.)
# 5. **hidden tests**, run when you hand in. They ask for the same things, with other data.
#
# An exercise needs no answer from another one. If one is too hard today, go on with the next.
#
# Words in bold are explained where they first stand. The words that several labs use are in the [glossary](glossary.md).
#
# Three rules for all of them. Where a task asks for a list, a tuple serves, too. A function never changes what it is given, unless the task says so. And
# **nothing is graded by time**: the tests bring clocks of their own, and look at numbers, orders and counts. What *you* measure in
# this lab depends on your machine, and on what else it is doing.
#
# The next cell takes some seconds: PyTorch is large. Its last line leaves one core to the model, so that the others are
# free for loading.

# %%
import math
import tempfile
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, Dataset
from torchvision.transforms import v2

import datakit
from datakit import check
from datakit.experiments.pictures import show

torch.set_num_threads(1)

# %% [markdown]
# ---
# ## 1 · A run that waits
#
# Here are 1,797 handwritten digits of 8 × 8 points. As in many projects, they lie in one compressed file. The dataset reads it and prepares a picture:
# bytes become floats, and the mean is taken away. The model is a small network that tells digits apart. All of this is correct, and
# nothing looks suspicious.


# %% tags=["demonstration"]
class Archive:
    """The file with the digits. It counts how often it was read."""

    def __init__(self, path):
        self.path, self.times_read = path, 0

    def read(self):
        """All pictures, uint8 [1797, 8, 8], and their labels, int64 [1797]."""
        self.times_read += 1
        with np.load(self.path) as file:
            return file["images"], file["labels"]


digits = load_digits()
digits_file = Path(tempfile.mkdtemp()) / "digits.npz"
np.savez_compressed(
    digits_file, images=(digits.images * 15).astype(np.uint8), labels=digits.target
)
order = torch.randperm(1797, generator=torch.Generator().manual_seed(0)).tolist()
train_rows, test_rows = order[:1437], order[1437:]
print(f"{digits_file.stat().st_size:,} bytes hold all digits; one picture has 64.")

# %% tags=["demonstration"]
prepare = v2.Compose(
    [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.3], [0.35])]
)


class FromArchive(Dataset):
    """Digits: (picture float32 [1, 8, 8], label)."""

    def __init__(self, archive):
        self.archive = archive

    def __len__(self):
        return 1797

    def __getitem__(self, index):
        images, labels = self.archive.read()
        return prepare(images[index]), int(labels[index])


def network():
    """A network that reads digits [B, 1, 8, 8], the same at each call: one number for each of 10 classes."""
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(64 * 16, 64), nn.ReLU(), nn.Linear(64, 10)),
    )


# %% [markdown]
# One batch goes through a **step**: *forward* (the model predicts), *loss* (how wrong is it?), *backward* (how should each **weight**, each number in the model, change? These are its **gradients**), and the *optimiser* changes the weights (by how much, its **learning rate** `lr` says). All of
# that is computing. Before it, the batch must be there.
#
# `datakit.profile` goes round the loader, and measures how long the loop waits for each batch. With `run.phase("forward")` the loop says which part of the
# step it is in. **Predict:** of 100 milliseconds of this run, how many does the model compute?


# %% tags=["demonstration"]
def measured_steps(loader, steps=8):
    """Train a fresh network for some steps, and say where their time went."""
    model, loss_fn = network(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    run = datakit.profile(loader, steps=steps)
    for images, labels in run:
        with run.phase("forward"):
            loss = loss_fn(model(images), labels)
        with run.phase("backward"):
            loss.backward()
        with run.phase("optimiser"):
            optimizer.step()
            optimizer.zero_grad()
    return run.report()


archive = Archive(digits_file)
report = measured_steps(DataLoader(FromArchive(archive), batch_size=64, sampler=train_rows))
print(report)

# %% tags=["demonstration"]
show(
    report.plot(),
    alternative_text=f"A bar for each step, in milliseconds, divided into its parts: {report.share('data'):.0%} of the time is waiting for data.",
)

# %% [markdown]
# Such a run is **data-starved**: the model computes in the narrow strips on top, and waits in between. Twice as quick a GPU would
# only make the strips thinner. No error tells you; the loss falls as it should. One has to look.
#
# In part 8 you will repair this run. First you build the tools: a stopwatch, a reader of traces, a formula, and two pieces that
# bring data to a GPU.

# %% [markdown]
# ---
# ## 2 · A stopwatch for the loop
#
# ### A worked example
#
# A `for` loop asks its loader for a batch, works with it, and asks again:
#
# ```
# ask ── the loop waits ── batch arrives ── the loop works ── ask ── the loop waits ── …
# ```
#
# To measure, read a **clock** at these moments. A clock is a function without arguments that says what time it is, such as `time.perf_counter` (in seconds). We hand it over as an argument. Then a test can bring
# a clock of its own, on which time passes only when the test says so: the same numbers on every machine.


# %%
class PaperClock:
    """A clock on which time passes only when somebody says so."""

    def __init__(self):
        self.now = 0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def slow_letters(clock):
    """Yield two letters; each takes 5 seconds to make."""
    for letter in "ab":
        clock.sleep(5)
        yield letter


clock = PaperClock()
letters = slow_letters(clock)
before = clock()
letter = next(letters)
after = clock()
print(f"the loop waited {after - before} seconds for {letter!r}")
clock.sleep(2)
print(f"and worked with it for {clock() - after} seconds")
check.equal(after - before, 5, "the wait for the first letter")

# %% [markdown]
# `check.equal` holds what arrived against what was expected. It says nothing when all is well. Watch what it says otherwise. **Read the message**: you will meet this form again.

# %% tags=["raises-exception"]
check.equal(clock() - before, 5, "the wait for the first letter")

# %% [markdown]
# ## Exercise 1 · A stopwatch round a loader
# ★☆☆ · 15 minutes · 4 points
#
# Write the class `Waits(loader, clock)`. One can loop over it as over the loader: it hands on the same batches, in the same order, each when it is asked for, in every epoch anew.
# Meanwhile it measures, by `clock()`:
#
# - the **wait** for a batch: from when the loop asks for it until it arrives. The first wait begins when the loop begins, before the loader gets ready: starting workers is waiting, too;
# - the **work** with a batch: from its arrival until the loop comes back to ask for the next one (also if there is none).
#
# `run.waits()` returns a list of the waits, one for each batch, of all epochs so far. `run.share()` returns the share of waiting in the whole: all waits ÷ (all waits + all work), from 0 to 1;
# before the first batch it is 0.0. The time behind the last batch, in which the loader says "there is no more", counts as neither.
# `len(run)` is the loader's length; that line is there.
#
# <details><summary>Hint 1</summary>Write <code>__iter__</code> with <code>yield</code>. What stands in front of the <code>yield</code> runs before the loop gets its batch; what stands behind it runs when the loop asks for the next one.</details>
# <details><summary>Hint 2</summary>You need the clock's time at two moments for each batch: when it was asked for, and when it arrived. The moment behind one <code>yield</code> is the moment when the next batch is asked for.</details>
# <details><summary>Hint 3</summary><code>asked = self.clock()</code> stands before <code>for batch in self.loader:</code>, and again behind the <code>yield</code>. In the loop: <code>arrived = self.clock()</code>, note <code>arrived - asked</code>, yield. Behind the yield, note the work as well.</details>


# %% nbgrader={"grade": false, "grade_id": "waits", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Waits:
    """A loader that measures how long the loop around it waits."""

    def __init__(self, loader, clock):
        ### BEGIN SOLUTION
        self.loader, self.clock = loader, clock
        self.waited, self.worked = [], []
        ### END SOLUTION

    def __len__(self):
        return len(self.loader)

    def __iter__(self):
        """The loader's batches, measured."""
        ### BEGIN SOLUTION
        asked = self.clock()
        for batch in self.loader:
            arrived = self.clock()
            self.waited.append(arrived - asked)
            yield batch
            asked = self.clock()
            self.worked.append(asked - arrived)
        ### END SOLUTION

    def waits(self):
        """The seconds waited for each batch so far."""
        ### BEGIN SOLUTION
        return self.waited
        ### END SOLUTION

    def share(self):
        """The share of waiting, 0 to 1."""
        ### BEGIN SOLUTION
        whole = sum(self.waited) + sum(self.worked)
        return sum(self.waited) / whole if whole else 0.0
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "waits-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 1"):
    ex1_now, ex1_log = [0], []

    def ex1_clock():
        return ex1_now[0]

    class Ex1Loader:
        def __init__(self, opening, seconds, closing):
            self.opening, self.seconds, self.closing = opening, seconds, closing

        def __len__(self):
            return len(self.seconds)

        def __iter__(self):
            ex1_now[0] += self.opening
            return self.made()

        def made(self):
            for number, each in enumerate(self.seconds):
                ex1_now[0] += each
                ex1_log.append(f"batch {number} made")
                yield f"batch {number}"
            ex1_now[0] += self.closing

    def ex1_loop(run, works):
        for batch, seconds in zip(run, works, strict=False):
            ex1_log.append(f"{batch} used")
            ex1_now[0] += seconds

    ex1_run = Waits(Ex1Loader(3, [4, 1, 2], 50), ex1_clock)
    check.equal(len(ex1_run), 3, "len(run) of a loader of 3 batches")
    check.equal(
        check.runs(
            lambda: ex1_run.share(),
            "run.share() before the first batch",
            mistakes=[
                check.mistake(
                    "before-the-start",
                    "Before the first batch, all is 0 seconds, and 0 ÷ 0 is an error. Return 0.0 then.",
                    when=lambda error: isinstance(error, ZeroDivisionError),
                ),
                check.mistake(
                    "made-in-the-loop",
                    "Nobody has looped over it yet, and share() asks for something that the loop makes. Make it in __init__: it is to last over all epochs.",
                    when=lambda error: isinstance(error, AttributeError),
                ),
            ],
        ),
        0.0,
        "run.share() before the first batch",
    )
    ex1_now[0] += 100
    ex1_loop(ex1_run, [10, 20, 30])
    check.equal(
        [line for line in ex1_log if "used" in line],
        ["batch 0 used", "batch 1 used", "batch 2 used"],
        "the batches that came",
        mistakes=[
            check.mistake(
                "not-the-batches",
                "Something else than the batches came. Yield each batch as it is: the loop must not notice that it is measured.",
            )
        ],
    )
    check.equal(
        ex1_log,
        [f"batch {k} {what}" for k in range(3) for what in ("made", "used")],
        "when batches were made and used",
        mistakes=[
            check.mistake(
                "all-at-once",
                "All batches were made before the first one was used. Then a measurement says nothing, and memory overflows. Yield each one when it has arrived.",
                when=lambda log: log[:2] == ["batch 0 made", "batch 1 made"],
            )
        ],
    )
    check.equal(
        ex1_run.waits(),
        [7, 1, 2],
        "run.waits(): the loader takes 3 s to get ready, then 4, 1 and 2 s for its batches; the loop works 10, 20 and 30 s",
        mistakes=[
            check.mistake(
                "own-clock",
                "Next to no time has passed. Ask the clock that was handed over, self.clock(): on it, time passes as the test says.",
                when=lambda waits: len(waits) >= 3 and 0 <= sum(waits) < 1,
            ),
            check.mistake(
                "clock-in-init",
                "The first wait is too long. It begins when the loop begins, in __iter__, not when the object is made.",
                when=lambda waits: waits[0] > 100,
            ),
            check.mistake(
                "work-counted",
                "The loop's work is counted as waiting. Read the clock once more behind the yield: there the next wait begins.",
                value=[7, 11, 22],
            ),
            check.mistake(
                "work-for-wait",
                "These are the times of work. In front of the yield the loop waits; behind it, the loop has worked.",
                value=[10, 20, 30],
            ),
            check.mistake(
                "start-uncounted",
                "The 3 seconds in which the loader got ready are missing. Read the clock before the loop over the loader begins: iter(loader) takes its time.",
                value=[4, 1, 2],
            ),
            check.mistake(
                "first-forgotten",
                "A wait is missing: the one for the first batch. It begins when the loop begins.",
                when=lambda waits: list(waits)[-2:] == [1, 2],
            ),
            check.mistake(
                "end-counted",
                "There are more waits than batches. That the loader takes time to say that there is no more is no wait for a batch.",
                when=lambda waits: len(waits) == 4,
            ),
        ],
    )
    check.equal(
        ex1_run.share(),
        10 / 70,
        "run.share(): 10 s of waiting, 60 s of work",
        mistakes=[
            check.mistake(
                "percent",
                "A share is a number from 0 to 1; this is per cent.",
                value=1000 / 70,
            ),
            check.mistake(
                "ratio-not-share",
                "This is waiting ÷ work. The share of waiting is waiting ÷ (waiting + work).",
                value=10 / 60,
            ),
            check.mistake(
                "end-counted",
                "The 50 seconds at the end, in which no batch came, were counted. They are neither wait nor work.",
                when=lambda share: (
                    math.isclose(share, 10 / 120) or math.isclose(share, 60 / 120)
                ),
            ),
            check.mistake(
                "last-work-lost",
                "The work with the last batch is missing. It ends when the loop asks once more, and learns that there is none.",
                value=10 / 40,
            ),
        ],
    )
    ex1_loop(ex1_run, [10, 20, 30])
    check.equal(
        ex1_run.waits(),
        [7, 1, 2, 7, 1, 2],
        "run.waits() after a second epoch",
        mistakes=[
            check.mistake(
                "epochs-forgotten",
                "The second epoch has wiped out the first. Make the lists in __init__, and only add to them in __iter__.",
                value=[7, 1, 2],
            ),
        ],
    )
    check.equal(ex1_run.share(), 20 / 140, "run.share() after a second epoch")

# %% nbgrader={"grade": true, "grade_id": "waits-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other times, more epochs, no batches, tensors.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 1, hidden tests"):
    ex1_rng = check.rng("waits")
    ex1_now = [int(ex1_rng.integers(1, 1000))]

    def ex1_clock():
        return ex1_now[0]

    class Ex1Loader:
        def __init__(self, opening, seconds):
            self.opening, self.seconds = opening, seconds

        def __len__(self):
            return len(self.seconds)

        def __iter__(self):
            ex1_now[0] += self.opening
            return self.made()

        def made(self):
            for number, each in enumerate(self.seconds):
                ex1_now[0] += each
                yield torch.tensor([number, number])
            ex1_now[0] += 1000

    for ex1_n in (5, 1, 8):
        ex1_seconds = [int(s) for s in ex1_rng.integers(0, 20, ex1_n)]
        ex1_works = [int(s) for s in ex1_rng.integers(1, 20, ex1_n)]
        ex1_opening = int(ex1_rng.integers(0, 5))
        ex1_run = Waits(Ex1Loader(ex1_opening, ex1_seconds), ex1_clock)
        for ex1_epoch in range(1, 4):
            ex1_seen = []
            for ex1_batch, ex1_work in zip(ex1_run, ex1_works, strict=False):
                ex1_seen.append(torch.as_tensor(ex1_batch).tolist())
                ex1_now[0] += ex1_work
            check.equal(ex1_seen, [[k, k] for k in range(ex1_n)], f"epoch {ex1_epoch}")
            ex1_waits = [ex1_opening + ex1_seconds[0], *ex1_seconds[1:]]
            check.equal(
                ex1_run.waits(), ex1_waits * ex1_epoch, f"the waits, epoch {ex1_epoch}"
            )
            check.equal(
                ex1_run.share(),
                sum(ex1_waits) / (sum(ex1_waits) + sum(ex1_works)),
                f"the share, epoch {ex1_epoch}",
            )
    ex1_empty = Waits(Ex1Loader(3, []), ex1_clock)
    check.equal(list(ex1_empty), [], "the batches of an empty loader")
    check.equal([ex1_empty.waits(), ex1_empty.share()], [[], 0.0], "an empty loader")
### END HIDDEN TESTS

# %% [markdown]
# ### The finished piece
#
# `datakit.profile` of part 1 is such a stopwatch. It leaves out the first three steps, in which workers start and caches fill. And for a GPU it has another clock: a GPU works behind the program's back, so that
# a clock in the program shows how long it took to *order* the work. PyTorch's `torch.profiler` records each operation by itself, which is more than one needs to find out who waits for whom.

# %% tags=["demonstration"]
run = datakit.profile([torch.ones(8)] * 20)
for _ in run:
    with run.phase("forward"):
        time.sleep(0.002)
print(run.report())

# %% [markdown]
# ---
# ## 3 · Reading a trace
#
# With workers and a GPU, several things happen at the same time. A **trace** says what happened from when to when. Here is one of three steps, in milliseconds: a **worker** (a helper process that loads ahead) loads the data, a copy brings
# it to the GPU, the GPU computes.


# %%
def draw_trace(trace, title):
    """A row for each part of a trace, time from left to right."""
    figure = Figure(figsize=(7.5, 2.2), layout="constrained")
    axes = figure.subplots()
    parts = ("data", "copy", "compute")
    for row, (part, colour) in enumerate(
        zip(parts, ("#E69F00", "#56B4E9", "#009E73"), strict=True)
    ):
        spans = [(begin, end - begin) for name, begin, end in trace if name == part]
        axes.broken_barh(spans, (row - 0.4, 0.8), color=colour, edgecolor="white")
    axes.set_yticks(range(3), parts)
    axes.invert_yaxis()
    axes.set_xlabel("ms")
    axes.set_title(title, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


trace = [
    *(("data", 0, 40), ("data", 40, 80), ("data", 80, 120)),
    *(("copy", 40, 50), ("copy", 80, 90), ("copy", 120, 130)),
    *(("compute", 50, 70), ("compute", 90, 110), ("compute", 130, 150)),
]
show(
    draw_trace(trace, "three steps"),
    alternative_text="Data is loaded from 0 to 120 ms without a gap. Copies of 10 ms follow at 40, 80 and 120 ms, and computing of 20 ms after each copy, with gaps of 20 ms.",
)

# %% [markdown]
# The bars add up to 210 ms, but the trace takes 150 ms. So adding up bars doesn't say who waits for whom. Ask instead **at each moment**: is the GPU computing? Then all is well, whatever else goes on. If not: is a copy on its way? If not, is at least data being loaded?
#
# **Predict:** in which part of these 150 ms does the GPU compute? And when it doesn't, is it mostly the copy or the loading that it waits for?
#
# <details><summary>The answer</summary>
#
# | moments | what goes on | counts as |
# |---|---|---|
# | 0–40, 70–80, 110–120 | loading | data, 60 ms |
# | 40–50, 80–90, 120–130 | loading and copying, or copying | copy, 30 ms |
# | 50–70, 90–110, 130–150 | loading and computing, or computing | compute, 60 ms |
#
# </details>
#
# ## Exercise 2 · What does the GPU wait for?
# ★★☆ · 20 minutes · 4 points
#
# Write `classify(trace)`. A trace is a list of `(part, begin, end)`: the part is `"data"`, `"copy"` or `"compute"`; times are whole milliseconds. The list is in no order, bars of the same part may overlap (two workers), and a part may be missing.
#
# The whole goes from the first begin to the last end. Each moment of it counts as **one** thing: as `"compute"` if anything computes, otherwise as `"copy"` if anything is copied, otherwise as `"data"` if anything is loaded,
# otherwise as `"idle"`.
#
# Return a pair:
#
# - the shares: a dict with the four keys `"data"`, `"copy"`, `"compute"` and `"idle"`, each from 0 to 1; together they are 1;
# - the verdict: `"compute"` if more than 0.9 of the whole is computing. If not, the one of `"data"`, `"copy"` and `"idle"` that has the largest share: that is what to repair first.
#
# <details><summary>Hint 1</summary>Times are whole numbers. So one can go from millisecond to millisecond: from <code>begin</code> of the whole to its end. A bar (part, begin, end) covers the milliseconds <code>range(begin, end)</code>.</details>
# <details><summary>Hint 2</summary>For one millisecond, collect the names of all bars that cover it. Then ask in the right order: compute, copy, data; else idle.</details>
# <details><summary>Hint 3</summary><code>active = {part for part, begin, end in trace if begin &lt;= moment &lt; end}</code>. Count what each moment counts as, and divide by the number of moments. For the verdict, <code>max(names, key=shares.get)</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "classify", "locked": false, "schema_version": 3, "solution": true, "task": false}
def classify(trace):
    """The share of each part in a trace, and the part that limits it."""
    ### BEGIN SOLUTION
    first = min(begin for _, begin, _ in trace)
    last = max(end for _, _, end in trace)
    counts = {"data": 0, "copy": 0, "compute": 0, "idle": 0}
    for moment in range(first, last):
        active = {part for part, begin, end in trace if begin <= moment < end}
        for part in ("compute", "copy", "data", "idle"):
            if part in active or part == "idle":
                counts[part] += 1
                break
    shares = {part: count / (last - first) for part, count in counts.items()}
    if shares["compute"] > 0.9:
        return shares, "compute"
    return shares, max(("data", "copy", "idle"), key=shares.get)
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "classify-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 2"):
    ex2_parts = ("data", "copy", "compute", "idle")

    def ex2_shares(*milliseconds):
        return {
            part: each / sum(milliseconds)
            for part, each in zip(ex2_parts, milliseconds, strict=True)
        }

    ex2_apart = [("data", 10, 55), ("copy", 55, 70), ("compute", 70, 160)]
    ex2_given = list(ex2_apart)
    ex2_found, ex2_verdict = check.runs(
        lambda: classify(ex2_given),
        "classify of data 10–55, copy 55–70, compute 70–160",
        mistakes=[
            check.mistake(
                "part-missing",
                "A part that isn't in the trace has no entry yet. Begin with all four at 0.",
                when=lambda error: isinstance(error, KeyError),
            )
        ],
    )
    check.equal(
        sorted(ex2_found),
        sorted(ex2_parts),
        "the keys of the shares",
        mistakes=[
            check.mistake(
                "part-missing",
                "The dict needs all four keys, also where a share is 0.",
                when=lambda keys: set(keys) < set(ex2_parts),
            )
        ],
    )
    check.equal(
        ex2_found,
        ex2_shares(45, 15, 90, 0),
        "the shares of data 10–55, copy 55–70, compute 70–160",
        mistakes=[
            check.mistake(
                "from-zero",
                "The whole begins with the first bar, at 10, not at 0.",
                when=lambda shares: math.isclose(shares["compute"], 90 / 160),
            ),
            check.mistake(
                "percent",
                "Shares are numbers from 0 to 1 that add up to 1; this is per cent.",
                when=lambda shares: math.isclose(sum(shares.values()), 100),
            ),
            check.mistake(
                "no-share",
                "These are milliseconds. Divide each by the length of the whole.",
                when=lambda shares: sum(shares.values()) >= 149,
            ),
            check.mistake(
                "one-too-many",
                "A bar (10, 55) covers the milliseconds 10 to 54: 45 of them. The last belongs to what comes next.",
                when=lambda shares: abs(sum(shares.values()) - 1) < 0.2,
            ),
        ],
    )
    check.equal(
        ex2_verdict,
        "data",
        "the verdict, where 0.3 of the whole is data, 0.1 copy, 0.6 compute",
        mistakes=[
            check.mistake(
                "largest-wins",
                "Computing has the largest share, but it is not above 0.9: four tenths of the time, the GPU waits. The verdict is what it waits for most.",
                value="compute",
            )
        ],
    )
    check.equal(
        ex2_given,
        ex2_apart,
        "the trace after the call",
        mistakes=[
            check.mistake(
                "in-place",
                "The trace was changed, or put into another order. Use sorted(trace), which makes a new list.",
            )
        ],
    )
    ex2_gaps = [("compute", 60, 90), ("data", 0, 20), ("copy", 30, 40)]
    ex2_found, ex2_verdict = classify(ex2_gaps)
    check.equal(
        ex2_found,
        ex2_shares(20, 10, 30, 30),
        "the shares of compute 60–90, data 0–20, copy 30–40",
        mistakes=[
            check.mistake(
                "gaps-lost",
                "From 20 to 30, and from 40 to 60, nothing happens at all. These moments belong to the whole, and count as idle.",
                when=lambda shares: shares["idle"] == 0,
            ),
            check.mistake(
                "last-in-list",
                "The list is in no order: the bar that begins first, or ends last, may stand anywhere in it. Take the smallest begin and the largest end.",
            ),
        ],
    )
    check.equal(
        ex2_verdict,
        "idle",
        "the verdict, where 2/9 of the whole is data, 1/9 copy, 3/9 compute, 3/9 idle",
        mistakes=[
            check.mistake(
                "idle-ignored",
                "Nothing happens for a third of the time, more than data or copy have. Then the verdict is idle: look for what holds up the program itself.",
            )
        ],
    )
    ex2_together = [("data", 0, 100), ("copy", 30, 60), ("compute", 50, 80)]
    ex2_found, ex2_verdict = check.runs(
        lambda: classify(ex2_together),
        "classify of data 0–100, copy 30–60, compute 50–80",
    )
    check.equal(
        ex2_found,
        ex2_shares(50, 20, 30, 0),
        "the shares of data 0–100, copy 30–60, compute 50–80",
        mistakes=[
            check.mistake(
                "counted-twice",
                "The bars overlap, and some moments were counted several times. Each moment counts as one thing only: compute before copy, copy before data.",
                when=lambda shares: (
                    sum(shares.values()) > 1.01
                    or math.isclose(shares["data"], 100 / 160)
                    or (shares["data"] == 1.0 and shares["compute"] > 0)
                ),
            ),
            check.mistake(
                "data-first",
                "While the GPU computes, it does not wait, even if data is being loaded. Ask in the order compute, copy, data.",
                when=lambda shares: shares["data"] > 0.5 or shares["compute"] < 0.3,
            ),
        ],
    )
    ex2_two = [("data", 0, 40), ("data", 10, 50), ("compute", 50, 100)]
    check.equal(
        classify(ex2_two)[0],
        ex2_shares(50, 0, 50, 0),
        "the shares of data 0–40 and 10–50 (two workers), compute 50–100",
        mistakes=[
            check.mistake(
                "counted-twice",
                "Two workers load at the same time, from 10 to 40. Each moment counts once.",
            )
        ],
    )
    check.equal(
        classify([("data", 0, 100), ("compute", 5, 100)])[1],
        "compute",
        "the verdict, where 0.95 of the whole is compute",
    )

# %% nbgrader={"grade": true, "grade_id": "classify-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other traces, in other orders, with parts that are missing.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 2, hidden tests"):
    ex2_rng = check.rng("classify")
    ex2_parts = ("data", "copy", "compute")

    def ex2_expected(trace):
        first, last = min(bar[1] for bar in trace), max(bar[2] for bar in trace)
        row = np.zeros(last - first, dtype=int)
        for level, part in enumerate(ex2_parts, start=1):
            for name, begin, end in trace:
                if name == part:
                    covered = row[begin - first : end - first]
                    np.maximum(covered, level, out=covered)
        shares = {
            part: float((row == k).mean())
            for part, k in (("data", 1), ("copy", 2), ("compute", 3), ("idle", 0))
        }
        waits = {part: shares[part] for part in ("data", "copy", "idle")}
        most = sorted(waits.values())
        if shares["compute"] > 0.9:
            return shares, "compute"
        # Two that are equally large: then either will do.
        return shares, None if most[-1] == most[-2] else max(waits, key=waits.get)

    for ex2_case in range(12):
        ex2_kinds = ex2_parts if ex2_case % 3 else ex2_parts[ex2_case % 2 :]
        ex2_trace = []
        for _ in range(int(ex2_rng.integers(2, 9))):
            ex2_begin = int(ex2_rng.integers(20, 120))
            ex2_trace.append(
                (
                    str(ex2_rng.choice(ex2_kinds)),
                    ex2_begin,
                    ex2_begin + int(ex2_rng.integers(1, 60)),
                )
            )
        if ex2_case == 5:
            ex2_trace = [("compute", 7, 100), ("copy", 5, 9), ("data", 5, 99)]
        if ex2_case == 6:  # mostly idle
            ex2_begin = int(ex2_rng.integers(60, 90))
            ex2_trace = [("data", 5, 19), ("copy", 20, 29), ("compute", ex2_begin, 99)]
        ex2_shares_, ex2_verdict = ex2_expected(ex2_trace)
        ex2_found, ex2_said = classify(list(ex2_trace))
        check.equal(ex2_found, ex2_shares_, f"the shares of {len(ex2_trace)} bars")
        if ex2_verdict is not None:
            check.equal(ex2_said, ex2_verdict, f"the verdict on {len(ex2_trace)} bars")
### END HIDDEN TESTS

# %% [markdown]
# The report of `datakit.profile` ends with the same kind of verdict: *data-starved*, *balanced* or *compute-bound*. Its parts don't overlap, since it looks from the loop's side only: the loop either waits or works.

# %% [markdown]
# ---
# ## 4 · The best that a pipeline can do
#
# Before you repair, work out what a repair can bring. A batch passes several **stages**, and each stage is somebody's work:
#
# | stage | who does it | milliseconds for a batch |
# |---|---|---|
# | read | a worker | 20 |
# | decode | a worker | 10 |
# | copy | the link between memory and GPU | 5 |
# | compute | the GPU | 20 |
#
# One after the other, a batch takes 55 ms. If all of them work at the same time, each on another batch (**overlap**), a batch comes out as often as the **slowest one** finishes. The slowest *who*, not the slowest stage: one worker
# reads **and** decodes, so it needs 30 ms for a batch. While it does that, the GPU can't get more than one batch each 30 ms. Look for the batches in this picture: each has a number and a colour.


# %%
def draw_pipeline(stages, batches=4):
    """Each who in a row of its own; batches follow one another as closely as they can."""
    whos = list(dict.fromkeys(who for _, who, _ in stages))
    figure = Figure(figsize=(7.5, 0.9 + 0.5 * len(whos)), layout="constrained")
    axes = figure.subplots()
    free = dict.fromkeys(whos, 0)
    for batch in range(batches):
        done = 0
        for name, who, milliseconds in stages:
            begin = max(done, free[who])
            done = free[who] = begin + milliseconds
            axes.barh(
                *(whos.index(who), milliseconds),
                left=begin,
                color=("#56B4E9", "#E69F00", "#66C2A5", "#E5A5C8")[batch % 4],
                edgecolor="white",
            )
            label = f"{name}\n{batch}" if milliseconds > 9 else str(batch)
            middle = begin + milliseconds / 2
            axes.text(middle, whos.index(who), label, fontsize=8, ha="center", va="center")
    axes.set_yticks(range(len(whos)), whos)
    axes.invert_yaxis()
    axes.set_xlabel("ms")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


show(
    draw_pipeline(
        [
            ("read", "worker", 20),
            ("decode", "worker", 10),
            ("copy", "link", 5),
            ("compute", "GPU", 20),
        ]
    ),
    alternative_text="Four batches. The worker reads and decodes without a pause, 30 ms for each batch. The link and the GPU follow, and wait 25 and 10 ms between batches.",
)

# %% [markdown]
# Two workers each take a batch of their own. Each batch still takes 30 ms to load, but two come out in that time: one each 15 ms. Then the GPU, with 20 ms, is the slowest. And with `num_workers=0` there is no helper: the **loop** itself reads and decodes, between its other work.
#
# ## Exercise 3 · The bound
# ★★☆ · 15 minutes · 4 points
#
# Write `best_step(stages, workers)`. `stages` is a list of `(name, who, milliseconds)`, `workers` the number of workers. Whoever is called `"worker"` exists that many times, and each worker takes batches of its own. Everybody else exists once. With 0 workers, the
# `"loop"` does the workers' stages, besides its own if it has any.
#
# Return three things:
#
# - the milliseconds of a step without any overlap, all stages one after the other (more workers don't help then);
# - the milliseconds of a step with perfect overlap: the time that the slowest *who* needs for a batch;
# - that slowest *who*. (In the tests, no two are equally slow.)
#
# For the table above and one worker: `(55, 30, "worker")`. With two workers: `(55, 20, "GPU")`.
#
# <details><summary>Hint 1</summary>Two stages of the same who can't overlap each other. What must you add up before you look for the largest?</details>
# <details><summary>Hint 2</summary>Make a dict: who → milliseconds for a batch. Go through the stages and add. With 0 workers, add a worker's stage to <code>"loop"</code>.</details>
# <details><summary>Hint 3</summary>When all is added up, and if there are workers: divide the entry of <code>"worker"</code> by their number (with <code>/</code>, as half milliseconds count). The largest entry's key: <code>max(needs, key=needs.get)</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "bound", "locked": false, "schema_version": 3, "solution": true, "task": false}
def best_step(stages, workers):
    """(milliseconds without overlap, milliseconds with perfect overlap, who limits)."""
    ### BEGIN SOLUTION
    needs = {}
    for _, who, milliseconds in stages:
        if who == "worker" and workers == 0:
            who = "loop"
        needs[who] = needs.get(who, 0) + milliseconds
    together = sum(needs.values())
    if "worker" in needs:
        needs["worker"] /= workers
    slowest = max(needs, key=needs.get)
    return together, needs[slowest], slowest
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "bound-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 3"):
    ex3_stages = [
        ("read", "worker", 20),
        ("decode", "worker", 10),
        ("copy", "link", 5),
        ("compute", "GPU", 20),
    ]
    ex3_one = best_step(list(ex3_stages), 1)
    check.equal(
        float(ex3_one[0]),
        55.0,
        "the step without overlap, 1 worker",
        mistakes=[
            check.mistake(
                "order-of-results",
                "The first result is the sum of all stages; the second is the step with overlap.",
                value=30.0,
            )
        ],
    )
    check.equal(
        float(ex3_one[1]),
        30.0,
        "the step with perfect overlap, 1 worker: read 20 and decode 10 by a worker, copy 5 by the link, compute 20 by the GPU",
        mistakes=[
            check.mistake(
                "stages-apart",
                "One worker reads and decodes, and can't do both at the same time. Add up what each who does for a batch, then look for the largest.",
                value=20.0,
            ),
            check.mistake(
                "order-of-results",
                "The first result is the sum of all stages; the second is the step with overlap.",
                value=55.0,
            ),
        ],
    )
    check.equal(
        ex3_one[2],
        "worker",
        "the limit, 1 worker",
        mistakes=[
            check.mistake(
                "stage-named",
                "This is a stage. Name who is the slowest: that is the one whose work must become less.",
                when=lambda name: name in ("read", "decode", "copy", "compute"),
            ),
            check.mistake(
                "stages-apart",
                "The GPU has the longest single stage, but a worker has two stages for each batch. Add them up.",
                value="GPU",
            ),
        ],
    )
    ex3_two = best_step(list(ex3_stages), 2)
    check.equal(
        float(ex3_two[1]),
        20.0,
        "the step with perfect overlap, 2 workers",
        mistakes=[
            check.mistake(
                "workers-ignored",
                "Two workers load two batches in 30 ms: one each 15 ms. Divide the workers' time by their number.",
                value=30.0,
            ),
            check.mistake(
                "all-divided",
                "There are two workers, but one GPU and one link. Divide the workers' time only.",
                when=lambda best: best in (15, 27.5, 10),
            ),
        ],
    )
    check.equal(
        float(ex3_two[0]),
        55.0,
        "the step without overlap, 2 workers",
        mistakes=[
            check.mistake(
                "sum-divided",
                "Without overlap, one thing is done after the other, and a second worker would only watch. Add up before you divide.",
                value=40.0,
            )
        ],
    )
    check.equal(
        ex3_two[2],
        "GPU",
        "the limit, 2 workers",
        mistakes=[
            check.mistake(
                "limit-before-dividing",
                "The workers were the limit before their time was divided. Look for the largest after that.",
                value="worker",
            )
        ],
    )
    ex3_none = check.runs(
        lambda: best_step(
            [("read", "worker", 20), ("copy", "link", 5), ("train", "loop", 18)], 0
        ),
        "best_step with 0 workers: read 20 by a worker, copy 5 by the link, train 18 by the loop",
        mistakes=[
            check.mistake(
                "zero-workers",
                "With num_workers=0 there is nobody to divide by: the loop does the workers' stages itself. Add them to `loop`.",
                when=lambda error: isinstance(error, ZeroDivisionError | KeyError),
            )
        ],
    )
    check.equal(
        [float(ex3_none[0]), float(ex3_none[1]), ex3_none[2]],
        [43.0, 38.0, "loop"],
        "best_step with 0 workers: read 20 by a worker, copy 5 by the link, train 18 by the loop",
        mistakes=[
            check.mistake(
                "loop-loses",
                "The loop has 18 ms of its own and 20 ms of the workers': 38. One has replaced the other.",
                when=lambda found: found[1] in (18, 20) and found[2] == "loop",
            ),
            check.mistake(
                "zero-is-not-one",
                "0 workers were treated as 1, whose work overlaps with the loop's. With num_workers=0 the loop reads, and then trains: both are its own.",
                when=lambda found: found[1] == 20,
            ),
            check.mistake(
                "all-in-the-loop",
                "Only the workers' stages go to the loop. The link is still there, and can copy meanwhile.",
                when=lambda found: found[1] == 43,
            ),
        ],
    )
    check.equal(
        float(best_step([("read", "worker", 25), ("train", "loop", 3)], 2)[1]),
        12.5,
        "the step with perfect overlap: 25 ms by 2 workers, 3 ms by the loop",
        mistakes=[
            check.mistake(
                "rounded",
                "Half a millisecond is missing. Divide by /, not by //.",
                value=12.0,
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "bound-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other stages, names and numbers of workers; a simulated pipeline.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 3, hidden tests"):
    ex3_rng = check.rng("bound")

    def ex3_simulated(stages, workers, batches):
        # Milliseconds a batch in the long run, each who taking batches in order.
        free, ends = {}, []
        for batch in range(batches):
            done = 0
            for _, who, each in stages:
                if who == "worker":
                    who = ("worker", batch % workers) if workers else "loop"
                begin = max(done, free.get(who, 0))
                done = free[who] = begin + each
            ends.append(done)
        half = batches // 2
        return (ends[-1] - ends[half - 1]) / half

    for ex3_case in range(8):
        ex3_workers = int(ex3_rng.integers(0, 5)) if ex3_case else 0
        ex3_times = [int(ms) for ms in ex3_rng.permutation(np.arange(3, 40))[:5]]
        if ex3_case == 1:  # the workers limit, and their step is no whole number
            ex3_workers = 4
            ex3_times[:2] = [99 + 4 * int(ms) for ms in ex3_rng.integers(0, 9, 2)]
        if ex3_case == 2:  # together the workers' stages take longest, divided they don't
            ex3_workers = 4
            ex3_times[:2] = [int(ms) for ms in ex3_rng.integers(30, 40, 2)]
            ex3_times[3] = 50
        ex3_stages = [
            ("fetch", "worker", ex3_times[0]),
            ("unpack", "worker", ex3_times[1]),
            ("pin", "thread", ex3_times[2]),
            ("send", "link", ex3_times[3]),
            ("train", "loop", ex3_times[4]),
        ]
        ex3_needs = {
            "thread": ex3_times[2],
            "link": ex3_times[3],
            "loop": ex3_times[4] + (0 if ex3_workers else sum(ex3_times[:2])),
        }
        if ex3_workers:
            ex3_needs["worker"] = sum(ex3_times[:2]) / ex3_workers
        ex3_together, ex3_best, ex3_limit = best_step(list(ex3_stages), ex3_workers)
        check.equal(
            float(ex3_together),
            float(sum(ex3_times)),
            f"without overlap, {ex3_workers} workers",
        )
        check.equal(
            float(ex3_best),
            float(max(ex3_needs.values())),
            f"with perfect overlap, {ex3_workers} workers",
        )
        if list(ex3_needs.values()).count(max(ex3_needs.values())) == 1:
            check.equal(
                ex3_limit,
                max(ex3_needs, key=ex3_needs.get),
                f"limit, {ex3_workers} workers",
            )
        if ex3_workers:
            check.equal(
                math.isclose(
                    ex3_simulated(ex3_stages, ex3_workers, 240), ex3_best, rel_tol=0.02
                ),
                True,
                "does a simulated pipeline come out at this step?",
            )
    check.equal(
        [str(part) for part in best_step([("read", "worker", 6.5)], 0)],
        ["6.5", "6.5", "loop"],
        "one stage of a worker, 0 workers",
    )
    check.equal(
        [
            str(part)
            for part in best_step(
                [("a", "loop", 2.5), ("b", "GPU", 3), ("c", "loop", 2)], 3
            )
        ],
        ["7.5", "4.5", "loop"],
        "no stage of a worker, 3 workers",
    )
### END HIDDEN TESTS

# %% [markdown]
# ### Now measure it
#
# The pipeline below really runs, with 0, 1, 2 and 4 workers. Reading sleeps (as one does who waits for a disk), decoding needs a core, computing sleeps (as a program does while the GPU computes). Work out by the bound what a step takes with 2 workers, commit
# yourself, and press Run. Then turn the sliders: which one changes nothing? When does a further worker bring nothing? And where is what you measure above the bound, and why?

# %% tags=["demonstration"]
from datakit.experiments import bottleneck

bottleneck.view()

# %% [markdown]
# The same measurement without controls, as a plain function: for your own numbers, and for a notebook that runs by itself.

# %% tags=["demonstration"]
table = bottleneck.bottleneck(read=10, decode=0, compute=10, worker_counts=(0, 2), steps=8)
table.round(1)

# %% [markdown]
# *On paper* is the bound. *limit* is what to repair first: computing, where less than a tenth of a step is waiting, and otherwise the longer part of loading.
#
# The bound is what you would get if nobody ever waited for anybody. Measured steps are above it: batches differ in length, cores are shared, and handing over takes its time. The ratio bound ÷ measured is the **overlap efficiency**. Where it is near 1, a better
# prefetcher brings nothing: only a quicker slowest stage does.

# %% [markdown]
# ---
# ## 5 · On the way to the GPU
#
# A GPU has memory of its own. Main memory is ordinarily **pageable**: the operating system may move it at any time. A GPU can't follow that. So the driver first copies a pageable tensor into memory of its own, piece by piece, and the program stands and waits.
#
# **Pinned** memory stays where it is. From there the GPU copies by itself, and with `non_blocking=True` the program goes on meanwhile. From that follow two things that are often said, and are wrong.
#
# **"`tensor.pin_memory().to('cuda')` is faster than `tensor.to('cuda')`."** Pinning is itself a copy, into memory that must first be got from the system, which is slow. In the loop, the loop waits for it. Count with the bound. Say, 8 ms for a copy from pageable memory, 8 ms to pin, 3 ms for a copy from pinned memory, and 10 ms of other work in the loop:
#
# | how | the loop, for each batch | the link | a step, at best |
# |---|---|---|---|
# | `.to("cuda")` | copies 8, works 10 ms | | 18 ms |
# | `.pin_memory().to("cuda", non_blocking=True)` in the loop | pins 8, works 10 ms | copies 3 ms | 18 ms |
# | `DataLoader(pin_memory=True)`, then `.to("cuda", non_blocking=True)` | works 10 ms | copies 3 ms | 10 ms |
#
# It pays if somebody **else** pins (the loader's own thread does, with `pin_memory=True`), or if the same pinned memory is used again and again.
#
# **"`pin_memory` always helps."** Without a GPU nobody reads pinned memory. With one, it helps only as far as copying is the limit. And it can't be swapped out: the machine must have it to spare. **Predict:** what does PyTorch do with `pin_memory=True` on *your* machine?

# %% tags=["demonstration"]
loader = DataLoader(torch.arange(4), batch_size=2, pin_memory=True)
print("pinned:", [batch.is_pinned() for batch in loader])
print("is there a GPU?", torch.cuda.is_available())

# %% [markdown]
# What it costs that memory must first be got from the system can be measured on every machine: the same batch is copied into memory that is used again and again, and into fresh memory each time. **Predict:** how many times as long does the second take? (With a GPU you will see the three rows of the table above as well.)

# %% tags=["demonstration"]
from datakit.experiments import pinned_copies

copies = pinned_copies.pinned_copies(mib=32)
show(pinned_copies.plot(copies), alternative_text=pinned_copies.describe(copies))

# %% tags=["demonstration"]
print(pinned_copies.explain(copies))

# %% [markdown]
# (`pinned_copies.view()`, in a cell of your own, is the same with a slider and a locked prediction.)
#
# Without a GPU, PyTorch warns, and goes on without pinning. Asked directly, with `tensor.pin_memory()`, it raises an error. So code that is to run everywhere takes the pinning function as an argument, or asks first.
#
# ### A batch has parts
#
# A batch is seldom one tensor. It is a tuple, a dict, a **dataclass** (a class that only holds named fields), or all of these in one another; and between the tensors there are file names and numbers. To do something with every tensor, a function calls itself for each part:


# %%
def count_tensors(batch):
    """How many tensors there are in tuples, lists and dicts, at any depth."""
    if isinstance(batch, torch.Tensor):
        return 1
    if isinstance(batch, dict):
        return sum(count_tensors(part) for part in batch.values())
    if isinstance(batch, tuple | list):
        return sum(count_tensors(part) for part in batch)
    return 0


batch = {
    "image": torch.zeros(2, 3),
    "boxes": [torch.zeros(1), torch.zeros(4)],
    "file": "a.jpg",
}
print(count_tensors(batch), "tensors")
check.equal(count_tensors(batch), 3, "the number of tensors")

# %% [markdown]
# To build the **same structure** again is a little harder. Three tools:
#
# | part | made anew by |
# |---|---|
# | a list, a tuple, a dict | `[…]`, `tuple(…)`, `{key: … for key, value in …}` |
# | a **namedtuple** (a tuple whose places have names; it has `_fields`) | `type(batch)(*parts)` |
# | a dataclass object (`is_dataclass(batch)`) | `replace(batch, name=new value, …)`; `fields(batch)` lists its fields, each with a `.name` |
#
# And one question. In some batches the same tensor stands in two places: as the input and as the target, say. **Predict:** what happens to memory if both are pinned?
#
# ## Exercise 4 · Pin a nested batch
# ★★★ · 25 minutes · 4 points
#
# Write `pin(batch, pin_tensor)`. `pin_tensor` is a function from a tensor to its pinned twin. (On a GPU that is `torch.Tensor.pin_memory`. The tests bring one that adds 1000 to each value, so that you see what was pinned.)
#
# - Lists, tuples, namedtuples, dicts and dataclass objects are looked into, at any depth, and come back as new ones of the same type, with every tensor pinned.
# - Everything else (texts, numbers, `None`, other objects) comes back as it is.
# - A tensor that stands in several places of the batch is pinned **once**, and its twin stands in all of them: two twins would take memory twice. The next call of `pin` begins afresh.
# - What came in stays as it was.
#
# The dataclass `Labelled` is there for the tests; any other must work, too.
#
# <details><summary>Hint 1</summary>Leave the last rule for the end. First write the recursion: a tensor, then each kind of container, then "everything else". Ask for a namedtuple before you ask for a tuple.</details>
# <details><summary>Hint 2</summary>For a dataclass: <code>replace(batch, **{field.name: … for field in fields(batch)})</code>. A text is no list: ask for <code>list</code> and <code>tuple</code>, not for "something to loop over".</details>
# <details><summary>Hint 3</summary>Keep a dict of what was pinned: <code>id(tensor)</code> → twin, made anew in each call of <code>pin</code>. An inner function, which calls itself, can see it.</details>


# %% nbgrader={"grade": false, "grade_id": "pin", "locked": false, "schema_version": 3, "solution": true, "task": false}
@dataclass(frozen=True)
class Labelled:
    """An image, and what is known about it."""

    image: torch.Tensor
    label: object
    file: str = ""


def pin(batch, pin_tensor):
    """The same nesting, with each tensor pinned once."""
    ### BEGIN SOLUTION
    pinned = {}

    def twin(part):
        if isinstance(part, torch.Tensor):
            if id(part) not in pinned:
                pinned[id(part)] = pin_tensor(part)
            return pinned[id(part)]
        if isinstance(part, dict):
            return {key: twin(value) for key, value in part.items()}
        if isinstance(part, tuple) and hasattr(part, "_fields"):
            return type(part)(*map(twin, part))
        if isinstance(part, tuple | list):
            return type(part)(map(twin, part))
        if is_dataclass(part):
            return replace(
                part,
                **{field.name: twin(getattr(part, field.name)) for field in fields(part)},
            )
        return part

    return twin(batch)
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "pin-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 4"):
    ex4_calls = []
    Ex4Pair = namedtuple("Ex4Pair", "x y")

    def ex4_pin(tensor):
        ex4_calls.append(tensor.tolist())
        return tensor + 1000

    def ex4_stale(pairs):
        # A twin arrived, but that of a tensor of an earlier call.
        return check.mistake(
            "remembered-too-long",
            "The twin of a tensor from an earlier call arrived. Batches come and go, and Python gives the id of one that is gone to another one. Make the dict in each call anew; a default argument such as memo={} is made only once.",
            when=lambda found: any(
                part.tolist() != right and 1000 <= int(part.flatten()[0]) < 2000
                for part, right in pairs(found)
            ),
        )

    ex4_leaf = check.mistake(
        "tensor-looped-over",
        "A tensor was taken apart, down to numbers that can't be looped over. A tensor is a leaf: ask for it before you ask for anything else.",
        when=lambda error: "0-d tensor" in str(error),
    )
    check.equal(
        check.runs(
            lambda: pin(torch.tensor([1, 2]), ex4_pin),
            "pin of a tensor",
            mistakes=[ex4_leaf],
        ),
        torch.tensor([1001, 1002]),
        "pin of a tensor",
    )
    ex4_batch = {"x": torch.tensor([1]), "more": [torch.tensor(2), (torch.tensor([3]),)]}
    ex4_found = check.runs(
        lambda: pin(ex4_batch, ex4_pin),
        "pin of a dict with a list and a tuple in it",
        mistakes=[
            ex4_leaf,
            check.mistake(
                "tensors-only",
                "pin_tensor was called with something else than a tensor. Ask isinstance(part, torch.Tensor) first.",
                when=lambda error: "tolist" in str(error),
            ),
        ],
    )
    check.equal(
        ex4_found,
        {"x": torch.tensor([1001]), "more": [torch.tensor(1002), (torch.tensor([1003]),)]},
        "pin of a dict with a list and a tuple in it",
        mistakes=[
            ex4_stale(
                lambda found: [
                    (found["x"], [1001]),
                    (found["more"][0], 1002),
                    (found["more"][1][0], [1003]),
                ]
            ),
            check.mistake(
                "dict-skipped",
                "The dict came back as it was. Look into its values, and make a new dict.",
                value=ex4_batch,
            ),
            check.mistake(
                "not-deep",
                "The first level is pinned, deeper ones are not. The function must call itself for each part.",
                when=lambda found: int(found["x"][0]) == 1001,
            ),
        ],
    )
    check.equal(
        [type(ex4_found["more"]).__name__, type(ex4_found["more"][1]).__name__],
        ["list", "tuple"],
        "the types of the list and of the tuple in it",
        mistakes=[
            check.mistake(
                "type-lost",
                "A list became a tuple, or a tuple a list. Code that unpacks the batch may rely on it: make one of the same type.",
            )
        ],
    )
    check.equal(
        [ex4_batch["x"], ex4_batch["more"][0]],
        [torch.tensor([1]), torch.tensor(2)],
        "the batch that came in, after the call",
        mistakes=[
            check.mistake(
                "in-place",
                "The batch that came in was changed. Whoever made it may need it again: make a new dict, or a new list.",
            )
        ],
    )
    check.equal(
        check.runs(
            lambda: pin(["a.jpg", 3, None, torch.tensor([4]), {}, []], ex4_pin),
            "pin of a text, a number, None, a tensor, an empty dict and an empty list",
            mistakes=[
                check.mistake(
                    "text-looped-over",
                    "A text is made of texts, without end. Look only into lists, tuples, dicts and dataclasses, and hand back everything else as it is.",
                    when=lambda error: (
                        isinstance(error, RecursionError) or "recursion" in str(error)
                    ),
                ),
                check.mistake(
                    "no-else",
                    "Something that is no container and no tensor led to an error. Hand it back as it is.",
                ),
            ],
        ),
        ["a.jpg", 3, None, torch.tensor([1004]), {}, []],
        "pin of a text, a number, None, a tensor, an empty dict and an empty list",
        mistakes=[
            ex4_stale(lambda found: [(found[3], [1004])]),
            check.mistake(
                "text-looped-over",
                "A text was taken apart. Ask for list and tuple, not for something to loop over.",
                when=lambda found: found[0] not in ("a.jpg", None),
            ),
            check.mistake(
                "no-else",
                "Something came back changed, or as None. What is no container and no tensor comes back as it is: the function must return it.",
            ),
        ],
    )
    ex4_pair = check.runs(
        lambda: pin(Ex4Pair(torch.tensor([5]), "five"), ex4_pin),
        "pin of a namedtuple",
        mistakes=[
            check.mistake(
                "namedtuple",
                "A namedtuple takes its parts one by one: type(batch)(*parts).",
                when=lambda error: "argument" in str(error),
            )
        ],
    )
    check.equal(
        [list(ex4_pair), hasattr(ex4_pair, "_fields")],
        [[torch.tensor([1005]), "five"], True],
        "pin of a namedtuple, and: has it names still?",
        mistakes=[
            check.mistake(
                "namedtuple",
                "A plain tuple came back, without names: batch.x would fail. Make one of the same type, type(batch)(*parts).",
                when=lambda found: not found[1],
            ),
            ex4_stale(lambda found: [(found[0][0], [1005])]),
        ],
    )
    ex4_labelled = check.runs(
        lambda: pin(
            [Labelled(torch.tensor([6]), {"y": torch.tensor([7])}, "b.jpg")], ex4_pin
        ),
        "pin of a list with a dataclass object in it",
        mistakes=[
            check.mistake(
                "frozen",
                "This dataclass is frozen: its fields can't be changed, only replaced in a new object. replace(part, name=…) makes one.",
                when=lambda error: "cannot assign" in str(error),
            )
        ],
    )
    check.equal(
        hasattr(ex4_labelled[0], "image"),
        True,
        "is the dataclass object still one?",
        mistakes=[
            check.mistake(
                "dataclass-lost",
                "A dict or a tuple came in place of a dataclass object. replace(part, …) makes an object of the same class.",
            )
        ],
    )
    check.equal(
        [ex4_labelled[0].image, ex4_labelled[0].label, ex4_labelled[0].file],
        [torch.tensor([1006]), {"y": torch.tensor([1007])}, "b.jpg"],
        "image, label and file of the dataclass object",
        mistakes=[
            ex4_stale(lambda found: [(found[0], [1006]), (found[1]["y"], [1007])]),
            check.mistake(
                "dataclass-skipped",
                "The dataclass object came back as it was. is_dataclass(part) asks for it; fields(part) lists its fields.",
                when=lambda found: int(found[0][0]) == 6,
            ),
            check.mistake(
                "not-deep",
                "A field of the dataclass holds a dict, and what is in it was not pinned. Call the function itself for each field.",
                when=lambda found: int(found[1]["y"][0]) == 7,
            ),
        ],
    )
    ex4_calls.clear()
    ex4_image = Labelled(torch.tensor([8]), 0)
    ex4_found = pin({"input": ex4_image, "target": [ex4_image]}, ex4_pin)
    check.equal(
        [ex4_found["input"].image, ex4_found["target"][0].image],
        [torch.tensor([1008])] * 2,
        "pin of a batch in which one tensor stands in two places",
        mistakes=[
            check.mistake(
                "pinned-twice",
                "The tensor was pinned, and its twin was pinned again. Each place gets the one twin.",
                when=lambda found: max(int(each[0]) for each in found) > 2000,
            ),
            ex4_stale(lambda found: [(each, [1008]) for each in found]),
        ],
    )
    check.equal(
        len(ex4_calls),
        1,
        "how often pin_tensor was called for one tensor that stands in two places",
        mistakes=[
            check.mistake(
                "pinned-twice",
                "The same tensor was pinned twice: twice the memory, and it would be copied to the GPU twice. Remember what was pinned, by id(tensor).",
                value=2,
            ),
            check.mistake(
                "remembered-too-long",
                "pin_tensor was not called at all: something from an earlier call was handed out.",
                value=0,
            ),
        ],
    )
    check.equal(
        [pin(ex4_image, ex4_pin).image, len(ex4_calls)],
        [torch.tensor([1008]), 2],
        "pin of the same object in another call, and the calls of pin_tensor so far",
        mistakes=[
            check.mistake(
                "remembered-too-long",
                "The second call used what the first one had pinned. Batches come and go, and Python gives the id of one that is gone to another one. Make the dict in each call anew; a default argument such as memo={} is made only once.",
            )
        ],
    )
    check.equal(
        pin([torch.tensor([9]), torch.tensor([9])], ex4_pin),
        [torch.tensor([1009])] * 2,
        "pin of two different tensors with the same values",
    )
    check.equal(
        len(ex4_calls),
        4,
        "the calls of pin_tensor after two different tensors with the same values",
        mistakes=[
            check.mistake(
                "equal-is-not-same",
                "Two different tensors with the same values are two: if the loop changes one of them, the other must stay. Compare by id, not by value.",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "pin-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: random nestings, several kinds of keys and dtypes, shared parts.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 4, hidden tests"):
    ex4_rng = check.rng("pin")
    ex4_calls = []
    Ex4Triple = namedtuple("Ex4Triple", "one two three")

    def ex4_pin(tensor):
        ex4_calls.append(1)
        return tensor + 1000

    def ex4_nest(depth):
        # A random nesting, and the same one pinned.
        kind = int(ex4_rng.integers(0, 6 if depth else 3))
        if kind == 0:
            tensor = torch.from_numpy(ex4_rng.integers(0, 900, int(ex4_rng.integers(1, 4))))
            return tensor, tensor + 1000
        if kind == 1:
            leaf = [None, 7, "text", 2.5, True][int(ex4_rng.integers(0, 5))]
            return leaf, leaf
        if kind == 2:
            tensor = torch.tensor(float(ex4_rng.integers(0, 900)))
            return tensor, tensor + 1000
        parts = [ex4_nest(depth - 1) for _ in range(3)]
        before, after = ([pair[k] for pair in parts] for k in (0, 1))
        if kind == 3:
            return before, after
        if kind == 4:
            return Ex4Triple(*before), Ex4Triple(*after)
        keys = ("image", 3, (1, 2))
        return dict(zip(keys, before, strict=True)), dict(zip(keys, after, strict=True))

    for _ in range(12):
        ex4_before, ex4_after = ex4_nest(4)
        check.equal(pin(ex4_before, ex4_pin), ex4_after, "pin of a nested batch")
    check.equal(
        type(pin(((torch.tensor(1),), []), ex4_pin)).__name__,
        "tuple",
        "the type of a tuple",
    )
    ex4_found = pin([Ex4Triple(1, torch.tensor(2), 3)], ex4_pin)
    check.equal(hasattr(ex4_found[0], "_fields"), True, "has a namedtuple names still?")
    ex4_inner = Labelled(torch.tensor([1.5]), [torch.tensor([2]), "two"], "c.jpg")
    ex4_outer = Labelled(torch.tensor([3]), ex4_inner)
    ex4_calls.clear()
    ex4_found = pin((ex4_outer, {"again": ex4_inner}), ex4_pin)
    check.equal(
        [
            ex4_found[0].image,
            ex4_found[0].label.image,
            ex4_found[0].label.label,
            ex4_found[0].label.file,
            ex4_found[1]["again"].image,
        ],
        [
            torch.tensor([1003]),
            torch.tensor([1001.5]),
            [torch.tensor([1002]), "two"],
            "c.jpg",
            torch.tensor([1001.5]),
        ],
        "a dataclass object in a dataclass object, and once more in a dict",
    )
    check.equal(len(ex4_calls), 3, "calls of pin_tensor for three tensors")
    for ex4_expected in (6, 9):
        pin([ex4_outer], ex4_pin)
        check.equal(len(ex4_calls), ex4_expected, "calls of pin_tensor after one more call")
### END HIDDEN TESTS

# %% [markdown]
# ### The finished piece
#
# `datakit.pin_memory` does this with PyTorch's own pinning, and so does every loader with `pin_memory=True` (PyTorch's knows no dataclasses, unless they have a method `pin_memory`). Without a GPU the batch comes back as it was, with a warning.

# %% tags=["demonstration"]
batch = {"image": torch.arange(3), "file": "a.jpg"}
pinned = datakit.pin_memory(batch)
print(pinned, "pinned:", pinned["image"].is_pinned())

# %% [markdown]
# ---
# ## 6 · One batch ahead
#
# A copy that is begun, and not waited for, runs beside the program. That helps only if there is something else to do meanwhile. So begin the copy of the **next** batch before the loop works with this one. A loader that does so is a **prefetcher**.
#
# ### A worked example
#
# A copy that is on its way looks like this in Python: one function **starts** it and hands back a ticket, another one **waits** for the ticket and hands back the batch. Here a helper thread "copies" (it sleeps), so that you can watch it without a GPU:

# %%
helper = ThreadPoolExecutor(max_workers=1)


def slow_copy(batch):
    time.sleep(0.05)
    return batch * 10


def start(batch):
    """Begin to copy; return a ticket at once."""
    return helper.submit(slow_copy, batch)


def wait(ticket):
    """Wait until the copy is there, and return it."""
    return ticket.result()


ticket = start(7)
print("begun; is it there already?", ticket.done())
print("waited for:", wait(ticket))
check.equal(wait(start(3)), 30, "the copy of 3")

# %% [markdown]
# On a GPU, `start` is `batch.to("cuda", non_blocking=True)` in a stream of its own (a **stream** is a queue of the GPU's work), and `wait` lets the computing wait for that stream. Without a GPU there is nothing to start: then the prefetcher must simply hand on its batches. That is its **fallback**.
#
# **Predict:** 20 batches, 50 ms to copy each, 50 ms to work with each. How long does it take one after the other, and how long if the next copy is begun before the work?
#
# | moment | loop | on its way |
# |---|---|---|
# | 1 | asks for batch 0: it is fetched and started, and so is batch 1. The loop waits for 0 | 0, then 1 |
# | 2 | works with 0 | 1 |
# | 3 | asks for batch 1: batch 2 is fetched and started. The loop waits for 1 | 1, then 2 |
# | 4 | works with 1 | 2 |
#
# ## Exercise 5 · A prefetcher
# ★★★ · 25 minutes · 4 points
#
# Write the class `OneAhead(loader, start=None, wait=None)`. One can loop over it, in every epoch anew. `loader` gives batches; `start(batch)` begins a copy and returns a ticket; `wait(ticket)` returns the copy.
#
# - While the loop works with the copy of batch k, the copy of batch k + 1 has been **started** (if there is a batch k + 1), and batch k + 2 has not even been fetched from the loader.
# - The copies come in order, each exactly once, the last one, too. Any value may be a batch, a ticket or a copy, also 0 or `None`.
# - Nothing is fetched before the loop asks for its first batch.
# - If the loader, or `start`, raises an error for batch k + 1, the loop first gets batch k; the error comes where batch k + 1 would have come.
# - Fallback: where `start` is `None`, the loader's batches come as they are, each fetched when it is asked for, none ahead.
#
# <details><summary>Hint 1</summary>Write it on paper for three batches, as in the table. Which two things does the loop do in front of the first <code>yield</code> that it doesn't do in front of the others?</details>
# <details><summary>Hint 2</summary>Keep the ticket of the batch that is on its way. For each further batch: start it, then wait for the ticket that you kept and yield, then keep the new ticket. And behind the loop one ticket is left.</details>
# <details><summary>Hint 3</summary>For the error: fetch and start the next batch within <code>try:</code>. On <code>except Exception as error:</code> note it, leave the loop, hand out the batch that is on its way, and then <code>raise</code> the error that you noted. For "is there one on its way?" use a flag or a list of at most one ticket, not <code>if ticket:</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "ahead", "locked": false, "schema_version": 3, "solution": true, "task": false}
class OneAhead:
    """Copies of a loader's batches, each begun while the loop works with the one before."""

    def __init__(self, loader, start=None, wait=None):
        ### BEGIN SOLUTION
        self.loader, self.start, self.wait = loader, start, wait
        ### END SOLUTION

    def __iter__(self):
        ### BEGIN SOLUTION
        if self.start is None:
            yield from self.loader
            return
        under_way = []
        failed = None
        batches = iter(self.loader)
        while True:
            try:
                under_way.append(self.start(next(batches)))
            except StopIteration:
                break
            except Exception as error:
                failed = error
                break
            if len(under_way) == 2:
                yield self.wait(under_way.pop(0))
        for ticket in under_way:
            yield self.wait(ticket)
        if failed is not None:
            raise failed
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "ahead-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 5"):
    ex5_log = []

    class Ex5Loader:
        def __init__(self, batches, fails_at=None):
            self.batches, self.fails_at = batches, fails_at

        def __len__(self):
            return len(self.batches)

        def __iter__(self):
            for number, batch in enumerate(self.batches):
                if len(ex5_log) > 300:
                    raise RuntimeError("the loader was asked again and again")
                if number == self.fails_at:
                    raise ValueError(f"batch {number} is broken")
                ex5_log.append(f"fetch {number}")
                yield batch

    def ex5_start(batch):
        ex5_log.append(f"start {batch}")
        return ["ticket", batch]

    def ex5_wait(ticket):
        if not isinstance(ticket, list):
            raise TypeError(f"wait got {ticket!r}, which is no ticket")
        ex5_log.append(f"wait {ticket[1]}")
        return None if ticket[1] is None else ticket[1] * 10

    def ex5_loop(ahead, most=50):
        got = []
        for batch in ahead:
            ex5_log.append(f"use {batch}")
            got.append(batch)
            if len(got) == most:
                break
        return got

    ex5_ahead = OneAhead(Ex5Loader([1, 2, 3, 4]), ex5_start, ex5_wait)
    check.equal(
        ex5_log,
        [],
        "what has happened before the loop asks for a batch",
        mistakes=[
            check.mistake(
                "begins-early",
                "Batches were fetched when the object was made. Begin in __iter__: an object may be made long before it is used, and used in several epochs.",
            )
        ],
    )
    ex5_got = check.runs(
        lambda: ex5_loop(ex5_ahead),
        "a loop over 4 batches",
        mistakes=[
            check.mistake(
                "batch-for-ticket",
                "`wait` was called with something that is no ticket: hand it what `start` returned.",
                when=lambda error: "is no ticket" in str(error),
            ),
            check.mistake(
                "end-of-loader",
                "The end of the loader came out as an error. next(iterator) raises StopIteration when there is no more batch: catch it, or use a for loop.",
                when=lambda error: "StopIteration" in str(error),
            ),
        ],
    )
    check.equal(
        ex5_got,
        [10, 20, 30, 40],
        "the copies of batches 1, 2, 3 and 4 (a copy is 10 times its batch)",
        mistakes=[
            check.mistake(
                "last-lost",
                "The last batch was started, and never came. When the loader has no more, one copy is still on its way.",
                value=[10, 20, 30],
            ),
            check.mistake(
                "first-lost",
                "The first batch is missing. It was fetched to get ahead: keep its ticket.",
                value=[20, 30, 40],
            ),
            check.mistake(
                "not-waited",
                "These are tickets, or batches that were never copied. Hand out what wait(ticket) returns.",
                when=lambda got: len(got) > 0 and (isinstance(got[0], list) or got[0] == 1),
            ),
            check.mistake(
                "last-twice",
                "A batch came twice. After the last one was handed out, nothing is on its way.",
                when=lambda got: len(got) > 4,
            ),
        ],
    )

    def ex5_before(what):
        return ex5_log[: ex5_log.index(what)]

    check.equal(
        [f"start {k + 1}" in ex5_before(f"use {k * 10}") for k in (1, 2, 3)],
        [True] * 3,
        f"had the next copy been started before batches 1, 2 and 3 were used? What happened: {', '.join(ex5_log[:9])}, …",
        mistakes=[
            check.mistake(
                "started-late",
                "The next copy was started only when the loop asked for it. Then nothing runs beside the work. Start it in front of the yield.",
                value=[False] * 3,
            )
        ],
    )
    check.equal(
        [f"fetch {k + 1}" in ex5_before(f"use {k * 10}") for k in (1, 2)],
        [False] * 2,
        f"had batch k + 2 been fetched before batch k was used? What happened: {', '.join(ex5_log[:9])}, …",
        mistakes=[
            check.mistake(
                "too-far-ahead",
                "More than one batch was on its way. Each one takes memory on the GPU: one ahead is enough.",
            )
        ],
    )
    check.equal(
        [f"wait {k + 1}" in ex5_before(f"use {k * 10}") for k in (1, 2, 3)],
        [False] * 3,
        f"had the next copy been waited for before batches 1, 2 and 3 were used? What happened: {', '.join(ex5_log[:9])}, …",
        mistakes=[
            check.mistake(
                "waits-for-both",
                "The next copy was started, and waited for at once: the loop stood still meanwhile. Wait for it when the loop asks for it.",
            )
        ],
    )
    ex5_log.clear()
    check.equal(
        ex5_loop(ex5_ahead),
        [10, 20, 30, 40],
        "the copies in a second epoch",
        mistakes=[
            check.mistake(
                "one-epoch",
                "The second epoch is another one than the first. Ask for iter(loader) in __iter__, each time, and keep nothing from the epoch before.",
            )
        ],
    )
    ex5_log.clear()
    check.equal(
        ex5_loop(OneAhead(Ex5Loader([0, None, 5, 0]), ex5_start, ex5_wait)),
        [0, None, 50, 0],
        "the copies of batches 0, None, 5 and 0",
        mistakes=[
            check.mistake(
                "empty-ends",
                "A batch that counts as false, or is None, was taken for the end, or for nothing. Any value may be a batch: let StopIteration, or the end of the for loop, say when there is no more.",
            )
        ],
    )
    ex5_log.clear()
    ex5_broken = OneAhead(Ex5Loader([1, 2, 3, 4], fails_at=2), ex5_start, ex5_wait)
    ex5_got = []

    def ex5_collect():
        for batch in ex5_broken:
            ex5_got.append(batch)

    check.raises(
        ValueError,
        ex5_collect,
        "a loop over a loader whose third batch is broken",
        mentions=["batch 2 is broken"],
        mistakes=[
            check.mistake(
                "error-swallowed",
                "The loop ended as if all was well, and the learner would train on half of the data. Raise the error when the batch before it has been handed out.",
                when=lambda result: not isinstance(result, Exception),
            ),
            check.mistake(
                "error-changed",
                "Another error came than the loader's own. Keep the one that you caught, and raise that.",
            ),
        ],
    )
    check.equal(
        ex5_got,
        [10, 20],
        "what came before the error",
        mistakes=[
            check.mistake(
                "error-early",
                "The batch before the broken one was fine, and on its way, and it was lost. Whoever saves after each batch has lost one. Hand it out first, then raise.",
                value=[10],
            )
        ],
    )
    ex5_log.clear()
    check.equal(
        check.runs(
            lambda: ex5_loop(OneAhead(Ex5Loader([1, 2, 3]))),
            "a loop without start and wait",
            mistakes=[
                check.mistake(
                    "no-fallback",
                    "There is no GPU: start is None, and can't be called. Then hand on the loader's batches as they are.",
                    when=lambda error: "NoneType" in str(error),
                )
            ],
        ),
        [1, 2, 3],
        "the batches without start and wait",
    )
    check.equal(
        ex5_log,
        ["fetch 0", "use 1", "fetch 1", "use 2", "fetch 2", "use 3"],
        "what happened without start and wait",
        mistakes=[
            check.mistake(
                "fallback-ahead",
                "Without start, nothing is to be gained by fetching ahead: it only takes memory. Fetch each batch when it is asked for.",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "ahead-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other numbers of batches, errors at other places, falsy tickets, tensors.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 5, hidden tests"):
    ex5_rng = check.rng("ahead")
    ex5_log = []

    class Ex5Loader:
        def __init__(self, batches, fails_at=None):
            self.batches, self.fails_at = batches, fails_at

        def __len__(self):
            return len(self.batches)

        def __iter__(self):
            for number, batch in enumerate(self.batches):
                if len(ex5_log) > 400:
                    raise RuntimeError("the loader was asked again and again")
                if number == self.fails_at:
                    raise KeyError(f"no batch {number}")
                ex5_log.append(("fetch", number))
                yield batch
            if self.fails_at == len(self.batches):
                raise KeyError(f"no batch {self.fails_at}")

    # A ticket is a number: the position among all that were started. The first is 0.
    ex5_tickets = []

    def ex5_start(batch):
        if isinstance(batch, str):
            raise OSError(f"{batch} can't be copied")
        ex5_tickets.append(batch)
        ex5_log.append(("start", len(ex5_tickets) - 1))
        return len(ex5_tickets) - 1

    def ex5_wait(ticket):
        ex5_log.append(("wait", ticket))
        return ex5_tickets[ticket] * 2

    def ex5_loop(ahead):
        got, error = [], ""
        try:
            for copy_ in ahead:
                ex5_log.append(("use", len(got)))
                got.append(copy_)
                if len(got) > 40:
                    break
        except NotImplementedError:
            raise
        except Exception as caught:
            error = str(caught)
        return got, error

    for ex5_n in (0, 1, 2, int(ex5_rng.integers(3, 9))):
        ex5_batches = [torch.from_numpy(ex5_rng.integers(0, 99, 3)) for _ in range(ex5_n)]
        ex5_ahead = OneAhead(Ex5Loader(ex5_batches), ex5_start, ex5_wait)
        for ex5_epoch in (1, 2):
            ex5_log.clear()
            ex5_tickets.clear()
            ex5_got, ex5_error = ex5_loop(ex5_ahead)
            check.equal(
                ex5_got,
                [batch * 2 for batch in ex5_batches],
                f"the copies of {ex5_n} batches, epoch {ex5_epoch}",
            )
            check.equal(ex5_error, "", f"an error, epoch {ex5_epoch}")
            ex5_started = [
                sum(
                    what == "start" for what, _ in ex5_log[: ex5_log.index(("use", number))]
                )
                for number in range(ex5_n)
            ]
            check.equal(
                ex5_started,
                [min(number + 2, ex5_n) for number in range(ex5_n)],
                f"copies started before each of {ex5_n} batches is used",
            )
            ex5_waited = [number for what, number in ex5_log if what == "wait"]
            check.equal(ex5_waited, list(range(ex5_n)), "tickets waited for, in order")
            check.equal(
                [
                    sum(
                        what == "wait"
                        for what, _ in ex5_log[: ex5_log.index(("use", number))]
                    )
                    for number in range(ex5_n)
                ],
                [number + 1 for number in range(ex5_n)],
                f"copies waited for before each of {ex5_n} batches is used",
            )
            ex5_fetched = [
                sum(
                    what == "fetch" for what, _ in ex5_log[: ex5_log.index(("use", number))]
                )
                for number in range(ex5_n)
            ]
            check.equal(
                ex5_fetched,
                [min(number + 2, ex5_n) for number in range(ex5_n)],
                f"batches fetched before each of {ex5_n} batches is used",
            )
    for ex5_place in (0, 1, int(ex5_rng.integers(2, 6)), 6):
        ex5_tickets.clear()
        ex5_got, ex5_error = ex5_loop(
            OneAhead(Ex5Loader(list(range(6)), fails_at=ex5_place), ex5_start, ex5_wait)
        )
        check.equal(
            [ex5_got, f"no batch {ex5_place}" in ex5_error],
            [[2 * k for k in range(ex5_place)], True],
            f"what comes if the loader fails at batch {ex5_place}, and: does its error come?",
        )
    ex5_tickets.clear()
    ex5_got, ex5_error = ex5_loop(
        OneAhead(Ex5Loader([4, 5, "six", 7]), ex5_start, ex5_wait)
    )
    check.equal(
        [ex5_got, "six can't be copied" in ex5_error],
        [[8, 10], True],
        "what comes if a copy can't be started, and: does its error come?",
    )
    check.equal(
        ex5_loop(OneAhead(Ex5Loader([3, None, 0], fails_at=3)))[0],
        [3, None, 0],
        "batches without start, before an error",
    )
### END HIDDEN TESTS

# %% [markdown]
# ### The finished piece
#
# `datakit.PrefetchLoader(loader, device)` is such a prefetcher. A thread of its own fetches from the loader, so that a slow loader does not hold up the loop; for a GPU it copies in a stream of its own, from pinned memory that it uses again and again; without a GPU the same class runs beside the loop.
# The same laws hold: order, nothing lost, the error in its place.

# %%
ahead = datakit.PrefetchLoader([torch.tensor([k]) for k in range(4)], "cpu")
check.equal([int(batch) for batch in ahead], [0, 1, 2, 3], "the batches of PrefetchLoader")
print("in order, and none lost")


class Copied:
    """20 batches; each takes 50 ms to copy."""

    def __iter__(self):
        for k in range(20):
            yield slow_copy(torch.tensor(k))


for name, loader in (
    ("one after the other", Copied()),
    ("beside the loop", datakit.PrefetchLoader(Copied(), "cpu")),
):
    begin = time.perf_counter()
    for _ in loader:
        time.sleep(0.05)  # the work with a batch
    print(f"{name}: {1000 * (time.perf_counter() - begin):.0f} ms")

# %% [markdown]
# On paper: 20 × (50 + 50) = 2000 ms one after the other. With the next copy begun before the work, only the first copy is waited for: 50 + 20 × 50 = 1050 ms.

# %% [markdown]
# ---
# ## 7 · The step itself
#
# How many samples should one step have? All of them (**full batch**), a single one (**stochastic**), or something between (**mini-batch**)? The loop is the same; only `batch_size` differs. Below, the same small network learns from 256 digits, three times, for 4 epochs. **Predict:** which of the three has the lowest loss after 4 epochs, and which one takes the most memory?


# %% tags=["demonstration"]
def small_network():
    """64 points → 10 classes, the same at each call."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


pictures = torch.from_numpy(digits.images[train_rows]).float()[:, None] / 16
classes = torch.from_numpy(digits.target[train_rows])
some = datakit.TensorDataset(pictures[:256], classes[:256])


def few_epochs(batch_size):
    """Train the small network for 4 epochs."""
    model = small_network()
    return datakit.fit(
        model,
        datakit.DataLoader(some, batch_size=batch_size, shuffle=True, seed=0),
        nn.CrossEntropyLoss(),
        torch.optim.SGD(model.parameters(), lr=0.1),
        epochs=4,
        count_kept=True,
    )


histories = {
    "full batch": few_epochs(256),
    "mini-batch of 8": few_epochs(8),
    "stochastic": few_epochs(1),
}
show(
    datakit.plot_histories(histories),
    alternative_text=datakit.histories_in_words(histories),
)

# %% [markdown]
# After so few epochs the lowest loss goes with the most steps. The full batch makes one step an epoch, and has hardly moved. It keeps 256 samples in memory until its gradients are there. The stochastic one makes 256 steps an epoch and gets furthest here, but each goes in a direction that one sample alone wants: look how its **gradient norm** (the length of the gradient of all weights together) jumps. And it computes with one sample at a time, which uses no machine well. The mini-batch is the compromise that nearly everybody trains with.
#
# How large should a batch be, then? A step costs something by itself, whatever is in it. A larger batch divides that among more samples, and keeps more in memory until its gradients are there. (The picture also counts **momentum**: a running mean of the gradients, which many optimisers keep for each weight.) **Predict:** how many times as many samples a second come through with batches of 256, compared with batches of 1?

# %% tags=["demonstration"]
from datakit.experiments import batch_size

sizes = batch_size.batch_size(seconds=0.1)
show(batch_size.plot(sizes), alternative_text=batch_size.describe(sizes))

# %% tags=["demonstration"]
print(batch_size.explain(sizes))

# %% [markdown]
# (`batch_size.view()`, in a cell of your own, is the same with a slider and a locked prediction.) More samples a second is not yet learning faster: a larger batch makes fewer steps of an epoch. And whether the loader keeps up with it is another question, that of this lab.
#
# ### Where does `zero_grad` stand?
#
# `loss.backward()` **adds** to the gradients that are there. So somebody has to take away the old ones, before the next `backward`. Where? Here are five places, with the same network and the same batches. **Predict:** which of them learn, and does any raise an error?

# %% tags=["demonstration"]
placements = datakit.compare_zero_grad(
    small_network(),
    datakit.DataLoader(some, batch_size=16),
    nn.CrossEntropyLoss(),
    lambda parameters: torch.optim.SGD(parameters, lr=0.2),
    epochs=4,
)
pd.DataFrame(
    {
        "zero_grad": list(placements),
        "loss of the first epoch": [run.epoch_losses[0] for run in placements.values()],
        "loss of the last epoch": [run.epoch_losses[-1] for run in placements.values()],
        "longest gradient": [max(run.gradient_norms) for run in placements.values()],
    }
).round(3)

# %% [markdown]
# No place raises an error. "Before backward" and "after step" are alike; "after backward" throws the gradient away, and learns nothing. The last two step along what has piled up, so their steps grow longer and longer. At first that may even look quicker, as a higher learning rate would; look at the longest gradient to see where it leads.
#
# ### A loop that watches itself
#
# Two numbers for each step tell most of what one needs to know: the loss, and the gradient norm. A norm that jumps announces trouble before the loss does. **Clipping** is the usual seat belt: a gradient that is longer than `max_norm` is shortened to that length, **all weights' gradients by the same factor**, so that its direction stays. And one broken sample, such as a picture
# of `nan` (not a number), makes the loss `nan`; one step with it, and every weight of the model is `nan`, for ever.
#
# For two weights with the gradients 3 and 4, the norm is √(3² + 4²) = 5. Clipped to 1 they are 0.6 and 0.8.

# %%
weights = torch.zeros(2, requires_grad=True)
(weights @ torch.tensor([3.0, 4.0])).backward()
norm = torch.nn.utils.clip_grad_norm_([weights], max_norm=1.0)
print("norm before:", norm.item(), "gradient after:", weights.grad)

# %% [markdown]
# ## Exercise 6 · One epoch, watched
# ★★★ · 25 minutes · 5 points
#
# Write `train_epoch(model, batches, loss_fn, optimizer, max_norm)`. It trains for one epoch, one step for each batch `(x, y)`, and returns a list with one row for each batch: `(loss, norm, what)`.
#
# - Put the model into training mode first: `model.train()`.
# - The loss is `loss_fn(model(x), y)`. Gradients of earlier batches, or from before the call, must not count.
# - `norm` is the length of the gradient of **all** parameters together, **before** clipping.
# - Where it is above `max_norm`, all gradients are shortened by the same factor, so that the norm is `max_norm`. Then the optimiser makes its step. `what` is `"clipped"`, or else `"stepped"`.
# - If the loss or the norm isn't finite (`nan` or infinite), the batch is left out: **no** step, the weights stay as they are. `what` is `"skipped"`, and the two numbers stand in the row as they were. (So `backward` is called for such a batch, too: its norm is asked for.)
# - Loss and norm are Python numbers, not tensors. (A tensor would keep the whole step in memory.)
#
# PyTorch's `clip_grad_norm_`, as above, may be used. It returns the norm, but beware: with a `nan` norm it makes every gradient `nan`.
#
# <details><summary>Hint 1</summary>The order of a step: forget old gradients, forward, loss, backward, norm, then decide: leave out, clip, or neither; and step.</details>
# <details><summary>Hint 2</summary><code>math.isfinite(number)</code> asks for both at once. <code>loss.item()</code> makes a Python number of a tensor with one value. All gradients as one vector: <code>torch.cat([p.grad.flatten() for p in model.parameters()])</code>; its <code>.norm()</code> is the length.</details>
# <details><summary>Hint 3</summary><code>optimizer.zero_grad()</code> at the beginning of each step does both: it forgets the earlier batches, and what was there before the call, and what a batch that was left out has made. To shorten by hand: <code>p.grad.mul_(max_norm / norm)</code> for each parameter.</details>


# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_epoch(model, batches, loss_fn, optimizer, max_norm):
    """Train for one epoch; return (loss, gradient norm, what was done) for each batch."""
    ### BEGIN SOLUTION
    rows = []
    model.train()
    for x, y in batches:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm().item()
        if not (math.isfinite(loss.item()) and math.isfinite(norm)):
            rows.append((loss.item(), norm, "skipped"))
            continue
        if norm > max_norm:
            for p in model.parameters():
                p.grad.mul_(max_norm / norm)
        optimizer.step()
        rows.append((loss.item(), norm, "clipped" if norm > max_norm else "stepped"))
    return rows
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "train-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 6"):
    ex6_state = {"weight": torch.tensor([[0.5, -1.0]]), "bias": torch.tensor([0.25])}
    ex6_loss = torch.nn.functional.mse_loss

    def ex6_model():
        model = check.beside(torch.nn.Linear, 2, 1)
        model.load_state_dict({name: value.clone() for name, value in ex6_state.items()})
        return model, check.beside(torch.optim.SGD, model.parameters(), lr=0.1)

    def ex6_reference(batches, max_norm, forgets=True, skips=True, by_parameter=False):
        # Plain PyTorch, with the mistakes that learners make on request.
        model = torch.nn.Linear(2, 1)
        model.load_state_dict({name: value.clone() for name, value in ex6_state.items()})
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        rows = []
        for x, y in batches:
            if forgets:
                optimizer.zero_grad()
            loss = ex6_loss(model(x), y)
            loss.backward()
            norm = math.sqrt(sum(float((p.grad**2).sum()) for p in model.parameters()))
            if skips and not (math.isfinite(loss.item()) and math.isfinite(norm)):
                rows.append((loss.item(), norm, "skipped"))
                continue
            groups = [[p] for p in model.parameters()] if by_parameter else []
            for group in groups or [list(model.parameters())]:
                torch.nn.utils.clip_grad_norm_(group, max_norm)
            optimizer.step()
            rows.append((loss.item(), norm, "clipped" if norm > max_norm else "stepped"))
        return rows, {name: value.detach() for name, value in model.state_dict().items()}

    def ex6_weights(model):
        return {
            name: torch.as_tensor(value).detach()
            for name, value in model.state_dict().items()
        }

    ex6_x = torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0], [1.0, 3.0]])
    ex6_batches = [
        (ex6_x[:2], torch.tensor([[1.0], [1.0]])),
        (ex6_x[2:], torch.zeros(2, 1)),
    ]
    ex6_net, ex6_sgd = ex6_model()
    ex6_net.eval()
    ex6_rows = check.runs(
        lambda: train_epoch(ex6_net, ex6_batches, ex6_loss, ex6_sgd, 100.0),
        "train_epoch over two batches",
        mistakes=[
            check.mistake(
                "backward-twice",
                "backward was called twice for the same loss. Once is enough.",
                when=lambda error: "second time" in str(error),
            ),
            check.mistake(
                "tensor-to-float",
                "A gradient or a loss was asked for what only a number has. loss.item() makes a number.",
                when=lambda error: "requires grad" in str(error),
            ),
        ],
    )
    ex6_right, ex6_after = ex6_reference(ex6_batches, 100.0)
    check.equal(len(ex6_rows), 2, "the number of rows for two batches")
    check.equal(
        [type(part).__name__ for part in ex6_rows[0]],
        ["float", "float", "str"],
        "the types in a row",
        mistakes=[
            check.mistake(
                "tensor-kept",
                "Tensors came in place of numbers. A loss tensor keeps the whole step in memory, and a list of them all steps. Use .item().",
                when=lambda types: "Tensor" in types,
            )
        ],
    )
    check.equal(
        [row[0] for row in ex6_rows],
        [row[0] for row in ex6_right],
        "the losses of two batches, max_norm=100",
        mistakes=[
            check.mistake(
                "norm-of-nothing",
                "The norms are 0, and the model has not learned. The gradients were forgotten between backward and the step.",
                when=lambda _: max(row[1] for row in ex6_rows) == 0,
            ),
            check.mistake(
                "always-scaled",
                "The second loss is huge: a gradient that is shorter than max_norm was stretched to it. Shorten only what is longer.",
                when=lambda losses: losses[1] > 100,
            ),
            check.mistake(
                "no-step",
                "The second loss is that of a model that has learned nothing. Does the optimiser step, and are there gradients when it does?",
                when=lambda losses: math.isclose(
                    losses[1],
                    float(
                        ex6_loss(
                            ex6_batches[1][0] @ ex6_state["weight"].T + ex6_state["bias"],
                            ex6_batches[1][1],
                        )
                    ),
                    rel_tol=1e-4,
                ),
            ),
        ],
    )
    check.equal(
        [row[1] for row in ex6_rows],
        [row[1] for row in ex6_right],
        "the gradient norms of two batches, max_norm=100",
        mistakes=[
            check.mistake(
                "gradients-pile-up",
                "The second norm belongs to the sum of both batches' gradients: backward adds. Forget the old ones before each backward.",
                value=[
                    row[1] for row in ex6_reference(ex6_batches, 100.0, forgets=False)[0]
                ],
            ),
            check.mistake(
                "norm-in-parts",
                "This is not the length of one vector of all gradients. Square all gradients, add them up, take the root once.",
            ),
        ],
    )
    check.equal(
        [row[2] for row in ex6_rows], ["stepped", "stepped"], "what was done, max_norm=100"
    )
    check.equal(
        ex6_weights(ex6_net),
        ex6_after,
        "the weights after two batches, max_norm=100",
        mistakes=[
            check.mistake(
                "no-step",
                "The weights are those from before. Does the optimiser step, and are there gradients when it does?",
                value=ex6_state,
            ),
        ],
    )
    check.equal(
        bool(ex6_net.training),
        True,
        "is the model in training mode?",
        mistakes=[
            check.mistake(
                "eval-mode",
                "The model came in evaluation mode, and stayed there: dropout and the like would be off. Call model.train() first.",
            )
        ],
    )
    ex6_net, ex6_sgd = ex6_model()
    # Leaves gradients in the model, and its weights as they are.
    check.beside(
        datakit.train_with_zero_grad,
        "before backward",
        ex6_net,
        [(ex6_x, torch.full((4, 1), 9.0))],
        ex6_loss,
        check.beside(torch.optim.SGD, ex6_net.parameters(), lr=0.0),
    )
    ex6_rows = train_epoch(ex6_net, ex6_batches[:1], ex6_loss, ex6_sgd, 0.5)
    ex6_right, ex6_after = ex6_reference(ex6_batches[:1], 0.5)
    check.equal(
        [row[1] for row in ex6_rows],
        [row[1] for row in ex6_right],
        "the gradient norm of one batch, max_norm=0.5",
        mistakes=[
            check.mistake(
                "norm-after-clipping",
                "These are norms after clipping. The norm before it tells how the training goes.",
                when=lambda norms: max(norms) < 0.51,
            ),
            check.mistake(
                "stale-gradients",
                "Gradients that were there before the call have counted. Forget the old ones at the beginning of each step.",
            ),
        ],
    )
    check.equal([row[2] for row in ex6_rows], ["clipped"], "what was done, max_norm=0.5")
    check.equal(
        ex6_weights(ex6_net),
        ex6_after,
        "the weights after one batch, max_norm=0.5",
        mistakes=[
            check.mistake(
                "clipped-apart",
                "Each parameter was clipped by itself: then the direction is another one. One norm of all, one factor for all.",
                value=ex6_reference(ex6_batches[:1], 0.5, by_parameter=True)[1],
            ),
            check.mistake(
                "not-clipped",
                "The step was made with the long gradient. Clip before optimizer.step().",
                value=ex6_reference(ex6_batches[:1], 100.0)[1],
            ),
            check.mistake(
                "clipped-by-value",
                "The direction of the gradient has changed. Multiply all gradients by the same factor, max_norm ÷ norm; cutting each value off is something else.",
            ),
        ],
    )
    ex6_broken = [ex6_batches[0], (ex6_x[:2] * math.nan, torch.ones(2, 1)), ex6_batches[1]]
    ex6_net, ex6_sgd = ex6_model()
    ex6_rows = train_epoch(ex6_net, ex6_broken, ex6_loss, ex6_sgd, 100.0)
    ex6_right, ex6_after = ex6_reference(ex6_broken, 100.0)
    check.equal(
        [row[2] for row in ex6_rows],
        ["stepped", "skipped", "stepped"],
        "what was done with three batches, the second one nan",
        mistakes=[
            check.mistake(
                "nan-compared",
                "A batch of nan counted as fine. Every comparison with nan is false, `loss > 1e9` and `loss == nan` as well: ask math.isfinite.",
                when=lambda done: list(done)[1:2] != ["skipped"],
            ),
            check.mistake(
                "nan-spreads",
                "The batch behind the broken one was skipped, too: the model is nan since then, or old gradients are. Leave out the step, and forget the gradients before the next one.",
                value=["stepped", "skipped", "skipped"],
            ),
        ],
    )
    check.equal(
        [list(row[:2]) for row in ex6_rows],
        [list(row[:2]) for row in ex6_right],
        "loss and norm of three batches, the second one nan",
    )
    check.equal(
        ex6_weights(ex6_net),
        ex6_after,
        "the weights after three batches, the second one nan",
        mistakes=[
            check.mistake(
                "nan-spreads",
                "The weights are nan: there was a step with the broken batch.",
                when=lambda state: bool(torch.isnan(state["weight"]).any()),
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "train-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: larger models, momentum, classes, infinite gradients, several epochs.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 6, hidden tests"):
    ex6_rng = check.rng("train")

    def ex6_build(beside, state, momentum):
        layers = [
            beside(torch.nn.Linear, 4, 6),
            beside(torch.nn.Tanh),
            beside(torch.nn.Linear, 6, 3),
        ]
        model = beside(torch.nn.Sequential, *layers)
        model.load_state_dict({name: value.clone() for name, value in state.items()})
        optimizer = beside(torch.optim.SGD, model.parameters(), lr=0.2, momentum=momentum)
        return model, optimizer

    def ex6_here(function, *arguments, **options):
        return function(*arguments, **options)

    def ex6_reference(model, batches, loss_fn, optimizer, max_norm):
        rows = []
        for x, y in batches:
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            norm = math.sqrt(sum(float((p.grad**2).sum()) for p in model.parameters()))
            if not (math.isfinite(loss.item()) and math.isfinite(norm)):
                rows.append([loss.item(), norm, "skipped"])
                continue
            if norm > max_norm:
                for p in model.parameters():
                    p.grad *= max_norm / norm
            optimizer.step()
            rows.append([loss.item(), norm, "clipped" if norm > max_norm else "stepped"])
        return rows

    def ex6_tensor(*shape):
        return torch.from_numpy(ex6_rng.normal(size=shape)).float()

    for ex6_momentum in (0.0, 0.9):
        ex6_state = {
            "0.weight": ex6_tensor(6, 4),
            "0.bias": ex6_tensor(6),
            "2.weight": ex6_tensor(3, 6),
            "2.bias": ex6_tensor(3),
        }
        ex6_batches = [
            (ex6_tensor(size, 4), torch.from_numpy(ex6_rng.integers(0, 3, size)))
            for size in (5, 8, 8, 3, 8)
        ]
        ex6_bad = int(ex6_rng.integers(1, 4))
        ex6_value = [math.nan, math.inf][int(ex6_momentum > 0)]
        ex6_batches[ex6_bad][0][0, 0] = math.nan
        # Infinite numbers in the target of a squared error make the loss itself infinite.
        for ex6_fn in (torch.nn.functional.cross_entropy, torch.nn.functional.mse_loss):
            ex6_given = ex6_batches
            if ex6_fn is torch.nn.functional.mse_loss:
                ex6_given = [(x, ex6_tensor(len(x), 3)) for x, _ in ex6_batches]
                ex6_given[0][1][0, 0] = ex6_value
            ex6_mine = ex6_build(ex6_here, ex6_state, ex6_momentum)
            ex6_net, ex6_sgd = ex6_build(check.beside, ex6_state, ex6_momentum)
            for ex6_epoch in (1, 2):
                ex6_limit = 0.8 if ex6_epoch == 1 else 50.0
                ex6_right = ex6_reference(
                    ex6_mine[0], ex6_given, ex6_fn, ex6_mine[1], ex6_limit
                )
                ex6_rows = train_epoch(ex6_net, ex6_given, ex6_fn, ex6_sgd, ex6_limit)
                check.equal(
                    [row[2] for row in ex6_rows],
                    [row[2] for row in ex6_right],
                    f"what was done in epoch {ex6_epoch}",
                )
                for ex6_k, ex6_name in enumerate(("losses", "norms")):
                    check.close(
                        torch.tensor([float(row[ex6_k]) for row in ex6_rows]),
                        torch.tensor([row[ex6_k] for row in ex6_right]),
                        f"the {ex6_name} of epoch {ex6_epoch}",
                        within=1e-3,
                    )
                ex6_after = ex6_mine[0].state_dict()
                ex6_found = ex6_net.state_dict()
                for ex6_name in ex6_state:
                    check.close(
                        torch.as_tensor(ex6_found[ex6_name]).detach(),
                        ex6_after[ex6_name].detach(),
                        f"the weights {ex6_name} after epoch {ex6_epoch}",
                        within=1e-3,
                    )
### END HIDDEN TESTS

# %% [markdown]
# ### The finished piece
#
# `datakit.fit` is such a loop. It keeps a history, clips, calls a **scheduler** after each epoch (one that lowers the learning rate where the loss has stopped falling: a *plateau*), and can draw while it goes on. You will see it in a moment.
#
# ---
# ## 8 · From data-starved to compute-bound
#
# Back to the run of part 1. A repair goes in four steps, and none of them is "buy something":
#
# 1. **Measure**: `profile` said that the model waits for data.
# 2. **Find the cause.** What is done for a batch, and how much of it is needed?
# 3. **Repair one thing.**
# 4. **Measure again.** What is the limit now?
#
# What is the cause? Count, don't guess. How often was the archive read for one batch of 64 pictures?

# %% tags=["demonstration"]
archive = Archive(digits_file)
batch = next(iter(DataLoader(FromArchive(archive), batch_size=64, sampler=train_rows)))
whole = sum(part.nbytes for part in archive.read())
print(f"read {archive.times_read - 1} times for {len(batch[0])} pictures.")
print(f"{64 * whole:,} bytes were unpacked, to use {64 * 64:,}.")

# %% [markdown]
# ### Your turn
#
# This cell is the run as it was, with a loader around it. **Change it until the next cell says that the wait is below 10 %**, one thing at a time, and run both cells after each change. What the loader gives must stay the same: batches of 64, in the order of `rows`, the same pictures. No points are given for it; you will see what it brings.
#
# <details><summary>Idea 1</summary>Read the archive once, in <code>__init__</code>, and keep the arrays.</details>
# <details><summary>Idea 2</summary>Prepare a whole batch at once. <code>DataLoader(dataset, batch_size=None, sampler=BatchSampler(rows, 64, drop_last=False))</code> hands a list of 64 indices to <code>__getitem__</code>, and takes what comes back as the batch. <code>torch.from_numpy(images[indices])[:, None]</code> is uint8 [64, 1, 8, 8], and <code>prepare_batch</code> prepares it.</details>
# <details><summary>Idea 3</summary>Load beside the loop: <code>datakit.PrefetchLoader(loader, "cpu")</code>.</details>


# %% tags=["demonstration"]
prepare_batch = v2.Compose(
    [v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.3], [0.35])]
)


class MyDigits(Dataset):
    """Change me."""

    def __init__(self, archive):
        self.archive = archive

    def __len__(self):
        return 1797

    def __getitem__(self, index):
        images, labels = self.archive.read()
        return prepare(images[index]), int(labels[index])


def my_loader(archive, rows):
    return DataLoader(MyDigits(archive), batch_size=64, sampler=rows)


# %% tags=["demonstration"]
def judged(make_loader, steps=8):
    """Measure a loader, count how often the archive is read, and hold its batches against the first run's."""
    archive = Archive(digits_file)
    report = measured_steps(make_loader(archive, train_rows), steps)
    first = FromArchive(Archive(digits_file))
    images, labels = next(iter(make_loader(Archive(digits_file), train_rows)))
    check.close(
        images, torch.stack([first[row][0] for row in train_rows[:64]]), "pictures", 1e-5
    )
    check.equal(labels, torch.tensor(digits.target[train_rows[:64]]), "labels")
    return {
        "waits for data": f"{report.waiting:.1%}",
        "ms a step": round(1000 * report.step_seconds, 2),
        "archive read": archive.times_read,
        "verdict": report.verdict,
    }


mine = judged(my_loader)
print(mine)
print("Below 10 %?", float(mine["waits for data"].rstrip("%")) < 10)

# %% [markdown]
# ### One way to do it
#
# Three repairs, one after the other. **Predict** for each: how far does the wait fall, and what limits then?


# %% tags=["demonstration"]
class ReadOnce(FromArchive):
    """First repair: the archive is read when the dataset is made; 115 kB may stay in memory."""

    def __init__(self, archive):
        self.images, self.labels = archive.read()

    def __getitem__(self, index):
        return prepare(self.images[index]), int(self.labels[index])


class WholeBatches(ReadOnce):
    """Second repair: a list of indices comes, a whole batch goes, prepared at once."""

    def __getitem__(self, indices):
        images = torch.from_numpy(self.images[indices])[:, None]
        return prepare_batch(images), torch.from_numpy(self.labels[indices])


def by_batches(archive, rows):
    return DataLoader(
        WholeBatches(archive), batch_size=None, sampler=BatchSampler(rows, 64, False)
    )


ways = {
    "as it was": lambda archive, rows: DataLoader(
        FromArchive(archive), batch_size=64, sampler=rows
    ),
    "read once": lambda archive, rows: DataLoader(
        ReadOnce(archive), batch_size=64, sampler=rows
    ),
    "whole batches": by_batches,
    "beside the loop": lambda archive, rows: datakit.PrefetchLoader(
        by_batches(archive, rows), "cpu"
    ),
}
repairs = pd.DataFrame([{"repair": name, **judged(make)} for name, make in ways.items()])
repairs

# %% [markdown]
# The batches are the same in all four, and so is the model. The first repair removes the work that nobody needed. The second removes what was needed, but 64 times as often as necessary. What is left is little, and the third can only hide that; where all cores are busy, it may even make it worse, since a helper needs a core as well. Which of them mattered most on *your* machine? And what would have happened if somebody had begun with four workers, on a machine with two cores: each of them would have unpacked the archive 64 times a batch.
#
# When the wait is below 10 %, the loader is not the place to go on. The model is the limit now: **compute-bound**. That is where a quicker GPU helps.
#
# ### And does it learn?
#
# Now the whole training with the repaired data, watched: mini-batches of 32, momentum, clipping at 2, a scheduler that lowers the learning rate where an epoch brings the loss down by less than a fifth, a plot that is drawn anew after each epoch. Then 360 digits that it has never seen. **Predict:** how many of 100 does it read right?

# %% tags=["demonstration"]
repaired = WholeBatches(Archive(digits_file))
images, labels = repaired[list(range(1797))]
train_set = datakit.TensorDataset(images[train_rows], labels[train_rows])
test_set = datakit.TensorDataset(images[test_rows], labels[test_rows])
loader = datakit.PrefetchLoader(
    datakit.DataLoader(train_set, batch_size=32, shuffle=True, seed=0), "cpu"
)
model = network()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
begin = time.perf_counter()
history = datakit.fit(
    model,
    loader,
    nn.CrossEntropyLoss(),
    optimizer,
    epochs=6,
    max_norm=2.0,
    scheduler=torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.3, patience=0, threshold=0.2
    ),
    on_epoch=datakit.LivePlot(),
)
seconds = time.perf_counter() - begin
right = datakit.accuracy(model, datakit.DataLoader(test_set, batch_size=256))
print(f"{right:.1%} of {len(test_set)} new digits are read right, after {seconds:.0f} s.")

# %% [markdown]
# In the picture, losses and norms stand on a scale on which each mark is ten times the one below. The gradient norm is longest in the first epochs, and there the clipping at 2 is at work. And look where the learning rate falls: what did the loss do in the epoch before?
#
# ---
# ## Two questions to think about
#
# A person reads these answers. Three to six sentences each are enough.
#
# **Question 1** (2 points). A team trains on photographs from a network drive. A worker needs 120 ms to read a batch and 80 ms to decode it; copying takes 10 ms, computing 50 ms. They have 2 workers, and want to buy a GPU that is twice as fast. What does a step take now, at best, and with the new GPU? What would you do instead, and what would a step take then? Use the bound, and say how you would check your answer.

# %% [markdown] nbgrader={"grade": true, "grade_id": "reflect-bound", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# A worker needs 200 ms for a batch, two of them deliver one each 100 ms; the GPU needs 50 ms. So a step takes 100 ms at best, half of it waiting, and with the new GPU it takes 100 ms as well: the workers are the limit. With 4 workers it would be 50 ms, if there are cores for decoding (4 × 80 of 200 ms, so
# about 1.6 cores all the time); reading needs no core, only a drive that can serve four at once. Or I would cache the decoded photographs: then 120 + 80 ms become a few. I would run `profile` before and after: the wait must fall below 10 %, else something else is the limit.
#
# *Marking: 1 point for the bound: 100 ms now and 100 ms with the new GPU, because the workers limit. 1 point for a repair of that stage with its new bound (such as 50 ms with 4 workers, or less loading) and a measurement that would show it. "More workers" without a number gets half.*

# %% [markdown]
# **Question 2** (2 points). A colleague adds `batch = batch.pin_memory().to("cuda")` to the training loop, since "pinned memory is faster". The step becomes slower. Explain why, say where pinning belongs, and name a case in which it brings nothing at all.

# %% [markdown] nbgrader={"grade": true, "grade_id": "reflect-pinned", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# Pinning is a copy, too, into memory that has to be got from the system each time, and here the loop does it and waits for it; then it also waits for the copy to the GPU, as `non_blocking=True` is missing. Pinning belongs to somebody beside the loop: `DataLoader(pin_memory=True)` does it in a thread of its own, or a prefetcher uses the same pinned memory again and again; then
# `.to("cuda", non_blocking=True)` returns at once, and the copy of the next batch runs while the model computes. It brings nothing without a GPU, and next to nothing where the run is compute-bound, or where loading is the limit: then copying was not what the step waited for.
#
# *Marking: 1 point for the reason: pinning is a copy (and an allocation) in the loop, which the loop waits for. 1 point for the place (loader's thread, or reused pinned memory, with a copy that is not waited for) and a case without gain (no GPU, or copying isn't the limit). Half for one of the two.*

# %% [markdown]
# ---
# ## What you take with you
#
# - [ ] Measure first: how much of a step waits for data? Below 10 %, the loader is fine.
# - [ ] In a trace, ask at each moment whether the GPU computes. Adding up bars says nothing.
# - [ ] The best step is that of the slowest *who*. What a repair of another stage brings is nothing.
# - [ ] With `num_workers=0`, the loop loads. With more, count cores: decoding needs them, waiting for a disk doesn't.
# - [ ] Pinned memory helps on the way to a GPU, if somebody beside the loop pins. In the loop it is one more copy.
# - [ ] A prefetcher keeps order, loses nothing, and hands on errors in their place.
# - [ ] A step forgets old gradients first. Watch loss and gradient norm; clip all gradients by one factor; leave out what isn't finite.
# - [ ] Count what is done for a batch, and remove what nobody needs, before you add workers.
#
# **Where this is used.** PyTorch's profiler, TensorBoard and NVIDIA's Nsight Systems draw such traces, and people read them with the question of exercise 2. Prefetchers that copy one batch ahead are part of NVIDIA's DALI and Apex, of timm and of FFCV. Training loops of large language models skip steps with broken gradients, and clip, as exercise 6 does; mixed-precision training relies on it.
#
# **Next:** lab 08 reads streams, on many machines at once, without losing or repeating a sample.
#
# Where do you stand? Save the notebook and run the next cell: it shows which exercises pass in each lab, and what is next.

# %% tags=["demonstration"]
datakit.progress()

# %% [markdown]
# Before you hand in, press **Validate** above: it runs this notebook from the top, in a fresh kernel, and tells you which
# checks fail.
