# ---
# jupyter:
#   datakit:
#     minutes: 120
#     stage: batch
#     title: Sampling
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
# # Lab 03 · Sampling: who is seen, when, and how often
#
# **2 hours · 25 points from checks, 4 for two short texts**
#
# ![The way of a batch: storage, sample, batch, device, step. This lab stands between sample and batch.](way.svg)
#
# A dataset can give any sample. Somebody has to say **which one comes next**. That somebody is the **sampler**. It decides in
# which order samples come, which of them share a batch, which come often, and which are never seen. It never looks at a
# picture: it deals in numbers only, the places of samples in the dataset. We call such a number an **index**.
#
# After this lab you can
#
# - shuffle so that every epoch differs, and still repeat any epoch, from its middle if need be,
# - cut an order into batches that fit a budget,
# - draw rare samples more often, on average or in every single batch,
# - count who was really seen, and weigh the loss to match,
# - measure what these answers buy, and what they can't buy,
# - divide data so that no person stands on both sides.
#
# You need Python classes, functions, lists and dicts. Labs 01 and 02 help, but are not needed. You need no GPU, no network and no
# experience in training.

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
# Words in bold are explained where they first stand. Most of them are in the [glossary](glossary.md).
#
# Two rules for all of them. Where a task asks for a list, a tuple serves, too. Where a task asks for a tensor, a NumPy array of
# the same dtype serves, too.
#
# The next cell takes some seconds: PyTorch is large.

# %%
import hashlib
import itertools
from collections import Counter

import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn.model_selection import GroupShuffleSplit
from torch import nn
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    DistributedSampler,
    RandomSampler,
    WeightedRandomSampler,
)

import datakit
from datakit import check
from datakit.experiments.pictures import show

# %% [markdown]
# ---
# ## 1 · Three orders that fail
#
# Here are 1,500 handwritten digits to learn from, and 297 to test with. A small model reads them in batches of 30, each
# digit once. (Reading every sample once is an **epoch**.) It reads them twice: once as they lie in a file that somebody has
# sorted by digit, once shuffled.
#
# **Predict:** which share of the test will it get right, either time?

# %% tags=["demonstration"]
images, digit = datakit.samples.digits()
pixels = images.flatten(1) / 16
shuffled = torch.randperm(1500, generator=torch.Generator().manual_seed(0))
by_digit = digit[:1500].argsort(stable=True)


def right_after_one_epoch(order):
    """Train a fresh model on the digits in this order; return the share of the test that it gets right."""
    model = nn.Linear(64, 10)
    nn.init.zeros_(model.weight)
    for batch in order.split(30):
        loss = nn.functional.cross_entropy(model(pixels[batch]), digit[batch])
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= 0.5 * parameter.grad
    return (model(pixels[1500:]).argmax(dim=1) == digit[1500:]).float().mean().item()


print(f"sorted by digit: {right_after_one_epoch(by_digit):.0%} right")
print(f"shuffled:        {right_after_one_epoch(shuffled):.0%} right")

# %% [markdown]
# The same pictures, the same model, as many steps. After so many nines in a row, the model has forgotten the rest. (You need not
# follow the code that trains it.)
#
# ### The second failure: begin again
#
# A run ends in the middle of an epoch: after 6 of 10 samples the machine is switched off. The next day it is started again,
# shuffles anew, and takes the 4 samples that were left to do. **Predict:** has every sample been seen once?

# %%
dice = torch.Generator().manual_seed(0)
before = torch.randperm(10, generator=dice)[:6].tolist()
after = torch.randperm(10, generator=dice)[:4].tolist()
print("before the stop:", before)
print("after it:       ", after)
print("seen twice:     ", sorted(set(before) & set(after)))
print("never seen:     ", sorted(set(range(10)) - set(before) - set(after)))

# %% [markdown]
# Nobody is told. Exercise 1 repairs this one.
#
# ### The third failure makes no noise, either
#
# 95 parts are sound, 5 are faulty. The faulty ones shall be drawn more often, so they get more weight. Many tutorials show these lines.
# **Predict:** which parts are drawn?

# %%
labels = ["sound"] * 95 + ["faulty"] * 5
weights = [1 / 95, 1 / 5]  # one for each class
drawn = list(WeightedRandomSampler(weights, num_samples=100))
print("drawn:", Counter(drawn))

# %% [markdown]
# Only parts number 0 and 1, and both are sound! The sampler wants **one weight for each sample**. It got two numbers, so it
# believes that there are two samples. Exercise 3 repairs this one.

# %% [markdown]
# ## 2 · What a sampler is
#
# A sampler is anything that you can loop over and that gives indices. If it knows how many it gives, it has a length. That is the whole
# contract. A loop calls `__iter__`, which gives an **iterator**: a thing that hands out one index after another. A function
# with `yield` in it, or Python's `iter(some_list)`, makes one.
#
# ### A worked example


# %%
class EverySecond:
    """The indices 0, 2, 4, … of a dataset of n samples."""

    def __init__(self, n):
        self.n = n

    def __len__(self):
        return (self.n + 1) // 2

    def __iter__(self):
        return iter(range(0, self.n, 2))


check.equal(list(EverySecond(5)), [0, 2, 4], "list(EverySecond(5))")
print("EverySecond is a sampler:", list(EverySecond(10)))

# %% [markdown]
# `check.equal` holds what arrived against what was expected. It says nothing when all is well. Watch what it says otherwise.
# **Read the message**: you will meet this form again.

# %% tags=["raises-exception"]
check.equal(list(EverySecond(6)), [0, 2, 4, 6], "list(EverySecond(6))")

# %% [markdown]
# A **loader** asks the sampler for indices, the dataset for the samples, and puts them into batches. The list of letters below is a
# dataset: it has a length and can be indexed.

# %%
letters = list("abcdefghij")
for batch in DataLoader(letters, batch_size=2, sampler=EverySecond(len(letters))):
    print(batch)

# %% [markdown]
# ---
# ## 3 · Random, and yet the same again
#
# A **seed** is a number from which random numbers are made: the same seed, the same numbers. A **generator** makes them, and it is best
# to have one of your own. PyTorch's global one (`torch.manual_seed`) is shared: whoever draws from it moves it on for
# everybody else.
#
# **Predict:** which of these three lines are equal?

# %%
torch.manual_seed(7)
print("global, seed 7:           ", torch.randperm(8).tolist())
torch.manual_seed(7)
torch.rand(1)  # somebody else draws one number
print("global, somebody drew:    ", torch.randperm(8).tolist())
own = torch.Generator().manual_seed(7)
print("own generator, seed 7:    ", torch.randperm(8, generator=own).tolist())

# %% [markdown]
# ## Exercise 1 · An order that can be resumed
# ★★☆ · 20 minutes · 4 points
#
# Complete the sampler `Order(n, seed=0)`. Both are whole numbers of 0 or more.
#
# - `len(order)` is `n`.
# - Each loop gives the numbers 0 … n − 1, each once, in random order. The first loop is epoch 0, the next one epoch 1, and so on.
#   **A loop counts when it begins**, even if it is left early by `break`.
# - The order of an epoch depends on **the seed and the number of the epoch, and on nothing else**. Another seed or another epoch
#   gives another order: epoch 1 of seed 0 is not epoch 0 of seed 1.
# - `order.resume(epoch, done)`: the next loop is that epoch, without its first `done` indices. The loops after it are
#   whole again, and count on from there.
# - Global random numbers are neither used nor moved on.
#
# <details><summary>Hint 1</summary>Don't shuffle in the constructor, and keep no generator there: a generator remembers how often it was asked. Keep the number of the next epoch, and make a fresh generator whenever a loop begins.</details>
# <details><summary>Hint 2</summary><code>seed + epoch</code> is the same number for (0, 1) and (1, 0). NumPy takes several numbers as one seed: <code>np.random.default_rng([seed, epoch])</code>, and <code>.permutation(n)</code> shuffles.</details>
# <details><summary>Hint 3</summary>In <code>__iter__</code>: take epoch and <code>done</code> from <code>self</code> into two local names, set <code>self.epoch += 1</code> and <code>self.done = 0</code> at once, and only then give out the indices from place <code>done</code> on.</details>


# %% nbgrader={"grade": false, "grade_id": "order", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Order:
    """The numbers 0 … n-1 in an order that depends on seed and epoch alone."""

    def __init__(self, n, seed=0):
        self.n, self.seed = n, seed
        self.epoch = 0  # the number of the next loop
        self.done = 0  # how many of its indices were given out before

    def __len__(self):
        return self.n

    def resume(self, epoch, done):
        ### BEGIN SOLUTION
        self.epoch, self.done = epoch, done
        ### END SOLUTION

    def __iter__(self):
        ### BEGIN SOLUTION
        epoch, done = self.epoch, self.done
        self.epoch, self.done = epoch + 1, 0
        shuffled = np.random.default_rng([self.seed, epoch]).permutation(self.n)
        return iter(shuffled[done:].tolist())
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "order-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 1"):

    def indices(loop):
        return [int(index) for index in loop]

    order = Order(10, seed=5)
    check.equal(len(order), 10, "len(Order(10, seed=5))")
    first = check.runs(
        lambda: indices(order),
        "a loop over Order(10, seed=5)",
        mistakes=[
            check.mistake(
                "no-iterator",
                "A list is not an iterator. Return iter(the_list), or use yield.",
                when=lambda error: "iterator" in str(error),
            )
        ],
    )
    check.equal(
        sorted(first),
        list(range(10)),
        "the indices of the first loop, sorted",
        mistakes=[
            check.mistake(
                "comes-twice",
                "An index came twice and another one never: these were drawn independently. Shuffle instead: a permutation holds each number once.",
                when=lambda found: len(found) == 10 and len(set(found)) < 10,
            ),
            check.mistake(
                "from-one",
                "Indices count from 0: a dataset of 10 samples has no sample 10.",
                when=lambda found: max(found) == 10,
            ),
        ],
    )
    second = indices(order)
    check.equal(
        first != second,
        True,
        "whether the second loop has another order than the first",
        mistakes=[
            check.mistake(
                "same-every-epoch",
                "Both loops have the same order. The number of the epoch must have a say in the seed, and must grow with each loop.",
            )
        ],
    )
    again = Order(10, seed=5)
    check.equal(
        [indices(again), indices(again)],
        [first, second],
        "the first two loops of another Order(10, seed=5)",
        mistakes=[
            check.mistake(
                "not-repeatable",
                "The same seed, another order. Make a generator of your own from seed and epoch; the global one goes on from wherever others left it.",
            )
        ],
    )
    late = Order(10, seed=5)
    check.runs(lambda: late.resume(1, 0), "order.resume(1, 0)")
    check.equal(
        indices(late),
        second,
        "the loop after order.resume(epoch=1, done=0), against epoch 1 of an order that had begun with epoch 0",
        mistakes=[
            check.mistake(
                "depends-on-history",
                "Epoch 1 differs when epoch 0 was not drawn before. A generator that is kept in the constructor remembers what was drawn. Make a fresh one for each loop, from seed and epoch.",
            )
        ],
    )
    check.equal(
        indices(late) == second,
        False,
        "whether the loop after the resumed one is the same epoch again",
        mistakes=[
            check.mistake(
                "stuck-after-resume",
                "After the resumed loop, the same epoch came again. Count on from it.",
            )
        ],
    )
    late.resume(0, 4)
    check.equal(
        indices(late),
        first[4:],
        "the loop after order.resume(epoch=0, done=4)",
        mistakes=[
            check.mistake(
                "kept-the-done",
                "The 4 indices that were done before came again. Leave out the first `done` of the epoch's order.",
                when=lambda found: len(found) == 10,
            ),
            check.mistake(
                "shuffled-the-rest",
                "These are not the 6 indices that were left. Shuffle all n as ever, and then leave out the first `done`.",
                when=lambda found: sorted(found) != sorted(first[4:]),
            ),
        ],
    )
    check.equal(
        indices(late),
        second,
        "the loop after that one",
        mistakes=[
            check.mistake(
                "always-shortened",
                "The next epoch was shortened, too. `done` belongs to the resumed loop alone: set it back to 0 when that loop begins.",
                when=lambda found: len(found) == 6,
            )
        ],
    )
    check.equal(
        indices(Order(10, seed=0)) != indices(Order(10, seed=1)),
        True,
        "whether epoch 0 of seed 0 and epoch 0 of seed 1 differ",
        mistakes=[check.mistake("seed-ignored", "The seed has no say in the order.")],
    )
    zero = Order(10, seed=0)
    zero.resume(1, 0)
    check.equal(
        indices(zero) != indices(Order(10, seed=1)),
        True,
        "whether epoch 1 of seed 0 and epoch 0 of seed 1 differ",
        mistakes=[
            check.mistake(
                "seed-plus-epoch",
                "They are equal: 0 + 1 is 1 + 0. Two runs with neighbouring seeds would see nearly the same orders. Mix the two numbers: np.random.default_rng([seed, epoch]).",
            )
        ],
    )
    left = Order(10, seed=5)
    for _ in left:
        break
    check.equal(
        indices(left),
        second,
        "the loop after one that was left by break",
        mistakes=[
            check.mistake(
                "counts-at-the-end",
                "It is the first epoch again: the loop that was left by break never reached the line that counts. Count when a loop begins.",
                value=first,
            )
        ],
    )
    state = check.beside(torch.get_rng_state)
    indices(Order(10, seed=5))
    check.equal(
        torch.equal(check.beside(torch.get_rng_state), state),
        True,
        "whether PyTorch's global generator stands where it stood before the loop",
        mistakes=[
            check.mistake(
                "global-moved",
                "It was seeded or used. Everybody else who draws from it now gets other numbers, or the same ones again. Use a generator of your own.",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "order-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other lengths, seeds and epochs; whether the order is random; no index at all.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 1, hidden tests"):
    rng = check.rng("order")

    def indices(loop):
        return [int(index) for index in loop]

    n, seed = int(rng.integers(20, 60)), int(rng.integers(0, 1000))
    order = Order(n, seed)
    epochs = [indices(order) for _ in range(6)]
    for epoch in epochs:
        check.equal(sorted(epoch), list(range(n)), "the indices of a loop, sorted")
    check.equal(len({tuple(epoch) for epoch in epochs}), 6, "different orders of 6 epochs")
    check.equal(len(order), n, "the length")
    for epoch in (4, 1):
        done = int(rng.integers(1, n))
        order.resume(epoch, done)
        check.equal(indices(order), epochs[epoch][done:], "the resumed epoch")
        check.equal(indices(order), epochs[epoch + 1], "the epoch after it")
    order.resume(2, n)
    check.equal(indices(order), [], "an epoch of which everything was done")
    check.equal(indices(order), epochs[3], "the epoch after it")
    for other in (seed + 1, seed + 2):
        near = Order(n, other)
        found = [indices(near) for _ in range(3)]
        check.equal(
            any(one in epochs for one in found), False, "shared orders of near seeds"
        )
    small = Order(5, seed)
    many = [tuple(indices(small)) for _ in range(200)]
    # Of 120 possible orders, 200 random ones hit about 97; orders that are only turned or mirrored hit few.
    check.equal(len(set(many)) >= 60, True, "whether 200 epochs have many orders")
    check.equal({one[0] for one in many} == set(range(5)), True, "who comes first")
    check.equal(indices(Order(0)), [], "an order of no samples")
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own
#
# `RandomSampler` shuffles, and a generator of your own makes it repeatable. But it remembers: epoch 5 can only be had after the five before
# it. `DistributedSampler` makes each epoch from its number; you have to call `set_epoch` yourself. **Predict:** which number does it make
# from seed and epoch?

# %%
shuffler = RandomSampler(range(10), generator=torch.Generator().manual_seed(5))
check.equal(sorted(shuffler), list(range(10)), "the indices of RandomSampler, sorted")

zero = DistributedSampler(range(10), num_replicas=1, rank=0, seed=0)
one = DistributedSampler(range(10), num_replicas=1, rank=0, seed=1)
zero.set_epoch(1)
print("seed 0, epoch 1:", list(zero))
print("seed 1, epoch 0:", list(one))

# %% [markdown]
# It is the sum. Two runs with seeds 0 and 1, meant as two independent trials, meet the same orders one epoch apart. The seeded samplers of
# `datakit` mix the two numbers, as yours does, and its `DataLoader` resumes in mid-epoch (lab 05 builds that).

# %% [markdown]
# ---
# ## 4 · Cut into batches
#
# An order becomes batches by cutting. Two questions come up at once. **What about the rest?** 10 samples in batches of 4 leave 2. To drop
# them (`drop_last=True`) keeps all batches of one size, and leaves out 2 samples, others in each epoch if the order is shuffled. **Predict:** which
# samples does this loop never show, in 100 epochs?

# %%
came = Counter()
for _ in range(100):
    for batch in BatchSampler(range(10), batch_size=4, drop_last=True):
        came.update(batch)
print(dict(came))

# %% [markdown]
# 8 and 9 never came: without shuffling, the rest is always the same.
#
# The other question: **how large is a batch?** Where samples differ in size, a fixed number of them is now light, now heavy, and the heaviest
# one decides whether the memory suffices. So large models of language fill each batch up to a **budget**: so many words, however many sentences
# that are.
#
# ## Exercise 2 · Batches on a budget
# ★★☆ · 15 minutes · 4 points
#
# Write `batches(order, sizes, budget, most=None, drop_last=False)`. It gives one list of indices after another.
#
# - `order` is any iterable of indices, `sizes[i]` the size of sample `i`, a whole number of 1 or more.
# - A batch takes indices in the given order. It is **closed** when the next one would bring its total size above `budget`, or
#   as soon as it holds `most` indices. (`most=None`: only the budget counts.) That next one begins the next batch.
# - When the order ends, a batch that is not closed comes as the last one. With `drop_last=True` it is left out. (To hold just the budget closes no batch: only a next index does, or `most`.)
#   No batch is empty.
# - A sample that is larger than the budget raises a `ValueError`, when its turn comes, whose message holds its index, its size
#   and the budget. The batch before it may be given out first, or be lost.
# - `order` may be long, or endless: when a batch is given out, no more of it has been asked for than this batch, and at most one
#   index beyond.
#
# <details><summary>Hint 1</summary>A function with <code>yield</code> gives one batch after another, and rests in between: just what the last rule asks for. <code>list(order)</code> would ask for everything.</details>
# <details><summary>Hint 2</summary>Two things are remembered from one index to the next: the batch so far, and its total size. For each index: look first whether it fits. If not, give the batch out, and begin a new one <b>with this index</b>.</details>
# <details><summary>Hint 3</summary>The steps for one index: refuse it if it is larger than the budget; if <code>total + size &gt; budget</code>, yield the batch and start empty; append; if <code>len(batch) == most</code>, yield and start empty. Start empty with a <b>new</b> list: <code>batch = []</code>. After the loop: yield what is left, if there is any, and if it is not to be dropped.</details>


# %% nbgrader={"grade": false, "grade_id": "budget", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batches(order, sizes, budget, most=None, drop_last=False):
    """Indices → lists of indices whose sizes sum to at most `budget`."""
    ### BEGIN SOLUTION
    batch, total = [], 0
    for index in order:
        size = sizes[index]
        if size > budget:
            raise ValueError(f"sample {index} has size {size}, above the budget {budget}")
        if total + size > budget:
            yield batch
            batch, total = [], 0
        batch.append(index)
        total += size
        if len(batch) == most:
            yield batch
            batch, total = [], 0
    if batch and not drop_last:
        yield batch
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "budget-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 2"):
    # Sample 0 has size 3, sample 1 size 1, and so on.
    sizes = [3, 1, 2, 4, 1, 1, 5, 2]

    def cut(*arguments, **options):
        # Each batch is copied when it arrives, as a loader uses it before it asks for the next.
        return [list(batch) for batch in batches(*arguments, **options)]

    check.equal(
        cut([0, 1, 2, 3, 4, 5], sizes, budget=5),
        [[0, 1], [2], [3, 4], [5]],
        "the batches of sizes 3, 1, 2, 4, 1, 1 on a budget of 5",
        mistakes=[
            check.mistake(
                "rest-lost",
                "The order ends, and the batch that was begun is lost. Give it out after the loop.",
                value=[[0, 1], [2], [3, 4]],
            ),
            check.mistake(
                "total-not-reset",
                "From the second batch on, they are too small: the total still counts the batches before. Set it back with each new batch.",
                value=[[0, 1], [2], [3], [4], [5]],
            ),
            check.mistake(
                "over-budget",
                "The first batch is over the budget. Look whether an index fits before you append it.",
                when=lambda found: sum(sizes[i] for i in found[0]) > 5,
            ),
            check.mistake(
                "exact-fit-refused",
                "Samples 3 and 4 have sizes 4 and 1: together just 5, which is not above the budget.",
                when=lambda found: [3] in found,
            ),
            check.mistake(
                "index-lost",
                "An index is missing: the one that did not fit into a batch. It begins the next one.",
                when=lambda found: (
                    sorted(itertools.chain.from_iterable(found)) != list(range(6))
                    and [5] not in found[-1:]
                ),
            ),
        ],
    )
    check.equal(
        cut([6, 1, 3, 5], sizes, budget=6),
        [[6, 1], [3, 5]],
        "the batches of the order 6, 1, 3, 5 on a budget of 6",
        mistakes=[
            check.mistake(
                "size-of-the-place",
                "The sizes were taken by the place in the order. sizes[i] is the size of sample i, wherever i stands in the order.",
                when=lambda found: found != [[6, 1], [3, 5]] and [6, 1, 3] in found,
            )
        ],
    )
    check.equal(
        cut([6, 3], sizes, budget=5),
        [[6], [3]],
        "the batches of two samples of sizes 5 and 4 on a budget of 5",
        mistakes=[
            check.mistake(
                "empty-batch",
                "There is an empty batch. Give out only what holds an index.",
                when=lambda found: [] in found,
            )
        ],
    )
    ones = [1] * 8
    check.equal(
        cut(range(8), ones, budget=100, most=3),
        [[0, 1, 2], [3, 4, 5], [6, 7]],
        "the batches with most=3 and a budget that never counts",
        mistakes=[
            check.mistake(
                "most-ignored",
                "A batch holds more than 3 indices. It is also closed as soon as it holds `most`.",
                when=lambda found: len(found[0]) > 3,
            )
        ],
    )
    check.equal(
        cut(range(8), ones, budget=100, most=3, drop_last=True),
        [[0, 1, 2], [3, 4, 5]],
        "the same with drop_last=True",
        mistakes=[
            check.mistake(
                "rest-kept",
                "The last batch was not closed: with drop_last=True it is left out.",
                value=[[0, 1, 2], [3, 4, 5], [6, 7]],
            )
        ],
    )
    check.equal(
        cut(range(6), ones, budget=100, most=3, drop_last=True),
        [[0, 1, 2], [3, 4, 5]],
        "the batches of 6 samples with most=3 and drop_last=True",
        mistakes=[
            check.mistake(
                "full-one-dropped",
                "The last batch was closed: it holds `most` indices. Only one that is not closed is left out.",
                value=[[0, 1, 2]],
            )
        ],
    )
    check.equal(
        cut([0, 2], sizes, budget=5, drop_last=True),
        [],
        "batches([0, 2], sizes, budget=5, drop_last=True), where the sizes sum to 5",
        mistakes=[
            check.mistake(
                "brim-closed",
                "This batch holds just the budget, but nothing has closed it: no next index came, and most is None. With drop_last=True it is left out.",
                value=[[0, 2]],
            )
        ],
    )
    kept = check.beside(list, batches(range(6), ones, 100, most=3))
    check.equal(
        [list(batch) for batch in kept],
        [[0, 1, 2], [3, 4, 5]],
        "two batches that were kept, looked at when the loop had ended",
        mistakes=[
            check.mistake(
                "one-list",
                "The first batch has changed after it was given out: all batches are one list. Begin each with a new one, batch = []; batch.clear() empties what others still hold.",
            )
        ],
    )
    check.raises(
        ValueError,
        lambda: cut([1, 6, 2], sizes, budget=4),
        "batches on a budget of 4, with a sample of size 5",
        mentions=[6, 5, 4],
        mistakes=[
            check.mistake(
                "too-large-passed",
                "Sample 6 has size 5 and came all the same. Whoever set a budget of 4 has memory for 4.",
                when=lambda outcome: not isinstance(outcome, Exception),
            )
        ],
    )
    asked = []

    def counted():
        for number in range(1000):
            asked.append(number)
            yield number % 8

    first = next(iter(batches(counted(), sizes, budget=5)), [])
    check.equal(list(first), [0, 1], "the first batch of a long order")
    check.equal(
        len(asked) <= 3,
        True,
        "whether at most 3 indices of a long order were asked for, for a first batch of 2",
        mistakes=[
            check.mistake(
                "all-at-once",
                "More was asked for before the first batch came; from an endless order it would never come. Loop over `order` itself, and yield each batch as soon as it is closed.",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "budget-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other sizes, orders, budgets, and both answers to the rest.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 2, hidden tests"):
    rng = check.rng("budget")
    for most in (None, 1, 2, 4):
        for drop_last in (False, True):
            n, budget = int(rng.integers(5, 25)), int(rng.integers(9, 20))
            sizes = [int(v) for v in rng.integers(1, 10, n)]
            order = [int(v) for v in rng.permutation(n)]
            expected, closed = [[]], False
            for index in order:
                if closed or sum(sizes[i] for i in expected[-1]) + sizes[index] > budget:
                    expected.append([])
                expected[-1].append(index)
                closed = len(expected[-1]) == most
            if drop_last and not closed:
                expected.pop()
            what = f"batches of sizes {sizes} in the order {order}, budget={budget}, most={most}, drop_last={drop_last}"
            found = [list(b) for b in batches(order, sizes, budget, most, drop_last)]
            check.equal(found, expected, what)
    check.equal([list(b) for b in batches([], [1], 3)], [], "the batches of an empty order")
    large = int(rng.integers(20, 30))
    for drop_last, expected in ((False, [[0], [1]]), (True, [[0]])):
        found = [
            list(b) for b in batches([0, 1], [large, large], large, drop_last=drop_last)
        ]
        check.equal(found, expected, "batches of samples that fill the budget alone")
    check.raises(
        ValueError,
        # An index of three figures, which stand in none of the other numbers.
        lambda: [list(b) for b in batches([776, 1], [2] * 776 + [large], large - 1)],
        "batches with a first sample above the budget",
        mentions=[776, large, large - 1],
    )
    asked = []

    def counted():
        for number in range(1000):
            asked.append(number)
            yield 0

    given = iter(batches(counted(), [1], 50, most=2))
    for k in range(1, 4):
        check.equal(list(next(given)), [0, 0], "a batch of a long order")
        check.equal(
            len(asked) <= 2 * k + 1, True, "whether no more was asked for than needed"
        )
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own
#
# Where all sizes are 1, your function does what `BatchSampler` does, and the same checks hold for it. `datakit.DynamicBatchSampler` counts **padded**
# batches against the budget (lab 02): the number of samples times the size of the largest. `datakit.ScheduledBatchSampler` lets batches grow from
# epoch to epoch.

# %%
check.equal(
    list(BatchSampler(range(8), 3, drop_last=False)),
    [[0, 1, 2], [3, 4, 5], [6, 7]],
    "BatchSampler",
)
check.equal(
    list(BatchSampler(range(8), 3, drop_last=True)),
    [[0, 1, 2], [3, 4, 5]],
    "BatchSampler with drop_last=True",
)
padded = datakit.DynamicBatchSampler(range(6), [3, 1, 2, 4, 1, 1], budget=5)
print("padded, budget 5:", list(padded))
growing = datakit.ScheduledBatchSampler(range(6), schedule=lambda epoch: epoch + 1)
for epoch in range(3):
    print(f"epoch {epoch}:", list(growing))

# %% [markdown]
# ---
# ## 5 · The rare class
#
# A factory makes parts; 1 in 20 is faulty. A program that always says "sound" is right in 95 % of cases, and useless. So we ask
# another question: of the faulty ones, which share was found? That share is called **recall**.
#
# A model that meets a faulty part once in a while learns to say "sound". There are three well-known answers:
#
# 1. **draw** the faulty ones more often (exercise 3),
# 2. give each **batch** a fixed number of them (exercise 4),
# 3. let them count more in the **loss**, the number that says how wrong a model is (exercise 5).
#
# ### How to draw by weight
#
# Lay the weights side by side on a line, each as a stretch of its own length. Throw a dart: a random number. In whose stretch does it land?
#
# | sample | 0 | 1 | 2 | 3 |
# |---|---|---|---|---|
# | weight | 2 | 0 | 1 | 1 |
# | its stretch, on a line from 0 to 1 | 0 to 0.5 | none | 0.5 to 0.75 | 0.75 to 1 |
#
# The number 0.6 draws sample 2. A number that lies just on a border belongs to the stretch that **begins** there: 0.5 draws sample 2 as
# well, and nothing ever draws sample 1.
#
# ## Exercise 3 · A weight for each sample
# ★★☆ · 20 minutes · 5 points
#
# Write two functions. Neither needs the other one.
#
# `sample_weights(labels, shares)`: `labels` is a list of N class names, `shares` a dict: class name → how large a share of the draws it shall
# have. Return a float64 tensor [N], **one weight for each sample**.
#
# - All samples of a class have the same weight. The weights of all samples sum to 1, those of a class to its share.
# - `shares` need not sum to 1; their ratio counts: `{"faulty": 1, "sound": 3}` means a quarter and three quarters.
# - A class that `shares` does not name is never drawn: its samples have the weight 0.
# - A class in `shares` of which there is no sample raises a `ValueError` that names it.
#
# `draw(weights, numbers)`: `weights` is a float64 tensor [N] of numbers of 0 or more, with any sum above 0; `numbers` is a float64 tensor [K] of random numbers, 0 ≤ number < 1. Return an int64
# tensor [K]: for each number the sample in whose stretch it lies, as in the table above.
#
# <details><summary>Hint 1</summary>Three faulty parts share a share of 0.75. What is the weight of each? For how many samples have you got a weight then? <code>Counter(labels)</code> counts the samples of each class.</details>
# <details><summary>Hint 2</summary><code>weights.cumsum(0)</code> gives the ends of the stretches: 2, 2, 3, 4 for the table. Divide by the last one, and the line ends at 1.</details>
# <details><summary>Hint 3</summary><code>torch.searchsorted(ends, numbers, right=True)</code> finds for each number the first stretch that ends <b>behind</b> it. Without <code>right=True</code>, a number on a border gets the stretch that ends there.</details>


# %% nbgrader={"grade": false, "grade_id": "weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sample_weights(labels, shares):
    """N class names, shares of classes → one weight for each sample, float64 [N]."""
    ### BEGIN SOLUTION
    sizes = Counter(labels)
    for name in shares:
        if not sizes[name]:
            raise ValueError(f"there is no sample of the class {name!r}")
    total = sum(shares.values())
    return torch.tensor(
        [shares.get(label, 0) / total / sizes[label] for label in labels],
        dtype=torch.float64,
    )
    ### END SOLUTION


def draw(weights, numbers):
    """Weights float64 [N], numbers float64 [K] in [0, 1) → indices int64 [K]."""
    ### BEGIN SOLUTION
    ends = weights.cumsum(0)
    return torch.searchsorted(ends / ends[-1], numbers, right=True)
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "weights-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 3"):
    parts = ["sound", "faulty", "sound", "sound", "sound", "faulty"]
    wanted = torch.tensor([0.125, 0.25, 0.125, 0.125, 0.125, 0.25], dtype=torch.float64)
    half = {"faulty": 0.5, "sound": 0.5}
    check.equal(
        sample_weights(parts, half),
        wanted,
        "the weights of 4 sound and 2 faulty parts, half of the draws for each",
        mistakes=[
            check.mistake(
                "one-weight-a-class",
                "These are weights of classes. The sampler needs one for each sample: as many as there are labels.",
                when=lambda found: len(found) == 2,
            ),
            check.mistake(
                "share-not-divided",
                "Each sample has got its class's whole share. The samples of a class have to divide it among themselves.",
                value=torch.full((6,), 0.5, dtype=torch.float64),
            ),
            check.mistake(
                "float32-weights",
                "These are 32-bit floats. With a million samples their sum is too coarse: give dtype=torch.float64.",
                when=lambda found: found.dtype == torch.float32,
            ),
            check.mistake(
                "weights-as-a-list",
                "Return a tensor: torch.tensor(the_list, dtype=torch.float64).",
                when=lambda found: isinstance(found, list),
            ),
            check.mistake(
                "sum-not-one",
                "The weights of all samples must sum to 1.",
                when=lambda found: abs(float(found.sum()) - 1) > 1e-3,
            ),
        ],
    )
    check.equal(
        sample_weights(parts, {"faulty": 3, "sound": 1}),
        torch.tensor([1, 6, 1, 1, 1, 6], dtype=torch.float64) / 16,
        "the weights of 4 sound and 2 faulty parts, with shares of 1 and 3",
        mistakes=[
            check.mistake(
                "sum-not-one",
                "The shares 1 and 3 mean a quarter and three quarters. Divide by their sum, so that the weights of all samples sum to 1.",
                when=lambda found: abs(float(found.sum()) - 1) > 1e-3,
            ),
            check.mistake(
                "shares-ignored",
                "These weights don't depend on `shares`: both classes would be drawn equally often.",
                value=wanted,
            ),
        ],
    )
    unnamed = check.mistake(
        "unnamed-class",
        "A label stands in `labels` and not in `shares`. Its samples get the weight 0, and keep their places: shares.get(label, 0).",
    )
    check.equal(
        check.runs(
            lambda: sample_weights(["odd", *parts], half),
            "the weights, with a label that shares doesn't name",
            [unnamed],
        ),
        torch.cat([torch.zeros(1, dtype=torch.float64), wanted]),
        "the weights, with a first label that shares doesn't name",
        mistakes=[unnamed],
    )
    check.raises(
        ValueError,
        lambda: sample_weights(parts, {"faulty": 1, "sound": 1, "cracked": 2}),
        "the weights where shares names the class 'cracked', of which there is no sample",
        mentions=["cracked"],
        mistakes=[
            check.mistake(
                "class-without-samples",
                "Half of the draws were promised to a class that has no sample. Say so in a ValueError that names it.",
            )
        ],
    )
    weights = torch.tensor([2.0, 0.0, 1.0, 1.0], dtype=torch.float64)
    numbers = torch.tensor([0.6, 0.4, 0.9, 0.1], dtype=torch.float64)
    check.equal(
        draw(weights, numbers),
        torch.tensor([2, 0, 3, 0]),
        "draw(weights 2, 0, 1, 1, numbers 0.6, 0.4, 0.9, 0.1)",
        mistakes=[
            check.mistake(
                "line-too-long",
                "The line must end at 1. These weights sum to 4: divide the ends of the stretches by the last one.",
                value=torch.tensor([0, 0, 0, 0]),
            ),
            check.mistake(
                "weights-ignored",
                "The numbers were spread evenly over the samples, whatever they weigh.",
                value=(numbers * 4).long(),
            ),
            check.mistake(
                "draws-as-a-list",
                "Return an int64 tensor.",
                when=lambda found: isinstance(found, list),
            ),
            check.mistake(
                "own-dice",
                "These don't come from `numbers`: two calls with the same numbers must draw the same samples. The random part was done before; nothing here is random.",
                when=lambda found: (
                    found.dtype == torch.int64 and found.tolist() != [2, 0, 3, 0]
                ),
            ),
        ],
    )
    check.equal(
        draw(weights, torch.tensor([0.0, 0.5, 0.75], dtype=torch.float64)),
        torch.tensor([0, 2, 3]),
        "draw(weights 2, 0, 1, 1, numbers 0, 0.5, 0.75), which lie on borders",
        mistakes=[
            check.mistake(
                "border",
                "A number on a border belongs to the stretch that begins there. torch.searchsorted has right=True for that; np.searchsorted side='right'.",
            )
        ],
    )
    check.equal(
        draw(weights.flip(0), torch.tensor([0.0, 0.25, 0.5, 0.999], dtype=torch.float64)),
        torch.tensor([0, 1, 3, 3]),
        "draw(weights 1, 1, 0, 2, numbers 0, 0.25, 0.5, 0.999)",
    )
    check.equal(
        draw(
            torch.tensor([0.0, 1.0, 1.0, 0.0], dtype=torch.float64),
            torch.tensor([0.0, 0.5, 0.999999], dtype=torch.float64),
        ),
        torch.tensor([1, 2, 2]),
        "draw(weights 0, 1, 1, 0, …): the first and the last are never drawn",
        mistakes=[
            check.mistake(
                "weightless-drawn",
                "A sample of weight 0 was drawn. It has no stretch.",
                when=lambda found: any(i in (0, 3) for i in found.tolist()),
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "weights-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: more classes, other shares and weights, zeros anywhere.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 3, hidden tests"):
    rng = check.rng("weights")
    for classes in (2, 4):
        names = [f"class {k}" for k in range(classes)]
        labels = [*names, *(str(name) for name in rng.choice(names, 20)), "spare", "spare"]
        labels = [labels[i] for i in rng.permutation(len(labels))]
        shares = {name: int(rng.integers(1, 9)) / 4 for name in names}
        total = sum(shares.values())
        expected = [
            shares[label] / total / labels.count(label) if label in shares else 0.0
            for label in labels
        ]
        check.equal(
            sample_weights(labels, shares),
            torch.tensor(expected, dtype=torch.float64),
            f"the weights with the shares {shares}",
        )
        check.raises(
            ValueError,
            lambda labels=labels, shares=shares: sample_weights(
                labels, {**shares, "nobody": 1}
            ),
            "the weights with a share for a class without samples",
            mentions=["nobody"],
        )
    for n in (1, 7, 30):
        # They sum to 128, so that everything is exact, and a border is one.
        weights = torch.from_numpy(rng.integers(0, 4, n).astype("float64"))
        weights = torch.cat([weights, 128 - weights.sum()[None], torch.zeros(1).double()])
        whole = 128.0
        borders = weights[:-2].cumsum(0) / whole
        numbers = torch.cat([torch.from_numpy(rng.integers(0, 256, 40) / 256), borders])
        expected = []
        for number in numbers.tolist():
            end, index = 0.0, -1
            while end <= number * whole:
                index += 1
                end += float(weights[index])
            expected.append(index)
        check.equal(
            draw(weights, numbers),
            torch.tensor(expected),
            f"draw(weights {weights.tolist()}, numbers {numbers.tolist()})",
        )
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own
#
# `WeightedRandomSampler` draws in this way, and takes its random numbers from a generator. `datakit.sample_weights` gives all classes the same share; its weights of
# a class sum to 1.
#
# **Predict:** 95 parts are sound, 5 faulty. In 100 draws by weight, how many are faulty? How many **different** faulty parts are among them?

# %%
hundred = ["sound"] * 95 + ["faulty"] * 5
by_weight = list(
    WeightedRandomSampler(
        datakit.sample_weights(hundred),
        num_samples=100,
        generator=torch.Generator().manual_seed(0),
    )
)
faulty = [index for index in by_weight if hundred[index] == "faulty"]
sound = set(by_weight) - set(faulty)
print(f"{len(faulty)} of 100 draws are faulty parts, {len(set(faulty))} different ones")
print(f"{95 - len(sound)} of 95 sound parts never came")

# %% [markdown]
# About half of the draws are faulty, on average; a single batch may have many or few. And there are still only five of them. Keep that in mind for part 7.
#
# ---
# ## 6 · The same mix in every batch
#
# Some models need each class in **every** batch: a loss that compares two samples of a class with one of another, for instance. So one prescribes the mix, a
# **quota**: 2 faulty and 6 sound parts in each batch.
#
# Think of each class as a **deck of cards**: shuffled, and dealt card by card. When the cards run out, the deck is shuffled and dealt again. **Predict:** here
# is a deck of 3 cards, dealt to hands of 2. What may go wrong in the second hand?

# %%
dice = torch.Generator().manual_seed(1)
dealt = [i for _ in range(2) for i in torch.randperm(3, generator=dice).tolist()]
print("the deck, dealt twice:", dealt)
print("hands of two:         ", [dealt[i : i + 2] for i in range(0, 6, 2)])

# %% [markdown]
# The last card of the first round came again as the first card of the next one: the second hand holds it twice. A batch with a pair of twins teaches
# less than it seems to, and a loss that compares samples would compare one with itself.
#
# ## Exercise 4 · A quota for each class
# ★★★ · 20 minutes · 4 points
#
# Write `quota_batches(labels, quota, generator)`. `labels` is a list of N class names, `quota` a dict: class name → how many of it a batch
# holds, 1 or more. Return a list of batches, each a list of indices.
#
# - **Each** batch holds just as many of each class as `quota` says. The order within a batch is free. Classes that `quota` doesn't name are left out.
# - **No sample is in a batch twice.**
# - Within a class, all samples come equally often, up to a difference of 1.
# - There are as few batches as are enough for every sample of the named classes to come at least once.
# - Where a class has fewer samples than its quota, raise a `ValueError` that names the class.
# - Random numbers come from `generator`, a `torch.Generator`, and from nowhere else: `torch.randperm(n, generator=generator)`.
#
# <details><summary>Hint 1</summary>How many batches? A class of 7 with a quota of 3 needs 3 of them to be dealt once. The class that needs most decides. The decks of the others are dealt more than once.</details>
# <details><summary>Hint 2</summary>Make the cards of one class first: a long list, of which each batch takes its part. For a batch of this class: take what is left in the deck; if that is too little, shuffle a new deck, and take from it the first ones that are not in the hand yet.</details>
# <details><summary>Hint 3</summary>There is a simpler way: shuffle the deck <b>once</b> and deal it round and round in the same order (<code>itertools.cycle</code>). Between a card and its return all others come. So when can a hand hold it twice? Only if the hand is larger than the deck.</details>


# %% nbgrader={"grade": false, "grade_id": "quota", "locked": false, "schema_version": 3, "solution": true, "task": false}
def quota_batches(labels, quota, generator):
    """N class names, {name: how many in a batch} → a list of batches of indices."""
    ### BEGIN SOLUTION
    rows = {name: [i for i, label in enumerate(labels) if label == name] for name in quota}
    for name, size in quota.items():
        if len(rows[name]) < size:
            raise ValueError(
                f"{name!r} has {len(rows[name])} samples, a batch needs {size}"
            )
    count = max(-(-len(rows[name]) // size) for name, size in quota.items())
    result = [[] for _ in range(count)]
    for name, size in quota.items():
        deck = []
        for batch in result:
            hand, deck = deck[:size], deck[size:]
            if len(hand) < size:
                order = torch.randperm(len(rows[name]), generator=generator).tolist()
                deck = [rows[name][place] for place in order]
                new = [card for card in deck if card not in hand][: size - len(hand)]
                deck = [card for card in deck if card not in new]
                hand += new
            batch += hand
    return result
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "quota-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 4"):
    # 7 sound parts, 3 faulty ones (1, 4 and 9), and one that nobody has looked at.
    parts = ["sound", "faulty", "sound", "sound", "faulty", "sound"]
    parts += ["sound", "unknown", "sound", "faulty", "sound"]
    quota = {"faulty": 2, "sound": 3}

    def dice(seed):
        return check.beside(torch.Generator).manual_seed(seed)

    def plain(found):
        return [[int(index) for index in batch] for batch in found]

    found = plain(
        check.runs(
            lambda: quota_batches(parts, quota, dice(5)),
            "quota_batches of 7 sound and 3 faulty parts, 3 and 2 in a batch",
            [
                check.mistake(
                    "unnamed-class",
                    "A label stands in `labels` and not in `quota`. Leave these samples out.",
                    when=lambda error: "unknown" in str(error),
                )
            ],
        )
    )
    check.equal(
        len(found),
        3,
        "how many batches there are of 7 sound and 3 faulty parts, 3 and 2 in a batch",
        mistakes=[
            check.mistake(
                "stops-early",
                "The 7 sound parts, 3 in a batch, need 3 batches. Go on when the small class is through (deal its deck again), and round up.",
                when=lambda count: count < 3,
            ),
            check.mistake(
                "too-many-batches",
                "3 batches are enough for every sample to come at least once: the class that needs most decides.",
            ),
        ],
    )
    check.equal(
        [dict(Counter(parts[index] for index in batch)) for batch in found],
        [quota] * 3,
        "what each batch holds",
        mistakes=[
            check.mistake(
                "unnamed-class",
                "The part with the label 'unknown' is in a batch. `quota` doesn't name its class: leave it out.",
                when=lambda held: any("unknown" in one for one in held),
            ),
            check.mistake(
                "short-batch",
                "A batch holds too few. Where a class runs out, its deck is shuffled and dealt again, also for the last batch.",
                when=lambda held: any(sum(one.values()) < 5 for one in held),
            ),
            check.mistake(
                "places-not-indices",
                "The numbers count within a class. A batch holds indices of the whole dataset: rows[place], not place.",
                when=lambda held: max(max(batch) for batch in found) <= 6,
            ),
            check.mistake(
                "quota-ignored",
                "A batch has the right size, and the wrong mix. Each class is dealt by its own quota.",
            ),
        ],
    )
    # A deck of 3 that deals 2 cards at a time meets its own end in every second batch.
    twins, uneven = 0, 0
    for seed in range(12):
        given = plain(quota_batches(parts, quota, dice(seed)))
        twins += sum(len(set(batch)) < len(batch) for batch in given)
        counts = Counter(index for batch in given for index in batch)
        uneven += max(counts[i] for i in (1, 4, 9)) - min(counts[i] for i in (1, 4, 9)) > 1
        uneven += not {0, 2, 3, 5, 6, 8, 10} <= set(counts)
    check.equal(
        uneven,
        0,
        "in how many of 12 runs the samples of a class do not come equally often",
        mistakes=[
            check.mistake(
                "uneven",
                "One sample of a class came twice as often as it should, or another not at all: each draw was made anew. Deal from a shuffled deck: no card comes again before all others came.",
            )
        ],
    )
    check.equal(
        twins,
        0,
        "in how many of 36 batches a sample came twice",
        mistakes=[
            check.mistake(
                "twice-in-a-batch",
                "The old deck's last card came again as the new deck's first, in one batch. What is in the hand already must wait for the next one.",
            )
        ],
    )
    check.equal(
        plain(quota_batches(parts, quota, dice(5))),
        found,
        "the batches from a generator with the same seed",
        mistakes=[
            check.mistake(
                "other-dice",
                "The same seed, other batches: some random numbers come from elsewhere. Pass generator=generator to torch.randperm.",
            )
        ],
    )
    check.equal(
        len({str(plain(quota_batches(parts, quota, dice(seed)))) for seed in range(6)}) > 1,
        True,
        "whether other seeds give other batches",
        mistakes=[
            check.mistake(
                "never-shuffled",
                "Six seeds, always the same batches. Shuffle each deck with `generator`.",
            )
        ],
    )
    check.raises(
        ValueError,
        lambda: quota_batches(parts, {"faulty": 4, "sound": 1}, dice(0)),
        "quota_batches with 4 faulty parts in a batch, of which there are 3",
        mentions=["faulty"],
        mistakes=[
            check.mistake(
                "quota-too-large",
                "There are only 3 faulty parts, so 4 in a batch can't be 4 different ones. Refuse it, and name the class.",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "quota-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: more classes, other sizes and quotas.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 4, hidden tests"):
    rng = check.rng("quota")
    for turn in range(6):
        quota = {
            f"class {k}": int(rng.integers(1, 5)) for k in range(int(rng.integers(1, 4)))
        }
        sizes = {name: size + int(rng.integers(0, 9)) for name, size in quota.items()}
        if turn == 0:  # one class is through time and again before the other, odd one is
            quota = {"class 0": 4, "class 1": 2}
            sizes = {"class 0": 5, "class 1": 2 * int(rng.integers(14, 20)) + 1}
        labels = [name for name, size in sizes.items() for _ in range(size)] + ["spare"] * 2
        labels = [labels[i] for i in rng.permutation(len(labels))]
        seed = int(rng.integers(0, 1000))
        what = f"quota_batches of {sizes} with the quota {quota}"
        given = [
            quota_batches(labels, quota, check.beside(torch.Generator).manual_seed(seed))
            for _ in range(2)
        ]
        found, again = ([[int(i) for i in batch] for batch in one] for one in given)
        check.equal(again, found, f"{what}, twice from one seed")
        count = max(-(-sizes[name] // quota[name]) for name in quota)
        check.equal(len(found), count, f"the number of batches, {what}")
        held = [dict(Counter(labels[index] for index in batch)) for batch in found]
        check.equal(held, [quota] * count, f"what each batch holds, {what}")
        check.equal([len(set(one)) for one in found], [len(one) for one in found], what)
        counts = Counter(index for batch in found for index in batch)
        for name in quota:
            own = [counts[i] for i, label in enumerate(labels) if label == name]
            check.equal(
                min(own) >= 1 and max(own) - min(own) <= 1, True, f"evenness, {what}"
            )
    name = next(iter(quota))
    check.raises(
        ValueError,
        lambda: quota_batches(
            labels,
            {**quota, name: sizes[name] + 1},
            check.beside(torch.Generator).manual_seed(0),
        ),
        "quota_batches with a quota that is one too large",
        mentions=[name],
    )
### END HIDDEN TESTS

# %% [markdown]
# ### The finished pieces
#
# PyTorch has no such sampler. `datakit.ClassBalancedBatchSampler` takes equally many of each class. `datakit.StratifiedBatchSampler` balances nothing: each batch
# has nearly the mix of the whole dataset, and every sample comes once. Both take any batch sampler's place in a loader.
#
# One of them doesn't keep your second rule. **Which one? Look for twins.**

# %%
labels = ["sound"] * 18 + ["faulty"] * 6
for finished in (
    datakit.ClassBalancedBatchSampler(labels, samples_per_class=4),
    datakit.StratifiedBatchSampler(labels, batch_size=8),
):
    print(type(finished).__name__)
    for batch in finished:
        print("   ", dict(Counter(labels[index] for index in batch)), "of", sorted(batch))

# %% [markdown]
# ---
# ## 7 · Who was really seen?
#
# The small class comes often now. **Is that more data?** It is widely believed. So count: not the draws alone, but the **different** samples among them.
#
# The third answer draws nothing twice. It leaves the sampler alone, and lets rare samples count more in the loss. The **weighted mean** of the losses of a batch is
#
#     (w1 · l1 + w2 · l2 + …) / (w1 + w2 + …)
#
# The sum is divided by the sum of the weights, not by the number of samples. So weights that are all 10 times as large change nothing.
#
# There is a trap. If a sampler has balanced the classes already, weights in the loss would balance them a second time: the rare class then counts far too much. So
# the weights must come from what was **drawn**, not from what lies in the dataset.
#
# ## Exercise 5 · Count, and weigh to match
# ★★☆ · 20 minutes · 4 points
#
# Write three functions. None calls another one.
#
# `seen(batches, labels)`: `batches` is a list of lists of indices, `labels` a list of N class names. Return a dict with an entry for **each** class in `labels`, also for one that
# was never drawn: class name → `{"draws": …, "different": …, "most": …}`. These are three whole numbers: how many draws there were of the class; how many different samples of it came;
# how often the one that came most often came, or 0.
#
# `loss_weights(report)`: takes what `seen` returns. Return a dict: class name → weight. The weight of a class is T / (C × d): T is the sum of all draws, C the number of classes **that were drawn**, d
# the draws of this class. If two classes were drawn equally often, both weights are 1. A class that was never drawn has the weight 0.
#
# `weighted_mean(losses, labels, weights)`: `losses` is a float32 tensor [B], `labels` the list of the B class names, `weights` as above; at least one weight of the batch is above 0. Return the weighted mean, a float32 tensor
# without dimensions (no plain number: training needs to follow how it was computed).
#
# <details><summary>Hint 1</summary><code>Counter</code> counts indices over all batches: <code>Counter(index for batch in batches for index in batch)</code>. From it come all three numbers.</details>
# <details><summary>Hint 2</summary>For one class: <code>[count for index, count in counts.items() if labels[index] == name]</code>. Its sum, its length and its largest entry. <code>max(…, default=0)</code> takes care of an empty list.</details>
# <details><summary>Hint 3</summary>For the mean: <code>w = torch.tensor([weights[label] for label in labels])</code>, then <code>(w * losses).sum() / w.sum()</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "seen", "locked": false, "schema_version": 3, "solution": true, "task": false}
def seen(batches, labels):
    """Batches of indices → {class: {"draws": int, "different": int, "most": int}}."""
    ### BEGIN SOLUTION
    counts = Counter(index for batch in batches for index in batch)
    report = {}
    for name in set(labels):
        own = [count for index, count in counts.items() if labels[index] == name]
        report[name] = {
            "draws": sum(own),
            "different": len(own),
            "most": max(own, default=0),
        }
    return report
    ### END SOLUTION


def loss_weights(report):
    """What seen returned → {class: weight}."""
    ### BEGIN SOLUTION
    draws = {name: row["draws"] for name, row in report.items()}
    total, classes = sum(draws.values()), sum(count > 0 for count in draws.values())
    return {
        name: total / (classes * count) if count else 0.0 for name, count in draws.items()
    }
    ### END SOLUTION


def weighted_mean(losses, labels, weights):
    """Losses float32 [B], B class names, {class: weight} → their weighted mean, float32 []."""
    ### BEGIN SOLUTION
    w = torch.tensor([weights[label] for label in labels])
    return (w * losses).sum() / w.sum()
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "seen-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 5"):
    # Samples 0 … 5 are sound, 6 and 7 faulty, 8 was never drawn.
    parts = ["sound"] * 6 + ["faulty"] * 2 + ["cracked"]
    drawn = [[0, 6, 1, 6], [6, 2, 3, 0], [7, 0, 6, 4]]
    wanted = {
        "sound": {"draws": 7, "different": 5, "most": 3},
        "faulty": {"draws": 5, "different": 2, "most": 4},
        "cracked": {"draws": 0, "different": 0, "most": 0},
    }
    report = check.runs(
        lambda: {name: dict(row) for name, row in dict(seen(drawn, parts)).items()},
        "seen(…) of three batches",
        mistakes=[
            check.mistake(
                "nothing-drawn",
                "One class was never drawn, and max of nothing is an error. max(…, default=0) gives 0.",
                when=lambda error: "max()" in str(error) or "empty" in str(error),
            )
        ],
    )
    check.equal(
        sorted(report),
        ["cracked", "faulty", "sound"],
        "the classes in the report",
        mistakes=[
            check.mistake(
                "unseen-class",
                "The class 'cracked' is missing. That nobody saw it is the most important line of the report: go through the classes in `labels`.",
                value=["faulty", "sound"],
            )
        ],
    )
    check.equal(
        {name: row["draws"] for name, row in report.items()},
        {"sound": 7, "faulty": 5, "cracked": 0},
        "the draws of each class",
        mistakes=[
            check.mistake(
                "counts-the-dataset",
                "These are the samples that lie in the dataset. Count what stands in the batches.",
                value={"sound": 6, "faulty": 2, "cracked": 1},
            )
        ],
    )
    check.equal(
        {name: row["different"] for name, row in report.items()},
        {"sound": 5, "faulty": 2, "cracked": 0},
        "the different samples of each class",
        mistakes=[
            check.mistake(
                "draws-as-samples",
                "These are draws. Sample 6 came 4 times and is one sample.",
                value={"sound": 7, "faulty": 5, "cracked": 0},
            ),
            check.mistake(
                "counted-by-batch",
                "A sample that came in two batches was counted twice. Collect the whole epoch before you ask for different ones.",
                when=lambda found: found["sound"] == 7 and found["faulty"] == 4,
            ),
        ],
    )
    check.equal(report, wanted, "the whole report")
    weights = check.runs(
        lambda: dict(loss_weights(wanted)),
        "loss_weights(…) with a class that was never drawn",
        mistakes=[
            check.mistake(
                "division-by-zero",
                "A class that was never drawn has no weight to be computed: give it 0.",
                when=lambda error: isinstance(error, ZeroDivisionError),
            )
        ],
    )
    check.equal(
        weights,
        {"sound": 12 / 14, "faulty": 1.2, "cracked": 0.0},
        "loss_weights of 7, 5 and 0 draws",
        mistakes=[
            check.mistake(
                "from-different",
                "The weights came from the different samples. A sample that comes four times counts four times: use the draws.",
                when=lambda found: found["faulty"] > 1.5 and found["sound"] < 0.8,
            ),
            check.mistake(
                "unseen-counted",
                "C counts the class that was never drawn. Two classes were.",
                value={"sound": 12 / 21, "faulty": 0.8, "cracked": 0.0},
            ),
            check.mistake(
                "upside-down",
                "The class that was drawn more often has the larger weight. It must be the other way round.",
                when=lambda found: found["sound"] > found["faulty"],
            ),
            check.mistake(
                "scale",
                "The ratio of the weights is right, their size is not: with balanced draws each must be 1. Multiply 1 / d by T / C.",
                when=lambda found: abs(found["faulty"] / found["sound"] - 1.4) < 1e-6,
            ),
        ],
    )
    even = {
        name: {"draws": 30, "different": k, "most": 9} for k, name in enumerate("ab", 4)
    }
    check.equal(
        loss_weights(even),
        {"a": 1.0, "b": 1.0},
        "loss_weights of two classes that were drawn equally often",
    )
    losses = torch.tensor([1.0, 2.0, 6.0])
    mean = weighted_mean(losses, ["a", "a", "b"], {"a": 1.0, "b": 3.0})
    check.equal(
        check.runs(
            lambda: mean.reshape(1),
            "weighted_mean of losses 1, 2, 6, as a tensor",
            mistakes=[
                check.mistake(
                    "plain-number",
                    "A plain number can't be followed back to the model. Return the tensor, without .item() and float().",
                    when=lambda error: isinstance(error, AttributeError),
                )
            ],
        ),
        torch.tensor([21.0 / 5]),
        "weighted_mean of losses 1, 2, 6 with weights 1, 1, 3",
        mistakes=[
            check.mistake(
                "divided-by-b",
                "The sum was divided by the number of samples. Divide by the sum of the weights: then weights that are all twice as large change nothing.",
                value=torch.tensor([7.0]),
            ),
            check.mistake(
                "float64-mean",
                "This is a 64-bit float. Make the weights float32, as the losses are.",
                when=lambda found: found.dtype == torch.float64,
            ),
            check.mistake(
                "weights-unused",
                "This is the ordinary mean. The loss of class b counts three times.",
                value=torch.tensor([3.0]),
            ),
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "seen-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other classes, batches and weights.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 5, hidden tests"):
    rng = check.rng("seen")
    for _ in range(4):
        n = int(rng.integers(6, 20))
        labels = [f"class {k}" for k in rng.integers(0, 3, n)]
        labels[:4] = ["class 0", "class 1", "class 2", "never"]
        usable = [i for i in range(n) if labels[i] != "never"]
        drawn = [
            [int(i) for i in rng.choice(usable, int(rng.integers(1, 7)))]
            for _ in range(int(rng.integers(1, 6)))
        ]
        flat = [i for batch in drawn for i in batch]
        expected = {}
        for name in labels:
            own = [i for i in flat if labels[i] == name]
            expected[name] = {
                "draws": len(own),
                "different": len(set(own)),
                "most": max((own.count(i) for i in own), default=0),
            }
        found = {name: dict(row) for name, row in dict(seen(drawn, labels)).items()}
        check.equal(found, expected, f"seen({drawn}, {labels})")
        there = [name for name, row in expected.items() if row["draws"]]
        weights = {
            name: len(flat) / (len(there) * row["draws"]) if row["draws"] else 0.0
            for name, row in expected.items()
        }
        check.equal(dict(loss_weights(expected)), weights, f"loss_weights({expected})")
        names = [labels[i] for i in flat]
        losses = torch.from_numpy(rng.random(len(flat)).astype("float32"))
        sums = [
            weights[name] * float(loss) for name, loss in zip(names, losses, strict=True)
        ]
        check.equal(
            weighted_mean(losses, names, weights),
            torch.tensor(sum(sums) / sum(weights[name] for name in names)),
            "weighted_mean of an epoch",
        )
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own
#
# `nn.CrossEntropyLoss` takes one weight for each **class** (the sampler took one for each sample), and divides by the sum of the weights, as yours does. `datakit.class_weights` makes
# them for a sampler that draws every sample once; `datakit.count_draws` counts.

# %%
scores = torch.tensor([[2.0, 0.0], [0.5, 0.0], [0.0, 0.0]])
true_class = torch.tensor([0, 0, 1])
weights = torch.tensor([1.0, 3.0])
each = nn.functional.cross_entropy(scores, true_class, reduction="none")
check.equal(
    nn.CrossEntropyLoss(weight=weights)(scores, true_class),
    (weights[true_class] * each).sum() / weights[true_class].sum(),
    "CrossEntropyLoss, against the weighted mean by hand",
)
print("class_weights:", datakit.class_weights(["sound"] * 95 + ["faulty"] * 5))
print("count_draws:  ", datakit.count_draws(by_weight, 100))

# %% [markdown]
# That line is about the 100 draws by weight at the end of part 5. Here they are, one bar for each part. **Predict:** how high are the last five bars?

# %% tags=["demonstration"]
counts = datakit.count_draws(by_weight, 100).counts
figure = Figure(figsize=(9, 2.6), layout="constrained")
axes = figure.subplots()
axes.bar(range(95), counts[:95], color="#0072B2", label="sound parts, 0 to 94")
axes.bar(
    range(95, 100), counts[95:], color="#E69F00", hatch="//", label="faulty parts, 95 to 99"
)
axes.set_xlabel("index of the part")
axes.set_ylabel("how often drawn")
axes.legend(loc="upper left")
axes.spines[["top", "right"]].set_visible(False)
show(
    figure,
    alternative_text=f"A bar for each of 100 parts. The 95 sound ones came 0 to {int(counts[:95].max())} times, the 5 faulty ones {int(counts[95:].min())} to {int(counts[95:].max())} times each.",
)

# %% [markdown]
# Half of the draws went to five parts, and many sound parts never came. **Oversampling creates no data.** It shows the same few again, and shows fewer of the
# others.
#
# ## 8 · What does each answer buy?
#
# Now all three answers, on the same data. A small model must find the handwritten eights. 400 other digits train it, and only a few eights. It is tested with 94 eights and 500 others
# that it has never seen. The last row of the table shows what the model finds if, with no more draws, there were 80 **real** eights to draw from.
#
# Commit yourself before you measure. Then move the sliders: from how many eights on does it make no difference how you balance? What happens to the
# **other** digits when more eights are found?

# %% tags=["demonstration"]
from datakit.experiments import imbalance

imbalance.view()

# %% [markdown]
# The same measurement without controls, as a plain function: for your own numbers, and for a notebook that runs by itself.

# %% tags=["demonstration"]
table = imbalance.imbalance(rare=4)
table.round(1)

# %% tags=["demonstration"]
show(imbalance.plot(table), alternative_text=imbalance.describe(table))

# %% [markdown]
# Read the table by rows. What do the first four have in common in the column "different eights"? What does the fifth have that they lack? You will need these numbers in question 1.

# %% [markdown]
# ---
# ## 9 · The same person twice
#
# The last way to fool yourself is to draw **test** samples badly. Below are 60 patients. Of each there are five photographs, which differ by a little noise. (For photographs we take handwritten digits.)
# And the diagnosis of each patient is **the toss of a coin**: there is nothing to learn.

# %% tags=["demonstration"]
dice = torch.Generator().manual_seed(0)
patients = torch.arange(60).repeat_interleave(5)
faces = datakit.samples.digits()[0][:60].flatten(1) / 16
photos = faces[patients] + 0.1 * torch.randn(300, 64, generator=dice)
diagnosis = torch.randint(2, (60,), generator=dice)[patients]

figure = Figure(figsize=(7.5, 2.6), layout="constrained")
for place, axes in enumerate(figure.subplots(2, 5).flat):
    axes.imshow(photos[place].reshape(8, 8), cmap="gray_r", vmin=-0.2, vmax=1.2)
    axes.set_title(f"patient {patients[place]}", fontsize=9)
    axes.axis("off")
show(
    figure,
    alternative_text="Two rows of five pictures: patient 0 five times, then patient 1 five times. The five of a patient differ by a little noise only.",
)

# %% [markdown]
# We test on a fifth of the data, in two ways: a fifth of the **photographs**, and a fifth of the **patients**. The program is simple: a test photograph gets the diagnosis of the
# most similar training photograph. **Predict:** how often is it right, either time?


# %% tags=["demonstration"]
def right_on(test):
    """Give each test photograph the diagnosis of the nearest training photograph; return the share that is right."""
    nearest = torch.cdist(photos[test], photos[~test]).argmin(dim=1)
    return (diagnosis[~test][nearest] == diagnosis[test]).float().mean().item()


photo_wise, patient_wise = [], []
for _ in range(50):
    fifth = torch.zeros(300, dtype=torch.bool)
    fifth[torch.randperm(300, generator=dice)[:60]] = True
    photo_wise.append(right_on(fifth))
    patient_wise.append(
        right_on(torch.isin(patients, torch.randperm(60, generator=dice)[:12]))
    )
print(
    "a fifth of the photographs:",
    f"{sum(photo_wise) / 50:.0%} right, on average of 50 divisions",
)
print("a fifth of the patients:   ", f"{sum(patient_wise) / 50:.0%} right")

# %% [markdown]
# Nearly everything right, where nothing can be known! The program has recognised **patients**, since their other photographs were in the training set. That is a **leak**. Photographs
# of one patient, letters of one writer, pictures of one film: they form a **group**, and a group stands on one side only.
#
# ### A lot for each name
#
# Data grows. Next month 10 patients come in, and if the division is shuffled anew, test patients move into training: the same leak, over time. So each group draws a **lot**: a number from
# 0 to 1, made from its name and a seed. It is the same next month, for any order of the rows, whoever else comes in. Python's own `hash("Ann")` won't do: it is another number in every process.


# %%
def lot(name, seed):
    """A number, 0 ≤ lot < 1, that depends on the name and the seed alone, on every machine."""
    digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


for name in ("Ann", "Ben", "Ann", "Cem"):
    print(f"{name}: {lot(name, seed=0):.3f}")

# %% [markdown]
# ## Exercise 6 · Divide by groups
# ★★☆ · 15 minutes · 4 points
#
# Write `split(groups, shares, seed=0, fixed=None)`. `groups` is a list of N group names (texts), one for each row of a table. `shares` is a dict: part → its share, such as
# `{"train": 0.7, "valid": 0.1, "test": 0.2}`. Return a dict with the same keys: part → the list of its rows, in ascending order.
#
# - Every row is in exactly one part, and all rows of a group are in the same one.
# - The parts lie side by side on the line from 0 to 1, in the order of `shares`: here train from 0 to 0.7, valid from 0.7 to 0.8, test from there on. A group belongs to the part in whose
#   stretch `lot(name, seed)` falls. (A lot never falls on a border in our tests.)
# - `fixed` is a dict: group name → part. These groups stand in that part, whatever their lot: a test set that was published, say. A name in `fixed` that has no row is no error.
# - A part may get no row: its list is empty.
# - Shares that don't sum to 1, but for rounding, raise a `ValueError` whose message holds `sum`. A part in `fixed` that `shares` doesn't name raises a `ValueError` that names it.
#
# <details><summary>Hint 1</summary>What do you need to know of a row to say in which part it is? Its group's name, and nothing else: not its place, not the other rows.</details>
# <details><summary>Hint 2</summary>Write a small function for one name first. It walks along <code>shares</code>, adds up the shares, and stops at the first part whose end lies above the lot.</details>
# <details><summary>Hint 3</summary><code>ends = itertools.accumulate(shares.values())</code> gives 0.7, 0.8, 1.0. <code>next(part for part, end in zip(shares, ends) if number &lt; end)</code> finds the part. And 0.1 + 0.2 is not just 0.3: <code>abs(sum(shares.values()) - 1) &gt; 1e-6</code> allows for rounding.</details>


# %% nbgrader={"grade": false, "grade_id": "split", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split(groups, shares, seed=0, fixed=None):
    """N group names, {part: share} → {part: rows}; a group is in one part only."""
    ### BEGIN SOLUTION
    fixed = fixed or {}
    if abs(sum(shares.values()) - 1) > 1e-6:
        raise ValueError(f"the shares sum to {sum(shares.values())}, not to 1")
    for part in fixed.values():
        if part not in shares:
            raise ValueError(f"there is no part {part!r}, only {list(shares)}")
    rows = {part: [] for part in shares}
    for row, name in enumerate(groups):
        part = fixed.get(name)
        if part is None:
            ends = itertools.accumulate(shares.values())
            mine = lot(name, seed)
            part = next(one for one, end in zip(shares, ends, strict=True) if mine < end)
        rows[part].append(row)
    return rows
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "split-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 6"):

    def number(name, seed):
        digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
        return int.from_bytes(digest[:6], "big") / 2**48

    def part_of(name, shares, seed):
        ends = itertools.accumulate(shares.values())
        lower = [end for end in ends if end <= number(name, seed)]
        return list(shares)[len(lower)]

    def plain(parts):
        return {part: [int(row) for row in rows] for part, rows in dict(parts).items()}

    names = [f"patient {k}" for k in range(40)]
    rows = [name for name in names for _ in range(3)]
    shares = {"train": 0.6, "test": 0.4}
    parts = check.runs(
        lambda: plain(split(rows, shares)),
        "split of 40 patients with 3 rows each",
        mistakes=[
            check.mistake(
                "names-returned",
                "The parts hold names. Return the numbers of the rows, counted from 0.",
                when=lambda error: "invalid literal" in str(error),
            ),
            check.mistake(
                "not-a-dict",
                "Return a dict with an entry for each part in `shares`.",
                when=lambda error: isinstance(error, (TypeError, ValueError)),
            ),
        ],
    )
    check.equal(sorted(parts), ["test", "train"], "the parts")
    flat = sorted(row for part in parts.values() for row in part)
    check.equal(
        flat,
        list(range(120)),
        "all rows of all parts, sorted",
        mistakes=[
            check.mistake(
                "rows-of-groups-lost",
                "Only one row for each patient came. All rows of a group go with it.",
                when=lambda found: len(found) == 40,
            ),
            check.mistake(
                "row-lost-or-twice",
                "Each row must be in exactly one part.",
            ),
        ],
    )
    both = {rows[row] for row in parts["train"]} & {rows[row] for row in parts["test"]}
    check.equal(
        len(both),
        0,
        "how many patients stand on both sides",
        mistakes=[
            check.mistake(
                "leak",
                "The rows were divided, not the patients. What decides is the name alone: every row with that name goes the same way.",
            )
        ],
    )
    expected = {
        part: [row for row, name in enumerate(rows) if part_of(name, shares, 0) == part]
        for part in shares
    }
    grown = [*rows, "patient 99", "patient 98"]
    later = plain(split(grown, shares))
    moved = sum(row not in later[part] for part in parts for row in parts[part])
    check.equal(
        moved,
        0,
        "how many rows change sides when two patients come in",
        mistakes=[
            check.mistake(
                "moves",
                "Whoever comes in later moves others to the other side. The lot of a name must not depend on which other names there are: no shuffled list, no counting.",
            )
        ],
    )
    check.equal(
        parts,
        expected,
        "the rows of each part",
        mistakes=[
            check.mistake(
                "parts-swapped",
                "The sides are swapped. The first part in `shares` begins at 0.",
                value={"train": expected["test"], "test": expected["train"]},
            ),
            check.mistake(
                "other-lots",
                "No patient stands on both sides, but these are not the lots of the task: the part in whose stretch lot(name, seed) falls. Python's hash() would give another division tomorrow.",
            ),
        ],
    )
    three = {"train": 0.5, "valid": 0.2, "test": 0.3}
    check.equal(
        check.runs(
            lambda: plain(split(rows, three)),
            "split into three parts",
            [
                check.mistake(
                    "shares-not-added",
                    "A lot fell into no part. The parts lie side by side: valid begins where train ends. Add the shares up.",
                )
            ],
        ),
        {
            part: [row for row, name in enumerate(rows) if part_of(name, three, 0) == part]
            for part in three
        },
        "the rows of three parts of 0.5, 0.2 and 0.3",
        mistakes=[
            check.mistake(
                "shares-not-added",
                "The parts lie side by side on the line: valid goes from 0.5 to 0.7. Add the shares up.",
            )
        ],
    )
    check.equal(
        plain(split(rows, shares, seed=1)) != parts,
        True,
        "whether another seed gives another division",
        mistakes=[check.mistake("seed-ignored", "Hand `seed` on to lot(name, seed).")],
    )
    turncoats = [rows[parts[part][0]] for part in ("train", "test")]
    stay = {turncoats[0]: "test", turncoats[1]: "train", "nobody": "test"}
    check.equal(
        plain(split(rows, shares, fixed=stay)),
        {
            part: [
                row
                for row, name in enumerate(rows)
                if stay.get(name, part_of(name, shares, 0)) == part
            ]
            for part in shares
        },
        "the rows of each part with one patient of either side fixed on the other",
        mistakes=[
            check.mistake(
                "fixed-ignored",
                "A group that stands in `fixed` goes to that part, whatever its lot.",
                value=expected,
            )
        ],
    )
    check.equal(
        plain(split(["a", "b"], {"train": 1.0, "test": 0.0})),
        {"train": [0, 1], "test": []},
        "split with a part of share 0",
        mistakes=[
            check.mistake(
                "empty-part-missing",
                "A part without rows has an empty list, and stands in the dict all the same.",
                when=lambda found: set(found) == {"train"},
            )
        ],
    )
    check.equal(
        check.runs(
            lambda: sorted(plain(split(rows, {"train": 0.7, "valid": 0.2, "test": 0.1}))),
            "split with shares of 0.7, 0.2 and 0.1",
            [
                check.mistake(
                    "rounding",
                    "In floating point, 0.7 + 0.2 + 0.1 may be 0.9999999999999999. Allow for rounding when you compare the sum with 1.",
                )
            ],
        ),
        ["test", "train", "valid"],
        "the parts of the shares 0.7, 0.2 and 0.1",
    )
    check.raises(
        ValueError,
        lambda: split(rows, {"train": 0.8, "test": 0.3}),
        "split with shares of 0.8 and 0.3",
        mentions=["sum"],
        mistakes=[
            check.mistake(
                "sum-unchecked",
                "0.8 and 0.3 are more than there is. Add the shares up, and refuse them with a ValueError that holds the word sum.",
            )
        ],
    )
    check.raises(
        ValueError,
        lambda: split(rows, shares, fixed={"patient 1": "tset"}),
        "split with a group fixed in the part 'tset'",
        mentions=["tset"],
        mistakes=[
            check.mistake(
                "unknown-part",
                "There is no part 'tset': somebody mistyped it. Say so at once, in a ValueError that names it.",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "split-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other names, shares and seeds; rows in any order.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 6, hidden tests"):
    rng = check.rng("split")
    for cuts in ([4], [2, 9], [1, 5, 12]):
        ends = [cut / 16 for cut in cuts] + [1.0]
        shares, begin = {}, 0.0
        for k, end in enumerate(ends):
            shares[f"part {k}"], begin = end - begin, end
        seed = int(rng.integers(0, 1000))
        groups = [f"writer {k}" for k in rng.integers(0, 30, 80)]
        fixed = {groups[0]: "part 0", groups[1]: f"part {len(cuts)}", "away": "part 0"}
        expected = {part: [] for part in shares}
        for row, name in enumerate(groups):
            digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
            mine = int.from_bytes(digest[:6], "big") / 2**48
            place = sum(mine >= end for end in ends)
            expected[fixed.get(name, f"part {place}")].append(row)
        found = dict(split(groups, shares, seed, fixed))
        found = {part: [int(row) for row in rows] for part, rows in found.items()}
        check.equal(found, expected, f"split of {groups} with {shares}, seed {seed}")
        check.raises(
            ValueError,
            lambda shares=shares: split(groups, {**shares, "more": 0.25}),
            "split with shares above 1",
            mentions=["sum"],
        )
        check.raises(
            ValueError,
            lambda shares=shares: split(groups, shares, fixed={"away": "nowhere"}),
            "split with a group fixed in a part that is none",
            mentions=["nowhere"],
        )
### END HIDDEN TESTS

# %% [markdown]
# ### Now the libraries' own
#
# scikit-learn's `GroupShuffleSplit` keeps groups together as well, and divides them as close to the asked share as whole groups allow. But it shuffles the list of all groups. **Predict:** of 40 patients, how many change sides
# when one more comes in?

# %%
names = np.array([f"patient {k}" for k in range(40)])
splitter = GroupShuffleSplit(n_splits=1, test_size=0.4, random_state=0)
train, test = next(splitter.split(names, groups=names))
check.equal(sorted([*train, *test]), list(range(40)), "the rows of both parts, sorted")
more = np.append(names, "patient 99")
_, later = next(splitter.split(more, groups=more))
print(len(set(test) ^ (set(later) - {40})), "of 40 patients have changed sides")

# %% [markdown]
# For a table that never grows that is fine. For one that grows, use lots.

# %% [markdown]
# ---
# ## Two questions to think about
#
# A person reads these answers. Three to six sentences each are enough.
#
# **Question 1** (2 points). A clinic has 4,000 pictures of healthy skin and 4 of a rare disease. A colleague draws the 4 so often that an epoch has as many of them as of the others: "Now we have 4,000 of each." What is true in that
# sentence, and what isn't? What do you propose? Use numbers that you measured in part 8.

# %% [markdown] nbgrader={"grade": true, "grade_id": "reflect-oversampling", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# True: there are as many draws of either class, and it helps: with 4 eights, uniform draws found 0 % of the eights of the test, draws by weight about 49 %. Not true: there are still 4 pictures, each shown a thousand times. In my table the
# column "different eights" stayed at 4, and 80 real eights in no more draws found about 87 %. The model also learns the 4 by heart, and recognised fewer of the other digits (96 % instead of 100 %). I would keep the balancing (which of the three
# answers is a matter of taste and measurement), report how many different samples were drawn, and ask for more real pictures; until then augment the 4 and look at the recall for each class, not at the accuracy.
#
# *Marking: 1 point for draws against different samples, with measured numbers (uniform, by weight, and real ones). 1 point for a sound proposal: more real data, augmentation, one of the three answers as the best of what there is, measured by recall.
# "Oversampling is wrong" alone gets nothing: it helped.*

# %% [markdown]
# **Question 2** (2 points). A team has 10,000 X-ray pictures of 800 patients. It divides the pictures at random, and reports 96 % right on the test; in another hospital the same model gets 71 %. Name a cause that you have
# seen today. How could the team check it **without** the other hospital? And why should it draw lots by name, if it collects new pictures every month?

# %% [markdown] nbgrader={"grade": true, "grade_id": "reflect-groups", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# About 12 pictures belong to one patient, so nearly every test patient also stands in training: the model recognises patients, and the 96 % measure that. The team counts the patients on both sides, divides anew by patient, and trains and tests again: if the result falls towards 71 %, it was
# the leak. (What remains of the difference has other causes, such as another X-ray machine.) With lots by name a patient stays on the side where he or she is, when new pictures and patients come in; a new shuffle would move test patients into training.
#
# *Marking: 1 point for the leak by patient with a check that works (count patients on both sides, or divide by patient and measure again). 1 point for the lot: sides don't change when data is added.*

# %% [markdown]
# ---
# ## What you take with you
#
# - [ ] A sampler says who comes next. It deals in indices, and never looks at a sample.
# - [ ] An epoch's order is made from (seed, epoch), mixed, not added. Then any epoch can be had again, from its middle, too.
# - [ ] `drop_last` without shuffling hides the same samples for ever. Close a batch before it goes over the budget.
# - [ ] `WeightedRandomSampler` takes a weight for each **sample**; `CrossEntropyLoss` one for each **class**. Use one of them, or compute the second from what the first one draws.
# - [ ] Count different samples, not draws: oversampling creates no data.
# - [ ] Measure recall for each class. Being right in 95 % of cases may mean nothing.
# - [ ] What belongs to one person stands on one side, and stays there when data is added.
#
# **Where this is used.** Language models are trained on batches with a budget of words, and their runs resume in the middle of an epoch, since machines fail. Face recognition is trained with batches of a quota for each person. Medical
# data is divided by patient, and shared datasets say so in a file of names.
#
# **Next:** lab 04 changes pixels, so that the few samples that there are look a little different each time.
#
# Where do you stand? Save the notebook and run the next cell: it shows which exercises pass in each lab, and what is next.

# %% tags=["demonstration"]
datakit.progress()

# %% [markdown]
# Before you hand in, press **Validate** above: it runs this notebook from the top, in a fresh kernel, and tells you which
# checks fail.
