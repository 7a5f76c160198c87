# ---
# jupyter:
#   datakit:
#     minutes: 120
#     stage: batch
#     title: Collate
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
# # Lab 02 · Collate: from samples to a batch
#
# **2 hours · 25 points from checks, 4 for two short texts**
#
# ![The way of a batch: storage, sample, batch, device, step. This lab stands between sample and batch.](way.svg)
#
# A model learns from several samples at a time: a **batch**. A dataset gives one sample at a time. In between, somebody has to
# put samples together. That somebody is a function, the **collate function** ("to collate" is to put pages in order).
# It is often said that batches "just stack". You will see when they don't, and what to do then.
#
# After this lab you can
#
# - put nested samples together: dicts of tuples of tensors and texts,
# - pad sentences of unequal length, and keep a record of what is padding,
# - measure how much of a batch is padding, and lower it with buckets,
# - pack sentences so that there is no padding at all,
# - put pictures of unequal size, and any number of boxes on them, into one batch,
# - line up the pasts of time series whose beginnings differ.
#
# You need Python functions, dicts and lists, and the shape and dtype of a tensor. Lab 01 helps, but is not needed. You need
# no GPU, no network and no experience in training.

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
# Three rules for all of them. Where a task asks for a list, a tuple serves, too. Where a task asks for a tensor, a NumPy array of
# the same dtype serves, too. And a collate function never changes the samples that it is given.
#
# What stands in square brackets behind a dtype is a shape: int64 [B, L] is a tensor of B rows and L columns.
#
# The next cell takes some seconds: PyTorch is large.

# %%
import numpy as np
import torch
from matplotlib.figure import Figure
from PIL import Image
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_sequence
from torch.utils.data import DataLoader, default_collate

import datakit
from datakit import check
from datakit.experiments.pictures import show
from datakit.experiments.sentences import manual_sentences

# %% [markdown]
# ---
# ## 1 · Three batches that fail
#
# We begin with one that works. Here are three handwritten digits, each a picture of 8 × 8 points with its label. PyTorch's own
# collate function is called `default_collate`. It takes a list of samples.

# %%
images, labels = datakit.samples.digits()
three = [(images[i], int(labels[i])) for i in range(3)]
print("one sample:", list(three[0][0].shape), "and the label", three[0][1])

batch = default_collate(three)
print("the batch: ", list(batch[0].shape), "and the labels", batch[1])

# %% [markdown]
# Three pictures [1, 8, 8] became one tensor [3, 1, 8, 8]. The new first dimension counts the samples. To put tensors on
# top of each other along a new dimension is to **stack** them: `torch.stack`.
#
# ### The first failure: sentences
#
# These sentences come from Python's manual. A model takes numbers, so each word becomes one: its place in the sorted list
# of all words, counted from 1. (0 is left free: part 4 shows for what.)

# %%
manual = {len(text.split()): text for text in manual_sentences()}
sentences = [manual[length] for length in (5, 3, 7, 4)]
words = sorted({word for text in sentences for word in text.split()})
numbers = [
    torch.tensor([words.index(word) + 1 for word in text.split()]) for text in sentences
]
for text, row in zip(sentences, numbers, strict=True):
    print(f"{text:56} {row.tolist()}")

# %% [markdown]
# **Predict:** what does `default_collate` make of them?

# %% tags=["raises-exception"]
default_collate(numbers)

# %% [markdown]
# A tensor is a rectangle, and these rows are no rectangle. Data like this is called **ragged**. (Read the last line of an error first.)
#
# ### The second failure: photographs


# %%
def read_photo(path):
    """Decode one picture: a uint8 tensor [3, height, width]."""
    with Image.open(path) as picture:
        return torch.from_numpy(np.array(picture.convert("RGB"))).permute(2, 0, 1)


# Every fourth row and column is enough for this lab.
photos = {
    name: read_photo(path)[:, ::4, ::4]
    for name, path in datakit.samples.photographs().items()
}
for name, photo in photos.items():
    print(f"{name:10} {list(photo.shape)}")

# %% tags=["raises-exception"]
default_collate(list(photos.values()))

# %% [markdown]
# ### The third failure makes no noise
#
# Two sentences of three words each, this time as plain lists. Every number says where it came from: **203** is sentence **2**,
# word **03**. We count words from 0, so sentence 1 is 100, 101, 102.
#
# **Predict:** what comes out?

# %%
default_collate([[100, 101, 102], [200, 201, 202]])

# %% [markdown]
# No error. Three tensors of two, instead of one tensor of two rows: the first words of both sentences, then the second
# words, then the third. That is what `default_collate` does with a list: it treats the places in it as different things,
# such as a picture and its label. Had the numbers not said where they came from, would you have noticed?
#
# ## 2 · What a collate function is
#
# A collate function gets a **list of samples** and returns **one batch**. That is the whole contract. What a batch looks like is
# your decision: it must be what your model takes.
#
# ### A worked example
#
# Samples are pairs (image, label). We want a batch with names, so that nobody has to remember what comes first.


# %%
def collate_digits(samples):
    """Pairs (image, label) → {"image": [B, 1, 8, 8], "label": int64 [B]}."""
    images = [image for image, label in samples]
    labels = [label for image, label in samples]
    return {"image": torch.stack(images), "label": torch.tensor(labels)}


batch = collate_digits(three)
check.equal(batch["image"], images[:3], "batch['image']")
check.equal(batch["label"], torch.tensor([0, 1, 2]), "batch['label']")
print("The batch is right:", {name: list(value.shape) for name, value in batch.items()})

# %% [markdown]
# **B** stands for the number of samples in the batch, here and everywhere below: three, in this batch.
#
# `check.equal` holds what arrived against what was expected. It says nothing when all is well. Watch what it says when two
# labels are swapped. **Read the message**: you will meet this form again.

# %% tags=["raises-exception"]
check.equal(
    collate_digits([three[1], three[0]])["label"],
    torch.tensor([0, 1]),
    "the labels of two digits",
)

# %% [markdown]
# A **loader** chooses samples, asks the dataset for them, and calls your collate function. You pass the function by
# `collate_fn`. The list `three` is a dataset already: it has a length and can be indexed.

# %%
for batch in DataLoader(three, batch_size=2, collate_fn=collate_digits):
    print(list(batch["image"].shape), batch["label"])

# %% [markdown]
# ---
# ## 3 · Samples within samples
#
# Samples are often nested: dicts that hold tuples that hold tensors. The rule is short. **A batch has the structure of one sample,
# and where one sample has a value, the batch has the values of all samples.**
#
# | in a sample stands | in the batch stands |
# |---|---|
# | a tensor [ … ] | the stacked tensor [B, … ] |
# | a whole number or a truth value | an int64 or bool tensor [B] |
# | a `float` | a float64 tensor [B]: a Python `float` has 64 bits |
# | a text | the list of B texts |
# | a dict | a dict with the same keys, each value put together by these rules |
# | a tuple or a list | a list with an entry for each place, put together by these rules |
#
# The last two rows call for the whole table again, one level down. A function that calls itself does just that.

# %%
default_collate(
    [
        {"pixels": torch.tensor([100, 101]), "about": ("first.png", 0.5)},
        {"pixels": torch.tensor([200, 201]), "about": ("second.png", 0.25)},
    ]
)

# %% [markdown]
# ## Exercise 1 · Nested samples, some of them ragged
# ★★☆ · 20 minutes · 5 points
#
# Complete `collate(samples, ragged=())`. It follows the table above, and is stricter than PyTorch's:
#
# - **What is ragged is said beforehand.** `ragged` holds keys of dicts. What stands under such a key, at any depth, is not put together: the
#   batch has the plain list of the B values there.
# - Tensors whose **shapes** differ, and that are not under such a key, raise a `ValueError`. Its message holds the key under
#   which they stand, and two of the different shapes, such as `[2, 3]` and `[2, 4]`.
# - Dicts whose **keys** differ raise a `ValueError` that names a key which not all of them have.
# - Tuples or lists whose **lengths** differ raise a `ValueError`.
#
# Nothing else has to be refused: in one place, all samples have the same kind of value. A key in `ragged` has to be in all dicts, like any other.
#
# The parts for numbers and texts are there already. `place` is for your messages: it says where in the sample we are. Call `collate` for a
# level below with a longer place, such as `f"{place}[{key!r}]"`.
#
# <details><summary>Hint 1</summary>Take two small samples, such as <code>{"a": 1}</code> and <code>{"a": 2}</code>, and do it on paper. For the key <code>"a"</code>, which list goes down to the next call of <code>collate</code>?</details>
# <details><summary>Hint 2</summary>For a dict: <code>[sample[key] for sample in samples]</code> are the values under one key. For tuples: <code>zip(*samples)</code> gives the first entries of all samples, then the second ones, and so on. But <code>zip</code> stops without a word at the shortest, so compare the lengths before.</details>
# <details><summary>Hint 3</summary><code>set(sample) != set(first)</code> finds keys that differ, and <code>set(sample) ^ set(first)</code> are those that only one of the two has. Hand <code>ragged</code> on to each level: <code>collate(values, ragged, f"{place}[{key!r}]")</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "collate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def collate(samples, ragged=(), place="sample"):
    """Samples → one batch of the same structure; what stands under a key in `ragged` stays a list."""
    first = samples[0]
    if isinstance(first, dict):
        # Refuse keys that differ. Then make a dict: under each key a plain list, or what collate makes of the values.
        ### BEGIN SOLUTION
        for sample in samples:
            if set(sample) != set(first):
                raise ValueError(
                    f"{place}: not all samples have {sorted(set(sample) ^ set(first))}"
                )
        batch = {}
        for key in first:
            values = [sample[key] for sample in samples]
            batch[key] = (
                values if key in ragged else collate(values, ragged, f"{place}[{key!r}]")
            )
        return batch
        ### END SOLUTION
    if isinstance(first, (tuple, list)):
        # Refuse lengths that differ. Then make a list with an entry for each place.
        ### BEGIN SOLUTION
        lengths = [len(sample) for sample in samples]
        if len(set(lengths)) > 1:
            raise ValueError(f"{place} has different lengths: {lengths}")
        columns = zip(*samples, strict=True)
        return [
            collate(list(column), ragged, f"{place}[{i}]")
            for i, column in enumerate(columns)
        ]
        ### END SOLUTION
    if isinstance(first, torch.Tensor):
        # Refuse shapes that differ. Then stack.
        ### BEGIN SOLUTION
        for sample in samples:
            if sample.shape != first.shape:
                raise ValueError(
                    f"{place} has the shapes {list(first.shape)} and {list(sample.shape)}: pad it, or name its key in ragged"
                )
        return torch.stack(samples)
        ### END SOLUTION
    if isinstance(first, float):
        return torch.tensor(samples, dtype=torch.float64)
    if isinstance(first, (bool, int)):
        return torch.tensor(samples)
    return samples  # texts, and whatever else can't be a tensor


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "collate-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 1"):
    pixels = [torch.tensor([[100, 101, 102]]), torch.tensor([[200, 201, 202]])]
    check.equal(
        collate(pixels),
        torch.stack(pixels),
        "collate of two tensors [1, 3]",
        mistakes=[
            check.mistake(
                "joined",
                "The tensors stand behind each other, and nobody can tell any more where a sample ends. torch.stack makes a new first dimension that counts the samples; torch.cat does not.",
                value=torch.cat(pixels),
            )
        ],
    )
    check.equal(
        collate([("a.png", 1), ("b.png", 2)]),
        [["a.png", "b.png"], torch.tensor([1, 2])],
        "collate of two pairs, a text and a number",
        mistakes=[
            check.mistake(
                "not-turned",
                "Your batch has an entry for each sample. It should have one for each place in a sample: first both texts, then both numbers. zip(*samples) turns rows to columns.",
                when=lambda batch: "b.png" not in batch[0],
            )
        ],
    )
    nested = [
        {"pixels": pixels[i], "about": ({"day": 10 * i, "good": i == 0}, 0.5 * i)}
        for i in range(2)
    ]
    check.equal(
        collate(nested),
        {
            "pixels": torch.stack(pixels),
            "about": [
                {"day": torch.tensor([0, 10]), "good": torch.tensor([True, False])},
                torch.tensor([0.0, 0.5], dtype=torch.float64),
            ],
        },
        "collate of two nested samples: a dict with a tensor and a tuple, in which stand a dict and a number",
        mistakes=[
            check.mistake(
                "float32",
                "A Python float has 64 bits. Give dtype=torch.float64, or leave the lines for numbers as they were.",
                when=lambda batch: batch["about"][1].dtype == torch.float32,
            ),
            check.mistake(
                "one-level",
                "Only the first level was put together. What stands in a dict or tuple may be a dict or tuple again: call collate for it, too.",
                when=lambda batch: (
                    isinstance(batch["about"], list)
                    and not isinstance(batch["about"][0], dict)
                ),
            ),
        ],
    )
    spots = [torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0], [5.0, 6.0]])]
    flat = [{"boxes": spots[i], "number": i} for i in range(2)]
    ignored = check.mistake(
        "ragged-ignored",
        "What stands under a key in `ragged` must stay a list; it was stacked, or somebody tried to. Ask `key in ragged` before you go one level down.",
        when=lambda error: isinstance(error, Exception),
    )
    check.equal(
        check.runs(
            lambda: collate(flat, ragged=("boxes",)),
            "collate(…, ragged=('boxes',))",
            [ignored],
        ),
        {"boxes": spots, "number": torch.tensor([0, 1])},
        "collate(…, ragged=('boxes',))",
    )
    same = [{"boxes": torch.tensor([[i]])} for i in range(2)]
    check.equal(
        collate(same, ragged=("boxes",)),
        {"boxes": [torch.tensor([[0]]), torch.tensor([[1]])]},
        "collate(…, ragged=('boxes',)) where both happen to have one box",
        mistakes=[
            check.mistake(
                "sometimes-stacked",
                "These were stacked since they happened to fit. What is named in `ragged` is a list in every batch: code that gets a tensor today and a list tomorrow breaks.",
                value={"boxes": torch.tensor([[[0]], [[1]]])},
            )
        ],
    )
    deep = [{"target": [{"boxes": spots[i]}]} for i in range(2)]
    check.equal(
        check.runs(
            lambda: collate(deep, ragged=("boxes",)),
            "collate(…, ragged=('boxes',)) where boxes stand two levels down",
            [
                check.mistake(
                    "ragged-not-handed-on",
                    "`ragged` counts at every depth. Hand it on when you call collate for the level below.",
                )
            ],
        ),
        {"target": [{"boxes": spots}]},
        "collate(…, ragged=('boxes',)) where boxes stand two levels down",
    )
    check.raises(
        ValueError,
        lambda: collate([{"a": {"pixels": torch.zeros(2, n)}} for n in (3, 3, 4)]),
        "collate of tensors [2, 3], [2, 3] and [2, 4] under the key 'pixels'",
        mentions=["pixels", "2, 3", "2, 4"],
        mistakes=[
            check.mistake(
                "silent-list",
                "A list came back because the shapes differ. Nobody has said that this is ragged. Refuse it, or it will be found out much later.",
                when=lambda outcome: not isinstance(outcome, Exception),
            ),
            check.mistake(
                "which-key",
                "A sample may have twenty tensors. Compare the shapes yourself, and raise a ValueError that names the key (it is in `place`) and two shapes.",
            ),
        ],
    )
    check.raises(
        ValueError,
        lambda: collate([{"x": 1}, {"x": 2, "extra": 3}]),
        "collate of samples of which the second one alone has the key 'extra'",
        mentions=["extra"],
        mistakes=[
            check.mistake(
                "lost-key",
                "What stands under 'extra' was dropped without a word: only the first sample's keys were asked for. Compare the keys of all samples.",
                when=lambda outcome: not isinstance(outcome, Exception),
            )
        ],
    )
    check.raises(
        ValueError,
        lambda: collate([{"x": 1, "extra": 3}, {"x": 2}]),
        "collate of samples of which the first one alone has the key 'extra'",
        mentions=["extra"],
        mistakes=[
            check.mistake(
                "bare-key-error",
                "A bare KeyError came. Compare the keys before you use them, and raise a ValueError that says which key is missing.",
                when=lambda outcome: isinstance(outcome, KeyError),
            )
        ],
    )
    check.raises(
        ValueError,
        lambda: collate([(1, 2), (3, 4, 5)]),
        "collate of a tuple of two and a tuple of three",
        mistakes=[
            check.mistake(
                "zip-shortens",
                "The 5 was dropped without a word: zip stops at the shortest. Compare the lengths first (or use zip(…, strict=True)).",
                when=lambda outcome: not isinstance(outcome, Exception),
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "collate-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other structures, deeper ones, and differences at any level.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 1, hidden tests"):
    rng = check.rng("collate")
    n = int(rng.integers(3, 7))
    grid = torch.from_numpy(rng.integers(0, 1000, (n, 2, 3)))
    score = [float(v) / 8 for v in rng.integers(0, 80, n)]
    count = [int(v) for v in rng.integers(0, 50, n)]
    path = [f"{v}.png" for v in rng.integers(0, 1000, n)]
    spots = [torch.from_numpy(rng.normal(size=(1 + i % 3, 4))).float() for i in range(n)]

    def sample(i):
        return {
            "inner": [{"grid": grid[i], "spots": spots[i]}, (score[i], path[i])],
            "count": count[i],
            "deeper": ((({"odd": count[i] % 2 == 1},),),),
        }

    odd = torch.tensor([v % 2 == 1 for v in count])
    check.equal(
        collate([sample(i) for i in range(n)], ragged=("spots", "unused")),
        {
            "inner": [
                {"grid": grid, "spots": spots},
                [torch.tensor(score, dtype=torch.float64), path],
            ],
            "count": torch.tensor(count),
            "deeper": [[[{"odd": odd}]]],
        },
        "collate of deeply nested samples",
    )
    check.equal(collate([grid[0]]), grid[:1], "collate of a single tensor")
    check.equal(
        collate(
            [{"path": p, "list": [c]} for p, c in zip(path, count, strict=True)],
            ragged=["list"],
        ),
        {"path": path, "list": [[c] for c in count]},
        "collate where a ragged entry is a list",
    )
    at = int(rng.integers(1, n))
    shapes = [torch.zeros(2, 5 + (i == at)) for i in range(n)]
    check.raises(
        ValueError,
        lambda: collate([{"one": [{"frames": shape}]} for shape in shapes]),
        "collate of different shapes",
        mentions=["frames", "2, 5", "2, 6"],
    )
    check.raises(
        ValueError,
        lambda: collate(
            [({"a": 0, "late": 1} if i == at else {"a": 0},) for i in range(n)]
        ),
        "collate of different keys",
        mentions=["late"],
    )
    check.raises(
        ValueError,
        lambda: collate([{"a": 0} if i == at else {"a": 0, "early": 1} for i in range(n)]),
        "collate where one sample lacks a key",
        mentions=["early"],
    )
    check.raises(
        ValueError,
        lambda: collate([{"a": [1, 2] if i == at else [1]} for i in range(n)]),
        "collate of different lengths",
    )
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own
#
# `default_collate` passes those checks of yours that need no `ragged`. Then look at what it does with a key that only the second sample has.

# %%
pixels = [torch.tensor([[100, 101, 102]]), torch.tensor([[200, 201, 202]])]
check.equal(default_collate(pixels), torch.stack(pixels), "two tensors")
check.equal(
    default_collate([("a.png", 1), ("b.png", 2)]),
    [["a.png", "b.png"], torch.tensor([1, 2])],
    "two pairs",
)
print("PyTorch's default_collate passes the same checks. But:")
print(default_collate([{"x": 1}, {"x": 2, "extra": 3}]))

# %% [markdown]
# `extra` is gone, and nobody was told. `datakit.default_collate` gives what PyTorch's gives where samples fit, and refuses the
# rest, with the place in the sample and the samples that differ. **Read its message.**

# %%
try:
    datakit.default_collate([{"x": torch.zeros(2)}, {"x": torch.zeros(3)}])
except RuntimeError as error:
    print(error)

# %% [markdown]
# ---
# ## 4 · Pad, and say so
#
# Ragged rows become a rectangle when the short ones are filled up: **padding**. A second tensor says which places hold data and
# which are filled: the **mask**, true where there is data.
#
# Why a mask? **Predict:** which mean belongs to the first row, 5 or 2.5?

# %%
marks = torch.tensor(
    [[4.0, 6.0, 0.0, 0.0], [1.0, 2.0, 3.0, 6.0]]
)  # the first row has two marks
mask = torch.tensor([[True, True, False, False], [True, True, True, True]])
print("mean of all places:  ", marks.mean(dim=1))
print("mean under the mask: ", (marks * mask).sum(dim=1) / mask.sum(dim=1))

# %% [markdown]
# And why not look for zeros instead? Because somebody may have got the mark 0.
#
# ## Exercise 2 · Sentences in a rectangle
# ★★☆ · 15 minutes · 4 points
#
# Write `pad_sentences(samples, multiple=1, at_most=None)`. A sample is a pair: the words of a sentence as an int64 tensor [length], and
# a label, which is a whole number. A sentence may be empty: its length is 0. Return a dict:
#
# - `"words"`: int64 [B, L]. Each row begins with its sentence; behind the sentence's end stands 0.
# - `"mask"`: bool [B, L], true where there is a word. A word may have the number 0, too.
# - `"lengths"`: int64 [B].
# - `"labels"`: int64 [B].
#
# Of a sentence with more than `at_most` words only the first `at_most` are used, as if the rest had never been there. (`None`: all are. A number is 1 or more.)
# Then L is the greatest length that is left, **rounded up to a multiple** of `multiple`: some operations of a GPU are made for widths that are
# multiples of 8. With `multiple=4`, lengths up to 4 give L = 4, and 5 gives L = 8. At least one sentence is not empty.
#
# <details><summary>Hint 1</summary>Make the rectangle first, full of zeros, then write each sentence into its row. What do you need to know before you can make the rectangle?</details>
# <details><summary>Hint 2</summary><code>tokens[:at_most]</code> cuts, and <code>tokens[:None]</code> keeps everything. Cut first, and measure the lengths afterwards. To round up, <code>math.ceil(n / multiple) * multiple</code> does it, or <code>-(-n // multiple) * multiple</code>.</details>
# <details><summary>Hint 3</summary><code>torch.zeros(B, L, dtype=torch.int64)</code>: without the dtype you get floats. The mask comes from the lengths alone: <code>torch.arange(L) &lt; lengths[:, None]</code> compares each place with each length.</details>


# %% nbgrader={"grade": false, "grade_id": "pad", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pad_sentences(samples, multiple=1, at_most=None):
    """Pairs (words int64 [length], label) → {"words": [B, L], "mask": [B, L], "lengths": [B], "labels": [B]}."""
    ### BEGIN SOLUTION
    kept = [words[:at_most] for words, _ in samples]
    lengths = torch.tensor([len(words) for words in kept])
    longest = -(-int(lengths.max()) // multiple) * multiple
    padded = torch.zeros(len(kept), longest, dtype=torch.int64)
    for row, words in zip(padded, kept, strict=True):
        row[: len(words)] = words
    return {
        "words": padded,
        "mask": torch.arange(longest) < lengths[:, None],
        "lengths": lengths,
        "labels": torch.tensor([label for _, label in samples]),
    }
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "pad-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 2"):
    # 203 is sentence 2, word 3. Sentence 3 has a word with the number 0, in its middle.
    given = [
        (torch.tensor([100, 101]), 7),
        (torch.tensor([200, 201, 202, 203, 204]), 8),
        (torch.tensor([300, 0, 302]), 9),
    ]
    batch = check.runs(
        lambda: dict(pad_sentences(given)),
        "pad_sentences(three sentences)",
        mistakes=[
            check.mistake(
                "dict-batch",
                "Return a dict with the entries words, mask, lengths and labels.",
                when=lambda error: "dictionary" in str(error) or "iterable" in str(error),
            )
        ],
    )
    check.equal(
        sorted(batch), ["labels", "lengths", "mask", "words"], "the names in the batch"
    )
    padded = torch.tensor(
        [[100, 101, 0, 0, 0], [200, 201, 202, 203, 204], [300, 0, 302, 0, 0]]
    )
    check.equal(
        batch["words"],
        padded,
        "batch['words'] of sentences of 2, 5 and 3 words",
        mistakes=[
            check.mistake(
                "time-first",
                "Words and sentences are swapped: the first dimension must count the sentences. (pad_sequence needs batch_first=True.)",
                value=padded.T,
            ),
            check.mistake(
                "padded-in-front",
                "The padding stands in front. Each row must begin with its sentence.",
                value=torch.tensor(
                    [[0, 0, 0, 100, 101], [200, 201, 202, 203, 204], [0, 0, 300, 0, 302]]
                ),
            ),
            check.mistake(
                "float-words",
                "These are floats: torch.zeros makes floats unless you ask for dtype=torch.int64. Word numbers pick rows of a table later, and 1.0 picks none.",
                when=lambda words: words.is_floating_point(),
            ),
            check.mistake(
                "repeated-end",
                "The last word of each sentence was repeated. Put 0 there.",
                value=torch.tensor(
                    [
                        [100, 101, 101, 101, 101],
                        [200, 201, 202, 203, 204],
                        [300, 0, 302, 302, 302],
                    ]
                ),
            ),
            check.mistake(
                "cut-to-shortest",
                "All sentences were cut to the shortest one. Fill the short ones up instead.",
                when=lambda words: words.shape[1] == 2,
            ),
        ],
    )
    mask = torch.tensor([[True] * 2 + [False] * 3, [True] * 5, [True] * 3 + [False] * 2])
    check.equal(
        batch["mask"],
        mask,
        "batch['mask']",
        mistakes=[
            check.mistake(
                "mask-from-values",
                "Sentence 3 has a word with the number 0, and your mask takes it for padding. Make the mask from the lengths; the values can't tell.",
                when=lambda mask: (
                    mask[2, 1].item() == 0
                    and mask[2, 2].item() == 1
                    and mask[1].all().item()
                ),
            ),
            check.mistake(
                "mask-dtype",
                "The mask holds numbers. Make it bool: a comparison such as `<` gives true and false.",
                when=lambda mask: mask.dtype != torch.bool,
            ),
            check.mistake(
                "inverted",
                "True and false are swapped: true must stand where there is a word.",
                value=~mask,
            ),
        ],
    )
    check.equal(batch["lengths"], torch.tensor([2, 5, 3]), "batch['lengths']")
    check.equal(
        batch["labels"],
        torch.tensor([7, 8, 9]),
        "batch['labels']",
        mistakes=[
            check.mistake(
                "label-list",
                "The labels are a list. Make an int64 tensor of them.",
                value=[7, 8, 9],
            )
        ],
    )
    for multiple, wanted in [(4, 8), (5, 5)]:
        batch = pad_sentences(given, multiple=multiple)
        check.equal(
            batch["words"],
            torch.nn.functional.pad(padded, (0, wanted - 5)),
            f"the words, where the longest sentence has 5 and multiple={multiple}",
            mistakes=[
                check.mistake(
                    "one-multiple-too-many",
                    "5 is a multiple of 5 already, so nothing is added. n // multiple + 1 always adds; round up instead.",
                    when=lambda words, w=wanted: words.shape[1] == w + 5,
                ),
                check.mistake(
                    "multiple-ignored",
                    "L must be the smallest multiple of `multiple` into which the longest sentence fits.",
                    when=lambda words, w=wanted: words.shape[1] != w,
                ),
            ],
        )
        check.equal(
            batch["mask"],
            torch.nn.functional.pad(mask, (0, wanted - 5)),
            f"the mask, where the longest sentence has 5 words and multiple={multiple}",
            mistakes=[
                check.mistake(
                    "mask-too-narrow",
                    "The mask needs a place for each place of the words, those of the rounding up included.",
                    when=lambda mask, w=wanted: mask.shape[1] < w,
                )
            ],
        )
    batch = pad_sentences(given, at_most=3)
    check.equal(
        batch["words"],
        torch.tensor([[100, 101, 0], [200, 201, 202], [300, 0, 302]]),
        "the words with at_most=3",
        mistakes=[
            check.mistake(
                "kept-the-end",
                "The last words were kept. Keep the first ones: words[:at_most].",
                when=lambda words: 204 in words[1].tolist(),
            ),
            check.mistake(
                "padded-then-cut",
                "The rows are as wide as before. Cut the sentences first; L is the greatest length that is left.",
                when=lambda words: words.shape[1] == 5,
            ),
        ],
    )
    check.equal(
        batch["lengths"],
        torch.tensor([2, 3, 3]),
        "the lengths with at_most=3",
        mistakes=[
            check.mistake(
                "lengths-before-cut",
                "These are the lengths before the cut. Measure afterwards: whoever uses them would read on behind the row's end.",
                value=torch.tensor([2, 5, 3]),
            )
        ],
    )
    check.equal(
        check.runs(
            lambda: pad_sentences([(torch.tensor([], dtype=torch.int64), 1), given[0]]),
            "pad_sentences with an empty sentence",
            [
                check.mistake(
                    "empty-sentence",
                    "One sentence is empty: its row is all padding. Take care that its length 0 is not taken for 'none'.",
                )
            ],
        )["mask"],
        torch.tensor([[False, False], [True, True]]),
        "the mask with an empty sentence",
    )

# %% nbgrader={"grade": true, "grade_id": "pad-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other lengths, multiples and cuts, zeros anywhere.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 2, hidden tests"):
    rng = check.rng("pad")
    for cut in (False, True, False, True):
        n, multiple = int(rng.integers(1, 6)), int(rng.integers(1, 9))
        at_most = int(rng.integers(6, 12)) if cut else None
        sizes = [int(v) for v in rng.integers(0, 14, n)]
        # One sentence at least is cut, and the batch is narrower for it.
        sizes[0] = at_most + multiple if cut else max(sizes[0], 1)
        rows = [[int(v) for v in rng.integers(0, 3, size)] for size in sizes]
        labels = [int(v) for v in rng.integers(0, 9, n)]
        given = [
            (torch.tensor(row, dtype=torch.int64), label)
            for row, label in zip(rows, labels, strict=True)
        ]
        kept = [row[:at_most] for row in rows]
        width = max(len(row) for row in kept)
        while width % multiple:
            width += 1
        expected = {
            "words": torch.tensor([row + [0] * (width - len(row)) for row in kept]),
            "mask": torch.tensor(
                [[True] * len(row) + [False] * (width - len(row)) for row in kept]
            ),
            "lengths": torch.tensor([len(row) for row in kept]),
            "labels": torch.tensor(labels),
        }
        what = f"pad_sentences with lengths {sizes}, multiple={multiple}, at_most={at_most}"
        check.equal(pad_sentences(given, multiple, at_most), expected, what)
    full = torch.arange(6)
    check.equal(
        pad_sentences([(full, 0)], multiple=3)["words"],
        full[None],
        "the words of a single sentence whose length is a multiple already",
    )
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own
#
# `pad_sequence` makes the same rectangle. It gives no mask, and `batch_first=True` must be asked for. `datakit.pad_sequences` gives
# all three.

# %%
rows = [torch.tensor([100, 101]), torch.tensor([200, 201, 202, 203, 204])]
padded = torch.tensor([[100, 101, 0, 0, 0], [200, 201, 202, 203, 204]])

check.equal(pad_sequence(rows, batch_first=True), padded, "pad_sequence")
finished = datakit.pad_sequences(rows)
check.equal(finished.values, padded, "datakit.pad_sequences")
print("The same rectangle. And:", finished.lengths, finished.mask, sep="\n")

# %% [markdown]
# ---
# ## 5 · What padding costs
#
# A padded place is computed like any other, and then thrown away. How many of them are there? One long sentence makes its
# whole batch long. A **bucket** gathers sentences of similar length: with buckets of **width** 4, sentences of 1 to 4 words share batches,
# those of 5 to 8 words, and so on.
#
# Below are the sentences of Python's manual again. Commit yourself before you measure. Then try other lengths and batch sizes:
# where do buckets save most, where nothing?

# %% tags=["demonstration"]
from datakit.experiments import bucket_padding

bucket_padding.view()

# %% [markdown]
# The same measurement without controls, as a plain function: for your own numbers, and for a notebook that runs by itself.

# %% tags=["demonstration"]
table = bucket_padding.bucket_padding(n_sentences=600)
table.round(1)

# %% tags=["demonstration"]
show(bucket_padding.plot(table), alternative_text=bucket_padding.describe(table))

# %% [markdown]
# Look at the column "lengths in a batch". Narrow buckets have a price: short sentences and long ones don't meet in a batch
# any more. So the order in which a model meets them is less random. Question 1 at the end asks what you make of it.

# %% [markdown]
# ---
# ## 6 · No padding at all
#
# A recurrent network reads sentences word by word: first the first word of all sentences of a batch, then the second word. For
# such a reader, the batch can be written without any padding: the **packed** form. Here it is for sentences of 3, 1 and 2 words:
#
# | | step 0 | step 1 | step 2 |
# |---|---|---|---|
# | sentence 1 (the longest) | 100 | 101 | 102 |
# | sentence 3 | 300 | 301 | |
# | sentence 2 (the shortest) | 200 | | |
# | how many have this step | 3 | 2 | 1 |
#
# The longest sentence comes first. Then the table is read column by column:
#
# - `data`: 100, 300, 200, 101, 301, 102
# - `batch_sizes`: 3, 2, 1, the last row of the table
# - `order`: 0, 2, 1, the places in the batch from which the rows came, counted from 0: `order[0]` is the place of the longest
#
# Nothing is lost: these three are enough to write the sentences down again.
#
# ## Exercise 3 · Pack and unpack
# ★★★ · 20 minutes · 4 points
#
# Write two functions by hand. PyTorch's own come afterwards: they refuse empty sequences, and yours don't.
#
# `pack(sequences)` takes a list of tensors [length, …], which differ in the first dimension only, and returns three tensors `(data, batch_sizes, order)`:
#
# - `data` [sum of the lengths, …], of the sequences' dtype: step 0 of all sequences, then step 1 of those that have one, and so on. Within a
#   step, the longest sequence comes first. Of two equally long ones, the one that comes first in the list.
# - `batch_sizes`: int64, how many sequences have each step.
# - `order`: int64 [B], where in the list the longest sequence stands, then the second longest, and so on.
#
# `unpack(data, batch_sizes, order)` returns the list of the sequences, in the order in which they were given to `pack`.
#
# Sequences of length 0 take part: they have no step, but a place in `order`, and come back as tensors [0, …]. At least one sequence is not empty.
#
# <details><summary>Hint 1</summary>Python's <code>sorted(range(B), key=…)</code> sorts places by whatever you like, and leaves equals in their order. What key puts the longest first?</details>
# <details><summary>Hint 2</summary>For <code>pack</code>: two loops. The outer one counts steps from 0 to the greatest length, the inner one goes through the sequences from the longest on. <code>torch.stack</code> makes a tensor of the pieces.</details>
# <details><summary>Hint 3</summary>For <code>unpack</code>: <code>data.split(batch_sizes.tolist())</code> gives the steps back. The sequence of rank <code>r</code> has an entry in each step that is longer than <code>r</code>. It belongs at the place <code>order[r]</code> of the result. An empty sequence is <code>data[:0]</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "pack", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pack(sequences):
    """B tensors [length, …] → (data [sum of lengths, …], batch_sizes int64 [L], order int64 [B])."""
    ### BEGIN SOLUTION
    order = sorted(range(len(sequences)), key=lambda i: -len(sequences[i]))
    ranked = [sequences[i] for i in order]
    data, batch_sizes = [], []
    for step in range(len(ranked[0])):
        there = [sequence[step] for sequence in ranked if step < len(sequence)]
        data += there
        batch_sizes.append(len(there))
    return torch.stack(data), torch.tensor(batch_sizes), torch.tensor(order)
    ### END SOLUTION


def unpack(data, batch_sizes, order):
    """What pack returned → the list of B sequences, in their first order."""
    ### BEGIN SOLUTION
    steps = data.split(batch_sizes.tolist())
    sequences = [None] * len(order)
    for rank, place in enumerate(order.tolist()):
        mine = [step[rank] for step in steps if rank < len(step)]
        sequences[place] = torch.stack(mine) if mine else data[:0]
    return sequences
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "pack-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 3"):
    sentences = [
        torch.tensor([100, 101]),
        torch.tensor([200]),
        torch.tensor([300, 301, 302, 303]),
        torch.tensor([400, 401]),
    ]
    want_order, want_sizes = torch.tensor([2, 0, 3, 1]), torch.tensor([4, 3, 1, 1])
    want_data = torch.tensor([300, 100, 400, 200, 301, 101, 401, 302, 303])
    results = pack(sentences)
    check.equal(
        len(results),
        3,
        "how many results pack returns",
        mistakes=[
            check.mistake(
                "three-results", "Return three: `return data, batch_sizes, order`."
            )
        ],
    )
    data, batch_sizes, order = results
    check.equal(
        order,
        want_order,
        "order, for sentences of 2, 1, 4 and 2 words",
        mistakes=[
            check.mistake(
                "ties-reversed",
                "Places 0 and 3 are equally long, and they are swapped. sorted(…, key=lambda i: -length) leaves equals in their order; turning an ascending order around does not.",
                value=torch.tensor([2, 3, 0, 1]),
            ),
            check.mistake(
                "other-direction",
                "This says which rank each place has. `order` says the other thing: order[0] is the place of the longest sequence, here 2.",
                value=want_order.argsort(),
            ),
            check.mistake(
                "shortest-first",
                "The shortest comes first here. The longest must.",
                when=lambda order: order.tolist()[0] == 1,
            ),
            check.mistake(
                "unsorted",
                "This is the order in which they were given. Sort the places by length, the longest first.",
                value=torch.tensor([0, 1, 2, 3]),
            ),
        ],
    )
    check.equal(
        batch_sizes,
        want_sizes,
        "batch_sizes, for sentences of 2, 1, 4 and 2 words",
        mistakes=[
            check.mistake(
                "lengths-instead",
                "These are the lengths of the sentences. batch_sizes has one number for each step: how many sentences have it. Step 0: all four.",
                when=lambda sizes: sorted(sizes.tolist()) == [1, 2, 2, 4],
            )
        ],
    )
    check.equal(
        data,
        want_data,
        "data",
        mistakes=[
            check.mistake(
                "sentence-by-sentence",
                "The sentences stand behind each other. Read column by column: first step 0 of all sentences, then step 1.",
                when=lambda data: data.tolist()[:2] in ([100, 101], [300, 301]),
            ),
            check.mistake(
                "batch-order",
                "Within a step, the longest sentence must come first: 300, then 100.",
                when=lambda data: data.tolist()[:4] == [100, 200, 300, 400],
            ),
            check.mistake(
                "padding-packed",
                "There is padding in it. A sentence that has ended takes no place in later steps.",
                when=lambda data: len(data) > 9,
            ),
        ],
    )
    check.equal(
        list(unpack(want_data, want_sizes, want_order)),
        sentences,
        "unpack of the packed sentences, whose order is 2, 0, 3, 1",
        mistakes=[
            check.mistake(
                "still-sorted",
                "The longest still comes first. Sequence number r belongs at the place order[r] of the list.",
                value=[sentences[i] for i in (2, 0, 3, 1)],
            ),
            check.mistake(
                "order-backwards",
                "`order` was used the wrong way round: result[order[r]] = sequence r, and not result[r] = sequence order[r].",
                value=[sentences[i] for i in (3, 2, 1, 0)],
            ),
        ],
    )
    pairs = [torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0], [5.0, 6.0]])]
    check.equal(
        pack(pairs)[0],
        torch.tensor([[3.0, 4.0], [1.0, 2.0], [5.0, 6.0]]),
        "data, for sequences whose steps are pairs of floats",
    )
    empty = torch.zeros(0, dtype=torch.int64)
    data, batch_sizes, order = check.runs(
        lambda: pack([empty, sentences[0]]),
        "pack of an empty sequence and one of length 2",
        mistakes=[
            check.mistake(
                "empty-refused",
                "An empty sequence has no step, so it adds nothing to `data`. It only needs its place in `order`: the last one.",
            )
        ],
    )
    check.equal(
        [data, batch_sizes, order],
        [torch.tensor([100, 101]), torch.tensor([1, 1]), torch.tensor([1, 0])],
        "pack of an empty sequence and one of length 2",
    )
    back = check.runs(
        lambda: list(
            unpack(torch.tensor([100, 101]), torch.tensor([1, 1]), torch.tensor([1, 0]))
        ),
        "unpack where order has two places and every step has one",
        mistakes=[
            check.mistake(
                "empty-unpacked",
                "Two sequences were packed, and one of them was empty. Make it from `data`: data[:0] has the right shape and dtype.",
            )
        ],
    )
    check.equal(
        back,
        [empty, sentences[0]],
        "unpack where order has two places and every step has one",
        mistakes=[
            check.mistake(
                "empty-lost",
                "The empty sequence is missing. As many come back as `order` has places.",
                when=lambda back: len(back) == 1,
            ),
            check.mistake(
                "empty-dtype",
                "The empty sequence has the wrong dtype: torch.tensor([]) is a float. data[:0] is of the right one.",
                when=lambda back: back[0].dtype != torch.int64,
            ),
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "pack-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: many sequences, equal lengths, steps of several numbers, empty sequences.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 3, hidden tests"):
    rng = check.rng("pack")
    for shape in [(), (3,), (2, 2)]:
        lengths = [int(v) for v in rng.integers(0, 5, int(rng.integers(5, 10)))]
        lengths[2], lengths[-1] = 4, 0
        sequences = [
            torch.from_numpy(rng.normal(size=(n, *shape))).float() for n in lengths
        ]
        ranked = torch.tensor(lengths).argsort(descending=True, stable=True)
        sizes = torch.tensor(
            [sum(n > step for n in lengths) for step in range(max(lengths))]
        )
        flat = [
            sequences[int(place)][step]
            for step, size in enumerate(sizes)
            for place in ranked[: int(size)]
        ]
        expected = [torch.stack(flat), sizes, ranked]
        what = f"lengths {lengths}, each step of shape {list(shape)}"
        check.equal(list(pack(sequences)), expected, f"pack of {what}")
        check.equal(list(unpack(*expected)), sequences, f"unpack of {what}")
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own
#
# `pack_sequence` gives the same three tensors, in an object that recurrent layers take.

# %%
sequences = [
    torch.tensor([100, 101]),
    torch.tensor([200, 201, 202, 203]),
    torch.tensor([300]),
]
packed = pack_sequence(sequences, enforce_sorted=False)
check.equal(packed.data, torch.tensor([200, 100, 300, 201, 101, 202, 203]), "data")
check.equal(packed.batch_sizes, torch.tensor([3, 2, 1, 1]), "batch_sizes")
check.equal(packed.sorted_indices, torch.tensor([1, 0, 2]), "the order")
print("PyTorch's pack_sequence passes the same checks.")

# %% [markdown]
# What is it good for? Here a small recurrent layer reads three sequences: one by one, padded, and packed. Its last state is
# what it knows at the end.
#
# **Predict:** which of the two batches gives what reading one by one gives?

# %%
torch.manual_seed(0)
layer = nn.GRU(input_size=2, hidden_size=1, batch_first=True)
sequences = [torch.randn(2, 2), torch.randn(4, 2), torch.randn(1, 2)]
padded = pad_sequence(sequences, batch_first=True)
packed = pack_padded_sequence(padded, [2, 4, 1], batch_first=True, enforce_sorted=False)
with torch.no_grad():
    one_by_one = torch.cat([layer(sequence[None])[1].flatten() for sequence in sequences])
    print("one by one:", one_by_one)
    print("padded:    ", layer(padded)[1].flatten())
    print("packed:    ", layer(packed)[1].flatten())

# %% [markdown]
# In the padded batch, the layer read on through the padding, and the short sequences' last states are wrong. Only the longest
# is right. Nobody raised an error.

# %% [markdown]
# ---
# ## 7 · Pictures of unequal size
#
# The second failure of part 1: photographs. One answer is to cut or shrink all of them to one size (lab 04). Where that is not
# allowed, as where boxes or single points are looked for, they are padded as sentences are, but in two directions: each picture
# lies on a **canvas** as high as the highest and as wide as the widest of the batch.

# %%
padded = datakit.pad_images(list(photos.values()))
figure = Figure(figsize=(9, 4), layout="constrained")
for axes, image, name in zip(
    figure.subplots(2, 4).flat, padded.images, photos, strict=True
):
    axes.imshow(image.permute(1, 2, 0))
    axes.set_title(name, fontsize=10)
    axes.axis("off")
share = 1 - padded.mask.float().mean().item()
print(f"{share:.0%} of the places in this batch are padding.")
show(
    figure,
    alternative_text=f"Eight photographs, each in the upper left corner of a black canvas of one size. {share:.0%} of the places are canvas.",
)

# %% [markdown]
# One large picture, the retina, decides for all others. (Buckets help here, too: pictures of similar size share a batch.)
#
# Black is a bad mark for "nothing is here": a night sky is black, too. So the mask comes along again.
#
# To test such a function, we use pictures that say who they are. In this **tile**, the pixel in row 1, column 2 of
# picture 7 has the colour (1, 2, 7). In picture 0, the pixel in row 0, column 0 is (0, 0, 0), which is black. It is picture all the same.

# %%
tile = check.tile(7, height=2, width=3)
print("shape [3, height, width]:", list(tile.shape))
print("the pixel in row 1, column 2:", tile[:, 1, 2].tolist())
print("red, green and blue:", tile.tolist(), sep="\n")

# %% [markdown]
# ## Exercise 4 · Pictures in the middle
# ★★☆ · 15 minutes · 4 points
#
# Write `centre_pictures(pictures, multiple=1, fill=0)`. `pictures` are B uint8 tensors [3, height, width] of any sizes. Return a dict:
#
# - `"images"`: uint8 [B, 3, H, W]. H is the greatest height and W the greatest width of the batch (they may come from two pictures), each rounded
#   up to a multiple of `multiple`, as in exercise 2. Each picture lies in the **middle** of its canvas; the canvas around it has the value `fill`.
#   Where the room can't be halved, the larger half is below, or to the right.
# - `"mask"`: bool [B, H, W], true where there is picture.
# - `"places"`: int64 [B, 4]: the row and the column where the picture begins, and its height and width.
#
# <details><summary>Hint 1</summary>A canvas of 5 rows and a picture of 2: three rows of room. One goes above, two below. So the picture begins in row <code>(5 - 2) // 2</code>.</details>
# <details><summary>Hint 2</summary><code>torch.full((B, 3, H, W), fill, dtype=torch.uint8)</code> is the canvas. Writing a picture into it is one assignment to a slice.</details>
# <details><summary>Hint 3</summary><code>images[k, :, top : top + height, left : left + width] = picture</code>, and the same slice of the mask becomes <code>True</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "centre", "locked": false, "schema_version": 3, "solution": true, "task": false}
def centre_pictures(pictures, multiple=1, fill=0):
    """Pictures [3, height, width] → {"images": [B, 3, H, W], "mask": [B, H, W], "places": [B, 4]}."""
    ### BEGIN SOLUTION
    heights = [picture.shape[1] for picture in pictures]
    widths = [picture.shape[2] for picture in pictures]
    highest = -(-max(heights) // multiple) * multiple
    widest = -(-max(widths) // multiple) * multiple
    images = torch.full((len(pictures), 3, highest, widest), fill, dtype=torch.uint8)
    mask = torch.zeros(len(pictures), highest, widest, dtype=torch.bool)
    places = []
    for k, (picture, height, width) in enumerate(
        zip(pictures, heights, widths, strict=True)
    ):
        top, left = (highest - height) // 2, (widest - width) // 2
        images[k, :, top : top + height, left : left + width] = picture
        mask[k, top : top + height, left : left + width] = True
        places.append((top, left, height, width))
    return {"images": images, "mask": mask, "places": torch.tensor(places)}
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "centre-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 4"):
    pictures = [check.tile(0, height=4, width=2), check.tile(8, height=1, width=5)]

    def on_canvas(height, width, starts, fill=0):
        canvas = torch.full((2, 3, height, width), fill, dtype=torch.uint8)
        inside = torch.zeros(2, height, width, dtype=torch.bool)
        for k, (picture, (top, left)) in enumerate(zip(pictures, starts, strict=True)):
            h, w = picture.shape[1:]
            canvas[k, :, top : top + h, left : left + w] = picture
            inside[k, top : top + h, left : left + w] = True
        return canvas, inside

    batch = check.runs(
        lambda: dict(centre_pictures(pictures)),
        "centre_pictures of a picture 4 × 2 and a picture 1 × 5",
        mistakes=[
            check.mistake(
                "dict-batch",
                "Return a dict with the entries images, mask and places.",
                when=lambda error: "dictionary" in str(error) or "iterable" in str(error),
            ),
            check.mistake(
                "one-largest",
                "A picture did not fit. The canvas needs the greatest height and the greatest width, and they may belong to two different pictures.",
                when=lambda error: (
                    "expanded size" in str(error)
                    or "negative" in str(error)
                    or "equal size" in str(error)
                ),
            ),
        ],
    )
    check.equal(sorted(batch), ["images", "mask", "places"], "the names in the batch")
    canvas, inside = on_canvas(4, 5, [(0, 1), (1, 0)])
    check.equal(
        batch["images"],
        canvas,
        "batch['images'] of a picture 4 × 2 and a picture 1 × 5",
        mistakes=[
            check.mistake(
                "corner",
                "The pictures lie in the upper left corner. Put them in the middle.",
                value=on_canvas(4, 5, [(0, 0), (0, 0)])[0],
            ),
            check.mistake(
                "larger-half-first",
                "Where the room can't be halved, the larger half must be below, or to the right. // rounds down.",
                value=on_canvas(4, 5, [(0, 2), (2, 0)])[0],
            ),
            check.mistake(
                "float-pictures",
                "These are not bytes any more: give the canvas dtype=torch.uint8. Floats need four times the memory, and can be made of the whole batch later.",
                when=lambda images: images.dtype != torch.uint8,
            ),
            check.mistake(
                "stretched",
                "The picture was stretched or repeated. Its pixels must stay what they are, with canvas around them.",
                when=lambda images: (
                    images.shape == (2, 3, 4, 5) and images[1, 2].eq(8).all()
                ),
            ),
            check.mistake(
                "sides-swapped",
                "Height and width of the canvas are swapped: a picture is [3, height, width]. (torch.nn.functional.pad begins with the last dimension: left, right, top, bottom.)",
                when=lambda images: images.shape == (2, 3, 5, 4),
            ),
            check.mistake(
                "square-canvas",
                "The canvas is square. Height and width are rounded and chosen each for itself.",
                when=lambda images: images.shape == (2, 3, 5, 5),
            ),
        ],
    )
    check.equal(
        batch["mask"],
        inside,
        "batch['mask']",
        mistakes=[
            check.mistake(
                "mask-from-values",
                "Pixels of the picture that are black were taken for canvas. Make the mask from the picture's place; the values can't tell.",
                when=lambda mask: (
                    mask.shape == inside.shape
                    and mask.dtype == torch.bool
                    and bool((mask <= inside).all())
                ),
            ),
            check.mistake(
                "inverted",
                "True and false are swapped: true must stand where there is picture.",
                value=~inside,
            ),
            check.mistake(
                "mask-dimensions",
                "The mask has no channels: [B, H, W] and bool.",
                when=lambda mask: mask.ndim == 4 or mask.dtype != torch.bool,
            ),
        ],
    )
    check.equal(
        batch["places"],
        torch.tensor([[0, 1, 4, 2], [1, 0, 1, 5]]),
        "batch['places']",
        mistakes=[
            check.mistake(
                "column-first",
                "Row before column, and height before width: (top, left, height, width).",
                value=torch.tensor([[1, 0, 2, 4], [0, 1, 5, 1]]),
            ),
            check.mistake(
                "two-corners",
                "The last two are not where the picture ends, but its height and width.",
                value=torch.tensor([[0, 1, 4, 3], [1, 0, 2, 5]]),
            ),
        ],
    )
    batch = centre_pictures(pictures, multiple=4, fill=255)
    canvas, inside = on_canvas(4, 8, [(0, 3), (1, 1)], fill=255)
    check.equal(
        batch["images"],
        canvas,
        "the images with multiple=4 and fill=255",
        mistakes=[
            check.mistake(
                "one-multiple-too-many",
                "The height of 4 is a multiple of 4 already, so nothing is added. n // multiple + 1 always adds; round up instead.",
                when=lambda images: images.shape[2] == 8,
            ),
            check.mistake(
                "multiple-ignored",
                "Height and width must be rounded up to multiples of `multiple`, here 4 and 8.",
                when=lambda images: images.shape != (2, 3, 4, 8),
            ),
            check.mistake(
                "centred-before-rounding",
                "The pictures are in the middle of the canvas as it was before it was rounded up. Round first, then halve the room.",
                value=on_canvas(4, 8, [(0, 1), (1, 0)], fill=255)[0],
            ),
            check.mistake(
                "fill-ignored",
                "The canvas must have the value `fill`.",
                value=on_canvas(4, 8, [(0, 3), (1, 1)])[0],
            ),
        ],
    )
    check.equal(batch["mask"], inside, "the mask with multiple=4 and fill=255")

# %% nbgrader={"grade": true, "grade_id": "centre-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other sizes, multiples and fills; a single picture.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 4, hidden tests"):
    rng = check.rng("centre")
    for n in (1, 2, 5):
        sizes = [(int(rng.integers(1, 5)), int(rng.integers(6, 12))) for _ in range(n)]
        multiple, fill = int(rng.integers(2, 6)), int(rng.integers(0, 256))
        if n == 1:  # one side fits already, the other doesn't
            sizes = [(multiple + 1, multiple * 3)]
        if n == 2:  # the largest is the highest, and not the widest
            sizes, multiple = [(5, 6), (1, int(rng.integers(12, 20)))], 1
        pictures = [check.tile(k, h, w) for k, (h, w) in enumerate(sizes)]
        H, W = max(h for h, _ in sizes), max(w for _, w in sizes)
        H, W = (
            next(s for s in range(side, side + 9) if s % multiple == 0) for side in (H, W)
        )
        images, mask, places = [], [], []
        for picture, (h, w) in zip(pictures, sizes, strict=True):
            top, left = (H - h) // 2, (W - w) // 2
            room = (left, W - w - left, top, H - h - top)
            images.append(torch.nn.functional.pad(picture, room, value=fill))
            mask.append(torch.nn.functional.pad(torch.ones(h, w), room).bool())
            places.append([top, left, h, w])
        expected = {
            "images": torch.stack(images),
            "mask": torch.stack(mask),
            "places": torch.tensor(places),
        }
        what = f"pictures of {sizes}, multiple={multiple}, fill={fill}"
        check.equal(centre_pictures(pictures, multiple=multiple, fill=fill), expected, what)
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own
#
# `torch.nn.functional.pad` pads one tensor. Mind its order: it begins with the **last** dimension, so for a picture it takes (left, right,
# top, bottom).

# %%
picture = check.tile(7, height=4, width=2)
canvas = torch.nn.functional.pad(picture, (1, 2, 0, 0))
check.equal(canvas[:, :, 1:3], picture, "the middle of the canvas")
print("from", list(picture.shape), "to", list(canvas.shape))

# %% [markdown]
# ---
# ## 8 · Any number of boxes
#
# In one photograph two things are to be found, in the next one none. A **box** is four numbers, x1, y1, x2, y2: the column
# and row where it begins, and where it ends. So a sample has boxes [n, 4] and labels [n], and n is different each time.
#
# Padding is possible here, too. But there is a better way: put the boxes of all pictures into **one long table**, and write in front of each box to
# which picture of the batch it belongs.

# %%
boxes = {
    "astronaut": torch.tensor([[42.0, 12.0, 72.0, 50.0], [88.0, 4.0, 122.0, 60.0]]),
    "rocket": torch.zeros(0, 4),
    "chelsea": torch.tensor([[24.0, 10.0, 92.0, 73.0]]),
}
figure = Figure(figsize=(9, 3), layout="constrained")
for axes, (name, found) in zip(figure.subplots(1, 3).flat, boxes.items(), strict=True):
    axes.imshow(photos[name].permute(1, 2, 0))
    for x1, y1, x2, y2 in found.tolist():
        corners = [(x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1)]
        axes.plot(*zip(*corners, strict=True), color="black", linewidth=4)
        axes.plot(*zip(*corners, strict=True), color="#F0E442", linewidth=2)
    axes.set_title(f"{name}: {len(found)} boxes", fontsize=10)
    axes.axis("off")
show(
    figure,
    alternative_text="Three photographs: an astronaut with boxes around her face and a model of the shuttle, a rocket without a box, a cat with one box around its head.",
)

# %% [markdown]
# ## Exercise 5 · One table of boxes
# ★★☆ · 15 minutes · 4 points
#
# Write two functions.
#
# `detection_batch(samples)`: a sample is a triple: a picture (uint8 [3, height, width], any size), its boxes (float32 [n, 4]) and their labels (int64
# [n]). n may be 0, for one picture or for all. Return a dict:
#
# - `"images"`: the list of the B pictures, as they are.
# - `"boxes"`: float32 [N, 5], where N is the number of all boxes. In each row stand the place of the picture in the batch (the first one is 0), then x1, y1, x2, y2. The
#   boxes of the first picture come first, then those of the second, each in their order.
# - `"labels"`: int64 [N], in the same order.
#
# `boxes_of(batch, k)`: from such a batch, the boxes (float32 [n, 4]) and the labels (int64 [n]) of the picture at place `k`: a pair. Where it has none,
# the shapes are [0, 4] and [0].
#
# <details><summary>Hint 1</summary>On paper: picture 0 has two boxes, picture 1 none, picture 2 has one. How many rows has the table? What stands in its first column?</details>
# <details><summary>Hint 2</summary><code>torch.cat</code> puts tables below each other, also those without a row. For the first column you need, for each picture, a tensor [n, 1] that holds <code>k</code>: <code>torch.full((len(boxes), 1), float(k))</code>.</details>
# <details><summary>Hint 3</summary>Two tables side by side: <code>torch.cat([number, boxes], dim=1)</code>. For <code>boxes_of</code>, <code>batch["boxes"][:, 0] == k</code> is a mask for the rows you want, of both tensors.</details>


# %% nbgrader={"grade": false, "grade_id": "detect", "locked": false, "schema_version": 3, "solution": true, "task": false}
def detection_batch(samples):
    """Triples (picture, boxes [n, 4], labels [n]) → {"images": list, "boxes": [N, 5], "labels": [N]}."""
    ### BEGIN SOLUTION
    tables = []
    for k, (_, boxes, _) in enumerate(samples):
        number = torch.full((len(boxes), 1), float(k))
        tables.append(torch.cat([number, boxes], dim=1))
    return {
        "images": [picture for picture, _, _ in samples],
        "boxes": torch.cat(tables),
        "labels": torch.cat([labels for _, _, labels in samples]),
    }
    ### END SOLUTION


def boxes_of(batch, k):
    """The boxes [n, 4] and the labels [n] of the picture at place k."""
    ### BEGIN SOLUTION
    mine = batch["boxes"][:, 0] == k
    return batch["boxes"][mine, 1:], batch["labels"][mine]
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "detect-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 5"):
    first = torch.tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])
    last = torch.tensor([[9.0, 10.0, 11.0, 12.0]])
    none, no_labels = torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64)
    tiles = [check.tile(k, height=2 + k, width=3) for k in range(3)]
    given = [
        (tiles[0], first, torch.tensor([100, 101])),
        (tiles[1], none, no_labels),
        (tiles[2], last, torch.tensor([300])),
    ]
    batch = check.runs(
        lambda: dict(detection_batch(given)),
        "detection_batch of pictures with 2, 0 and 1 boxes",
        mistakes=[
            check.mistake(
                "dict-batch",
                "Return a dict with the entries images, boxes and labels.",
                when=lambda error: "dictionary" in str(error) or "iterable" in str(error),
            ),
            check.mistake(
                "stacked-anyway",
                "The pictures have different sizes, and different numbers of boxes: they can't be stacked. Leave the pictures in a list; boxes and labels are put below each other with torch.cat.",
                when=lambda error: "equal size" in str(error),
            ),
        ],
    )
    check.equal(sorted(batch), ["boxes", "images", "labels"], "the names in the batch")
    check.equal(
        batch["images"],
        tiles,
        "batch['images']",
        mistakes=[
            check.mistake(
                "picture-dropped",
                "A picture without boxes is missing. It belongs to the batch: a model must learn, too, where there is nothing to be found.",
                value=[tiles[0], tiles[2]],
            ),
        ],
    )
    table = torch.cat(
        [torch.tensor([[0.0], [0.0], [2.0]]), torch.cat([first, last])], dim=1
    )

    def numbered(*numbers):
        column = torch.tensor(numbers)[:, None]
        return torch.cat([column, table[:, 1:]], dim=1)

    check.equal(
        batch["boxes"],
        table,
        "batch['boxes'] of pictures with 2, 0 and 1 boxes",
        mistakes=[
            check.mistake(
                "renumbered",
                "The last box belongs to the picture at place 2. Pictures without boxes count, too.",
                value=numbered(0.0, 0.0, 1.0),
            ),
            check.mistake(
                "from-one",
                "The first picture of the batch has the place 0.",
                value=numbered(1.0, 1.0, 3.0),
            ),
            check.mistake(
                "box-numbers",
                "The first column counts boxes. It must say to which picture each box belongs.",
                value=numbered(0.0, 1.0, 2.0),
            ),
            check.mistake(
                "number-last",
                "The picture's place must stand in front of x1, y1, x2, y2, in the first column.",
                value=torch.cat([table[:, 1:], table[:, :1]], dim=1),
            ),
            check.mistake(
                "list-of-boxes",
                "These are lists of tensors, one for each picture. Put them below each other: torch.cat.",
                when=lambda boxes: isinstance(boxes, (list, tuple)),
            ),
            check.mistake(
                "without-number",
                "Nobody can tell any more to which picture a box belongs. Put the picture's place into a first column.",
                value=table[:, 1:],
            ),
            check.mistake(
                "padded-boxes",
                "There are rows for boxes that don't exist. Nothing needs to be filled up: N is the number of real boxes, here 3.",
                when=lambda boxes: boxes.ndim == 3 or len(boxes) > 3,
            ),
        ],
    )
    check.equal(
        batch["labels"],
        torch.tensor([100, 101, 300]),
        "batch['labels']",
        mistakes=[
            check.mistake(
                "list-of-labels",
                "These are lists of tensors, one for each picture. Put them behind each other: torch.cat.",
                when=lambda labels: isinstance(labels, (list, tuple)),
            )
        ],
    )
    known = {"images": tiles, "boxes": table, "labels": torch.tensor([100, 101, 300])}
    check.equal(
        boxes_of(known, 0),
        (first, torch.tensor([100, 101])),
        "boxes_of(batch, 0)",
        mistakes=[
            check.mistake(
                "five-columns",
                "The picture's place is still there. Leave the first column out.",
                when=lambda pair: pair[0].shape[1] == 5,
            ),
            check.mistake(
                "one-box",
                "Picture 0 has two boxes: rows 0 and 1. Ask the first column which rows belong to it.",
                when=lambda pair: pair[0].ndim == 1,
            ),
        ],
    )
    check.equal(
        check.runs(
            lambda: boxes_of(known, 1),
            "boxes_of(batch, 1), a picture without boxes",
            [
                check.mistake(
                    "none-found",
                    "This picture has no boxes. That is no error: return tensors [0, 4] and [0].",
                )
            ],
        ),
        (none, no_labels),
        "boxes_of(batch, 1), a picture without boxes",
        mistakes=[
            check.mistake(
                "row-for-picture",
                "The row at place 1 of the table was taken. But it belongs to picture 0: look at the first column.",
                when=lambda pair: pair[0].numel() == 4,
            ),
            check.mistake(
                "none-shape",
                "Where there is no box, the boxes are a float32 tensor [0, 4] and the labels an int64 tensor [0].",
            ),
        ],
    )
    check.equal(boxes_of(known, 2), (last, torch.tensor([300])), "boxes_of(batch, 2)")
    batch = check.runs(
        lambda: dict(detection_batch([given[1], given[1]])),
        "detection_batch of two pictures without boxes",
        mistakes=[
            check.mistake(
                "no-box-at-all",
                "A batch without a single box happens, sooner or later. Its boxes are a tensor [0, 5], its labels [0].",
            )
        ],
    )
    check.equal(
        [batch["boxes"], batch["labels"]],
        [torch.zeros(0, 5), no_labels],
        "boxes and labels of two pictures without boxes",
        mistakes=[
            check.mistake(
                "no-box-at-all",
                "A batch without a single box happens, sooner or later. Its boxes are a float32 tensor [0, 5], its labels an int64 tensor [0].",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "detect-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: more pictures, none to four boxes each.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 5, hidden tests"):
    rng = check.rng("detect")
    some = [int(v) for v in rng.integers(0, 5, 6)]
    some[1], some[2], some[3], some[-1] = 3, 0, 2, 0
    for counts in ([0], [int(rng.integers(1, 5))], some):
        given = []
        for k, count in enumerate(counts):
            corners = torch.from_numpy(rng.integers(0, 50, (count, 4))).float()
            labels = torch.from_numpy(rng.integers(0, 9, count))
            picture = check.tile(k, *(int(v) for v in rng.integers(1, 7, 2)))
            given.append((picture, corners, labels))
        rows = [
            [float(k), *box] for k, (_, bs, _) in enumerate(given) for box in bs.tolist()
        ]
        expected = {
            "images": [picture for picture, _, _ in given],
            "boxes": torch.tensor(rows).reshape(-1, 5),
            "labels": torch.tensor([v for _, _, ls in given for v in ls.tolist()]).long(),
        }
        check.equal(
            detection_batch(given), expected, f"detection_batch with {counts} boxes"
        )
        for k in range(len(counts)):
            check.equal(
                boxes_of(expected, k), given[k][1:], f"boxes_of picture {k}, {counts}"
            )
### END HIDDEN TESTS

# %% [markdown]
# ### Who takes such a table
#
# torchvision's `roi_align` cuts boxes out of a batch and brings them to one size. It takes your form of table: the picture's place in front. (torchvision's
# detectors want a list of dicts instead: that is what `datakit.detection_collate` makes.)

# %%
from torchvision.ops import roi_align

rows = [
    [float(k), *box] for k, found in enumerate(boxes.values()) for box in found.tolist()
]
canvas = datakit.pad_images([photos[name] for name in boxes]).images.float()
pieces = roi_align(canvas, torch.tensor(rows), output_size=(48, 48))
print("pieces:", list(pieces.shape))
figure = Figure(figsize=(6, 2), layout="constrained")
for axes, piece in zip(figure.subplots(1, 3).flat, pieces, strict=True):
    axes.imshow(piece.permute(1, 2, 0) / 255)
    axes.axis("off")
show(
    figure,
    alternative_text="What the three boxes hold, each 48 × 48: the astronaut's face, the shuttle's model, the cat's head.",
)

# %% [markdown]
# ---
# ## 9 · Pasts of unequal length
#
# To tell tomorrow's weather, a model gets the last days: a **window**. Here are the highest and lowest temperatures of Seattle. A
# station that has worked for three days only has a past of three days. And sometimes an instrument fails: then stands `nan` (not a number) in its place.

# %%
from vega_datasets import data as tables_of_vega

weather = tables_of_vega.seattle_weather()[["temp_max", "temp_min"]]
degrees = torch.tensor(weather.to_numpy(), dtype=torch.float32)
print(f"{len(degrees)} days; the last four:", degrees[-4:], sep="\n")

# %% [markdown]
# Where should the padding go, behind the past, as with sentences, or in front? **Predict:** which of these two batches has "yesterday"
# (14 and 24) in one column?

# %%
long, short = torch.tensor([11.0, 12.0, 13.0, 14.0]), torch.tensor([23.0, 24.0])
print("padding behind:  ", pad_sequence([long, short], batch_first=True), sep="\n")
print(
    "padding in front:",
    pad_sequence([long, short], batch_first=True, padding_side="left"),
    sep="\n",
)

# %% [markdown]
# ## Exercise 6 · Windows that end yesterday
# ★★★ · 20 minutes · 4 points
#
# Write `window_batch(samples, steps)`. A sample is a dict: `"past"` is a float32 tensor [t, F], a row for each of t days and a column for each of F instruments, the newest day last, with `nan` where an instrument failed;
# `"target"` is a `float`. t differs from sample to sample, and may be 0: a station that begins today. Return a dict:
#
# - `"past"`: float32 [B, steps, F]. Each window holds the **newest** rows, at most `steps` of them. The newest row stands **last**; where a past is too short, the
#   padding is in front. 0 stands where there is no value: in the padding, and in place of `nan`.
# - `"mask"`: bool [B, steps, F], true where a value was measured. (A measured 0 is a value.)
# - `"target"`: float32 [B].
#
# <details><summary>Hint 1</summary>Which rows of a past are used? At most <code>steps</code>, counted from its end. And where in the window do they begin?</details>
# <details><summary>Hint 2</summary>Beware of <code>[-n:]</code> with n = 0: <code>-0</code> is 0, so you get everything, not nothing. Count from the front instead: <code>[steps - n:]</code>.</details>
# <details><summary>Hint 3</summary>Make a tensor [B, steps, F] full of <code>nan</code>, write the rows into it, and you know at the end what was measured: <code>~window.isnan()</code>. Then <code>torch.nan_to_num(window)</code> puts 0 in place of each <code>nan</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "windows", "locked": false, "schema_version": 3, "solution": true, "task": false}
def window_batch(samples, steps):
    """{"past": [t, F], "target": float} each → {"past": [B, steps, F], "mask": [B, steps, F], "target": [B]}."""
    ### BEGIN SOLUTION
    features = samples[0]["past"].shape[1]
    window = torch.full((len(samples), steps, features), torch.nan)
    for row, sample in zip(window, samples, strict=True):
        newest = sample["past"][max(len(sample["past"]) - steps, 0) :]
        row[steps - len(newest) :] = newest
    mask = ~window.isnan()
    return {
        "past": torch.where(mask, window, 0.0),
        "mask": mask,
        "target": torch.tensor(
            [sample["target"] for sample in samples], dtype=torch.float32
        ),
    }
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "windows-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 6"):
    nan = float("nan")
    # 203 is station 2, day 3; station 2 has measured a 0, and an instrument of station 3 failed.
    given = [
        {"past": torch.tensor([[100.0], [101.0]]), "target": 0.5},
        {"past": torch.tensor([[200.0], [201.0], [0.0], [203.0], [204.0]]), "target": 1.5},
        {"past": torch.tensor([[300.0], [nan], [302.0]]), "target": 2.5},
    ]
    before = [sample["past"].clone() for sample in given]
    batch = check.runs(
        lambda: dict(window_batch(given, steps=4)),
        "window_batch of pasts of 2, 5 and 3 days, steps=4",
        mistakes=[
            check.mistake(
                "dict-batch",
                "Return a dict with the entries past, mask and target.",
                when=lambda error: "dictionary" in str(error) or "iterable" in str(error),
            ),
            check.mistake(
                "too-long",
                "One past has 5 days, the window only 4. Use its newest 4 rows.",
                when=lambda error: (
                    "expanded size" in str(error) or "negative" in str(error)
                ),
            ),
        ],
    )
    check.equal(sorted(batch), ["mask", "past", "target"], "the names in the batch")
    past = torch.tensor(
        [[0, 0, 100, 101], [201, 0, 203, 204], [0, 300, 0, 302]], dtype=torch.float32
    )
    check.equal(
        batch["past"],
        past[:, :, None],
        "batch['past'] of pasts of 2, 5 and 3 days, steps=4",
        mistakes=[
            check.mistake(
                "nan-left",
                "There is nan in the batch. Put 0 there, once the mask knows about it: nan × 0 is nan, so one nan would spoil everything that it meets.",
                when=lambda past: past.isnan().any(),
            ),
            check.mistake(
                "padded-behind",
                "The padding stands behind the past. The newest day must be the last one in every window.",
                when=lambda past: past[0, 0, 0] == 100 and past[0, 3, 0] != 101,
            ),
            check.mistake(
                "oldest-kept",
                "The oldest days of station 2 were kept. Keep the newest ones.",
                when=lambda past: 200 in past[1].flatten().tolist() and past.shape[1] == 4,
            ),
            check.mistake(
                "longest-window",
                "The windows are as long as the longest past. They must have `steps` rows, in every batch.",
                when=lambda past: past.shape[1] != 4,
            ),
            check.mistake(
                "days-dropped",
                "The day on which the instrument failed was left out, and the days before it have moved. Keep its place.",
                when=lambda past: past[2].flatten().tolist() == [0.0, 0.0, 300.0, 302.0],
            ),
            check.mistake(
                "filled-up",
                "A day that was not measured was given a value. Put 0 there, and let the mask say that it is none.",
                when=lambda past: (
                    past[2, 0, 0] == 300 or past[2, 2, 0] != 0 or past[0, 0, 0] != 0
                ),
            ),
        ],
    )
    mask = torch.tensor(
        [[False, False, True, True], [True] * 4, [False, True, False, True]]
    )[:, :, None]
    check.equal(
        batch["mask"],
        mask,
        "batch['mask']",
        mistakes=[
            check.mistake(
                "inverted",
                "True and false are swapped: true must stand where a value was measured.",
                value=~mask,
            ),
            check.mistake(
                "zero-is-unknown",
                "Station 2 has measured a 0, and your mask says that it has not. Ask for nan, not for 0.",
                when=lambda mask: not mask[1].all(),
            ),
            check.mistake(
                "failure-unseen",
                "An instrument of station 3 failed on its second day, and the mask calls that measured. Look for nan before you replace it.",
                when=lambda mask: bool(mask[2, 2].all()) and not mask[2, 0].any(),
            ),
            check.mistake(
                "all-measured",
                "The mask says that all was measured. Look for nan before you replace it.",
                when=lambda mask: bool(mask.all()),
            ),
            check.mistake(
                "mask-dimensions",
                "Two instruments may fail on different days: the mask has the shape of the past, [B, steps, F].",
                when=lambda mask: mask.ndim == 2,
            ),
        ],
    )
    check.equal(
        batch["target"],
        torch.tensor([0.5, 1.5, 2.5]),
        "batch['target']",
        mistakes=[
            check.mistake(
                "float64-target",
                "These are 64-bit floats. The past has 32 bits, and computing with both needs one dtype: float32.",
                when=lambda target: target.dtype == torch.float64,
            )
        ],
    )
    check.equal(
        [sample["past"] for sample in given],
        before,
        "the samples after the call",
        mistakes=[
            check.mistake(
                "in-place",
                "The samples were changed: the dataset has lost its nan. Work on a copy.",
            )
        ],
    )
    nobody = {"past": torch.zeros(0, 2), "target": 9.0}
    two = {"past": torch.tensor([[1.0, nan], [3.0, 4.0]]), "target": 8.0}
    batch = check.runs(
        lambda: dict(window_batch([nobody, two], steps=2)),
        "window_batch with a station that begins today, two instruments",
        mistakes=[
            check.mistake(
                "minus-zero",
                "A past of 0 days came. [-0:] is everything, not nothing: count from the front, [steps - n:].",
            )
        ],
    )
    check.equal(
        batch["past"],
        torch.tensor([[[0.0, 0.0], [0.0, 0.0]], [[1.0, 0.0], [3.0, 4.0]]]),
        "the past with a station that begins today, two instruments",
    )
    check.equal(
        batch["mask"],
        torch.tensor([[[False, False], [False, False]], [[True, False], [True, True]]]),
        "the mask with a station that begins today, two instruments",
        mistakes=[
            check.mistake(
                "whole-day",
                "On the first day one of two instruments failed. The other one's value counts.",
                when=lambda mask: not mask[1, 0].any(),
            ),
            check.mistake(
                "minus-zero",
                "The station that begins today has measured nothing. [-0:] is everything, not nothing: count from the front, [steps - n:].",
                when=lambda mask: bool(mask[0].any()),
            ),
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "windows-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: more stations and instruments, long and empty pasts, zeros and failures anywhere.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 6, hidden tests"):
    rng = check.rng("windows")
    for features in (1, 3):
        steps, n = int(rng.integers(2, 6)), int(rng.integers(4, 8))
        lengths = [0, 1, steps, steps + 3, *(int(v) for v in rng.integers(0, 9, n - 4))]
        past, known = torch.zeros(n, steps, features), torch.zeros(n, steps, features)
        given = []
        for k, length in enumerate(lengths):
            values = rng.integers(-2, 3, (length, features)).astype("float32")
            values[rng.random((length, features)) < 0.3] = np.nan
            for back in range(1, min(length, steps) + 1):
                for feature in range(features):
                    value = float(values[length - back, feature])
                    if value == value:
                        past[k, steps - back, feature] = value
                        known[k, steps - back, feature] = 1
            given.append({"past": torch.from_numpy(values), "target": length / 4})
        expected = {
            "past": past,
            "mask": known.bool(),
            "target": torch.tensor([length / 4 for length in lengths]),
        }
        what = f"window_batch of pasts of {lengths} days, steps={steps}, F={features}"
        kept = [sample["past"].clone() for sample in given]
        check.equal(window_batch(given, steps), expected, what)
        check.equal(
            [sample["past"] for sample in given], kept, "the samples after the call"
        )
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own, and the finished piece
#
# `pad_sequence` with `padding_side="left"` puts the padding in front; the cut and the mask are your own work. Where every window is full, nothing
# needs a mask: `datakit.TimeSeriesDataset` gives such windows, and then, for once, batches just stack.

# %%
rows = [torch.tensor([[100.0], [101.0]]), torch.tensor([[201.0], [202.0], [203.0]])]
check.equal(
    pad_sequence(rows, batch_first=True, padding_side="left")[:, :, 0],
    torch.tensor([[0.0, 100.0, 101.0], [201.0, 202.0, 203.0]]),
    "pad_sequence with the padding in front",
)
windows = datakit.TimeSeriesDataset(degrees, window=7, horizon=1)
past, future = default_collate([windows[i] for i in range(4)])
print("past:", list(past.shape), "future:", list(future.shape))

# %% [markdown]
# ---
# ## Two questions to think about
#
# A person reads these answers. Three to six sentences each are enough.
#
# **Question 1** (2 points). A team trains a model on sentences, in random batches of 32. A colleague sorts the whole dataset by length, once, and takes batch after batch from
# the front: "hardly any padding left". What is won, and what is lost? What would you do? Use numbers that you measured in part 5.

# %% [markdown] nbgrader={"grade": true, "grade_id": "reflect-buckets", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# Without buckets I measured about 60 % padding, with buckets of width 4 about 9 %: so far the colleague is right, and sorting gets near 0 %. But the order
# is the same in each epoch, and goes from short to long: each batch holds one length only (without buckets about 17 different ones), so the model's steps are pulled towards one kind
# of sentence after another, and the last steps of each epoch see only the longest ones. I would shuffle in each epoch and use buckets of medium width, say 4 or 8: most of the
# padding is gone, sentences of several lengths still meet, and the order of the batches stays random. Whether a pass gets quicker I would measure on our model and machine.
#
# *Marking: 1 point for measured numbers on both sides (share of padding with and without buckets). 1 point for naming what is lost (randomness: lengths don't mix, the same
# order each epoch) with a repair (buckets and shuffling, shuffling the batches). "Sorting is faster" alone gets nothing.*

# %% [markdown]
# **Question 2** (2 points). Another colleague's collate function tries `torch.stack`, and returns the plain list where that fails: "it never crashes". Batch after
# batch goes to the code that trains a model. What will happen there, and when? What do you propose?

# %% [markdown] nbgrader={"grade": true, "grade_id": "reflect-fallback", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# The type of a batch now depends on chance: a tensor where the shapes happen to agree, a list where they don't. With batch size 1, or in a first test with equal sizes, all is well; the first mixed
# batch, perhaps hours later, fails far from the cause, in `.to(device)` or in the model. Or it does not fail, and a loop over the list treats samples as something else. It also hides
# real faults: a picture that was cut wrongly should be an error. I propose to decide beforehand what is ragged (name the keys, or pad with a mask), to return
# the same structure in every batch, and to refuse the rest with a message that names the key and the shapes.
#
# *Marking: 1 point for what goes wrong and that it comes late or by chance (the type changes from batch to batch; far from the cause). 1 point for a proposal with the same structure in
# every batch (declared ragged keys, padding with a mask) or an early error that names the key.*

# %% [markdown]
# ---
# ## What you take with you
#
# - [ ] A collate function gets a list of samples and returns one batch. What a batch is, is your decision.
# - [ ] Only equal shapes stack. What is ragged is said beforehand, and is ragged in every batch.
# - [ ] Padding needs a mask or lengths. No value is a mark for "nothing here": 0 can be a word, a black pixel, a temperature.
# - [ ] Cut before you measure, round up without adding too much, and take empty samples into account.
# - [ ] Buckets lower padding; the price is a less random order. How much either is depends on the lengths: measure.
# - [ ] The packed form has no padding; a recurrent layer's last state is then that of the sentence's end.
# - [ ] Boxes go into one table with the picture's place in front. Pictures without boxes count.
#
# **Where this is used.** Hugging Face's `DataCollatorWithPadding` is exercise 2, with `pad_to_multiple_of`. Detectors such as DETR pad pictures and keep a mask; YOLO's boxes
# lie in one table, as in exercise 5. Libraries for speech and translation sort sentences into buckets.
#
# **Next:** lab 03 decides which samples come into a batch at all.
#
# Where do you stand? Save the notebook and run the next cell: it shows which exercises pass in each lab, and what is next.

# %% tags=["demonstration"]
datakit.progress()

# %% [markdown]
# Before you hand in, press **Validate** above: it runs this notebook from the top, in a fresh kernel, and tells you which
# checks fail.
