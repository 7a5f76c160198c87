# ---
# jupyter:
#   datakit:
#     minutes: 120
#     stage: batch
#     title: Workers, caches, memory
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
# # Lab 06 · Workers, caches, memory
#
# **2 hours · 25 points from checks, 4 for two short texts**
#
# ![The way of a batch: storage, sample, batch, device, step. This lab stands where batches are made.](way.svg)
#
# A loader can have helpers that fetch samples side by side: **workers**. It is often said that more workers are faster. You will measure when that
# is true. And you will see what workers cost: they take cores and memory, they don't hear what you tell the dataset later, and what they remember
# is often lost.
#
# After this lab you can
#
# - make a dataset that can be sent to another process,
# - say how many workers a machine can use, with its limits taken into account,
# - write a cache that has a bound, and say when it helps,
# - tell workers which epoch it is, also those that live on from epoch to epoch,
# - store data so that workers share it instead of copying it,
# - choose a loader's settings from a table of measurements.
#
# You need Python functions, classes and dicts, and the shape and dtype of a tensor. Labs 01 and 04 help, but are not needed.
# You need no GPU, no network and no experience in training.

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
# Two rules for all of them. Where a task asks for a list, a tuple serves, too. And no check looks at the clock: times are for the
# experiments, and for you.
#
# The next cell takes some seconds: PyTorch is large.

# %%
import math
import os
import pickle
import statistics
import tempfile
import threading
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, DistributedSampler, RandomSampler

import datakit
from datakit import check
from datakit.experiments.augmentation_naive import nudge
from datakit.experiments.loading import start_method
from datakit.experiments.memory import count_objects
from datakit.experiments.pictures import show

# %% [markdown]
# ---
# ## 1 · What a worker is
#
# A worker is a **process**: a running program with memory of its own. So it has its own copy of your dataset. There are two
# ways to start one.
#
# | way | the worker begins as | what it costs |
# |---|---|---|
# | **fork** (Linux) | a copy of the process that starts it, made at this moment | milliseconds |
# | **spawn** (Windows, macOS) | an empty Python, which imports the modules it needs, and is sent the dataset | seconds |
#
# (Workers can also be **threads**: strands of this process, which share its memory. datakit's loader takes these, too; PyTorch's takes processes only. In this lab workers are processes, unless it says otherwise.)

# %%
context = start_method("process")  # "fork" on Linux; elsewhere None: the system's own way
print("In this lab, workers start by", context or "the system's own way.")

# %% [markdown]
# To send an object, Python writes it down as bytes, and the other process makes the same object of them. That is to **pickle** it. A class
# is not written down: the bytes only name it, and its module. So what goes to workers should lie in a module. A notebook can write one, with `%%writefile`.

# %% tags=["demonstration"]
# %%writefile lab06_workers.py
"""Datasets for worker processes. They lie in a module, so that any process can import them."""

import psutil
from torch.utils.data import Dataset


class Told(Dataset):
    """Sample i is a pair: what this copy of the dataset was asked for, and which epoch it believes in."""

    def __init__(self, n):
        self.n, self.epoch = n, 0

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        return index, self.epoch


class Hears(Told):
    """The same, with a method that tells it the epoch."""

    def set_epoch(self, epoch):
        self.epoch = epoch


class Logged(Dataset):
    """Sample i is i, as often as you ask; each time costs a letter in a file."""

    def __init__(self, n, log):
        self.n, self.log = n, log

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        with open(self.log, "a") as file:
            file.write("x")
        return index


class Looks(Dataset):
    """Sample i: look at the i-th tenth of the texts; then, how many MiB has this process for itself?"""

    def __init__(self, texts):
        self.texts = texts

    def __len__(self):
        return 10

    def __getitem__(self, index):
        tenth = len(self.texts) // 10
        for k in range(index * tenth, (index + 1) * tenth):
            len(self.texts[k])
        return round(psutil.Process().memory_full_info().uss / 2**20)


# %% tags=["demonstration"]
import lab06_workers

print("Written and imported:", Path(lab06_workers.__file__).name)

# %% [markdown]
# ### The first failure: a dataset that can't be sent
#
# This dataset keeps its file open, so that it need not open it for each sample. **Predict:** what happens when it is pickled?


# %%
class Diary:
    def __init__(self, path):
        self.file = open(path)


folder = Path("lab-data")
folder.mkdir(exist_ok=True)
(folder / "diary.txt").write_text("It rained.\n")
diary = Diary(folder / "diary.txt")

# %% tags=["raises-exception"]
pickle.dumps(diary)

# %% [markdown]
# An open file belongs to its process. Bytes can't carry it. The same is true of locks, of connections to databases, and of functions without a
# name (`lambda`). With fork you see no error, which is worse: all workers share one open file **and its place in it**. One of them jumps to its line,
# another one jumps elsewhere, and the first reads what it never asked for.
#
# ### The second failure: a switch that nobody hears
#
# `Told` (see the module above) answers with a pair: what it was asked for, and the epoch that it believes in. We tell it the epoch
# before each one. `persistent_workers=True` keeps the worker alive from epoch to epoch, since starting it costs time. **Predict:** which epoch
# does the worker believe in, in the second round?

# %% tags=["demonstration"]
told = lab06_workers.Told(3)
loader = DataLoader(
    told,
    batch_size=None,  # single samples, no batches
    num_workers=1,
    persistent_workers=True,
    multiprocessing_context=context,
)
for epoch in (0, 1):
    told.epoch = epoch
    print(f"epoch {epoch}: in this process {told.epoch}, in the worker", list(loader))
del loader

# %% [markdown]
# The worker has a copy, made when it started. What you change in the dataset later, it never learns. No error tells you.
#
# ### The third failure: a cache that forgets
#
# A **cache** keeps what was computed, so that it need not be computed again. `Logged` writes a letter into a file each time
# it has to work. **Predict:** ten samples, three epochs, a cache with room for all of them. How often is a sample computed?


# %% tags=["demonstration"]
def computed(workers):
    """How often samples are computed in three epochs, and what the cache's counter of hits says."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        dataset = datakit.CachedDataset(
            lab06_workers.Logged(10, log), datakit.RAMCache(max_bytes=10_000)
        )
        loader = DataLoader(
            dataset,
            num_workers=workers,
            multiprocessing_context=context if workers else None,
        )
        for _ in range(3):
            list(loader)
        return f"{len(log.read_text())} times computed, the counter of hits says {dataset.cache.hits}"


print("no worker:", computed(workers=0))
print("1 worker: ", computed(workers=1))

# %% [markdown]
# Without workers, each sample is computed once (and three more times, because `CachedDataset` looks three times whether its cache tells the truth).
# With a worker, each sample is computed in each epoch: the worker ends with the epoch, and its memory with it. And the counter in this process
# stays at 0, because it is another copy's counter. The cache helps nobody, and nothing tells you.

# %% [markdown]
# ---
# ## 2 · What travels, and what is made anew
#
# A class can say what travels. Two methods do it:
#
# | method | called | gives |
# |---|---|---|
# | `__getstate__(self)` | when the object is written down | what travels, usually a dict |
# | `__setstate__(self, state)` | on the new object, in the other process; `__init__` is **not** called there | nothing: it sets the attributes |
#
# ### A worked example
#
# `Tally` counts how often each word was added. A lock makes sure that two threads don't add at the same moment. A lock can't travel, and need not: the copy gets one of its own.


# %%
class Tally:
    def __init__(self):
        self.counts, self.lock = {}, threading.Lock()

    def add(self, word):
        with self.lock:
            self.counts[word] = self.counts.get(word, 0) + 1

    def __getstate__(self):
        state = self.__dict__.copy()  # a copy: what we take out here stays in the object
        del state["lock"]
        return state

    def __setstate__(self, state):
        self.__dict__.update(state)
        self.lock = threading.Lock()


tally = Tally()
tally.add("rain")
sent = pickle.dumps(tally)  # what would go to another process
twin = pickle.loads(sent)  # what that process makes of it
twin.add("rain")
check.equal(twin.counts, {"rain": 2}, "the twin's counts")
check.equal(tally.counts, {"rain": 1}, "the first one's counts")
print(f"Each counts for itself. {len(sent)} bytes were sent.")

# %% [markdown]
# (`self.__dict__` is the dict of an object's attributes.)
#
# `check.equal` holds what arrived against what was expected. It says nothing when all is well. Watch what it says otherwise.
# **Read the message**: you will meet this form again.

# %% tags=["raises-exception"]
check.equal(twin.counts, tally.counts, "the twin's counts")

# %% [markdown]
# ## Exercise 1 · A dataset that can travel
# ★★☆ · 20 minutes · 4 points
#
# `Lines` gives the lines of a text file. It keeps the file open, remembers lines that it has read, and a lock guards both. Write `__getstate__` and `__setstate__`, so that
# a pickled copy
#
# - gives the same lines, from **its own** open file, with its own lock and its own memory of lines (`kept`), which begins empty,
# - is small: neither the file's content nor the lines in `kept` travel,
# - has the lines that the sender has: `starts` travels, and is **not** looked up again (meanwhile somebody may have added lines to the file),
# - can be pickled itself.
#
# The dataset that is pickled goes on as before.
#
# <details><summary>Hint 1</summary>Which of the five attributes can be written down as bytes? Which of these should be? The others are made anew: when, and by which method?</details>
# <details><summary>Hint 2</summary>In <code>__getstate__</code>, make a dict with <code>path</code> and <code>starts</code> only. <code>self.__dict__</code> itself must not lose anything.</details>
# <details><summary>Hint 3</summary><code>__setstate__</code> does the rest of what <code>__init__</code> does: <code>self.file = open(self.path, "rb")</code>, a new <code>threading.Lock()</code>, an empty dict. Don't call <code>__init__</code>: it would look for the lines' starts again.</details>


# %% nbgrader={"grade": false, "grade_id": "lines", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Lines:
    """The lines of a text file, without their ends. Each line ends with a line break."""

    def __init__(self, path):
        content = Path(path).read_bytes()
        self.path = path
        # The places where lines begin: 0, and behind each line break (byte 10) but the last.
        breaks = [k for k, byte in enumerate(content) if byte == 10]
        self.starts = [0, *(k + 1 for k in breaks[:-1])]
        self.file = open(path, "rb")
        self.lock = threading.Lock()
        self.kept = {}

    def __len__(self):
        return len(self.starts)

    def __getitem__(self, index):
        with self.lock:
            if index not in self.kept:
                self.file.seek(self.starts[index])
                self.kept[index] = self.file.readline().decode().rstrip("\n")
            return self.kept[index]

    def __getstate__(self):
        """What travels to another process."""
        ### BEGIN SOLUTION
        return {"path": self.path, "starts": self.starts}
        ### END SOLUTION

    def __setstate__(self, state):
        """Make a dataset of what has travelled; `__init__` is not called."""
        ### BEGIN SOLUTION
        self.__dict__.update(state)
        self.file = open(self.path, "rb")
        self.lock = threading.Lock()
        self.kept = {}
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "lines-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with (
    check.exercise("Exercise 1"),
    tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as lines_folder,
):
    lines_path = Path(lines_folder) / "says.txt"
    lines_path.write_bytes(b"".join(b"line %d says %d\n" % (k, 100 + k) for k in range(50)))
    lines = Lines(lines_path)
    check.equal([lines[k] for k in (3, 0)], ["line 3 says 103", "line 0 says 100"], "lines")
    sent = check.runs(
        lambda: check.beside(pickle.dumps, lines),
        "pickle.dumps(lines)",
        mistakes=[
            check.mistake(
                "file-travels",
                "The open file is among what travels. Leave it out in `__getstate__`, and open the file again in `__setstate__`.",
                when=lambda error: "BufferedReader" in str(error) or "TextIO" in str(error),
            ),
            check.mistake(
                "lock-travels",
                "The lock is among what travels. Leave it out in `__getstate__`, and make a new one in `__setstate__`.",
                when=lambda error: "lock" in str(error),
            ),
        ],
    )
    check.equal(
        check.runs(
            lambda: [lines[k] for k in (3, 7)],
            "lines[3] and lines[7] of the dataset that was pickled",
            mistakes=[
                check.mistake(
                    "closed",
                    "The file of the dataset that was pickled is closed now. Pickling must leave it as it was.",
                    when=lambda error: "closed" in str(error),
                ),
                check.mistake(
                    "sender-robbed",
                    "Pickling has taken something from the dataset itself: `self.__dict__` **is** its attributes. Work on a copy, or make a new dict.",
                ),
            ],
        ),
        ["line 3 says 103", "line 7 says 107"],
        "lines[3] and lines[7] of the dataset that was pickled",
    )
    twin = check.runs(
        lambda: check.beside(pickle.loads, sent),
        "pickle.loads of what was sent",
        mistakes=[
            check.mistake(
                "state-unknown",
                "`__setstate__` looks for something that `__getstate__` has not sent, or sets what it was not given.",
            )
        ],
    )
    check.equal(
        check.runs(
            lambda: len(twin),
            "the length of the copy",
            mistakes=[
                check.mistake(
                    "no-state",
                    "The copy doesn't know where lines start. Does `__getstate__` return something? Without a state, `__setstate__` is not called.",
                )
            ],
        ),
        50,
        "the length of the copy",
    )
    incomplete = [
        check.mistake(
            "file-not-opened",
            "The copy has no open file. `__init__` is not called for it: open the file in `__setstate__`.",
            when=lambda error: "file" in str(error) or "seek" in str(error),
        ),
        check.mistake(
            "half-made",
            "An attribute of the copy is missing, or is None. `__getitem__` uses all five: path, starts, file, lock and kept.",
        ),
    ]
    check.equal(
        check.runs(
            lambda: [twin[k] for k in (49, 3, 0)],
            "lines 49, 3 and 0 of the copy",
            incomplete,
        ),
        ["line 49 says 149", "line 3 says 103", "line 0 says 100"],
        "lines 49, 3 and 0 of the copy",
    )
    before = len(sent)
    for k in range(50):
        lines[k]
    later = len(check.beside(pickle.dumps, lines))
    check.equal(
        later - before < 40,
        True,
        f"{before} bytes travelled at first, {later} after all lines were read; are these about as few?",
        mistakes=[
            check.mistake(
                "kept-travels",
                "The lines that were read travel, too. The copy's `kept` begins empty: leave it out of what travels.",
            )
        ],
    )
    with lines_path.open("ab") as file:
        file.write(b"line 50 came later\n")
    check.equal(
        len(check.runs(lambda: check.beside(pickle.loads, sent), "the copy", incomplete)),
        50,
        "the length of a copy that is made after a line was added to the file",
        mistakes=[
            check.mistake(
                "looked-again",
                "The copy has looked for the lines anew, and has one more than the sender: index 50 exists here, and not there. Let `starts` travel.",
                value=51,
            )
        ],
    )
    long_path = Path(lines_folder) / "long.txt"
    long_path.write_bytes(b"".join(bytes([65 + k]) * 5000 + b"\n" for k in range(10)))
    lines_bytes = len(check.beside(pickle.dumps, Lines(long_path)))
    check.equal(
        lines_bytes < 2000,
        True,
        f"{lines_bytes} bytes travel for 10 lines of 5000 letters each; are these less than 2000?",
        mistakes=[
            check.mistake(
                "content-travels",
                "The file's content travels. The other process can read the file itself: its path is enough.",
            )
        ],
    )
    again = check.runs(
        lambda: check.beside(pickle.loads, check.beside(pickle.dumps, twin)),
        "a copy of the copy",
        mistakes=[
            check.mistake(
                "only-once",
                "The copy can't be pickled itself. After `__setstate__` it must have all that `__getstate__` needs.",
            )
        ],
    )
    check.equal(
        check.runs(lambda: again[8], "line 8 of a copy of the copy", incomplete),
        "line 8 says 108",
        "line 8 of a copy of the copy",
    )

# %% nbgrader={"grade": true, "grade_id": "lines-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other files, letters of several bytes, empty lines, copies that read in turn.
### BEGIN HIDDEN TESTS
with (
    check.exercise("Exercise 1, hidden tests"),
    tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as lines_folder,
):
    rng = check.rng("lines")
    for number in range(2):
        n = int(rng.integers(20, 40))
        texts = [
            "".join(rng.choice(list("aäß€ 🌧"), int(rng.integers(0, 30)))) for _ in range(n)
        ]
        lines_path = Path(lines_folder) / f"{number}.txt"
        lines_path.write_bytes("".join(text + "\n" for text in texts).encode())
        sender = Lines(lines_path)
        fresh = len(check.beside(pickle.dumps, sender))
        order = [int(k) for k in rng.permutation(n)]
        check.equal([sender[k] for k in order], [texts[k] for k in order], "the sender")
        sent = check.beside(pickle.dumps, sender)
        check.equal(len(sent) - fresh < 40, True, "do only few bytes travel?")
        with lines_path.open("ab") as file:
            file.write(b"later\n" * (1 + number))
        copies = [check.beside(pickle.loads, sent) for _ in range(2)]
        copies.append(check.beside(pickle.loads, check.beside(pickle.dumps, copies[0])))
        check.equal([len(one) for one in copies], [n] * 3, "the lengths of the copies")
        for k in order:
            check.equal(
                [one[k] for one in copies], [texts[k]] * 3, f"line {k} of the copies"
            )
        check.equal(sender[order[0]], texts[order[0]], "the sender, once more")
### END HIDDEN TESTS

# %% [markdown]
# ### The finished piece
#
# datakit's `IndexedDataset` reads such files, of any size. It holds a file name and where the lines begin, and opens the file in each process when it is first needed. So forked workers don't
# share a place in it, either.

# %%
diary_path = Path("lab-data/diary.txt")
diary_path.write_text("It rained.\nIt was dry.\nIt rained again.\n")
indexed = datakit.IndexedDataset(diary_path, format="lines")
sent = pickle.dumps(indexed)
check.equal(
    list(pickle.loads(sent)), list(indexed), "the lines of a pickled IndexedDataset"
)
print(f"The copy has the same lines. {len(sent)} bytes were sent.")

# %% [markdown]
# ---
# ## 3 · How many cores are there for us?
#
# A worker needs a **core**: one of the parts of a processor that compute side by side. So the number of cores says how many workers are worth trying. **Predict:** does this program
# have the whole machine for itself?

# %%
print("cores of the machine:      ", os.cpu_count())
print("cores that we may use:     ", datakit.usable_cores())

# %% [markdown]
# The two may be equal here. On a shared server they are not. Three limits are usual there, and `os.cpu_count()` sees none of them:
#
# - **Allowed cores.** A scheduler such as Slurm gives a job some of the cores.
# - **A CPU quota.** A container may compute for so many microseconds in each period of so many. On Linux a file says it, `cpu.max`. `150000 100000` means 150,000 µs
#   in each 100,000 µs: as much as one and a half cores. `max 100000` means: no limit. Groups lie within groups, and each may have a quota.
# - **Memory.** Each worker has its own copy of what it uses.
#
# A program that asks `os.cpu_count()` starts 64 workers in a container that may use two cores. They take turns, and each takes memory.
#
# ## Exercise 2 · The most workers worth trying
# ★☆☆ · 15 minutes · 4 points
#
# Write `most_workers(present, allowed, cpu_maxes, batches, free, each)`. It returns a whole number.
#
# | argument | is |
# |---|---|
# | `present` | how many cores the machine has |
# | `allowed` | the **set** of the numbers of the cores that we may run on, or `None` where the system can't say |
# | `cpu_maxes` | a list of the texts of the files `cpu.max`, one for each group that we are in; may be empty |
# | `batches` | how many batches an epoch has |
# | `free`, `each` | bytes of free memory; bytes that each worker needs |
#
# Three limits; the smallest of them is the answer.
#
# 1. *Cores*: the smallest of what `present`, `allowed` and each group say, **rounded up**. (Half a core still helps.)
# 2. *Batches*: a batch is made by one worker. More workers than batches have nothing to do.
# 3. *Memory*: all workers together may use at most **half** of the free memory. If not even one fits, the answer is 0.
#
# <details><summary>Hint 1</summary>Collect all numbers of cores in one list, and take its smallest. Which entries are always there, and which only sometimes?</details>
# <details><summary>Hint 2</summary>A text such as <code>"150000 100000\n"</code> is taken apart by <code>text.split()</code>, into two texts. <code>int("max")</code> is an error, so ask first.</details>
# <details><summary>Hint 3</summary><code>math.ceil(1.5)</code> is 2. <code>free // 2 // each</code> is how many workers fit into half of the memory. <code>len(allowed)</code> counts the cores of a set, unless it is <code>None</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "count", "locked": false, "schema_version": 3, "solution": true, "task": false}
def most_workers(present, allowed, cpu_maxes, batches, free, each):
    """How many workers are worth trying, at most: a whole number, 0 or above."""
    ### BEGIN SOLUTION
    cores = [present]
    if allowed is not None:
        cores.append(len(allowed))
    for text in cpu_maxes:
        quota, period = text.split()
        if quota != "max":
            cores.append(int(quota) / int(period))
    return min(math.ceil(min(cores)), batches, free // 2 // each)
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "count-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 2"):
    gib = 2**30

    def asked_for(what, *given, mistakes=()):
        return check.runs(lambda: most_workers(*given), f"most_workers: {what}", mistakes)

    what = "8 cores, nothing else is limited"
    check.equal(
        asked_for(
            what,
            *(8, None, [], 100, 64 * gib, gib),
            mistakes=[
                check.mistake(
                    "none-allowed",
                    "`allowed` is None where the system can't say. Then it limits nothing: ask for None first.",
                    when=lambda error: "NoneType" in str(error),
                ),
                check.mistake(
                    "no-groups",
                    "`cpu_maxes` may be an empty list: then no group limits anything.",
                    when=lambda error: "empty" in str(error) or "index" in str(error),
                ),
            ],
        ),
        8,
        what,
        mistakes=[
            check.mistake(
                "one-left-out",
                "One core was kept back. That is a sensible habit, but here the question is how many are worth trying: all 8.",
                value=7,
            ),
            check.mistake(
                "limits-added",
                "Each limit stands for itself: the smallest of all is the answer.",
                when=lambda n: n > 8,
            ),
            check.mistake(
                "float-cores",
                "The answer is a whole number.",
                when=lambda n: isinstance(n, float),
            ),
        ],
    )
    what = "64 cores, allowed are the cores 12, 13 and 40"
    check.equal(
        asked_for(what, 64, {12, 13, 40}, [], 100, 640 * gib, gib),
        3,
        what,
        mistakes=[
            check.mistake(
                "all-present",
                "This is the number of cores of the machine. We may run on three of them: the set tells which, and its length how many.",
                value=64,
            ),
            check.mistake(
                "core-numbers",
                "The set holds the cores' **numbers**, such as 40. How many there are is its length.",
                when=lambda n: n >= 12,
            ),
        ],
    )
    what = "8 cores, cpu.max says 200000 100000"
    check.equal(
        asked_for(what, 8, None, ["200000 100000\n"], 100, 64 * gib, gib),
        2,
        what,
        mistakes=[
            check.mistake(
                "quota-ignored",
                "The quota was not taken into account: 200,000 µs of computing in each 100,000 µs are two cores.",
                value=8,
            ),
            check.mistake(
                "upside-down",
                "The period was divided by the quota. Computing time comes first: 200,000 in each 100,000 is 2.",
                value=1,
            ),
            check.mistake(
                "float-cores",
                "The answer is a whole number.",
                when=lambda n: isinstance(n, float),
            ),
        ],
    )
    what = "8 cores, cpu.max says max 100000"
    check.equal(
        asked_for(
            what,
            *(8, None, ["max 100000\n"], 100, 64 * gib, gib),
            mistakes=[
                check.mistake(
                    "max-is-a-word",
                    "`max` is no number. It means that this group has no limit: pass over it.",
                    when=lambda error: "max" in str(error),
                )
            ],
        ),
        8,
        what,
        mistakes=[
            check.mistake(
                "max-is-a-word",
                "`max` means that this group has no limit: pass over it, and don't count the period as cores.",
            )
        ],
    )
    what = "8 cores, three groups: max 100000, 120000 50000 and 50000 10000"
    check.equal(
        asked_for(
            what,
            *(8, None, ["max 100000\n", "120000 50000\n", "50000 10000\n"], 100),
            *(64 * gib, gib),
        ),
        3,
        what,
        mistakes=[
            check.mistake(
                "first-group",
                "Only the first group was asked, and it has no limit. Ask each one.",
                value=8,
            ),
            check.mistake(
                "last-group",
                "120,000 in each 50,000 is 2.4 cores, 50,000 in each 10,000 is 5. The smallest counts, not the last.",
                value=5,
            ),
            check.mistake(
                "period-fixed",
                "A period of 100,000 µs is usual, but not a law: divide by the number that stands in the text.",
                value=1,
            ),
            check.mistake(
                "not-rounded-up",
                "2.4 cores are rounded up to 3: the third worker still gets something done.",
                value=2,
            ),
        ],
    )
    what = "8 cores, cpu.max says 220000 100000"
    check.equal(
        asked_for(what, 8, None, ["220000 100000\n"], 100, 64 * gib, gib),
        3,
        what,
        mistakes=[
            check.mistake(
                "not-rounded-up",
                "2.2 cores are rounded up to 3: the third worker still gets something done.",
            )
        ],
    )
    what = "16 cores, an epoch of 5 batches"
    check.equal(
        asked_for(what, 16, set(range(16)), [], 5, 64 * gib, gib),
        5,
        what,
        mistakes=[
            check.mistake(
                "idle-workers",
                "With 5 batches, workers 6 to 16 have nothing to do.",
                value=16,
            )
        ],
    )
    what = "16 cores, 7 GiB free, 1 GiB for each worker"
    check.equal(
        asked_for(what, 16, None, [], 100, 7 * gib, gib),
        3,
        what,
        mistakes=[
            check.mistake(
                "memory-ignored",
                "16 workers need 16 GiB, and 7 are free. Memory is a limit like the others.",
                value=16,
            ),
            check.mistake(
                "all-memory",
                "7 workers would take all memory that is free. They may use half of it.",
                value=7,
            ),
            check.mistake(
                "half-a-worker",
                "Half of the memory is 3.5 GiB. The fourth worker doesn't fit: memory is rounded down.",
                value=4,
            ),
            check.mistake(
                "float-cores",
                "The answer is a whole number.",
                when=lambda n: isinstance(n, float),
            ),
        ],
    )
    what = "2 cores, 1 GiB free, 1 GiB for each worker"
    check.equal(
        asked_for(what, 2, None, ["max 100000\n"], 100, gib, gib),
        0,
        what,
        mistakes=[
            check.mistake(
                "at-least-one",
                "Not even one worker fits into half of the memory. Then the answer is 0: the loop loads by itself.",
                value=1,
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "count-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other machines, several groups, any of the limits the smallest.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 2, hidden tests"):
    rng = check.rng("count")
    for number in range(40):
        present = int(rng.integers(1, 65))
        some = [
            int(k)
            for k in rng.choice(128, int(rng.integers(1, present + 1)), replace=False)
        ]
        allowed = None if number % 3 == 0 else set(some)
        count_texts, count_cores = (
            [],
            present if allowed is None else min(present, len(allowed)),
        )
        for _ in range(int(rng.integers(0, 4))):
            period = int(rng.choice([100_000, 50_000, 20_000]))
            # Thousandths of a core: none so near to a whole number that rounding of floats could matter.
            share = int(rng.integers(300, 30_000)) // 10 * 10 + 5
            unlimited = rng.random() < 0.3
            count_texts.append(
                f"{'max' if unlimited else share * period // 1000} {period}\n"
            )
            if not unlimited:
                count_cores = min(count_cores, -(-share // 1000))
        batches = int(rng.choice([2, 7, 500]))
        each = int(rng.integers(2**28, 2**31))
        free = int(rng.integers(0, 60)) * each + int(rng.integers(each))
        check.equal(
            most_workers(present, allowed, count_texts, batches, free, each),
            min(count_cores, batches, free // (2 * each)),
            f"most_workers({present}, {allowed}, {count_texts}, {batches}, {free}, {each})",
        )
    # The group that is not the last decides, and its share is a little more than a whole number of cores.
    count_whole = int(rng.integers(2, 9))
    count_texts = [f"{count_whole}30500 100000\n", f"{count_whole + 4}00000 100000\n"]
    check.equal(
        most_workers(64, None, count_texts, 500, 200 * each, each),
        count_whole + 1,
        f"most_workers(64, None, {count_texts}, 500, {200 * each}, {each})",
    )
    check.equal(
        most_workers(64, None, [], 500, each, each), 0, "memory for less than one worker"
    )
### END HIDDEN TESTS

# %% [markdown]
# ### The finished piece
#
# `datakit.usable_cores()` reads the machine's own files, and `datakit.available_memory()` knows a container's limit, too. Your function takes them as arguments, so it could be tested with machines that you don't have.

# %%
here = datakit.usable_cores()
print(f"{here:g} cores, {datakit.available_memory() / 2**30:.1f} GiB of memory for us")
if hasattr(os, "sched_getaffinity"):
    print("allowed are the cores", sorted(os.sched_getaffinity(0)))

# %% [markdown]
# ---
# ## 4 · Are more workers faster? Measure
#
# "Worth trying" is not "best". Below, photographs are decoded and cropped by no worker, by 1, 2, 4 and 8. Each setting runs two epochs, with workers that live on and with workers that don't, and with two lengths of the queue:
# `prefetch_factor` is how many batches each worker may have ready, or in the making, before anybody asks for them.
#
# Commit yourself before you measure.

# %% tags=["demonstration"]
from datakit.experiments import workers_grid

workers_grid.view()

# %% [markdown]
# Try processes and threads, and small and large photographs. From which number of workers on does it get no faster? What do workers that live on save?
#
# The same measurement without controls, as a plain function: for your own numbers, and for a notebook that runs by itself.

# %% tags=["demonstration"]
table = workers_grid.workers_grid(
    n_images=40, worker_counts=(0, 1, 2, 4), prefetch_factors=(2,)
)
table.round(1)

# %% tags=["demonstration"]
show(workers_grid.plot(table), alternative_text=workers_grid.describe(table))

# %% [markdown]
# What do the numbers of your machine say? Two things are the same everywhere. Workers share the cores: once all of these are busy, another worker has none for itself, but it has its start, and its memory. And each worker holds
# batches that nobody has asked for yet: see the last column. So "more is faster" is no rule. It is a question, and you have just asked it.
#
# The first batch waits for the workers to start. How long that takes, by the way they start, is an experiment of its own. If you have five minutes, add a cell and run this:
#
# ```python
# from datakit.experiments import first_batch
#
# first_batch.view()
# ```

# %% [markdown]
# ---
# ## 5 · A cache with a bound
#
# To decode a photograph takes milliseconds; to find it in memory takes microseconds. So keep it. But memory ends, so a cache needs a **bound**, and a rule for
# who has to go. The usual rule drops what was used **longest ago**: *least recently used*, **LRU**. To be asked for counts as use, too. **Predict:** a cache has room for two. A, B, A and C are asked for, in this order.
# Who has to go for C?
#
# Python's dict remembers the order in which keys came in. Take a key out and put it in again, and it is the newest.

# %%
room = {"A": 1, "B": 2}
room["A"] = room.pop("A")  # A is used: out, and in again
print("oldest first:", list(room), "so the first to go is", next(iter(room)))

# %% [markdown]
# ## Exercise 3 · Least recently used
# ★★☆ · 20 minutes · 4 points
#
# `Remembered` stands in front of a dataset whose samples are tensors, of any size each. Write `__getitem__`. It returns the sample, and follows these rules:
#
# 1. A sample that is kept is a **hit**: it is returned, the dataset is not asked, and it now counts as used.
# 2. Otherwise it is a **miss**: the dataset is asked.
# 3. The sample is then kept. As long as all kept samples together have more than `max_bytes` bytes, the one that was used longest ago is dropped. (`tensor.nbytes` is a tensor's number of bytes.)
# 4. A sample that has more than `max_bytes` by itself is not kept, and nobody is dropped for it.
# 5. −1 is the last sample, as in a list, and the **same** sample as n − 1. Outside of −n to n − 1 an `IndexError` is raised, whatever the dataset would do.
#
# `hits`, `misses`, `dropped` and `nbytes` (the bytes of what is kept now) are always right.
#
# <details><summary>Hint 1</summary>Play it with slips of paper: room for 10 bytes; samples of 4, 4, 4 and 12 bytes are asked for. Which slips lie on the table after each request, oldest on the left?</details>
# <details><summary>Hint 2</summary>First make the index right: <code>if index &lt; 0: index += len(self)</code>, and then ask whether it lies from 0 to n − 1. For a hit: <code>sample = self.kept.pop(index)</code>, then <code>self.kept[index] = sample</code>.</details>
# <details><summary>Hint 3</summary>After keeping: <code>while self.nbytes &gt; self.max_bytes:</code> take <code>oldest = next(iter(self.kept))</code>, then <code>self.kept.pop(oldest)</code>, and put both counters right. Ask <code>index in self.kept</code>; a sample may be 0, which counts as false.</details>


# %% nbgrader={"grade": false, "grade_id": "cache", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Remembered:
    """A dataset of tensors in front of which at most `max_bytes` bytes of them are kept."""

    def __init__(self, dataset, max_bytes):
        self.dataset, self.max_bytes = dataset, max_bytes
        self.kept = {}  # index → sample, the one used longest ago first
        self.hits = self.misses = self.dropped = self.nbytes = 0

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, index):
        ### BEGIN SOLUTION
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(f"there is no sample {index}; there are {len(self)}")
        if index in self.kept:
            self.hits += 1
            sample = self.kept.pop(index)
            self.kept[index] = sample
            return sample
        self.misses += 1
        sample = self.dataset[index]
        if sample.nbytes <= self.max_bytes:
            self.kept[index] = sample
            self.nbytes += sample.nbytes
            while self.nbytes > self.max_bytes:
                oldest = next(iter(self.kept))
                self.nbytes -= self.kept.pop(oldest).nbytes
                self.dropped += 1
        return sample
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "cache-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 3"):

    class AskedTensors:
        # Sample i has sizes[i] bytes, each of value i. What is asked for is written down.
        def __init__(self, *sizes):
            self.sizes, self.asked = sizes, []

        def __len__(self):
            return len(self.sizes)

        def __getitem__(self, index):
            self.asked.append(index)
            value = index % len(self.sizes)
            return torch.full((self.sizes[index],), value, dtype=torch.uint8)

    def cache_counters(cache):
        return {
            name: getattr(cache, name) for name in ("hits", "misses", "dropped", "nbytes")
        }

    def cache_numbers(hits, misses, dropped, nbytes):
        return dict(
            zip(
                ("hits", "misses", "dropped", "nbytes"),
                (hits, misses, dropped, nbytes),
                strict=True,
            )
        )

    source = AskedTensors(1, 4, 4, 4, 12, 2)
    cache = Remembered(source, 10)
    truth_hint = [
        check.mistake(
            "truth-of-a-sample",
            "A tensor was asked for its truth value. Ask whether the index is there: `index in self.kept`.",
            when=lambda error: "Boolean value" in str(error),
        )
    ]
    what = "sizes 1, 4, 4, 4, 12, 2; max_bytes=10: "
    check.equal(cache[1], torch.full((4,), 1, dtype=torch.uint8), what + "cache[1]")
    check.equal(
        check.runs(lambda: cache[1], what + "cache[1] once more", truth_hint),
        torch.full((4,), 1, dtype=torch.uint8),
        what + "cache[1] once more",
    )
    check.equal(
        len(source.asked),
        1,
        what + "how often the dataset was asked, after cache[1] twice",
        mistakes=[
            check.mistake(
                "nothing-kept",
                "The dataset was asked for the same sample twice. Keep it the first time.",
            )
        ],
    )
    check.equal(
        cache_counters(cache),
        cache_numbers(1, 1, 0, 4),
        what + "the counters after cache[1] twice",
        mistakes=[
            check.mistake(
                "values-counted",
                "`nbytes` counts something other than the bytes of what is kept: sample 1 has 4.",
                when=lambda found: found["nbytes"] != 4,
            ),
            check.mistake(
                "counters",
                "The first request was a miss, the second one a hit. Count each request once.",
            ),
        ],
    )
    for index in (2, 1, 3):
        check.runs(lambda: cache[index], what + f"cache[{index}]", truth_hint)
    bound_hints = [
        check.mistake(
            "no-bound",
            "Three samples of 4 bytes are kept, and 10 bytes are allowed. Drop one.",
            when=lambda found: found["nbytes"] == 12 and found["dropped"] == 0,
        ),
        check.mistake(
            "bytes-not-taken-off",
            "A sample was dropped, and `nbytes` still counts it.",
            when=lambda found: found["nbytes"] > 10,
        ),
        check.mistake(
            "drops-too-many",
            "More was dropped than had to go: two samples of 4 bytes fit into 10.",
            when=lambda found: found["nbytes"] < 8,
        ),
        check.mistake(
            "drops-not-counted",
            "One sample had to go. `dropped` counts those.",
            when=lambda found: found["dropped"] != 1,
        ),
    ]
    what_three = what + "after cache[1], [1], [2], [1], [3]"
    check.equal(
        cache_counters(cache),
        cache_numbers(2, 3, 1, 8),
        "the counters " + what_three,
        bound_hints,
    )
    source.asked.clear()
    check.runs(lambda: cache[1], what_three + ", cache[1]", truth_hint)
    check.equal(
        len(source.asked),
        0,
        "how often the dataset is asked by one more cache[1], " + what_three,
        mistakes=[
            check.mistake(
                "first-in-first-out",
                "Sample 1 was dropped, although sample 2 was used longest ago. A hit counts as use: take the sample out and put it in again, so that it is the newest.",
            )
        ],
    )
    cache[3]
    check.equal(
        len(source.asked),
        0,
        "how often the dataset is asked by one more cache[3] then",
        mistakes=[
            check.mistake(
                "newest-dropped",
                "Sample 3 had just come in, and was dropped at once, or never kept. Drop the one that was used longest ago: it stands first in the dict.",
            )
        ],
    )
    before = cache_counters(cache)
    check.equal(
        check.runs(
            lambda: cache[4],
            what + "cache[4], the sample of 12 bytes",
            mistakes=[
                check.mistake(
                    "emptied",
                    "All samples were dropped for one that fits nowhere, and then there was none left to drop. Ask for its size before you keep it.",
                )
            ],
        ),
        torch.full((12,), 4, dtype=torch.uint8),
        what + "cache[4], the sample of 12 bytes",
    )
    check.equal(
        cache_counters(cache),
        {**before, "misses": before["misses"] + 1},
        what + "the counters after cache[4], the sample of 12 bytes",
        mistakes=[
            check.mistake(
                "emptied",
                "Samples were dropped for one that is larger than the whole cache. It is handed out and not kept, and the others stay.",
                when=lambda found: found["dropped"] > before["dropped"],
            ),
            check.mistake(
                "too-large-kept",
                "The sample of 12 bytes is kept, and 10 are allowed.",
                when=lambda found: found["nbytes"] > 10,
            ),
        ],
    )
    cache[5]
    check.equal(
        cache_counters(cache)["nbytes"],
        10,
        what + "nbytes after cache[5], the sample of 2 bytes: 4 + 4 + 2",
        mistakes=[
            check.mistake(
                "exactly-full",
                "10 bytes are allowed, and 10 are kept: nothing has to go. Drop while there are **more** than max_bytes.",
            )
        ],
    )
    source.asked.clear()
    misses = cache_counters(cache)["misses"]
    check.equal(cache[-1], torch.full((2,), 5, dtype=torch.uint8), what + "cache[-1]")
    check.equal(
        [len(source.asked), cache_counters(cache)["misses"] - misses],
        [0, 0],
        what
        + "how often the dataset is asked by cache[-1], after cache[5]; and the misses",
        mistakes=[
            check.mistake(
                "two-names",
                "−1 and 5 are the same sample, and it was fetched twice. Make the index right before you look for it.",
            )
        ],
    )
    outside_hint = check.mistake(
        "outside",
        "With 6 samples, −7 is outside. −7 + 6 is −1, which the dataset takes for its last one: check the index after you have made it right.",
    )
    for index in (6, -7):
        check.raises(
            IndexError, lambda: cache[index], what + f"cache[{index}]", [], [outside_hint]
        )
    tiny = AskedTensors(1, 5, 5, 9)
    small_cache = Remembered(tiny, 10)
    for index in (0, 0, 1, 0, 3):
        check.runs(
            lambda: small_cache[index],
            f"sizes 1, 5, 5, 9; max_bytes=10: cache[{index}]",
            truth_hint,
        )
    check.equal(
        cache_counters(small_cache),
        cache_numbers(2, 3, 1, 10),
        "sizes 1, 5, 5, 9; max_bytes=10: the counters after cache[0], [0], [1], [0], [3]",
        mistakes=[
            check.mistake(
                "truth-of-a-sample",
                "Sample 0 is the number 0, which counts as false: it was fetched again. Ask `index in self.kept`.",
                when=lambda found: found["hits"] < 2,
            )
        ],
    )
    small_cache[1]
    check.equal(
        cache_counters(small_cache),
        cache_numbers(2, 4, 3, 5),
        "the same, after cache[1] then: both others have to go",
        mistakes=[
            check.mistake(
                "only-one-dropped",
                "For the sample of 5 bytes both others had to go, 1 and 9 bytes. Drop as long as there are too many bytes, not once.",
                when=lambda found: found["nbytes"] > 10,
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "cache-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other sizes, bounds and requests; the dataset's own log.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 3, hidden tests"):

    class AskedTensors:
        def __init__(self, sizes):
            self.sizes, self.asked = sizes, []

        def __len__(self):
            return len(self.sizes)

        def __getitem__(self, index):
            self.asked.append(index)
            value = index % len(self.sizes)
            return torch.full((self.sizes[index],), value, dtype=torch.int16)

    rng = check.rng("cache")
    for turn in range(4):
        n = int(rng.integers(4, 9))
        cache_sizes, cache_bound = rng.integers(0, 9, n).tolist(), int(rng.integers(8, 24))
        cache_requests = rng.integers(-n, n, 60).tolist()
        if turn == 0:  # exactly full, a hit that counts as use, one that is too large
            n, cache_sizes, cache_bound = 5, [2, 2, 1, 9, 1], 8
            cache_requests = [0, 1, 0, 3, 2, 0, 4, 4, 1]
        source = AskedTensors(cache_sizes)
        cache, cache_kept, asked = Remembered(source, cache_bound), [], []
        found = {"hits": 0, "misses": 0, "dropped": 0, "nbytes": 0}
        for step, request in enumerate(cache_requests):
            index = request % n
            if index in cache_kept:
                found["hits"] += 1
                cache_kept.remove(index)
                cache_kept.append(index)
            else:
                found["misses"] += 1
                asked.append(index)
                if 2 * source.sizes[index] <= cache_bound:
                    cache_kept.append(index)
            while sum(2 * source.sizes[k] for k in cache_kept) > cache_bound:
                cache_kept.pop(0)
                found["dropped"] += 1
            found["nbytes"] = sum(2 * source.sizes[k] for k in cache_kept)
            check.equal(
                cache[request],
                torch.full((source.sizes[index],), index, dtype=torch.int16),
                f"request {step}, sample {request} of {n}",
            )
            if step % 4 == 0:
                check.equal(
                    {name: getattr(cache, name) for name in found},
                    found,
                    f"the counters after request {step}",
                )
                check.equal(
                    [k % n for k in source.asked], asked, "what the dataset was asked for"
                )
        for index in (n, -n - 1, 2 * n):
            check.raises(IndexError, lambda: cache[index], f"cache[{index}] of {n}")
### END HIDDEN TESTS

# %% [markdown]
# ### The finished piece, and when a cache is of no use
#
# `datakit.CachedDataset` with a `RAMCache` does the same, for samples of any kind. (It adds some bytes of its own to each.) Here are 100 samples, three epochs, and room for half of them. **Predict:** how many of the 300 requests find their sample, if
# the samples come in the same order each time? And if the order is shuffled?


# %% tags=["demonstration"]
def hits(shuffled, **options):
    """How many of 300 requests find their sample in a cache with room for half of the samples."""
    samples = [bytes(1000) for _ in range(100)]
    cache = datakit.RAMCache(
        max_bytes=50 * 1020, **options
    )  # a sample is kept in 1000 bytes and a few
    dataset = datakit.CachedDataset(samples, cache)
    rng = np.random.default_rng(0)
    for _ in range(3):
        for index in rng.permutation(100) if shuffled else range(100):
            dataset[int(index)]
    return cache.hits


print("LRU, always the same order:      ", hits(shuffled=False))
print("LRU, shuffled:                   ", hits(shuffled=True))
print("drop nobody, the same order:     ", hits(shuffled=False, evict=False))

# %% [markdown]
# None at all: in a fixed order, what was used longest ago is just what comes next, and it has always been dropped a moment before. Shuffled, a few are found: those
# that came late in one epoch, and early in the next. LRU is made for requests that come again soon. An epoch asks for each sample once, so here it is better to drop nobody (`evict=False`): what fits is found in each later epoch.
#
# And with workers? Remember part 1: each has a cache of its own, which ends with it. So
#
# - let workers live on (`persistent_workers=True`), and even then a sample is found only if it comes to the same worker again; with W workers that is one time in W,
# - or put the cache where all processes see it: **shared memory**, or the disk.

# %% tags=["demonstration"]
shared = datakit.CachedDataset(
    [torch.zeros(1000) for _ in range(20)], datakit.SharedCache(max_bytes=10**6)
)
for epoch in range(2):
    for _ in DataLoader(
        shared, batch_size=5, num_workers=2, multiprocessing_context=context
    ):
        pass
    print(f"after epoch {epoch}: samples held, for all to see: {shared.cache.samples_held}")

# %% [markdown]
# ### What to keep
#
# Before a photograph is in a batch, it is decoded, then cropped and mirrored at random (**augmented**, lab 04). What of this belongs into the cache? There are four answers: keep nothing and do all of it at each access (**on the fly**);
# do all of it before the first epoch (**precomputed**); keep what came out when it was first asked for (**cached**); keep the decoded photograph, and augment it at each access (**hybrid**).
#
# Commit yourself, and press Run.

# %% tags=["demonstration"]
from datakit.experiments import strategies

strategies.view()

# %% [markdown]
# Look at the last column first: a random crop that is kept is random no more. Then at what each way holds in memory, and at when its first epoch can begin. Which one you choose depends on what your
# samples weigh, and on whether they are augmented at all.
#
# ---
# ## 6 · Which epoch is it?
#
# Much depends on the epoch. A shuffled order does; random changes of training samples do (**augmentation**, lab 04); and detectors such as YOLOX switch strong augmentation **off** for the last epochs, so that the model ends on pictures as they are.
# You saw in part 1 that a worker which lives on never hears of an attribute that you set. So how does the news reach it?
#
# Something does travel to each worker, for each batch, in each epoch: **what it is asked for**. A sampler gives indices, and an index may be anything that the dataset understands. **Predict:** what does the worker answer, if the sampler
# gives pairs (epoch, index) in place of indices?


# %% tags=["demonstration"]
class Pairs:
    """A sampler that gives (epoch, index)."""

    def __init__(self, n):
        self.n, self.epoch = n, 0

    def __len__(self):
        return self.n

    def __iter__(self):
        return iter([(self.epoch, k) for k in range(self.n)])


pairs = Pairs(2)
loader = DataLoader(
    lab06_workers.Told(2),
    batch_size=None,
    sampler=pairs,
    num_workers=1,
    persistent_workers=True,
    multiprocessing_context=context,
)
for epoch in (0, 1):
    pairs.epoch = epoch
    print("asked for, and believed in:", list(loader))
del loader

# %% [markdown]
# The worker still believes in epoch 0. But it was asked for epoch 1. So a dataset that listens to what it is asked for is right, in any process, however long this lives.
#
# ## Exercise 4 · The epoch travels with the index
# ★★☆ · 20 minutes · 4 points
#
# Complete two classes.
#
# `Announced(sampler)` is a sampler around another one:
#
# - it gives pairs `(epoch, index)`, with the indices of `sampler` in its order;
# - `set_epoch(epoch)` sets the epoch for the next loop. If the sampler within has a `set_epoch`, that is called, too: it may shuffle anew;
# - a loop that has begun (its first pair is out) keeps its epoch to the end, even if `set_epoch` is called meanwhile.
#
# `Fading(dataset, augment, calm, seed)` is a dataset that is asked for pairs:
#
# - `fading[(epoch, index)]` is `augment(dataset[index], rng)` in the epochs before `calm`, and `dataset[index]` itself from epoch `calm` on;
# - `rng` is a NumPy generator whose draws depend on seed, epoch and index, and on nothing else. No two samples or epochs share it.
#
# The two must not know each other: in a loader they live in two processes. So no global variable may help.
#
# <details><summary>Hint 1</summary>Where does <code>Fading</code> learn the epoch from? Not from an attribute: from its argument, <code>epoch, index = place</code>.</details>
# <details><summary>Hint 2</summary>Whether something has a method can be asked: <code>hasattr(self.sampler, "set_epoch")</code>. And a function with <code>yield</code> reads <code>self.epoch</code> each time it comes by: copy it into a variable before the loop.</details>
# <details><summary>Hint 3</summary><code>rng = np.random.default_rng([self.seed, epoch, index])</code>, made anew in each call. A list, not a sum: epoch 1, index 2 must not have the draws of epoch 2, index 1.</details>


# %% nbgrader={"grade": false, "grade_id": "epoch", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Announced:
    """The indices of a sampler, each with the epoch: (epoch, index)."""

    def __init__(self, sampler):
        self.sampler, self.epoch = sampler, 0

    def __len__(self):
        return len(self.sampler)

    def set_epoch(self, epoch):
        """Say which epoch the next loop is."""
        ### BEGIN SOLUTION
        self.epoch = epoch
        if hasattr(self.sampler, "set_epoch"):
            self.sampler.set_epoch(epoch)
        ### END SOLUTION

    def __iter__(self):
        """Go through the pairs (epoch, index)."""
        ### BEGIN SOLUTION
        epoch = self.epoch
        for index in self.sampler:
            yield epoch, index
        ### END SOLUTION


class Fading(Dataset):
    """Samples that are augmented in the epochs before `calm`; asked for by pairs (epoch, index)."""

    def __init__(self, dataset, augment, calm, seed=0):
        self.dataset, self.augment = dataset, augment
        self.calm, self.seed = calm, seed

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, place):
        """The sample at place = (epoch, index)."""
        ### BEGIN SOLUTION
        epoch, index = place
        if epoch >= self.calm:
            return self.dataset[index]
        rng = np.random.default_rng([self.seed, epoch, index])
        return self.augment(self.dataset[index], rng)
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "epoch-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 4"):
    announced = Announced([4, 2, 0])
    shape_hint = check.mistake(
        "not-a-loop",
        "`__iter__` returns something that can't be gone through with `next`. Write `yield`, or return iter(…) of a list.",
        when=lambda error: "iterator" in str(error),
    )
    forward_hint = check.mistake(
        "list-has-no-epoch",
        "The sampler within is a list here, and has no `set_epoch`. Ask with hasattr before you call it.",
        when=lambda error: "set_epoch" in str(error),
    )
    turned_hint = check.mistake(
        "turned-around",
        "The epoch comes first, then the index.",
        when=lambda found: [tuple(pair) for pair in found][:1] in ([(4, 0)], [(4, 3)]),
    )
    check.equal(
        check.runs(lambda: list(announced), "list(Announced([4, 2, 0]))", [shape_hint]),
        [(0, 4), (0, 2), (0, 0)],
        "list(Announced([4, 2, 0]))",
        mistakes=[
            turned_hint,
            check.mistake(
                "epoch-counted",
                "The first loop is epoch 0. Nobody has called `set_epoch`, so nothing may count on by itself.",
                when=lambda found: found[0][0] == 1,
            ),
            check.mistake(
                "order-lost",
                "These are the places 0, 1, 2. The sampler's own indices are wanted, in its order: 4, 2, 0.",
                value=[(0, 0), (0, 1), (0, 2)],
            ),
        ],
    )
    check.runs(
        lambda: announced.set_epoch(3),
        "set_epoch(3) of Announced([4, 2, 0])",
        [forward_hint],
    )
    check.equal(
        list(announced),
        [(3, 4), (3, 2), (3, 0)],
        "list(Announced([4, 2, 0])) after set_epoch(3)",
        mistakes=[
            check.mistake(
                "epoch-stays",
                "`set_epoch(3)` was called, and the pairs say something else.",
            )
        ],
    )
    loop = iter(announced)
    first = next(loop)
    announced.set_epoch(4)
    check.equal(
        [first, *loop],
        [(3, 4), (3, 2), (3, 0)],
        "a loop of epoch 3 that goes on while set_epoch(4) is called",
        mistakes=[
            check.mistake(
                "changes-midway",
                "The epoch changed in the middle of a loop: workers fetch ahead, so this happens. Copy the epoch into a variable before the loop.",
            )
        ],
    )
    shuffler = check.beside(
        DistributedSampler, list(range(20)), num_replicas=1, rank=0, shuffle=True, seed=5
    )
    shuffled = Announced(shuffler)
    orders = []
    for k in (0, 1):
        check.runs(
            lambda: shuffled.set_epoch(k), "set_epoch around PyTorch's DistributedSampler"
        )
        orders.append([int(pair[1]) for pair in shuffled])
    check.equal(
        [sorted(order) for order in orders],
        [list(range(20))] * 2,
        "the indices of two epochs, sorted",
    )
    check.equal(
        orders[0] == orders[1],
        False,
        "has epoch 1 the order of epoch 0, with a sampler that shuffles by the epoch?",
        mistakes=[
            check.mistake(
                "not-passed-on",
                "The sampler within has a `set_epoch`, and was not told. So it shuffles as in epoch 0, each time.",
            )
        ],
    )
    n = 40
    tiles = [check.tile(k, height=5, width=5) for k in range(n)]

    def fading_moves(dataset, epoch, order=range(n)):
        # By how much each picture was moved: its point (0, 0) tells, since it has brought its row and column along.
        return [
            tuple(int(v) for v in torch.as_tensor(dataset[(epoch, k)])[:2, 0, 0])
            for k in order
        ]

    fading = Fading(tiles, nudge, 3, seed=1)
    three = check.runs(
        lambda: fading_moves(fading, 2),
        "Fading(…, calm=3)[(2, 0)] to [(2, 39)]",
        mistakes=[
            check.mistake(
                "pair-as-index",
                "A pair went to the dataset within, which knows numbers only. Take it apart first: epoch, index = place.",
                when=lambda error: "tuple" in str(error) or "indices" in str(error),
            ),
            check.mistake(
                "no-generator",
                "`augment` takes a picture and a NumPy generator, in this order.",
                when=lambda error: "argument" in str(error) or "integers" in str(error),
            ),
        ],
    )
    check.equal(
        len(set(three)) > 5,
        True,
        f"epoch 2, calm=3: 40 pictures were moved in {len(set(three))} different ways; are there more than 5?",
        mistakes=[
            check.mistake(
                "never-augmented",
                "No picture was moved. Epoch 2 comes before epoch 3: it is augmented. (The epoch stands in the pair: what the sampler was told doesn't reach this process.)",
                when=lambda _: set(three) == {(0, 0)},
            ),
            check.mistake(
                "all-alike",
                "All pictures were moved in the same way. The index must be a part of what the generator is made from.",
            ),
        ],
    )
    for epoch in (3, 7):
        check.equal(
            sum(move != (0, 0) for move in fading_moves(fading, epoch)),
            0,
            f"how many of 40 pictures are moved in epoch {epoch}, calm=3",
            mistakes=[
                check.mistake(
                    "calm-too-late",
                    "Epoch 3 is still augmented. From epoch `calm` **on** samples stay as they are.",
                    when=lambda _: epoch == 3 and set(fading_moves(fading, 7)) == {(0, 0)},
                ),
                check.mistake(
                    "never-calm",
                    "Later epochs are augmented, too. The epoch that counts stands in the pair, here and now.",
                ),
            ],
        )
    check.equal(
        fading_moves(fading, 2) == three,
        True,
        "is epoch 2 the same when it is asked for again, after epoch 7?",
        mistakes=[
            check.mistake(
                "remembers",
                "Asked for epoch 2 again, the dataset did something else. It must not remember what it was asked for, and its generator is made anew from seed, epoch and index in each call.",
            )
        ],
    )
    check.equal(
        fading_moves(Fading(tiles, nudge, 3, seed=1), 2, range(n - 1, -1, -1))[::-1]
        == three,
        True,
        "is epoch 2 the same in another copy, asked for from the last to the first?",
        mistakes=[
            check.mistake(
                "remembers",
                "The order of the requests made a difference. With workers that order is chance. Make the generator from seed, epoch and index alone.",
            )
        ],
    )
    others = [fading_moves(fading, 1), fading_moves(Fading(tiles, nudge, 3, seed=2), 2)]
    check.equal(
        [three == other for other in others],
        [False, False],
        "has epoch 1, or another seed, the same draws as epoch 2?",
        mistakes=[
            check.mistake(
                "epochs-alike",
                "Seed and epoch must both be a part of what the generator is made from.",
            )
        ],
    )
    check.equal(
        [three[:-1] == other[1:] or three[1:] == other[:-1] for other in others],
        [False, False],
        "has a sample the draws of its neighbour, in another epoch or with another seed?",
        mistakes=[
            check.mistake(
                "added-up",
                "Epoch 1, index 2 has the draws of epoch 2, index 1: their sums are equal. Hand over the list [seed, epoch, index].",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "epoch-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other orders, epochs and seeds; both classes together; loops that overlap.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 4, hidden tests"):
    rng = check.rng("epoch")
    n = int(rng.integers(30, 40))
    tiles = [check.tile(k, height=5, width=5) for k in range(n)]
    order = [int(k) for k in rng.permutation(n)]
    calm, seed = int(rng.integers(2, 6)), int(rng.integers(1000))
    sampler = Announced(order)
    # Two workers, each with a copy that never hears anything but what it is asked for.
    copies = [Fading(tiles, nudge, calm, seed) for _ in range(2)]
    seen = {}
    for epoch in (calm - 1, 0, calm, calm + 3, 0):
        sampler.set_epoch(epoch)
        asked = [tuple(pair) for pair in sampler]
        check.equal(asked, [(epoch, k) for k in order], f"the pairs of epoch {epoch}")
        pictures = [torch.as_tensor(copies[k % 2][pair]) for k, pair in enumerate(asked)]
        check.equal(
            [int(picture[2, 0, 0]) for picture in pictures], order, "whose pictures came?"
        )
        shifts = [tuple(picture[:2, 0, 0].tolist()) for picture in pictures]
        if epoch >= calm:
            check.equal(shifts, [(0, 0)] * n, f"moves in epoch {epoch}, calm={calm}")
        else:
            check.equal(len(set(shifts)) > 5, True, "has each sample draws of its own?")
            check.equal(
                seen.setdefault(epoch, shifts) == shifts, True, "is the epoch the same?"
            )
    check.equal(seen[0] == seen[calm - 1], False, "have two epochs the same draws?")
    # A pair counts, whatever the sampler was told.
    sampler.set_epoch(0)
    for k in range(9):
        check.equal(
            torch.as_tensor(copies[0][(calm, k)]),
            tiles[k],
            f"epoch {calm}, while the sampler is at 0",
        )
    loops = [iter(sampler)]
    firsts = [tuple(next(loops[0]))]
    sampler.set_epoch(1)
    loops.append(iter(sampler))
    firsts.append(tuple(next(loops[1])))
    check.equal(firsts, [(0, order[0]), (1, order[0])], "two loops that overlap")
    check.equal(
        [[pair[0] for pair in loop] for loop in loops],
        [[0] * (n - 1), [1] * (n - 1)],
        "the epochs of two loops that overlap",
    )
    generator = check.beside(torch.Generator).manual_seed(seed)
    around = Announced(check.beside(RandomSampler, list(range(9)), generator=generator))
    around.set_epoch(2)
    pairs = [tuple(pair) for pair in around]
    check.equal(
        sorted(pairs), [(2, k) for k in range(9)], "around a sampler without set_epoch"
    )
### END HIDDEN TESTS

# %% [markdown]
# ### The finished piece
#
# `datakit.DataLoader` sends the epoch along with each one: if the dataset has a `set_epoch`, each worker calls it on its own copy, also the workers that live on. (`Hears` is `Told` with such a method.)

# %% tags=["demonstration"]
hears = lab06_workers.Hears(2)
loader = datakit.DataLoader(
    hears,
    batch_size=None,
    num_workers=1,
    persistent_workers=True,
    multiprocessing_context=context,
)
for epoch in (0, 1):
    hears.set_epoch(epoch)
    print(f"epoch {epoch}, in a worker that lives on:", list(loader))
del loader

# %% [markdown]
# ---
# ## 7 · Memory that workers share, until they look
#
# After a fork, a worker does not need the dataset's memory twice: both processes share it, until one of them writes. Then the page (a piece of 4096 bytes) is copied. That is **copy-on-write**. A dataset only reads, so nothing should
# ever be copied. **Predict:** below, one worker looks at 200,000 texts, a tenth at a time. It tells how many MiB it has for itself after each tenth. Do the numbers stay the same?

# %% tags=["demonstration"]
many_texts = [f"text number {k}" for k in range(200_000)]
if context == "fork":
    loader = DataLoader(
        lab06_workers.Looks(many_texts),
        batch_size=None,
        num_workers=1,
        multiprocessing_context=context,
    )
    print("MiB that the worker has for itself:", list(loader))
else:
    print("Here workers don't fork: each gets a copy of everything at the start.")

# %% [markdown]
# They grow, as if the worker copied what it only looks at. It does: each Python object counts how many names refer to it (its **reference count**). To look at a text is to refer to it, so its count is written, and its page is copied. With four workers
# the list is in the end in memory five times. Programs that ran out of memory "slowly, without a leak" have puzzled many.
#
# The repair: **few objects**. A tensor or a NumPy array is one object with one count, however many numbers it has. So put the bytes of all texts into one long array, one after the other, and where they end into a second.

# %%
for text in ("sun", "Schnee", "🌧"):
    print(text, "→", list(text.encode()))
print(
    "a list of 1000 texts holds ", count_objects([str(k) for k in range(1000)]), "objects"
)
print(
    "a list of two arrays holds ", count_objects([np.zeros(1000), np.ones(1000)]), "objects"
)

# %% [markdown]
# ## Exercise 5 · Texts that stay shared
# ★★☆ · 20 minutes · 4 points
#
# Write the class `Packed(texts)`. `texts` is a list of texts, which may be empty. It
#
# - gives the texts: `packed[i]` is text i, a `str`, letter for letter; `packed[-1]` is the last one; outside there is an `IndexError`; `len(packed)` is how many there are;
# - holds **few objects**: at most 20, however many texts there are;
# - is **small**: at most the bytes of all texts, plus 8 for each text, plus 2000. (We measure its pickled form.)
#
# Texts may be empty, may hold any letters, and may be of very different lengths.
#
# <details><summary>Hint 1</summary>Three texts of 3, 0 and 6 bytes lie one after the other. Where does each end? And where does each begin?</details>
# <details><summary>Hint 2</summary><code>text.encode()</code> gives a text's bytes, <code>b"".join(…)</code> puts many together, and <code>np.frombuffer(data, dtype=np.uint8)</code> makes an array of them. (A single <code>bytes</code> object serves as well: it is one object.)</details>
# <details><summary>Hint 3</summary><code>np.cumsum([len(piece) for piece in pieces], dtype=np.int64)</code> are the ends, counted in bytes, not letters. A text begins where the one before it ends, the first at 0. <code>self.data[begin:end].tobytes().decode()</code> is the text again.</details>


# %% nbgrader={"grade": false, "grade_id": "packed", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Packed:
    """Texts in few objects, so that forked workers share their memory."""

    def __init__(self, texts):
        ### BEGIN SOLUTION
        pieces = [text.encode() for text in texts]
        self.data = np.frombuffer(b"".join(pieces), dtype=np.uint8)
        self.ends = np.cumsum([len(piece) for piece in pieces], dtype=np.int64)
        ### END SOLUTION

    def __len__(self):
        ### BEGIN SOLUTION
        return len(self.ends)
        ### END SOLUTION

    def __getitem__(self, index):
        ### BEGIN SOLUTION
        if not -len(self) <= index < len(self):
            raise IndexError(f"there is no text {index}; there are {len(self)}")
        index %= len(self)
        begin = self.ends[index - 1] if index else 0
        return self.data[begin : self.ends[index]].tobytes().decode()
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "packed-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 5"):
    weather = ["sun", "", "wind", "rain", ""]
    packed = check.runs(
        lambda: Packed(weather),
        f"Packed({weather})",
        mistakes=[
            check.mistake(
                "bytes-expected",
                "Texts and bytes were mixed. text.encode() makes bytes of a text.",
                when=lambda error: "bytes" in str(error) or "str" in str(error),
            )
        ],
    )
    reading_hints = [
        check.mistake(
            "letters-counted",
            "The letters can't be read back: a text was cut within a letter, or at another place. Count in bytes: len(text.encode()).",
            when=lambda error: "decode" in str(error) or "codec" in str(error),
        ),
    ]
    negative_hint = check.mistake(
        "negative-index",
        "−1 counts from the end, as in a list. Make the index right before you look where the text begins.",
    )
    split_hint = check.mistake(
        "split-apart",
        "Empty texts have disappeared, or moved others. What says where a text ends must be there even if it has no letter.",
    )
    check.equal(len(packed), 5, f"len(Packed({weather}))")
    check.equal(
        check.runs(
            lambda: [packed[k] for k in range(5)],
            f"the texts of Packed({weather})",
            [*reading_hints, split_hint],
        ),
        weather,
        f"the texts of Packed({weather})",
        mistakes=[
            check.mistake(
                "bytes-returned",
                "These are bytes. `.decode()` makes a text of them.",
                when=lambda found: isinstance(found[0], bytes),
            ),
            check.mistake(
                "first-lost",
                "The first text is wrong: before it there is no end. It begins at 0.",
                when=lambda found: found[0] != "sun",
            ),
            split_hint,
        ],
    )
    check.equal(
        check.runs(
            lambda: [packed[-1], packed[-2], packed[-5]],
            "packed[-1], packed[-2] and packed[-5]",
            [*reading_hints, negative_hint],
        ),
        ["", "rain", "sun"],
        "packed[-1], packed[-2] and packed[-5]",
        mistakes=[
            negative_hint,
        ],
    )
    for index in (5, -6):
        check.raises(
            IndexError,
            lambda: packed[index],
            f"packed[{index}] of 5 texts",
            mistakes=[
                check.mistake(
                    "outside",
                    "There is no such text. Raise an IndexError: a slice that reaches outside is no error to Python, and −6 is not −1.",
                )
            ],
        )
    foreign_letters = ["Schnee", "naß", "10 €", "🌧🌧", "sun"]
    foreign = Packed(foreign_letters)
    check.equal(
        check.runs(
            lambda: [foreign[k] for k in range(5)],
            f"the texts of Packed({foreign_letters})",
            reading_hints,
        ),
        foreign_letters,
        f"the texts of Packed({foreign_letters})",
        mistakes=[
            check.mistake(
                "letters-counted",
                "ß takes two bytes, € three, 🌧 four. Ends are counted in bytes: len(text.encode()).",
            )
        ],
    )
    what = "texts with blanks, line breaks and NUL at either end"
    edges = [" a ", "b\n", "\n", "c\0", "\0"]
    edges_kept = Packed(edges)
    check.equal(
        check.runs(lambda: [edges_kept[k] for k in range(5)], what, reading_hints),
        edges,
        what,
        mistakes=[
            check.mistake(
                "letters-eaten",
                "Letters were lost or a text was cut at a line break or NUL. No letter can be a mark for the end: a text may hold it. (NumPy's arrays of texts cut off NULs.)",
            )
        ],
    )
    check.equal(
        check.runs(
            lambda: len(Packed([])),
            "Packed([])",
            mistakes=[
                check.mistake(
                    "no-texts",
                    "A list without texts is no error. NumPy and PyTorch need to be told a dtype there, or have nothing to put together.",
                )
            ],
        ),
        0,
        "len(Packed([]))",
    )
    many = [f"text {k}" for k in range(500)]
    packed_objects = check.beside(count_objects, Packed(many))
    check.equal(
        packed_objects <= 20,
        True,
        f"Packed holds {packed_objects} objects with 500 texts; are these at most 20?",
        mistakes=[
            check.mistake(
                "many-objects",
                "There is still one object for each text, or for each number: in a list, a dict, a tuple, or an array of objects (dtype=object). Put the bytes into one array, and the ends into another.",
            )
        ],
    )
    uneven = ["x" * 5000, *["yz"] * 300]
    packed_bytes = len(check.beside(pickle.dumps, Packed(uneven)))
    check.equal(
        packed_bytes <= 5600 + 8 * 301 + 2000,
        True,
        f"one text of 5000 letters and 300 of 2: Packed holds {packed_bytes} bytes; are these at most 10,008?",
        mistakes=[
            check.mistake(
                "all-as-long",
                "Each text takes as much room as the longest, or something is kept twice: the texts, or two places for each text where its end alone would do. Lay the texts one after the other, without padding.",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "packed-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: more texts, other letters, any index; objects and bytes counted.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 5, hidden tests"):
    rng = check.rng("packed")
    for n in (1, 60, 400):
        given = [
            "".join(rng.choice(list("abc ß€🌧\n\0"), int(rng.integers(0, 12))))
            for _ in range(n)
        ]
        given[int(rng.integers(n))] = "long " * int(rng.integers(400, 800))
        held = Packed(given)
        check.equal(len(held), n, "the length")
        for index in (int(k) for k in rng.integers(-n, n, 60)):
            check.equal(held[index], given[index], f"text {index} of {n}")
        for index in (n, -n - 1, n + 7):
            check.raises(IndexError, lambda: held[index], f"text {index} of {n}")
        check.equal(check.beside(count_objects, held) <= 20, True, "are there few objects?")
        packed_bytes = sum(len(text.encode()) for text in given) + 8 * n + 2000
        check.equal(
            len(check.beside(pickle.dumps, held)) <= packed_bytes, True, "is it small?"
        )
### END HIDDEN TESTS

# %% [markdown]
# ### The finished piece
#
# `datakit.SequenceDataset` does the same with sequences of numbers. (And the system can help: a file that is mapped into memory, as in `datakit.IndexedDataset`, is shared by all processes, whatever Python counts.)

# %% tags=["demonstration"]
sequences = datakit.SequenceDataset([list(text.encode()) for text in many_texts])
print("200,000 texts as numbers, objects:", count_objects(sequences))
check.equal(bytes(sequences[7].tolist()).decode(), many_texts[7], "text 7")
if context == "fork":
    loader = DataLoader(
        lab06_workers.Looks(sequences),
        batch_size=None,
        num_workers=1,
        multiprocessing_context=context,
    )
    print("MiB that the worker has for itself:", list(loader))

# %% [markdown]
# ---
# ## 8 · Choose
#
# A batch comes back from a worker through shared memory: a piece of memory that both see. On Linux it is a folder, `/dev/shm`, and a container may have as little as 64 MiB of it. Who asks for more gets `Bus error`, and a dead worker.
# How much is needed? At most `prefetch_factor` batches for each worker are ready or in the making. One more is in the hands of the loop, and one is just being handed over:
#
# bytes = bytes of a batch × (workers × prefetch factor + 2), and 0 without workers.
#
# **Predict:** batches of 64 pictures of 3 × 224 × 224 as float32, 8 workers, prefetch factor 4. Do they fit into 64 MiB? And into 1 GiB?

# %%
batch_bytes = 64 * 3 * 224 * 224 * 4
print(f"a batch:  {batch_bytes / 2**20:6.1f} MiB")
print(f"together: {batch_bytes * (8 * 4 + 2) / 2**20:6.1f} MiB")
free = datakit.free_shared_memory()
print("free here:", "unlimited" if free is None else f"{free / 2**20:.0f} MiB")

# %% [markdown]
# (As uint8 it is a quarter: another reason to keep bytes as bytes until the device has them.)
#
# ## Exercise 6 · Choose from a table
# ★★☆ · 25 minutes · 5 points
#
# Loaders with several settings were measured, each a few times. Write `choose(trials, batch_bytes, free)`. It returns the pair `(workers, prefetch)` of the settings to use.
#
# Each trial is a dict: `{"workers": 2, "prefetch": 4, "ms": [21, 20, 35]}`. `ms` are the milliseconds for a batch, one for each repetition (an odd number of them), or `None` if the trial failed. Without workers, `prefetch` is `None`.
#
# 1. A trial that failed is out.
# 2. A trial that needs more than `free` bytes of shared memory is out, by the formula above. (Exactly `free` fits.)
# 3. A trial's time is the **median** of its `ms`: one repetition may have been disturbed.
# 4. All trials within **10 %** of the fastest one that is left are as good: their time is at most 1.1 × its time. What is less may be chance.
# 5. Of these, take the cheapest: fewest workers, then the smallest prefetch.
#
# If no trial is left, raise a `ValueError` whose message holds the number `free`.
#
# <details><summary>Hint 1</summary>In which order must the steps be done? What happens to step 4 if the fastest trial doesn't fit?</details>
# <details><summary>Hint 2</summary><code>statistics.median([21, 20, 35])</code> is 21. Make a list of tuples (time, workers, prefetch) of the trials that are left, then look for the smallest time, then go through the list again.</details>
# <details><summary>Hint 3</summary><code>None</code> can't be multiplied: treat 0 workers first. Tuples are compared from left to right: <code>min((workers, prefetch) for …)</code> finds the cheapest.</details>


# %% nbgrader={"grade": false, "grade_id": "choose", "locked": false, "schema_version": 3, "solution": true, "task": false}
def choose(trials, batch_bytes, free):
    """The settings to use: (workers, prefetch)."""
    ### BEGIN SOLUTION
    left = []
    for trial in trials:
        workers, prefetch = trial["workers"], trial["prefetch"]
        needed = batch_bytes * (workers * prefetch + 2) if workers else 0
        if trial["ms"] is not None and needed <= free:
            left.append((statistics.median(trial["ms"]), workers, prefetch))
    if not left:
        raise ValueError(f"no trial is left: all failed, or need more than {free} bytes")
    fastest = min(time for time, workers, prefetch in left)
    good = [
        (workers, prefetch) for time, workers, prefetch in left if time <= 1.1 * fastest
    ]
    return min(good)
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "choose-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 6"):

    def tried(workers, prefetch, *ms):
        return {"workers": workers, "prefetch": prefetch, "ms": list(ms) or None}

    without_hint = check.mistake(
        "no-prefetch",
        "Without workers, `prefetch` is None, and None can't be multiplied or compared. Treat 0 workers first: they need no shared memory.",
        when=lambda error: (
            "NoneType" in str(error) and ("*" in str(error) or "<" in str(error))
        ),
    )
    failed_hint = check.mistake(
        "failed-trial",
        "A trial that failed has None in place of its milliseconds. Leave it out before you compute with them.",
        when=lambda error: "NoneType" in str(error),
    )

    def chosen(what, trials, expected, mistakes, free=10_000, errors=()):
        known = [without_hint, failed_hint, *errors]
        found = check.runs(lambda: choose(trials, 100, free), what, known)
        check.equal(found, expected, what, mistakes)

    nothing_needed = check.mistake(
        "no-workers-no-memory",
        "Without workers nothing goes through shared memory: 0 bytes are needed, so it always fits.",
    )
    indexed = check.mistake(
        "not-a-pair",
        "Return the pair (workers, prefetch), not the trial, its place or its time.",
        when=lambda found: not isinstance(found, (tuple, list)) or len(found) != 2,
    )
    chosen(
        "choose from 0 workers: 50 ms, 1: 30 ms, 2: 20 ms",
        [tried(0, None, 50), tried(1, 2, 30), tried(2, 2, 20)],
        expected=(2, 2),
        mistakes=[
            indexed,
            check.mistake(
                "slowest",
                "That is the slowest. `ms` are milliseconds for a batch: fewer are better, and as good as the fastest is what takes **at most** 1.1 × its time.",
                value=(0, None),
            ),
        ],
    )
    chosen(
        "choose from 0 workers: 20 ms, 2 workers: 60 ms",
        [tried(0, None, 20), tried(2, 2, 60)],
        expected=(0, None),
        mistakes=[
            check.mistake(
                "workers-always",
                "Without workers it was three times as fast. 0 workers are a choice like the others.",
            )
        ],
    )
    chosen(
        "choose from 1 worker: 21 ms, 2: 20 ms, 4: 20 ms",
        [tried(4, 2, 20), tried(2, 2, 20), tried(1, 2, 21)],
        expected=(1, 2),
        mistakes=[
            check.mistake(
                "fastest-only",
                "21 ms are within 10 % of 20 ms: as good, and with fewer workers. The fastest is not always the choice.",
                when=lambda found: tuple(found) in ((2, 2), (4, 2)),
            )
        ],
    )
    chosen(
        "choose from 2 workers, prefetch 8, 4 and 2: 20, 20, 21 ms; 4 workers, prefetch 1: 20 ms",
        [tried(2, 8, 20), tried(2, 4, 20), tried(4, 1, 20), tried(2, 2, 21)],
        expected=(2, 2),
        mistakes=[
            check.mistake(
                "prefetch-first",
                "Prefetch 1 is the smallest, but it comes with 4 workers. Fewest workers first, then the smallest prefetch.",
                value=(4, 1),
            ),
            check.mistake(
                "first-of-equals",
                "2 workers are right. Of these, the smallest prefetch is wanted: each batch that waits takes memory.",
            ),
        ],
    )
    chosen(
        "choose from 1 worker: 30, 31, 30 ms; 2 workers: 20, 21, 90 ms",
        [tried(1, 2, 30, 31, 30), tried(2, 2, 20, 21, 90)],
        expected=(2, 2),
        mistakes=[
            check.mistake(
                "mean",
                "One repetition of 2 workers was disturbed, 90 ms, and that decided. The median of 20, 21, 90 is 21.",
            )
        ],
    )
    chosen(
        "choose from 1 worker: 30, 9, 31 ms; 2 workers: 20, 21, 20 ms",
        [tried(1, 2, 30, 9, 31), tried(2, 2, 20, 21, 20)],
        expected=(2, 2),
        mistakes=[
            check.mistake(
                "best-repetition",
                "The single best repetition decided, or one in the place of the middle: 9 ms was luck. Take the median, that is, the middle of the **sorted** values.",
            )
        ],
    )
    chosen(
        "choose from 0 workers: 50 ms, 1 worker: failed, 2 workers: 20 ms",
        [tried(0, None, 50), tried(1, 2), tried(2, 2, 20)],
        expected=(2, 2),
        mistakes=[
            check.mistake(
                "failed-trial",
                "A trial that failed was chosen, or taken for fast. Leave it out.",
            )
        ],
    )
    memory_hints = [
        check.mistake(
            "memory-ignored",
            "4 workers × prefetch 4 need (16 + 2) × 100 = 1800 bytes of shared memory; fewer are free. Such a trial is out, however fast.",
            value=(4, 4),
        ),
        check.mistake(
            "limit-afterwards",
            "The fastest trial doesn't fit, and was still what the others are measured by. Take out what doesn't fit first, then look for the fastest.",
            when=lambda found: True,
        ),
    ]
    chosen(
        "choose from 0 workers: 50 ms, 1 worker: 29 ms, 2 workers: 28 ms, 4 workers, prefetch 4: 20 ms; a batch of 100 bytes, 1000 are free",
        [tried(0, None, 50), tried(1, 2, 29), tried(2, 2, 28), tried(4, 4, 20)],
        free=1000,
        expected=(1, 2),
        mistakes=memory_hints,
    )
    chosen(
        "choose from 1 worker: 50 ms, 4 workers, prefetch 4: 20 ms; a batch of 100 bytes, 1700 are free",
        [tried(1, 2, 50), tried(4, 4, 20)],
        free=1700,
        expected=(1, 2),
        mistakes=[
            check.mistake(
                "two-more",
                "4 × 4 batches wait or are in the making. Two more exist: the one in the loop's hands, and the one that is handed over. 18 batches don't fit into 1700 bytes.",
            )
        ],
    )
    chosen(
        "the same, and 1800 are free",
        [tried(1, 2, 50), tried(4, 4, 20)],
        free=1800,
        expected=(4, 4),
        mistakes=[
            check.mistake(
                "exactly-fits",
                "(4 × 4 + 2) × 100 are 1800 bytes, and 1800 are free: it fits.",
            )
        ],
    )
    chosen(
        "choose from 0 workers: 20 ms, 1 worker: 10 ms; a batch of 100 bytes, 150 are free",
        [tried(0, None, 20), tried(1, 1, 10)],
        free=150,
        expected=(0, None),
        errors=[nothing_needed],
        mistakes=[
            check.mistake(
                "two-more",
                "1 worker needs (1 × 1 + 2) × 100 bytes, and 150 are free.",
                value=(1, 1),
            ),
            nothing_needed,
        ],
    )
    check.raises(
        ValueError,
        lambda: choose([tried(1, 2, 20), tried(2, 2)], 100, 350),
        "choose where one trial doesn't fit into 350 bytes, and the other failed",
        mentions=[350],
        mistakes=[
            check.mistake(
                "nothing-left",
                "No trial is left. Say so yourself, before you look for the smallest of nothing: a ValueError whose message holds `free`.",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "choose-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: longer tables in any order, ties, failures, little memory.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 6, hidden tests"):
    rng = check.rng("choose")
    for _ in range(60):
        settings = [(0, None)] * int(rng.integers(2))
        settings += [
            (w, p) for w in (1, 2, 3, 4, 8) for p in (1, 2, 4) if rng.random() < 0.5
        ]
        trials, choose_times = [], {}
        for k in rng.permutation(len(settings)):
            workers, prefetch = settings[k]
            # Times in tenths of the fastest, but for a little: no time lies just at 1.1.
            base = 1000 * int(rng.choice([10, 10, 12, 15, 20])) + int(rng.integers(0, 900))
            ms = [base + int(v) for v in (0, *rng.integers(1, 90, 1), 50_000)]
            if rng.random() < 0.3:
                ms = [base + 60, base // 4, base + 2000]
            ms = [ms[int(v)] for v in rng.permutation(3)]
            if rng.random() < 0.15:
                ms = None
            trials.append({"workers": workers, "prefetch": prefetch, "ms": ms})
            choose_times[workers, prefetch] = None if ms is None else sorted(ms)[1]
        choose_batch = int(rng.integers(50, 200))
        free = choose_batch * int(rng.choice([2, 6, 10, 18, 1000])) - int(rng.integers(2))
        choose_fits = {
            pair: time
            for pair, time in choose_times.items()
            if time is not None
            and (pair[0] == 0 or choose_batch * (pair[0] * pair[1] + 2) <= free)
        }
        what = f"choose({trials}, {choose_batch}, {free})"
        if not choose_fits:
            check.raises(
                ValueError,
                lambda: choose(trials, choose_batch, free),
                what,
                mentions=[free],
            )
            continue
        choose_fastest = min(choose_fits.values())
        choose_good = [
            pair for pair, time in choose_fits.items() if 10 * time <= 11 * choose_fastest
        ]
        check.equal(choose(trials, choose_batch, free), min(choose_good), what)
    for choose_times, free, choose_right in (
        # The fastest doesn't fit; equal workers, the smaller prefetch last; exactly enough; no workers, no memory.
        ({(8, 4): 1000, (2, 1): 2000, (1, 1): 2100}, 6 * choose_batch, (1, 1)),
        ({(2, 4): 2000, (2, 1): 2050}, 1000 * choose_batch, (2, 1)),
        ({(1, 1): 9000, (2, 1): 2000}, 4 * choose_batch, (2, 1)),
        ({(1, 1): 2000, (0, None): 9000}, choose_batch, (0, None)),
    ):
        trials = [
            {"workers": workers, "prefetch": prefetch, "ms": [ms + 9, ms, ms - 9]}
            for (workers, prefetch), ms in choose_times.items()
        ]
        what = f"choose({trials}, {choose_batch}, {free})"
        check.equal(choose(trials, choose_batch, free), choose_right, what)
### END HIDDEN TESTS

# %% [markdown]
# ### The finished piece
#
# `datakit.tune` makes the table itself: it tries 0, 1, 2, 4 … workers as far as cores and memory reach, and then longer queues. Here the samples cost almost nothing. **Predict:** how many workers does it choose?

# %% tags=["demonstration"]
numbers = torch.utils.data.TensorDataset(torch.arange(2000))
tuned = datakit.tune(
    lambda **settings: DataLoader(
        numbers,
        batch_size=50,
        multiprocessing_context=context if settings["num_workers"] else None,
        **settings,
    ),
    max_workers=2,
    seconds=0.2,
)
print(tuned.tuning)

# %% [markdown]
# What it chose is what your machine measured just now; another load, another choice. (`adapt=True` measures again when the load has changed.)
#
# ---
# ## Two questions to think about
#
# A person reads these answers. Three to six sentences each are enough.
#
# **Question 1** (2 points). A team trains on a server with 64 cores, in a container with a quota of 4 cores and 64 MiB of shared memory. Their program sets `num_workers=os.cpu_count()`: "more is faster". What will happen? How would you choose? Use
# numbers that you measured in part 4.

# %% [markdown] nbgrader={"grade": true, "grade_id": "reflect-workers", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# 64 workers share what amounts to four cores: each waits for its turn most of the time, all have to be started, and all need memory of their own. On my machine with 2 cores, which had other work as well, I measured about 420 photographs a second without workers, 370 with one or two that live on, and 260 with four: more were not faster. 64 × 2 batches that wait don't fit into 64 MiB of shared memory unless a batch is below half a MiB: the workers die with a bus error. I would ask for the usable cores (4), try 0, 1, 2 and 4 workers, measure the whole loop with the training step, take the smallest number that comes within some per cent of the best, and
# check workers × prefetch + 2 batches against the shared memory (or get more of it).
#
# *Marking: 1 point for measured numbers that show where more workers stop helping, with the quota as the reason. 1 point for a way to choose (usable cores, measure, smallest that is as good) **and** one of the memories. "Use 4" without a reason gets nothing.*

# %% [markdown]
# **Question 2** (2 points). A colleague keeps decoded photographs in a `RAMCache`, with four persistent worker processes, and sets `dataset.strong = False` before epoch 10, so that augmentation ends. The program prints `cache.hits`: always 0. Memory grows through the first epochs. Explain the three
# observations (what does `strong` do?), and say what you would change.

# %% [markdown] nbgrader={"grade": true, "grade_id": "reflect-copies", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# Each of the four workers has a copy of the dataset and of its cache. The counter that is printed belongs to the main process, where nobody asks the cache, so it stays 0. Each worker fills a cache of its own: a shuffled photograph is found only if it comes to the same worker again (one time in four at first), and in the end the photographs are in memory up to four times.
# `strong = False` changes the main process's copy only; workers that live on augment for ever. I would put the cache where all see it (SharedCache or the disk), make the epoch travel with the index or use a loader that calls `set_epoch` in the workers, and count hits in the workers, or misses by a log. (If the dataset holds a long list of Python objects, copy-on-write makes it grow, too: pack it.)
#
# *Marking: 1 point for explaining at least two observations by copies in processes. 1 point for repairs of both the cache (shared, disk) and the switch (epoch with the index, set_epoch in the worker). "Use fewer workers" alone gets nothing.*

# %% [markdown]
# ---
# ## What you take with you
#
# - [ ] A worker has a copy, made when it started. Changes made later don't reach it, and what it remembers or counts doesn't come back.
# - [ ] What goes to a worker must be picklable, and lies in a module. What can be made anew (files, locks, caches) stays at home.
# - [ ] Cores are what the quota and the allowed set say, not what the machine has. Workers share them.
# - [ ] More workers is a question, not a rule. Take the fewest that are as good as the fastest, measured with your training step.
# - [ ] A cache has a bound and counters, and is worth what its hits say, for the order in which you ask. Each worker has its own, unless it is shared.
# - [ ] The epoch travels with the index.
# - [ ] Few objects stay shared after a fork; many Python objects are copied by looking at them.
# - [ ] Shared memory holds workers × prefetch + 2 batches.
#
# **Where this is used.** Slurm and Kubernetes set the limits of exercise 2. PyTorch warns of more workers than allowed cores, and looks at no quota. MMDetection has to start its workers anew where YOLOX switches augmentation off, because of what you saw in part 6. Detectron2 keeps its lists of pictures in one array of bytes, as exercise 5 does.
#
# **Next:** lab 07 looks at what happens to a batch on its way to the GPU.
#
# Where do you stand? Save the notebook and run the next cell: it shows which exercises pass in each lab, and what is next.

# %% tags=["demonstration"]
datakit.progress()

# %% [markdown]
# Before you hand in, press **Validate** above: it runs this notebook from the top, in a fresh kernel, and tells you which
# checks fail.
