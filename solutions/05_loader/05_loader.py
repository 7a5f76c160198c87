# ---
# jupyter:
#   datakit:
#     minutes: 120
#     stage: batch
#     title: A loader from scratch
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
# # Lab 05 · A loader from scratch
#
# **2 hours · 25 points from checks, 4 for two short texts**
#
# ![The way of a batch: storage, sample, batch, device, step. This lab stands at the batch.](way.svg)
#
# A **loader** stands between a dataset and a model. It decides which samples come next, fetches them, puts them together and hands
# them on. PyTorch's `DataLoader` does it in almost three thousand lines. The idea fits into a hundred, and you will write them: piece by
# piece, until you have an engine with workers that keeps the order, passes errors on and ends cleanly.
#
# After this lab you can
#
# - cut indices into batches, and say what happens to the last one,
# - give each epoch an order of its own that can be repeated,
# - fetch ahead with workers, and keep what is fetched within bounds,
# - bring results into order that arrive in any order,
# - pass an error from a worker to the loop, with all that is needed to find its cause,
# - end the workers when somebody leaves the loop early.
#
# You need Python functions and classes, generators (`yield`) and the shape of a tensor. Labs 01 and 02 help, but are not needed. You need
# no GPU, no network and no experience with threads.

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
# Words in bold are explained where they first stand. All of them are in the [glossary](glossary.md).
#
# Time is never graded here. Checks look at counts and orders: which samples were fetched, by whom, and how many at once.
#
# The next cell takes some seconds: PyTorch is large.

# %%
import builtins
import contextlib
import json
import pickle
import queue
import random
import threading
import time
import traceback
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset
from torch.utils.data.distributed import DistributedSampler

import datakit
from datakit import check

# %% [markdown]
# ---
# ## 1 · A loop in which somebody always waits
#
# Here is a dataset on a slow disk: each sample takes 5 milliseconds, in which the processor has nothing to do. Sample *i* is the
# pair [*i*, *i*²], so every number says where it came from.


# %%
class SlowDisk(Dataset):
    """Sample i is the tensor [i, i * i]; each takes a while."""

    def __init__(self, n, seconds=0.005):
        self.n = n
        self.seconds = seconds

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        time.sleep(self.seconds)
        return torch.tensor([i, i * i])


# %% [markdown]
# And here is a training loop without a loader. Each batch has 8 samples. A training step takes 40 milliseconds; we let the
# processor sleep in place of a model.
#
# **Predict:** how long do 10 batches take, in milliseconds?

# %% tags=["demonstration"]
disk = SlowDisk(80)
loading = training = 0.0
for start in range(0, 80, 8):
    begin = time.perf_counter()
    batch = torch.stack([disk[i] for i in range(start, start + 8)])
    loaded = time.perf_counter()
    time.sleep(0.040)  # the training step
    loading += loaded - begin
    training += time.perf_counter() - loaded
print(f"loading {1000 * loading:.0f} ms + training {1000 * training:.0f} ms")
print(f"together {1000 * (loading + training):.0f} ms")

# %% [markdown]
# While the model works, nobody loads. While somebody loads, the model waits. The two times **add up**. If the next batch
# were loaded during the step, the loop would take little more than the longer of the two.
#
# That is what workers are for. But first: the loader itself.
#
# ---
# ## 2 · Indices, chunks, samples, batch
#
# Four things happen for each batch. **Indices** come in an order; they are cut into **chunks**; the samples of a chunk are **fetched**;
# they are put together (**collate**, lab 02).
#
# ### A worked example


# %%
def simple_loader(dataset, batch_size):
    """Yield the batches of one epoch, in order."""
    indices = list(range(len(dataset)))
    for start in range(0, len(indices), batch_size):
        chunk = indices[start : start + batch_size]
        samples = [dataset[i] for i in chunk]
        yield torch.stack(samples)


for batch in simple_loader(SlowDisk(10), batch_size=4):
    print(batch[:, 0].tolist())

# %% [markdown]
# `yield` makes this function a **generator**: it runs up to the `yield`, hands over a batch, and goes on only when the next one is
# asked for. Nothing is loaded before somebody asks. That is called **lazy**.
#
# Two things are not so good. The last batch is short: 2 samples in place of 4. And a generator works once:

# %%
batches = simple_loader(SlowDisk(10), batch_size=4)
print("first time: ", len(list(batches)), "batches")
print("second time:", len(list(batches)), "batches")

# %% [markdown]
# A second epoch would be empty, without an error. So a loader is an object with `__iter__`: each `for` calls it, and gets a
# generator of its own.
#
# The short last batch is a matter of choice. Some layers (batch normalisation) do badly with few samples, and the average of batch means is not the
# mean of all samples when their sizes differ.
#
# | `last=` | 10 samples, batches of 4 | what it costs |
# |---|---|---|
# | `"keep"` | 4, 4, 2 | a small batch counts as much as a large one |
# | `"drop"` | 4, 4 | two samples are not seen in this epoch |
# | `"share"` | 4, 3, 3 | none of the batches is small; the sizes differ by one |
#
# PyTorch has the first two (`drop_last`). You will write all three.
#
# ## Exercise 1 · Three ways to end
# ★☆☆ · 15 minutes · 5 points
#
# Complete the class `Batches(dataset, batch_size, last="keep")`.
#
# - `for batch in Batches(…)` gives the batches, samples in the order of their indices, each batch put together by `torch.stack`.
# - `len(Batches(…))` is the number of batches.
# - With `"share"` there are as many batches as with `"keep"`, their sizes differ by at most one, and the larger ones come first.
# - It can be looped over as often as you like. A sample is fetched only when its batch is asked for.
# - A `batch_size` below 1, and a `last` that is none of the three, raise a `ValueError` at once; its message holds the value that arrived.
# - A dataset without samples has no batches.
#
# The method `sizes` is the place to think: once it is right, the rest is short.
#
# <details><summary>Hint 1</summary>For 10 samples in batches of 4, write down the list of sizes for each of the three ways. How do you get it from 10 and 4? <code>divmod(10, 4)</code> is (2, 2).</details>
# <details><summary>Hint 2</summary>For <code>"share"</code>: the number of batches is 10 / 4, rounded up. Share 10 samples among 3 batches: <code>divmod(10, 3)</code> is (3, 1): three each, and one of them gets one more. Take care that there may be no batch at all.</details>
# <details><summary>Hint 3</summary>In <code>__iter__</code>, go through <code>self.sizes()</code> with a variable <code>start</code>: fetch the samples from <code>start</code> to <code>start + size</code>, <code>yield</code> the stacked batch, add <code>size</code> to <code>start</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "batches", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Batches:
    """A dataset in batches, in order; the last one is kept, dropped or shared among all."""

    def __init__(self, dataset, batch_size, last="keep"):
        # Refuse what can't be right.
        ### BEGIN SOLUTION
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        if last not in ("keep", "drop", "share"):
            raise ValueError(f"last must be keep, drop or share, not {last!r}")
        ### END SOLUTION
        self.dataset = dataset
        self.batch_size = batch_size
        self.last = last

    def sizes(self):
        """The sizes of all batches, in order."""
        ### BEGIN SOLUTION
        n = len(self.dataset)
        whole, rest = divmod(n, self.batch_size)
        if self.last == "drop" or rest == 0:
            return [self.batch_size] * whole
        if self.last == "keep":
            return [self.batch_size] * whole + [rest]
        count = whole + 1
        small, larger = divmod(n, count)
        return [small + 1] * larger + [small] * (count - larger)
        ### END SOLUTION

    def __len__(self):
        ### BEGIN SOLUTION
        return len(self.sizes())
        ### END SOLUTION

    def __iter__(self):
        ### BEGIN SOLUTION
        start = 0
        for size in self.sizes():
            yield torch.stack([self.dataset[i] for i in range(start, start + size)])
            start += size
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "batches-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 1"):
    ten = [torch.tensor([i, i * i]) for i in range(10)]

    def firsts(last, n=10, size=4):
        return [batch[:, 0].tolist() for batch in Batches(ten[:n], size, last)]

    check.equal(
        firsts("keep"),
        [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]],
        'the batches of 10 samples, batch_size=4, last="keep"',
        mistakes=[
            check.mistake(
                "rest-lost",
                "Samples 8 and 9 are missing. They make a batch of 2.",
                value=[[0, 1, 2, 3], [4, 5, 6, 7]],
            ),
            check.mistake(
                "size-off-by-one",
                "A batch has another number of samples than batch_size. range(a, b) ends before b.",
                when=lambda batches: len(batches[0]) != 4,
            ),
        ],
    )
    check.equal(
        firsts("drop"),
        [[0, 1, 2, 3], [4, 5, 6, 7]],
        'the batches of 10 samples, batch_size=4, last="drop"',
        mistakes=[
            check.mistake(
                "short-not-dropped",
                "The short batch is still there. With drop it is left out.",
                when=lambda batches: len(batches) == 3,
            )
        ],
    )
    check.equal(
        firsts("drop", n=8),
        [[0, 1, 2, 3], [4, 5, 6, 7]],
        'the batches of 8 samples, batch_size=4, last="drop"',
        mistakes=[
            check.mistake(
                "full-dropped",
                "The last batch was full, and has been dropped. Only a short one is left out.",
                value=[[0, 1, 2, 3]],
            )
        ],
    )
    check.equal(
        firsts("share"),
        [[0, 1, 2, 3], [4, 5, 6], [7, 8, 9]],
        'the batches of 10 samples, batch_size=4, last="share"',
        mistakes=[
            check.mistake(
                "larger-last",
                "The sizes are right, but the larger batches come first.",
                when=lambda batches: sorted(map(len, batches)) == [3, 3, 4],
            ),
            check.mistake(
                "overfull",
                "A batch has more than batch_size samples. There are as many batches as with keep: 10 / 4, rounded up.",
                when=lambda batches: max(map(len, batches)) > 4,
            ),
            check.mistake(
                "not-shared",
                "The sizes differ by more than one. Share 10 samples among 3 batches as evenly as possible.",
                when=lambda batches: max(map(len, batches)) - min(map(len, batches)) > 1,
            ),
        ],
    )
    lengths = [len(Batches(ten, 4, last)) for last in ("keep", "drop", "share")]
    check.equal(
        lengths,
        [3, 2, 3],
        "len(Batches(ten samples, 4, last)) for keep, drop, share",
        mistakes=[
            check.mistake(
                "length-of-dataset",
                "That is the number of samples. A loader's length is the number of its batches.",
                value=[10, 10, 10],
            ),
            check.mistake(
                "length-ignores-last",
                "The length must agree with the batches that come: with drop there is one less.",
                value=[3, 3, 3],
            ),
        ],
    )
    seen = check.probe(Batches, dataset=check.Recorded(6), batch_size=2, epochs=2)
    check.equal(seen.error, None, "the error of two epochs")
    check.equal(
        [len(epoch) for epoch in seen.epochs],
        [3, 3],
        "the number of batches in the first and in the second epoch",
        mistakes=[
            check.mistake(
                "once-only",
                "The second epoch was empty. __iter__ must begin anew each time it is called: write yield in it, and keep no place in self.",
                when=lambda counts: counts[0] == 3 and counts[1] == 0,
            )
        ],
    )
    seen = check.probe(Batches, dataset=check.Recorded(6), batch_size=2, take=1)
    check.equal(
        [event.index for event in seen.events],
        [0, 1],
        "the samples that were fetched when only the first batch was asked for",
        mistakes=[
            check.mistake(
                "not-lazy",
                "Samples were fetched that nobody has asked for. Fetch a batch's samples just before you yield it.",
                when=lambda indices: len(indices) > 2,
            )
        ],
    )
    check.equal(firsts("share", n=0), [], 'the batches of no samples, last="share"')
    check.raises(ValueError, lambda: Batches(ten, 0), "Batches(ten samples, 0)", ["0"])
    check.raises(
        ValueError,
        lambda: Batches(ten, 4, "lose"),
        'Batches(ten samples, 4, "lose")',
        ["lose"],
        mistakes=[
            check.mistake(
                "late-refusal",
                "Nothing was refused. Refuse it in __init__: whoever made the mistake is there.",
                when=lambda arrived: not isinstance(arrived, Exception),
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "batches-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other numbers of samples, other batch sizes, more than the dataset has.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 1, hidden tests"):
    chance = check.rng("batches")
    for turn in range(8):
        n, size = int(chance.integers(0, 30)), int(chance.integers(1, 9))
        if turn < 2:  # all batches full; then one sample too many, for batches of 3 or more
            size = int(chance.integers(3, 9))
            n = 2 * size + turn
        b_samples = [torch.tensor([i, 3]) for i in range(n)]
        b_whole, b_rest = divmod(n, size)
        b_kept = [size] * b_whole + [b_rest] * (b_rest > 0)
        b_count = len(b_kept)
        wanted = {
            "keep": b_kept,
            "drop": [size] * b_whole,
            "share": [n // b_count + (k < n % b_count) for k in range(b_count)],
        }
        for b_last, b_sizes in wanted.items():
            loader = Batches(b_samples, size, b_last)
            arrived = [batch[:, 0].tolist() for batch in loader]
            check.equal([len(batch) for batch in arrived], b_sizes, "the sizes")
            check.equal(
                [i for batch in arrived for i in batch],
                list(range(sum(b_sizes))),
                "the samples",
            )
            check.equal(len(loader), len(b_sizes), "the length")
    check.equal(
        [b.tolist() for b in Batches([torch.tensor([7])], 5)], [[[7]]], "one sample"
    )
    check.equal(len(Batches([torch.tensor([7])], 5, "drop")), 0, "one sample, dropped")
    check.raises(ValueError, lambda: Batches([], -2), "a negative batch size", ["-2"])
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own
#
# `DataLoader` gives the same batches, for the two ways that it knows.

# %%
ten = [torch.tensor([i, i * i]) for i in range(10)]
for drop_last in (False, True):
    loader = DataLoader(ten, batch_size=4, drop_last=drop_last)
    print(
        f"drop_last={drop_last!s:5}",
        [batch[:, 0].tolist() for batch in loader],
        len(loader),
    )

# %% [markdown]
# ---
# ## 3 · A new order in every epoch
#
# A model that sees samples in the same order every time may learn the order. So they are shuffled. Here is a loader that
# somebody wrote for that.
#
# **Predict:** what will the second epoch look like?


# %%
class ShuffledOnce:
    """Shuffles in the wrong place."""

    def __init__(self, n):
        self.order = list(range(n))
        random.shuffle(self.order)

    def __iter__(self):
        return iter(self.order)


shuffled = ShuffledOnce(8)
for epoch in range(3):
    print("epoch", epoch, list(shuffled))

# %% [markdown]
# The same order each time. `__init__` runs once; what belongs to an epoch belongs into `__iter__`.
#
# ### Orders that can be repeated
#
# Shuffling with `random.shuffle` has another fault. When a run goes wrong in epoch 17, you want epoch 17 again, exactly. So the
# random numbers come from a **seed**: the same seed gives the same numbers.

# %%
for seed in (1, 2, 1):
    print(f"seed {seed}:", np.random.default_rng(seed).permutation(8).tolist())

# %% [markdown]
# Which seed for which epoch? "Seed + epoch" comes to mind. **Predict:** what is wrong with it? Compare the two runs below.

# %%
for run in (5, 6):
    for epoch in range(3):
        order = np.random.default_rng(run + epoch).permutation(8).tolist()
        print(f"run with seed {run}, epoch {epoch}: {order}")

# %% [markdown]
# Epoch 1 of the first run is epoch 0 of the second. Whoever repeats an experiment with the seeds 5, 6, 7 to see how much chance does
# will see the same orders again and again. NumPy takes several numbers as a seed, and mixes them well:
# `np.random.default_rng([seed, epoch])`.
#
# ### Neighbours are cheap
#
# One more thing, before you write it. A disk, and even more a network, often delivers a hundred neighbouring samples almost as fast as
# one. With a full shuffle each of them has to be fetched alone. A common way out: cut the indices into **blocks** of neighbours, shuffle the blocks, and
# shuffle within each block.
#
# ## Exercise 2 · Orders, block by block
# ★★☆ · 15 minutes · 4 points
#
# Complete the class `Orders(n, seed, block=1)`.
#
# - Each loop over it gives every number from 0 to n − 1 once. The first loop is epoch 0, the next one epoch 1, and so on. A loop counts when it
#   begins, even if it is left early.
# - `epoch(k)` returns the order of epoch *k* as a list. It may be called at any time, and changes nothing.
# - The blocks are 0 … block − 1, block … 2·block − 1, and so on; the last one may be shorter. Blocks come in random order. Within a block the
#   numbers come in random order, one after the other: no number of another block stands between them.
# - For given `n` and `block` the order depends on `seed`, on the epoch and on nothing else. Other seeds and other epochs give other orders: the run with seed 6 is not the
#   run with seed 5, one epoch later.
# - Nobody else's random numbers are touched: no `random.seed`, `np.random.seed`, `torch.manual_seed`.
#
# The numbers may be Python's or NumPy's.
#
# <details><summary>Hint 1</summary>Write <code>epoch(k)</code> first. <code>__iter__</code> needs it, and a counter of the loops so far.</details>
# <details><summary>Hint 2</summary>With <code>chance = np.random.default_rng([self.seed, k])</code>, <code>chance.permutation(5)</code> gives the numbers 0 to 4 in random order, and <code>chance.permutation([8, 9])</code> these two. How many blocks are there? Try n = 10, block = 4.</details>
# <details><summary>Hint 3</summary><code>starts = range(0, n, block)</code> are the beginnings of the blocks. For each of <code>chance.permutation(starts)</code>, the block is <code>range(start, min(start + block, n))</code>: permute it, and add its numbers to a list.</details>


# %% nbgrader={"grade": false, "grade_id": "orders", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Orders:
    """The numbers 0 … n-1 in a new order each time, shuffled by blocks."""

    def __init__(self, n, seed, block=1):
        self.n = n
        self.seed = seed
        self.block = block
        ### BEGIN SOLUTION
        self.loops = 0
        ### END SOLUTION

    def __len__(self):
        return self.n

    def epoch(self, k):
        """The order of epoch k."""
        ### BEGIN SOLUTION
        chance = np.random.default_rng([self.seed, k])
        order = []
        for start in chance.permutation(range(0, self.n, self.block)):
            order += chance.permutation(
                range(start, min(start + self.block, self.n))
            ).tolist()
        return order
        ### END SOLUTION

    def __iter__(self):
        ### BEGIN SOLUTION
        order = self.epoch(self.loops)
        self.loops += 1
        return iter(order)
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "orders-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 2"):
    orders = Orders(40, seed=1)
    loops = [[int(i) for i in orders] for _ in range(3)]
    for k, loop in enumerate(loops):
        check.equal(
            sorted(loop),
            list(range(40)),
            f"the numbers of loop {k} over Orders(40, seed=1), sorted",
            mistakes=[
                check.mistake(
                    "with-repeats",
                    "Some numbers came twice, others never. A permutation has each of them once.",
                    when=lambda numbers: len(numbers) == 40,
                )
            ],
        )
    in_old_order = check.mistake(
        "blocks-in-order",
        "The blocks come in their old order (with block=1 each number is a block). Shuffle the blocks, too.",
    )
    check.equal(
        loops[0] == list(range(40)),
        False,
        "whether the numbers came in their old order",
        mistakes=[in_old_order],
    )
    check.equal(
        loops[0] == loops[1] or loops[1] == loops[2],
        False,
        "whether two loops had the same order",
        mistakes=[
            check.mistake(
                "same-every-epoch",
                "Each loop has the same order. Count the loops in __iter__, and let the count go into the seed.",
                value=True,
            )
        ],
    )
    fresh = Orders(40, seed=1)
    check.equal(
        [[int(i) for i in fresh.epoch(k)] for k in (2, 0, 1)],
        [loops[2], loops[0], loops[1]],
        "epoch(2), epoch(0), epoch(1) of a new Orders(40, seed=1), against its loops",
        mistakes=[
            check.mistake(
                "not-repeatable",
                "Asked again, an epoch has another order. Make a new generator from seed and epoch each time.",
            )
        ],
    )
    asked = Orders(40, seed=1)
    asked.epoch(7)
    check.equal(
        [int(i) for i in asked],
        loops[0],
        "the first loop after epoch(7) was asked for",
        mistakes=[
            check.mistake(
                "asking-counts",
                "Asking for an order is no loop: epoch() must leave the count of loops alone.",
            )
        ],
    )
    left = Orders(40, seed=1)
    next(iter(left))
    check.equal(
        [int(i) for i in left],
        loops[1],
        "the loop after one that was left after its first number",
        mistakes=[
            check.mistake(
                "counts-at-end",
                "The loop that was left early did not count. Raise the number of loops before you give out the first index.",
                value=loops[0],
            )
        ],
    )
    other = [[int(i) for i in Orders(40, seed).epoch(k)] for seed, k in ((5, 1), (6, 0))]
    check.equal(
        other[0] == other[1],
        False,
        "whether epoch 1 with seed 5 is epoch 0 with seed 6",
        mistakes=[
            check.mistake(
                "seed-plus-epoch",
                "Seed and epoch are added: 5 + 1 is 6 + 0. Hand both over: np.random.default_rng([seed, epoch]).",
                value=True,
            )
        ],
    )
    o_blocks = [int(i) for i in Orders(10, seed=3, block=4).epoch(0)]
    check.equal(
        sorted(o_blocks), list(range(10)), "the numbers of Orders(10, seed=3, block=4)"
    )
    changes = sum(one // 4 != other // 4 for one, other in pairwise(o_blocks))
    check.equal(
        changes,
        2,
        "how often the order goes from one of the 3 blocks to another",
        mistakes=[
            check.mistake(
                "blocks-torn",
                "Numbers of different blocks are mixed. Finish a block before the next one begins.",
                when=lambda count: count > 2,
            )
        ],
    )
    many = [[int(i) for i in Orders(10, seed, 4).epoch(0)] for seed in range(40)]
    check.equal(
        {order[0] // 4 for order in many},
        {0, 1, 2},
        "the blocks that come first, with 40 seeds",
        mistakes=[in_old_order],
    )
    inside = [[i for i in order if i < 4] for order in many]
    check.equal(
        all(order == sorted(order) for order in inside),
        False,
        "whether the numbers within a block are always sorted",
        mistakes=[
            check.mistake(
                "sorted-within",
                "Within a block the old order is left. Shuffle there as well.",
                value=True,
            )
        ],
    )
    for seed_it, draw, size, name in (
        (random.seed, random.getrandbits, 32, "Python's"),
        (np.random.seed, np.random.random, 3, "NumPy's"),
        (torch.manual_seed, torch.rand, 3, "PyTorch's"),
    ):
        check.beside(seed_it, 11)
        untouched = check.beside(draw, size)
        check.beside(seed_it, 11)
        Orders(12, seed=4).epoch(1)
        check.equal(
            check.beside(draw, size),
            untouched,
            f"the next of {name} own random numbers, after epoch(1)",
            mistakes=[
                check.mistake(
                    "global-state",
                    "Your code has seeded or used the random numbers that everybody shares. Make a generator of your own: np.random.default_rng.",
                )
            ],
        )

# %% nbgrader={"grade": true, "grade_id": "orders-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other lengths, seeds and blocks.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 2, hidden tests"):
    chance = check.rng("orders")
    for _ in range(5):
        n, block = int(chance.integers(30, 60)), int(chance.integers(2, 9))
        seed = int(chance.integers(1000))
        orders = Orders(n, seed, block)
        loops = [[int(i) for i in orders] for _ in range(3)]
        for k, loop in enumerate(loops):
            check.equal(sorted(loop), list(range(n)), "the numbers")
            check.equal(
                [int(i) for i in Orders(n, seed, block).epoch(k)], loop, "an epoch again"
            )
            changes = sum(a // block != b // block for a, b in pairwise(loop))
            check.equal(changes, -(-n // block) - 1, "changes of the block")
        check.equal(len({tuple(loop) for loop in loops}), 3, "different orders")
        plain, later = Orders(n, seed + 1).epoch(0), Orders(n, seed).epoch(1)
        check.equal(
            [int(i) for i in plain] == [int(i) for i in later], False, "equal orders"
        )
        whole = [int(i) for i in Orders(n, seed, n + 3).epoch(0)]
        check.equal(sorted(whole), list(range(n)), "one block for all")
        check.equal(whole == list(range(n)), False, "one block, unshuffled")
    check.equal([int(i) for i in Orders(1, 0)], [0], "one number")
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own
#
# PyTorch's `RandomSampler` shuffles without blocks. Its order comes from a generator whose state goes on, so epoch 17 can be had again only by
# going through the 17 before. Its `DistributedSampler` (lab 08) can be set to any epoch, and adds seed and epoch.
#
# **Predict:** which two of these lines are the same?

# %%
for seed, epoch in ((5, 0), (5, 1), (6, 0)):
    sampler = DistributedSampler(range(8), num_replicas=1, rank=0, seed=seed)
    sampler.set_epoch(epoch)
    print(f"seed {seed}, epoch {epoch}: {list(sampler)}")

# %% [markdown]
# ---
# ## 4 · Workers
#
# A **worker** fetches samples beside the main program. It is a **thread**, which shares the program's memory, or a **process**, which has memory of
# its own. PyTorch's `DataLoader(…, num_workers=2)` starts two processes. What do they do?
#
# The experiment below runs such a loader on your machine, and draws who made which batch when. Lock your prediction first; then run it,
# move the sliders, and run it again.

# %% tags=["demonstration"]
from datakit.experiments import loader_queue

loader_queue.view()

# %% [markdown]
# Here is the same as a table, for two workers: `loader_queue.loader_queue()` is a plain function, and you can call it with other settings.

# %% tags=["demonstration"]
loader_queue.loader_queue(workers=2).round()[
    ["batch", "samples loaded by worker", "started (ms)", "ready (ms)", "taken (ms)"]
]

# %% [markdown]
# Whole batches, in turn. **`num_workers` doesn't split batches.** A batch is as slow as its samples together, and the first batch
# comes no sooner with eight workers than with one. What workers add is the *next* batches: they are being fetched meanwhile.
#
# ### A thread that works for you
#
# Python's standard library has the pieces. A **pool** of threads takes a function and an argument and gives back a **future**: a promise
# of the result. `future.result()` waits until it is there.

# %%
with ThreadPoolExecutor(max_workers=2) as pool:
    begin = time.perf_counter()
    futures = [pool.submit(time.sleep, 0.1) for _ in range(4)]
    print(
        f"four naps of 100 ms promised after {1000 * (time.perf_counter() - begin):.0f} ms"
    )
    for future in futures:
        future.result()
    print(f"all of them done after       {1000 * (time.perf_counter() - begin):.0f} ms")

# %% [markdown]
# Why not promise everything at once? Because each promise that is kept takes memory until somebody fetches it. A dataset with a million
# samples would end up in memory before the second step. So there is a **bound**: so many may be under way or waiting, and no more. PyTorch's
# bound is `prefetch_factor` batches for each worker.
#
# ## Exercise 3 · Ahead, but not too far
# ★★☆ · 20 minutes · 4 points
#
# Complete the generator `ahead(dataset, indices, workers=2, limit=4)`.
#
# - It yields `dataset[i]` for each `i` of `indices`, **in the order of `indices`**.
# - Samples are fetched by `workers` threads, so that up to `workers` are being fetched at the same time.
# - At any time at most `limit` fetches have been begun or promised whose result has not been yielded yet.
# - Nothing is fetched before the first result is asked for.
#
# `indices` is a list. `limit` is at least 1. What happens when the loop is left early is part 7's matter.
#
# <details><summary>Hint 1</summary>Promise the first <code>limit</code> samples. Then: wait for the oldest promise, yield its result, and promise one more. What do you do when there are no more indices, but promises are left?</details>
# <details><summary>Hint 2</summary>A <code>deque</code> is a list with two quick ends: <code>waiting.append(pool.submit(…))</code> and <code>waiting.popleft().result()</code>. What you submit is a function with its arguments: <code>pool.submit(dataset.__getitem__, i)</code>.</details>
# <details><summary>Hint 3</summary>For each <code>i</code> in <code>indices</code>: if <code>limit</code> promises are waiting, yield the oldest one's result; then promise <code>i</code>. Behind the loop, yield what still waits. A function with <code>yield</code> in it does nothing before it is asked.</details>


# %% nbgrader={"grade": false, "grade_id": "ahead", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ahead(dataset, indices, workers=2, limit=4):
    """Yield the samples in order, fetched by threads, at most `limit` of them ahead."""
    ### BEGIN SOLUTION
    waiting = deque()
    with ThreadPoolExecutor(workers) as pool:
        for i in indices:
            if len(waiting) == limit:
                yield waiting.popleft().result()
            waiting.append(pool.submit(dataset.__getitem__, i))
        while waiting:
            yield waiting.popleft().result()
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "ahead-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 3"):
    wanted = [3, 0, 7, 1, 6, 2, 5, 4]
    # Sample 3, the first one wanted, is ready only when others have been for a while.
    slow = check.Recorded(8, seconds=0.03, slow_at=(3,))
    seen = check.probe(ahead, wanted, dataset=slow, workers=2, limit=4)
    check.equal(seen.error, None, "the error of ahead(dataset, eight indices)")
    check.equal(
        [int(sample[0]) for sample in seen.batches],
        wanted,
        "the samples that came, for indices [3, 0, 7, 1, 6, 2, 5, 4]",
        mistakes=[
            check.mistake(
                "last-ones-lost",
                "The last samples are missing: they had been promised, but nobody waited for them. When the indices have ended, yield what still waits.",
                when=lambda samples: (
                    0 < len(samples) < 8 and samples == wanted[: len(samples)]
                ),
            ),
            check.mistake(
                "order-lost",
                "All samples came, in another order. Wait for the oldest promise first, not for the first one that is kept.",
                when=lambda samples: sorted(samples) == list(range(8)),
            ),
        ],
    )
    check.equal(
        seen.at_once,
        2,
        "the largest number of samples that were being fetched at the same time, with workers=2",
        mistakes=[
            check.mistake(
                "one-at-a-time",
                "One sample after the other: each promise is waited for as soon as it is made. Make several before you wait.",
                value=1,
            ),
            check.mistake(
                "too-many-threads",
                "More than two at a time. The pool must have as many threads as workers says.",
                when=lambda most: most > 2,
            ),
        ],
    )
    check.equal(
        seen.workers > 0,
        True,
        "whether other threads than the main one fetched samples",
    )
    seen = check.probe(
        ahead, list(range(20)), dataset=check.Recorded(20), workers=2, limit=3, take=2
    )
    check.equal(
        len(seen.events) <= 5,
        True,
        "whether at most 2 + 3 samples were fetched when 2 had been yielded, with limit=3",
        mistakes=[
            check.mistake(
                "no-limit",
                "More were fetched than were asked for and limit allows. Promise the next one only when one has been yielded.",
                value=False,
            )
        ],
    )
    seen = check.probe(
        ahead, list(range(6)), dataset=check.Recorded(6, seconds=0.03), workers=4, limit=1
    )
    check.equal(
        [int(sample[0]) for sample in seen.batches],
        list(range(6)),
        "the samples with limit=1",
    )
    check.equal(
        seen.at_once,
        1,
        "how many were being fetched at the same time with workers=4 and limit=1",
        mistakes=[
            check.mistake(
                "limit-by-workers",
                "With limit=1 only one promise may be open, however many workers there are.",
                when=lambda most: most > 1,
            )
        ],
    )
    seen = check.probe(ahead, [1, 2, 3], dataset=check.Recorded(6), take=0)
    check.equal(
        len(seen.events),
        0,
        "how many samples were fetched before the first one was asked for",
        mistakes=[
            check.mistake(
                "begins-too-soon",
                "Fetching begins with the call. With yield in the function itself it begins with the first next().",
                when=lambda count: count > 0,
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "ahead-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other orders, numbers of workers and limits.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 3, hidden tests"):
    chance = check.rng("ahead")
    for workers, limit in ((1, 3), (3, 3), (3, 9)):
        a_order = [int(i) for i in chance.permutation(12)]
        seen = check.probe(
            ahead,
            a_order,
            dataset=check.Recorded(12, seconds=0.04, slow_at=(a_order[0],)),
            workers=workers,
            limit=limit,
        )
        check.equal(seen.error, None, "the error")
        check.equal(
            [int(sample[0]) for sample in seen.batches], a_order, "the samples in order"
        )
        check.equal(seen.at_once <= workers, True, "at most as many at once as workers")
        check.equal(seen.at_once > 1, workers > 1, "several at once")
        a_take = int(chance.integers(1, 4))
        seen = check.probe(
            ahead,
            a_order,
            dataset=check.Recorded(12),
            workers=workers,
            limit=limit,
            take=a_take,
            pause=0.1,
        )
        check.equal(len(seen.events) <= a_take + limit, True, "the limit")
    seen = check.probe(ahead, [2, 2, 1], dataset=check.Recorded(3), workers=2, limit=8)
    check.equal([int(s[0]) for s in seen.batches], [2, 2, 1], "an index twice")
    seen = check.probe(ahead, [], dataset=check.Recorded(3))
    check.equal(seen.batches, [], "no indices")
### END HIDDEN TESTS

# %% [markdown]
# ### Does it help?
#
# The loop of part 1 again: 10 batches, each a step of 40 milliseconds. This time the samples come from your generator. (Without your answer this cell
# ends in an error. Then just go on.)
#
# **Predict:** how long now, with one worker? With two? With eight?

# %% tags=["demonstration", "raises-exception"]
for workers in (1, 2, 8):
    begin = time.perf_counter()
    samples = ahead(SlowDisk(80), list(range(80)), workers=workers, limit=16)
    for _ in range(10):
        batch = torch.stack([next(samples) for _ in range(8)])
        time.sleep(0.040)  # the training step
    print(f"{workers} workers: {1000 * (time.perf_counter() - begin):.0f} ms")

# %% [markdown]
# The steps alone take 400 milliseconds. Once loading fits beneath them, more workers gain little or nothing. How many that takes depends on
# your samples, your step and your machine: lab 06 measures it.
#
# ---
# ## 5 · First come, not first served
#
# With futures it is easy to wait for the oldest promise. PyTorch's workers are processes, and send all they make through one
# **queue**: a line in which things wait, first in, first out. What was made quickly arrives first. So PyTorch numbers the batches, and puts them in
# order as they arrive.
#
# Here are two threads that send numbered batches. The thread with the even numbers is slower.

# %%
arrivals = queue.Queue()


def send(numbers, seconds):
    """Put (number, batch) pairs into the queue, one after the other."""
    for number in numbers:
        time.sleep(seconds)
        arrivals.put((number, f"batch {number}"))


senders = [
    threading.Thread(target=send, args=((0, 2, 4), 0.05)),
    threading.Thread(target=send, args=((1, 3, 5), 0.01)),
]
for sender in senders:
    sender.start()
for sender in senders:
    sender.join()
arrived = [arrivals.get() for _ in range(6)]
print([number for number, batch in arrived])

# %% [markdown]
# Batch 1 is there, and batch 0 isn't. Somebody has to keep it until its turn. Sorting all of them at the end would do, but then
# nothing could be handed on before the last one has arrived.
#
# ## Exercise 4 · Its turn
# ★★☆ · 15 minutes · 4 points
#
# Complete the generator `in_order(arrivals)`. `arrivals` gives pairs (number, batch). The numbers are 0, 1, 2, …, each once, in any order.
#
# - It yields the batches in the order of their numbers.
# - Each batch is yielded **as soon as it may be**: before the next arrival is taken.
# - A batch may be anything: a tensor, a list, `None`, 0.
# - A number that arrives a second time raises a `ValueError` whose message holds that number. It doesn't matter whether the first one waits or
#   has been yielded already.
# - If the arrivals end while batches wait, a `ValueError` holds the number of the first batch that never arrived. What could be yielded
#   has been yielded before.
#
# <details><summary>Hint 1</summary>You need two things: the number whose turn it is, and a dict of what has arrived too early.</details>
# <details><summary>Hint 2</summary>One arrival can make room for several: if 1, 2 and 3 wait and 0 arrives, four batches may go. So an <code>if</code> is not enough.</details>
# <details><summary>Hint 3</summary><code>while turn in waiting: yield waiting.pop(turn); turn += 1</code>, on three lines. A number below <code>turn</code> has been yielded already.</details>


# %% nbgrader={"grade": false, "grade_id": "order", "locked": false, "schema_version": 3, "solution": true, "task": false}
def in_order(arrivals):
    """Pairs (number, batch) in any order → the batches in the order of their numbers, as soon as possible."""
    ### BEGIN SOLUTION
    waiting, turn = {}, 0
    for number, batch in arrivals:
        if number < turn or number in waiting:
            raise ValueError(f"batch {number} arrived twice")
        waiting[number] = batch
        while turn in waiting:
            yield waiting.pop(turn)
            turn += 1
    if waiting:
        raise ValueError(
            f"batch {turn} never arrived; batches {sorted(waiting)} wait for it"
        )
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "order-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 4"):
    taken = []

    def arriving(numbers):
        for number in numbers:
            taken.append(number)
            yield number, f"batch {number}"

    def story(numbers):
        """Each batch with how many arrivals had been taken by then; then the error, if there was one."""
        taken.clear()
        told = []
        try:
            for batch in in_order(arriving(numbers)):
                told.append([batch, len(taken)])
        except ValueError as error:
            told.append(f"ValueError: {error}")
        return told

    check.equal(
        story([0, 1, 2]),
        [["batch 0", 1], ["batch 1", 2], ["batch 2", 3]],
        "each batch with the number of arrivals taken before it, for 0, 1, 2",
        mistakes=[
            check.mistake(
                "waits-for-all",
                "The first batch comes only after the last arrival. Batch 0 could go after one.",
                when=lambda told: told[0][1] == 3,
            ),
            check.mistake(
                "one-too-late",
                "A batch waits for the next arrival though its turn has come. Look for it behind storing, not before.",
                when=lambda told: told[0][1] == 2,
            ),
        ],
    )
    check.equal(
        story([1, 3, 0, 2]),
        [["batch 0", 3], ["batch 1", 3], ["batch 2", 4], ["batch 3", 4]],
        "each batch with the number of arrivals taken before it, for 1, 3, 0, 2",
        mistakes=[
            check.mistake(
                "as-they-come",
                "They come as they arrived. Keep those whose turn it isn't.",
                when=lambda told: told[0] == ["batch 1", 1],
            ),
            check.mistake(
                "one-per-arrival",
                "Batch 1 comes one arrival too late, and the last ones never. One arrival can free several: go on while the next one is there.",
                when=lambda told: told[:2] == [["batch 0", 3], ["batch 1", 4]],
            ),
        ],
    )
    truth = check.mistake(
        "asks-for-truth",
        "Your code asks whether a batch is true. None and 0 aren't, and a tensor can't say. Ask whether its number is there: in.",
        when=lambda found: (
            isinstance(found, (list, ValueError)) or "ambiguous" in str(found)
        ),
    )
    for odd, name in (
        ([(1, None), (2, 0), (0, "zero")], "None and 0"),
        ([(1, torch.tensor([1, 1])), (0, torch.tensor([0, 0]))], "tensors"),
    ):
        check.equal(
            check.runs(
                lambda odd=odd: list(in_order(odd)), f"in_order with {name}", [truth]
            ),
            [dict(odd)[number] for number in range(len(odd))],
            f"the batches, where {name} are among them",
            mistakes=[truth],
        )
    for numbers, name in (([0, 1, 1, 2], "waits no more"), ([0, 2, 2, 1], "still waits")):
        check.raises(
            ValueError,
            lambda numbers=numbers: list(
                in_order([(k, torch.tensor([k, k * k])) for k in numbers])
            ),
            f"in_order of the arrivals {numbers}",
            [str(numbers[2])],
            mistakes=[
                check.mistake(
                    "twice-unseen",
                    f"A number arrived twice, and nobody said so. (The first one {name}.)",
                    when=lambda arrived: isinstance(arrived, list),
                ),
                check.mistake(
                    "compares-batches",
                    "Batches were compared with each other, as sorting pairs or a heap of pairs does. Only the numbers may be compared.",
                    when=lambda arrived: "ambiguous" in str(arrived),
                ),
            ],
        )
    got = []

    def collect():
        for batch in in_order([(k, k) for k in (0, 1, 4, 3)]):
            got.append(batch)  # kept although an error follows

    check.raises(
        ValueError,
        collect,
        "in_order of the arrivals 0, 1, 4, 3",
        ["2"],
        mistakes=[
            check.mistake(
                "gap-unseen",
                "Batches 3 and 4 were lost without a word. When the arrivals have ended, nothing may be waiting.",
                when=lambda arrived: not isinstance(arrived, Exception),
            )
        ],
    )
    check.equal(got, [0, 1], "the batches that came before the error")

# %% nbgrader={"grade": true, "grade_id": "order-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other orders, longer ones, none.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 4, hidden tests"):
    chance = check.rng("order")
    for n in (1, 7, 25):
        numbers = [int(k) for k in chance.permutation(n)]
        taken = []

        def arriving(numbers=numbers, taken=taken):
            for number in numbers:
                taken.append(number)
                yield number, 10 * number

        arrived = [[batch, len(taken)] for batch in in_order(arriving())]
        soonest = [max(numbers.index(j) for j in range(k + 1)) + 1 for k in range(n)]
        check.equal(
            arrived, [[10 * k, soonest[k]] for k in range(n)], "batches and moments"
        )
        missing = int(chance.integers(0, n))
        rest = [(k, k) for k in [*numbers, n] if k != missing]
        check.raises(ValueError, lambda rest=rest: list(in_order(rest)), "a gap", [missing])
        again = [(k, k) for k in [*numbers, missing]]
        check.raises(
            ValueError, lambda again=again: list(in_order(again)), "twice", [missing]
        )
    check.equal(list(in_order([])), [], "no arrivals")
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own
#
# PyTorch's loader does this by default. With `in_order=False` it hands on what arrives first: quicker where samples differ much in size, but then
# the order of training depends on chance. datakit's loader has the same argument.

# %% tags=["demonstration"]
loader = datakit.DataLoader(SlowDisk(12), batch_size=4, num_workers=2, workers="thread")
print([batch[:, 0].tolist() for batch in loader])

# %% [markdown]
# ---
# ## 6 · An error far away
#
# A sample is broken. The error is raised in a worker. Who hears of it?

# %% tags=["demonstration"]
answers = queue.Queue()


def fetch_all():
    """A worker: fetch three samples and put them into the queue."""
    for text in ("[0, 1]", "[2, 3", "[4, 5]"):
        answers.put(json.loads(text))


threading.Thread(target=fetch_all).start()
print(answers.get())
try:
    print(answers.get(timeout=1))
except queue.Empty:
    print("nothing came for a second. Without timeout=, we would wait for ever.")

# %% [markdown]
# Python has printed the thread's error, and nothing more. The thread has ended, the loop hears nothing of it, and waits. An error must therefore **travel** as a result does, and be raised again where somebody can act on
# it. Between processes it travels as bytes (it is **pickled**), and a traceback can't be pickled. So its text is taken along.
#
# ## Exercise 5 · Errors that travel
# ★★★ · 25 minutes · 4 points
#
# Complete two functions. The first runs in a worker, the second in the loop.
#
# `attempt(fetch, index)` calls `fetch(index)` and returns a dict with
#
# - `"index"`: the index,
# - `"value"`: what `fetch` returned, or `None` if it raised an error,
# - `"error"`: `None`, or a dict of three texts: `"type"` (the name of the error's class, such as `"ValueError"`), `"message"` (`str(error)`) and
#   `"traceback"` (the text that Python would print).
#
# It lets no `Exception` through.
#
# `deliver(result)` takes such a dict.
#
# - If there was no error it returns the value.
# - Else it raises an error whose message holds the index, the old message and the traceback's text.
# - Its type is the old one, if that is one of Python's own (there is an exception of this name in the module `builtins`) and can be made from one text. In
#   any other case it is a `RuntimeError` whose message holds the old type's name.
#
# <details><summary>Hint 1</summary><code>except Exception as error:</code> gives you the error; <code>type(error).__name__</code> is its class's name. The module <code>traceback</code> has a function that gives the text: <code>traceback.format_exc()</code>.</details>
# <details><summary>Hint 2</summary><code>getattr(builtins, "ValueError", None)</code> is the class, or <code>None</code> if there is none of that name. <code>UnicodeDecodeError</code> is one of Python's own, but wants five arguments: <code>UnicodeDecodeError("text")</code> raises a <code>TypeError</code>.</details>
# <details><summary>Hint 3</summary>Make the error in a <code>try</code>: <code>made = kind(message)</code>. On a <code>TypeError</code>, take a <code>RuntimeError</code>. Raise it behind the <code>try</code>, not within it.</details>


# %% nbgrader={"grade": false, "grade_id": "relay", "locked": false, "schema_version": 3, "solution": true, "task": false}
def attempt(fetch, index):
    """In the worker: fetch(index), or a record of what went wrong."""
    ### BEGIN SOLUTION
    try:
        return {"index": index, "value": fetch(index), "error": None}
    except Exception as error:
        told = {
            "type": type(error).__name__,
            "message": str(error),
            "traceback": traceback.format_exc(),
        }
        return {"index": index, "value": None, "error": told}
    ### END SOLUTION


def deliver(result):
    """In the loop: the value, or the error raised again."""
    ### BEGIN SOLUTION
    error = result["error"]
    if error is None:
        return result["value"]
    name = error["type"]
    message = (
        f"{name} in sample {result['index']!r}: {error['message']}\n\n{error['traceback']}"
    )
    kind = getattr(builtins, name, RuntimeError)
    try:
        made = kind(message)
    except TypeError:
        made = RuntimeError(message)
    raise made
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "relay-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 5"):
    check.equal(
        attempt(int, "12"),
        {"index": "12", "value": 12, "error": None},
        'attempt(int, "12")',
    )
    broken = check.runs(
        lambda: attempt(int, "twelve"),
        'attempt(int, "twelve")',
        mistakes=[
            check.mistake(
                "let-through",
                "The error went through. In a worker nobody would hear it: catch it, and return a record of it.",
                when=lambda error: "twelve" in str(error),
            )
        ],
    )
    check.equal([broken["index"], broken["value"]], ["twelve", None], "its index and value")
    told = broken["error"]
    check.equal(
        check.runs(
            lambda: [told["type"], told["message"]],
            "the type and the message in its error",
            mistakes=[
                check.mistake(
                    "no-dict-of-texts",
                    'Under "error" belongs a dict of three texts: "type", "message" and "traceback". The error itself may not be picklable, and its traceback never is.',
                    when=lambda error: isinstance(error, TypeError | KeyError),
                )
            ],
        ),
        ["ValueError", "invalid literal for int() with base 10: 'twelve'"],
        "the type and the message in its error",
        mistakes=[
            check.mistake(
                "type-as-printed",
                "The type is not a plain name. type(error).__name__ is ValueError; str(type(error)) is not.",
                when=lambda pair: "class" in str(pair[0]),
            ),
            check.mistake(
                "message-with-type",
                "The message is str(error): the text alone, without the type.",
                when=lambda pair: "ValueError" in str(pair[1]),
            ),
        ],
    )
    check.equal(
        [
            "Traceback" in told["traceback"],
            "line" in told["traceback"],
            "attempt" in told["traceback"],
        ],
        [True, True, True],
        "whether its traceback holds Traceback, line and attempt",
        mistakes=[
            check.mistake(
                "no-traceback",
                "The traceback's text is not there. traceback.format_exc() gives it, inside the except.",
            )
        ],
    )

    def over(fetch, index):
        """Send the result through a pipe, as between processes, and deliver it."""
        return deliver(pickle.loads(pickle.dumps(attempt(fetch, index))))

    check.equal(over(int, "7"), 7, "a value, delivered")
    nothing = check.mistake(
        "none-is-error",
        "None is a value as any other. Whether there was an error stands in error.",
    )
    check.equal(
        check.runs(lambda: over(json.loads, "null"), "None, delivered", [nothing]),
        None,
        "None, delivered",
        mistakes=[nothing],
    )
    returned = "nothing: it raised"
    with contextlib.suppress(Exception):
        returned = over(int, "twelve")
    check.equal(
        returned,
        "nothing: it raised",
        "what deliver returned, for a record of an error",
        mistakes=[
            check.mistake(
                "returned-not-raised",
                "The error came back as a value. Raise it.",
                when=lambda value: isinstance(value, Exception),
            ),
            check.mistake(
                "error-as-none",
                "A value came back, though there was an error. Look at error first.",
            ),
        ],
    )
    for fetch, index, kind, name in (
        (int, "twelve", ValueError, "ValueError"),
        ([1, 2].__getitem__, 5, IndexError, "IndexError"),
    ):
        check.raises(
            kind,
            lambda fetch=fetch, index=index: over(fetch, index),
            f"delivering a {name}",
            [index],
            mistakes=[
                check.mistake(
                    "type-lost",
                    "The type is lost. Whoever catches a ValueError would not catch this.",
                    when=lambda error: not isinstance(error, kind),
                )
            ],
        )
    check.raises(
        ValueError,
        lambda: over(int, "twelve"),
        "delivering a ValueError",
        ["twelve", "invalid literal", "Traceback", "in attempt"],
        mistakes=[
            check.mistake(
                "message-incomplete",
                "Type and place are right, but the message lacks something: index, old message and the traceback's text belong into it.",
            )
        ],
    )
    check.raises(
        RuntimeError,
        lambda: over(json.loads, "[2, 3"),
        "delivering a JSONDecodeError",
        ["JSONDecodeError", "Traceback"],
        mistakes=[
            check.mistake(
                "unknown-type",
                "JSONDecodeError is none of Python's own types, so there is none of that name in builtins. Raise a RuntimeError that names it.",
                when=lambda error: isinstance(error, Exception),
            )
        ],
    )
    check.raises(
        RuntimeError,
        lambda: over(bytes.decode, b"\xff"),
        "delivering a UnicodeDecodeError",
        ["UnicodeDecodeError", "Traceback"],
        mistakes=[
            check.mistake(
                "wants-more-arguments",
                "UnicodeDecodeError can't be made from one text, and your attempt raised a TypeError that says nothing of the cause. Catch that, and raise a RuntimeError.",
                when=lambda error: isinstance(error, TypeError),
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "relay-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other errors and values.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 5, hidden tests"):
    chance = check.rng("relay")
    number = int(chance.integers(100, 1000))

    def over(fetch, index):
        return deliver(pickle.loads(pickle.dumps(attempt(fetch, index))))

    check.equal(over(str, number), str(number), "a value")
    for value in (0, "", [], False):
        check.equal(over(json.loads, json.dumps(value)), value, "a value that is not true")
    for fetch, index, kind in (
        ({number: 1}.__getitem__, number + 1, KeyError),
        (int, f"x{number}", ValueError),
        (len, number, TypeError),
        (range(3).__getitem__, number, IndexError),
    ):
        check.equal(attempt(fetch, index)["error"]["type"], kind.__name__, "the type")
        check.raises(kind, lambda f=fetch, i=index: over(f, i), "an error", [index])
    check.raises(
        RuntimeError,
        lambda: over(json.loads, f"[{number}"),
        "JSON",
        ["JSONDecodeError", number],
    )
    check.raises(
        RuntimeError, lambda: over(str.encode, "\ud800"), "text", ["UnicodeEncodeError"]
    )
    check.equal(attempt(int, f"{number}")["error"], None, "no error")
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own, and the finished piece
#
# PyTorch's workers send an `ExceptionWrapper`, which does what you wrote; so do datakit's workers. Here both loaders meet a broken sample in a worker process.
# (`check.probe` loops over a loader, as the checks above do, and keeps what it sees. `Recorded` is its dataset.)
# **Predict:** which type of error arrives in the loop?

# %% tags=["demonstration"]
for Loader in (datakit.DataLoader, DataLoader):
    broken = check.Recorded(8, fails_at=(5,))
    seen = check.probe(Loader, dataset=broken, batch_size=2, num_workers=1)
    print(f"{Loader.__module__}: {len(seen.batches)} batches, then")
    print("".join(traceback.format_exception_only(seen.error)))

# %% [markdown]
# Both raise a `ValueError`, with the traceback that the worker saw. datakit's says as well which sample it was: `dataset[5]`.

# %% [markdown]
# ---
# ## 7 · Who turns off the light?
#
# A loop can end early: by `break`, by an error in the step, by Ctrl-C. Here is a thread that fetches ahead into a queue with room for two. Its
# loop is left after the first batch.

# %% tags=["demonstration"]
room = queue.Queue(maxsize=2)


def fill():
    """Fetch ten samples and put them into the queue."""
    for i in range(10):
        room.put(i)


filler = threading.Thread(target=fill, daemon=True)
filler.start()
print("first:", room.get())
time.sleep(0.2)
print("the loop has been left. Is the thread still there?", filler.is_alive())

# %% [markdown]
# It waits in `put`, for room that nobody will make. It will wait as long as the program lives, and holds on to its samples.
# In a notebook where you run the cell again and again, these threads add up. With processes it is worse: each takes memory of its own.
#
# A generator hears of its end. When the loop is left, Python raises `GeneratorExit` at the `yield`, so a `finally` behind it runs:

# %%


def numbers():
    """Count, and say when nobody listens any more."""
    try:
        for i in range(10):
            yield i * i
    finally:
        print("finally: the loop has been left")


for number in numbers():
    print(number)
    if number == 1:
        break

# %% [markdown]
# ## Exercise 6 · A clean end
# ★★★ · 25 minutes · 4 points
#
# Complete the class `Background(source, limit=2)`. It runs `for item in source` in a thread of its own, and hands the items on.
#
# - `for item in Background(source)` gives the items of `source` in order. They are fetched in **another thread**, at most `limit` of them ahead
#   (one more may be in the thread's hands).
# - If `source` raises an error, the items before it are handed on first; then the same error is raised in the loop.
# - When the loop ends, by itself, by `break` or by an error, the thread ends, too, within a second. Also if it is just waiting for room.
# - It can be looped over again; each time a new thread begins at the beginning.
#
# The thread may need until the end of the sample that it is just fetching.
#
# <details><summary>Hint 1</summary>Three kinds of things go through the queue: an item, the end, an error. Send pairs, such as <code>("item", item)</code>, <code>("end", None)</code>, <code>("error", error)</code>: an item may be <code>None</code>.</details>
# <details><summary>Hint 2</summary>A <code>threading.Event()</code> is a flag that threads share: <code>stop.set()</code>, <code>stop.is_set()</code>. A thread that waits in <code>put</code> doesn't look at it. <code>results.put(pair, timeout=0.05)</code> gives up after 50 milliseconds with <code>queue.Full</code>: then look, and try again.</details>
# <details><summary>Hint 3</summary>In <code>__iter__</code>: make queue, event and thread, start it, then <code>try:</code> get pairs and <code>yield</code>, <code>finally: stop.set()</code> and <code>thread.join()</code>. In the thread: for each item, try to put it until it is in or <code>stop</code> is set.</details>


# %% nbgrader={"grade": false, "grade_id": "background", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Background:
    """The items of a source, fetched ahead by a thread that ends with the loop."""

    def __init__(self, source, limit=2):
        self.source = source
        self.limit = limit

    def __iter__(self):
        ### BEGIN SOLUTION
        results, stop = queue.Queue(self.limit), threading.Event()

        def offer(kind, item=None):
            """Put a pair into the queue; False if the loop has ended meanwhile."""
            while not stop.is_set():
                try:
                    results.put((kind, item), timeout=0.05)
                    return True
                except queue.Full:
                    continue
            return False

        def work():
            try:
                for item in self.source:
                    if not offer("item", item):
                        return
                offer("end")
            except Exception as error:
                offer("error", error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            while True:
                kind, item = results.get()
                if kind == "end":
                    return
                if kind == "error":
                    raise item
                yield item
        finally:
            stop.set()
            thread.join()
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "background-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 6"):
    hangs = check.mistake(
        "loop-hangs",
        "The loop waited for something that never came. The thread must say that it has come to the end, or to an error.",
        when=lambda error: isinstance(error, TimeoutError),
    )
    seen = check.probe(
        Background, dataset=check.Recorded(6), limit=2, epochs=2, pause=0.1, within=6
    )
    check.equal(seen.error, None, "the error of two loops over six items", mistakes=[hangs])
    check.equal(
        [[int(item[0]) for item in epoch] for epoch in seen.epochs],
        [list(range(6))] * 2,
        "the items of two loops",
        mistakes=[
            check.mistake(
                "second-loop-empty",
                "The second loop was empty. Queue, event and thread belong to a loop: make them in __iter__.",
                when=lambda epochs: len(epochs) == 2 and epochs[0] and not epochs[1],
            ),
            check.mistake(
                "items-lost",
                "Items were lost. What is in the queue when the source ends must still be handed on.",
                when=lambda epochs: len(epochs[0]) < 6,
            ),
        ],
    )
    check.equal(
        {event.thread != 0 for event in seen.events},
        {True},
        "whether the items were fetched in another thread than the loop's",
        mistakes=[
            check.mistake(
                "own-thread",
                "The loop's own thread fetched them. Start a threading.Thread that goes through the source.",
            )
        ],
    )
    seen = check.probe(
        Background, dataset=check.Recorded(50), limit=2, take=3, pause=0.1, within=6
    )
    check.equal(
        len(seen.events) <= 6,
        True,
        "whether at most 3 + 2 + 1 items were fetched when the loop was left after 3, with limit=2",
        mistakes=[
            check.mistake(
                "runs-ahead",
                "The thread ran on. A queue.Queue(limit) has room for limit items.",
                value=False,
            )
        ],
    )
    check.equal(
        seen.threads_left,
        0,
        "the threads that are left some seconds after the loop was left",
        mistakes=[
            check.mistake(
                "thread-left",
                "The thread is still there. Tell it in a finally, and see to it that it hears you while it waits for room.",
                when=lambda count: count > 0,
            )
        ],
    )
    check.equal(
        seen.error, None, "the error when the loop was left early", mistakes=[hangs]
    )
    seen = check.probe(
        Background, dataset=check.Recorded(6, fails_at=(4,)), limit=2, within=6
    )
    check.equal(
        [int(item[0]) for item in seen.batches],
        [0, 1, 2, 3],
        "the items before sample 4, which is broken",
        mistakes=[
            check.mistake(
                "error-first",
                "The error overtook the items before it. Send it through the same queue.",
                when=lambda items: len(items) < 4,
            )
        ],
    )
    check.equal(
        repr(seen.error),
        "ValueError('sample 4 is broken')",
        "the error that the loop raised",
        mistakes=[
            check.mistake(
                "error-swallowed",
                "The error was lost, and the loop looks as if all were well. Send it on, and raise it in the loop.",
                value="None",
            ),
            check.mistake(
                "error-hangs",
                "The thread died of the error, and the loop waited for ever. Catch it in the thread, and send it on.",
                when=lambda error: "TimeoutError" in error,
            ),
        ],
    )
    check.equal(seen.threads_left, 0, "the threads that are left after the error")

# %% nbgrader={"grade": true, "grade_id": "background-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other lengths and limits; left at other places; None among the items.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 6, hidden tests"):
    chance = check.rng("background")
    for limit in (1, 4):
        n, take = int(chance.integers(15, 25)), int(chance.integers(1, 6))
        seen = check.probe(Background, dataset=check.Recorded(n), limit=limit, within=6)
        check.equal(seen.error, None, "the error")
        check.equal([int(item[0]) for item in seen.batches], list(range(n)), "all items")
        check.equal(seen.threads_left, 0, "threads after the end")
        # One loop first: a thread that can't be ended would hold up the second one for ever.
        for epochs in (1, 2):
            seen = check.probe(
                Background,
                dataset=check.Recorded(n),
                limit=limit,
                take=take,
                epochs=epochs,
                pause=0.05,
                within=6,
            )
            check.equal(seen.threads_left, 0, f"threads after {epochs} loops left early")
            check.equal(
                [len(epoch) for epoch in seen.epochs], [take] * epochs, "loops left early"
            )
            check.equal(len(seen.events) <= epochs * (take + limit + 1), True, "the limit")
        bad = int(chance.integers(1, n))
        seen = check.probe(
            Background, dataset=check.Recorded(n, fails_at=(bad,)), limit=limit, within=6
        )
        check.equal(
            [len(seen.batches), str(seen.error)],
            [bad, f"sample {bad} is broken"],
            "an error",
        )
    check.equal(
        list(Background([None, 0, None])), [None, 0, None], "items that are not true"
    )
    check.equal(list(Background([])), [], "no items")
### END HIDDEN TESTS

# %% [markdown]
# ### The finished piece
#
# `datakit.DataLoader` is made of these six pieces: chunks, orders, workers with a bound, a buffer that restores the order, errors that travel,
# and a `finally`. With `workers="thread"` its workers are threads, with `workers="process"` processes. It takes PyTorch's arguments, so you can
# swap one for the other.
#
# `check.probe` once more: it loops over both, and leaves them after 3 of 25 batches.
# **Predict:** how many samples has each of them fetched by then, and which workers are left?

# %% tags=["demonstration"]
for Loader in (datakit.DataLoader, DataLoader):
    seen = check.probe(
        Loader, dataset=check.Recorded(50), batch_size=2, num_workers=2, take=3, pause=0.1
    )
    print(Loader.__module__, [batch[:, 0].tolist() for batch in seen.batches])
    print(f"  {len(seen.events)} of 50 samples fetched by {seen.workers} workers")
    print(f"  {seen.processes_left + seen.threads_left} workers left")

# %% [markdown]
# Three batches were taken, and 2 × 2 more were fetched ahead: `num_workers` × `prefetch_factor`. Then the workers waited, until they heard of the end.

# %% [markdown]
# ---
# ## Two questions to think about
#
# A person reads these answers. Three to six sentences each are enough.
#
# **Question 1** (2 points). A colleague sets `num_workers=16` on a machine with four cores, and finds that the first batch takes longer than before, while
# the time of an epoch is the same. She concludes that the workers don't work. What has happened in the first batch, and what may limit the
# epoch? What would you have her measure?

# %% [markdown] nbgrader={"grade": true, "grade_id": "reflect-workers", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# Workers don't split a batch: the first one is fetched whole by one worker, as before, and on top of that 16 workers have to be started (processes import and copy things) and
# compete for four cores. So the first batch comes later. The epoch is limited by the slowest stage: if the training step takes longer than loading with a few workers, more of them change nothing; if
# loading is limited by four cores or by the disk, 16 workers share the same four cores. She should measure the time the loop waits for data against the time of the step, and the epoch with 0, 1, 2, 4
# and 8 workers.
#
# *Marking: 1 point for the first batch (a batch belongs to one worker; starting 16 takes time). 1 point for a limit that more workers can't move (the step, the cores, the disk) with
# a measurement that would tell.*

# %% [markdown]
# **Question 2** (2 points). To save time, a team hands on batches as they arrive (`in_order=False`), and skips a sample whose file can't be read: the worker catches every error and
# returns the next sample in its place. The training runs. Name one thing that this costs for each of the two decisions, and how you would notice it.

# %% [markdown] nbgrader={"grade": true, "grade_id": "reflect-silence", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# With arrivals in any order, the order of training depends on the machine's load: two runs with the same seed differ, so a fault can't be repeated, and batches of quick (small) samples may come
# early. Two runs with one seed that give different losses show it. Skipping silently changes the data: some samples count twice and others never, and if a whole folder can't be read
# the model is trained on half the data, with no error. A count of the skipped ones, or of the distinct samples of an epoch, shows it; better, let the error travel, or write it down and stop beyond a limit.
#
# *Marking: 1 point for the order (not repeatable, or biased towards quick samples) with a way to notice. 1 point for the silence (repeats, gaps, less data) with a way to notice.*

# %% [markdown]
# ---
# ## What you take with you
#
# - [ ] A loader is an order, chunks, fetching, collating. The last batch is a decision.
# - [ ] What belongs to an epoch belongs into `__iter__`. Seed and epoch together make its order; they are not added.
# - [ ] A worker fetches whole batches. Workers don't make a batch quicker; they make the next ones ready.
# - [ ] What is fetched ahead takes memory, so it is bounded.
# - [ ] Results arrive in any order. Numbers and a small store bring them back into theirs.
# - [ ] An error travels as a result does, with the text of its traceback and the index.
# - [ ] Whoever starts a thread ends it, also when the loop is left early: `finally`.
#
# **Where this is used.** PyTorch's `_MultiProcessingDataLoaderIter` keeps a dict of batches that came too early, exercise 4, and wraps errors as in exercise 5. tf.data, Grain and
# SPDL bound what is fetched ahead as in exercise 3. Shuffling by blocks is how WebDataset, MosaicML's streaming and Hugging Face's streams shuffle.
#
# **Next:** lab 06 measures how many workers are worth their memory.
#
# Where do you stand? Save the notebook and run the next cell: it shows which exercises pass in each lab, and what is next.

# %% tags=["demonstration"]
datakit.progress()

# %% [markdown]
# Before you hand in, press **Validate** above: it runs this notebook from the top, in a fresh kernel, and tells you which
# checks fail.
