# ---
# jupyter:
#   datakit:
#     minutes: 120
#     stage: sample
#     title: Augmentation
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
# # Lab 04 · Augmentation: change pixels, keep meaning
#
# **2 hours · 25 points from checks, 4 for two short texts**
#
# ![The way of a batch: storage, sample, batch, device, step. This lab stands at the sample.](way.svg)
#
# A cat that is mirrored is a cat. So one photograph of a cat can serve as two, and a model that sees both learns that the direction
# doesn't matter. To alter training samples at random, in ways that keep their meaning, is called **augmentation**.
# It is often said that augmentation is always safe. You will measure where it isn't, and write augmentations that are.
#
# After this lab you can
#
# - say for a given task which changes keep the meaning, and measure it,
# - mirror pictures together with what their labels say,
# - crop beyond a picture's edge, and change its light without spoiling its bytes,
# - move boxes along with their picture,
# - blend pictures and their labels (mixup),
# - give each sample random numbers of its own, in every epoch and every worker, and switch all of it off for evaluation.
#
# You need Python functions, tensors with their shapes and dtypes, and indexing with slices. Labs 01 and 02 help, but are not needed.
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
# Four rules for all of them. Where a task asks for a list, a tuple serves, too. Where a task asks for a tensor, a NumPy array of
# the same dtype serves, too. A function never changes what it is given: it returns something new. And all chance comes from the
# generator `rng` that the function is given.
#
# What stands in square brackets behind a dtype is a shape: uint8 [C, H, W] is a picture of C channels (1 is grey; 3 are red,
# green, blue), H rows and W columns, in bytes from 0 to 255. In front of it, B counts the pictures of a batch: [B, C, H, W].
#
# The next cell takes some seconds: PyTorch is large.

# %%
import copy
import inspect

import numpy as np
import torch
from matplotlib.figure import Figure
from torch.utils.data import DataLoader, Dataset
from torchvision import tv_tensors
from torchvision.transforms import v2

import datakit
from datakit import check
from datakit.experiments.augmentation_naive import AugmentsInInit, SeedsOnce, nudge
from datakit.experiments.augmentation_operations import augmented
from datakit.experiments.augmentation_pictures import photograph
from datakit.experiments.augmentation_reader import accuracy, learn, split_digits
from datakit.experiments.pictures import show

# %% [markdown]
# ---
# ## 1 · Four augmentations that fail
#
# ### The first failure: the meaning changes
#
# Here is a 6 from real handwriting, 8 × 8 points, and the same 6 upside down. **Predict:** what would you read in the second picture?

# %%
known, new = split_digits()
six = new.images[int((new.labels == 6).nonzero()[0])]


def picture_row(pictures, titles, alternative_text, width=1.8):
    """Show pictures [C, H, W], 0 to 1 or bytes, side by side; ink (one channel) is drawn dark."""
    figure = Figure(figsize=(width * len(pictures), width + 0.4), layout="constrained")
    for axes, picture, title in zip(
        np.atleast_1d(figure.subplots(1, len(pictures))), pictures, titles, strict=True
    ):
        grey = len(picture) == 1
        axes.imshow(
            1 - picture[0] if grey else picture.permute(1, 2, 0), cmap="gray", vmin=0
        )
        axes.set_title(title, fontsize=10)
        axes.axis("off")
    return show(figure, alternative_text=alternative_text)


picture_row(
    [six, six.flip(-2)],
    ["label 6", "label 6"],
    alternative_text="A handwritten 6, and the same upside down: it looks like a 9. Both carry the label 6.",
)

# %% [markdown]
# A model that learns from both pictures learns that some 9s are 6s. No error tells you.

# %% [markdown]
# ### The second failure: the bytes overflow
#
# To make a photograph brighter, multiply it by 2. **Predict:** the sky of this photograph is bright (about 210). What becomes of it?

# %%
temple = (photograph("china") * 255).to(torch.uint8)
brighter = temple * 2
print(
    "one point of the sky:",
    temple[:, 5, 5].tolist(),
    "times 2:",
    brighter[:, 5, 5].tolist(),
)
picture_row(
    [temple, brighter],
    ["the photograph", "times 2"],
    alternative_text="A temple before a bright sky; beside it, the same times 2 in bytes: the sky is darker than before, and has false colours.",
)

# %% [markdown]
# A byte ends at 255, and goes on at 0, as a clock goes on at 0 after 23. Again no error.

# %% [markdown]
# ### The third failure: augmented only once
#
# `nudge(picture, rng)` moves a picture by up to two rows and columns; what leaves on one side comes in on the other. Here is
# a dataset that uses it as many people do at first. (It lies in a module; `inspect` shows its code.) **Predict:** in 10 epochs, how many different versions of picture 0 does a
# model see?

# %%
print(inspect.getsource(AugmentsInInit))

# %%
dataset = AugmentsInInit(new.images[:5], nudge, seed=0)
seen = {tuple(dataset[0].flatten().tolist()) for epoch in range(10)}
print("different versions of picture 0 in 10 epochs:", len(seen))

# %% [markdown]
# One. What stands in `__init__` runs once. This is no augmentation, it is another fixed dataset.

# %% [markdown]
# ### The fourth failure: seeded only once
#
# So the drawing moves into `__getitem__`, and the generator is seeded once, in `__init__`. A loader with two **workers** (helper
# processes that fetch samples side by side) asks for ten samples, twice. Each one tells its index, which worker drew, and the
# number drawn, from 0 to 99. **Predict:** how many different numbers will you see in the 20 rows?

# %%
print(inspect.getsource(SeedsOnce.__getitem__))

# %% tags=["demonstration"]
dataset = SeedsOnce(10, seed=0)
for epoch in range(2):
    loader = DataLoader(dataset, batch_size=1, num_workers=2)
    drawn = [[int(part) for part in sample] for sample in loader]
    for worker in range(2):
        numbers = {index: number for index, who, number in drawn if who == worker}
        print(f"epoch {epoch}, worker {worker}, index → number: {numbers}")

# %% [markdown]
# Five. Each worker gets a **copy** of the dataset, and with it a copy of the generator, which then draws the same numbers in both. And each
# epoch begins with fresh copies. Ten samples were not augmented in 20 ways, but in 5. In exercise 6 you will mend this.

# %% [markdown]
# ---
# ## 2 · A picture and its twin
#
# An augmentation is a function: a picture goes in, an altered **twin** comes out. The picture that came in stays as it was, since
# the dataset will need it again in the next epoch.
#
# ### A worked example
#
# To test such functions, we use pictures that say who they are. In this **tile**, the pixel in row 1, column 2 of picture 7 has the
# colour (1, 2, 7).

# %%
tile = check.tile(7, height=2, width=3)
print("shape [3, height, width]:", list(tile.shape))
print("the pixel in row 1, column 2:", tile[:, 1, 2].tolist())
print("red says the row, green the column, blue the picture:", tile.tolist(), sep="\n")


# %% [markdown]
# `flip(-1)` turns the last dimension around: the columns. With probability `p` we do it, otherwise not. For chance we use NumPy's
# generator, here and in all exercises:
#
# | call | gives |
# |---|---|
# | `rng.random()`, `rng.random(5)` | a number from 0 to 1, or five of them |
# | `rng.integers(-2, 3)` | a whole number from −2 to 2: the upper end is **left out** |
# | `rng.permutation(5)` | the numbers 0 to 4 in random order |
# | `rng.beta(a, a, 5)` | five numbers from 0 to 1, see exercise 5 |


# %%
def maybe_mirror(picture, p, rng):
    """Mirror a picture [C, H, W] with probability p."""
    return picture.flip(-1) if rng.random() < p else picture


rng = np.random.default_rng(5)
check.equal(
    maybe_mirror(tile, 1.0, rng)[1], tile[1][:, [2, 1, 0]], "the green channel at p = 1"
)
check.equal(maybe_mirror(tile, 0.0, rng), tile, "the picture at p = 0")
mirrored = sum(int(maybe_mirror(tile, 0.25, rng)[1, 0, 0]) == 2 for _ in range(1000))
print(f"At p = 0.25, {mirrored} of 1000 were mirrored.")

# %% [markdown]
# `check.equal` holds what arrived against what was expected. It says nothing when all is well. Watch what it says when the wrong dimension is
# turned around. **Read the message**: you will meet this form again.

# %% tags=["raises-exception"]
check.equal(tile.flip(-2), tile.flip(-1), "the mirrored tile")

# %% [markdown]
# ---
# ## 3 · When the mirror changes the name
#
# On a traffic sign, "turn left" becomes "turn right" in the mirror. "Straight on" stays what it is. And "STOP" becomes a word that is on no sign.

# %%
left = torch.tensor(
    [
        [0, 0, 1, 0, 0, 0, 0],
        [0, 1, 1, 0, 0, 0, 0],
        [1, 1, 1, 1, 1, 1, 0],
        [0, 1, 1, 0, 0, 1, 0],
        [0, 0, 1, 0, 0, 1, 0],
        [0, 0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 0, 1, 0],
    ]
)[None].float()
straight = torch.tensor(
    [[0, 0, 0, 1, 0, 0, 0], [0, 0, 1, 1, 1, 0, 0], [0, 1, 1, 1, 1, 1, 0]]
    + [[0, 0, 0, 1, 0, 0, 0]] * 4
)[None].float()
picture_row(
    [left, left.flip(-1), straight, straight.flip(-1)],
    ["turn left", "in the mirror", "straight on", "in the mirror"],
    alternative_text="An arrow to the left, which in the mirror points to the right; an arrow upwards, which the mirror leaves as it is.",
)

# %% [markdown]
# ## Exercise 1 · A mirror that knows what it means
# ★★☆ · 15 minutes · 4 points
#
# Write `flip_signs(images, labels, mirror, p, rng)`. `images` is a batch uint8 [B, C, H, W], `labels` is int64 [B].
#
# `mirror` is a dict: each class → the class of its mirror image, or `None` where the mirror image has no meaning. With the classes 0 (left), 1 (right), 2
# (straight) and 3 (STOP) it is `{0: 1, 1: 0, 2: 2, 3: None}`.
#
# Return a pair: the images and the labels, of the same shapes and dtypes. **Each picture for itself** is mirrored (left and right exchanged) with probability `p`, and
# then has the label of its mirror image. Pictures whose class has `None` are never mirrored.
#
# <details><summary>Hint 1</summary>Each picture needs a decision of its own. How many random numbers do you need for a batch? And which pictures stay as they are, whatever was drawn?</details>
# <details><summary>Hint 2</summary>A loop will do: for each <code>k</code>, look up <code>mirror[int(labels[k])]</code>. (A tensor is no key of this dict; <code>int</code> makes a number of it.) Collect pictures and labels in two lists.</details>
# <details><summary>Hint 3</summary>Begin with <code>images.clone()</code> and <code>labels.clone()</code>. Where a picture is mirrored: <code>new_images[k] = images[k].flip(-1)</code>, and its label likewise.</details>


# %% nbgrader={"grade": false, "grade_id": "flip", "locked": false, "schema_version": 3, "solution": true, "task": false}
def flip_signs(images, labels, mirror, p, rng):
    """Mirror each picture [C, H, W] of a batch with probability p; return the pictures and their labels."""
    ### BEGIN SOLUTION
    new_images, new_labels = images.clone(), labels.clone()
    for k, number in enumerate(rng.random(len(images))):
        other = mirror[int(labels[k])]
        if number < p and other is not None:
            new_images[k] = images[k].flip(-1)
            new_labels[k] = other
    return new_images, new_labels
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "flip-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 1"):

    def chance(seed):
        return check.beside(np.random.Generator, check.beside(np.random.PCG64, seed))

    mirror = {0: 1, 1: 0, 2: 2, 3: None}
    images = torch.stack([check.tile(k) for k in range(4)])
    labels = torch.arange(4)
    before = [images.clone(), labels.clone()]
    check.equal(
        check.runs(
            lambda: list(flip_signs(images, labels, mirror, 0.0, chance(1))),
            "flip_signs at p = 0",
            mistakes=[
                check.mistake(
                    "tensor-key",
                    "A tensor was looked up in the dict, which has numbers as keys. int(labels[k]) makes a number of it.",
                    when=lambda error: "tensor(" in str(error),
                )
            ],
        ),
        [images, labels],
        "flip_signs at p = 0",
        mistakes=[
            check.mistake(
                "p-turned",
                "At p = 0 nothing may be mirrored. rng.random() < p is true with probability p.",
                when=lambda pair: not torch.equal(torch.as_tensor(pair[0]), images),
            ),
            check.mistake(
                "label-without-mirror",
                "No picture was mirrored, but labels have changed. Only a picture that is mirrored gets another label.",
                when=lambda pair: not torch.equal(torch.as_tensor(pair[1]), labels),
            ),
        ],
    )
    right = torch.cat([before[0][:3].flip(-1), before[0][3:]])
    flipped, named = flip_signs(images, labels, mirror, 1.0, chance(2))
    check.equal(
        flipped,
        right,
        "the pictures of flip_signs at p = 1, classes 0, 1, 2 and 3",
        mistakes=[
            check.mistake(
                "meaning-lost",
                "Class 3 was mirrored, too. Its mirror image has no meaning: `None` in the dict means never.",
                value=before[0].flip(-1),
            ),
            check.mistake(
                "upside-down",
                "These are upside down. In [B, C, H, W] the columns are the last dimension.",
                when=lambda images: int(images[0, 0, 0, 0]) == 1,
            ),
            check.mistake(
                "batch-reversed",
                "Pictures have changed their places, or their channels. Turn the last dimension of each picture around, and nothing else.",
                when=lambda images: images[:, 2, 0, 0].tolist() != [0, 1, 2, 3],
            ),
            check.mistake(
                "zero-is-something",
                "A picture was not mirrored whose mirror image is class 0. 0 counts as false in Python: ask `is not None`.",
                when=lambda images: torch.equal(torch.as_tensor(images[1]), check.tile(1)),
            ),
            check.mistake(
                "only-changing",
                "Class 2 is its own mirror image. It keeps its label, but its picture is mirrored like any other.",
                when=lambda images: torch.equal(torch.as_tensor(images[2]), check.tile(2)),
            ),
        ],
    )
    check.equal(
        [images, labels],
        before,
        "what flip_signs was given, after the call",
        mistakes=[
            check.mistake(
                "in-place",
                "The pictures or labels that came in were changed. They are the dataset's own: in the next epoch they would be changed once more. Work on a clone.",
            )
        ],
    )
    check.equal(
        named,
        torch.tensor([1, 0, 2, 3]),
        "the labels of flip_signs at p = 1, classes 0, 1, 2 and 3",
        mistakes=[
            check.mistake(
                "label-kept",
                "The pictures are mirrored, and the labels are not: a sign that points to the right is called left. Look up the class of the mirror image.",
                value=labels,
            ),
            check.mistake(
                "label-twice",
                "All have the same label now: one replacement undid another. Take each new label from the old labels, not from those that you have just changed.",
                when=lambda labels: len(set(torch.as_tensor(labels)[:2].tolist())) == 1,
            ),
        ],
    )
    many, zeros = check.tile(0).expand(200, 3, 2, 3), torch.zeros(200, dtype=torch.int64)
    flipped, named = flip_signs(many, zeros, mirror, 0.5, chance(3))
    turned = torch.as_tensor(flipped)[:, 1, 0, 0] == 2
    check.equal(
        60 <= int(turned.sum()) <= 140,
        True,
        f"{int(turned.sum())} of 200 pictures were mirrored at p = 0.5; is that about half?",
        mistakes=[
            check.mistake(
                "all-or-none",
                "All pictures were mirrored, or none. One number was drawn for the whole batch: draw one for each picture.",
                when=lambda _: int(turned.sum()) in (0, 200),
            )
        ],
    )
    check.equal(
        named,
        turned.long(),
        "the labels of 200 pictures of class 0 at p = 0.5: 1 where the picture is mirrored",
        mistakes=[
            check.mistake(
                "drawn-twice",
                "Some labels were changed whose pictures were not, or the other way round. Draw once for each picture, and use that decision for both.",
            )
        ],
    )
    again = [flip_signs(many, zeros, mirror, 0.5, chance(seed))[1] for seed in (3, 4)]
    check.equal(
        again[0],
        named,
        "the labels when the same seed comes again",
        mistakes=[
            check.mistake(
                "rng-ignored",
                "With the same seed, other pictures were mirrored. Take all random numbers from `rng`, not from torch, random or a generator of your own.",
            )
        ],
    )
    check.equal(
        torch.equal(torch.as_tensor(again[1]), torch.as_tensor(named)),
        False,
        "do two seeds mirror the same pictures?",
        mistakes=[
            check.mistake(
                "own-seed",
                "Two generators gave the same pictures. Take all random numbers from `rng`: it has its seed already.",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "flip-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other classes and mirrors, grey pictures, other sizes and probabilities.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 1, hidden tests"):

    def chance(seed):
        return check.beside(np.random.Generator, check.beside(np.random.PCG64, seed))

    rng = check.rng("flip")
    mirror = {4: 9, 9: 4, 7: None, 0: 0, 5: None, 2: 3, 3: 2}
    classes = list(mirror)
    for size in ((1, 3, 5), (3, 4, 2)):
        images = torch.from_numpy(rng.integers(0, 256, (40, *size), dtype=np.uint8))
        images[..., 0], images[..., -1] = 1, 2
        labels = torch.tensor([classes[k % 7] for k in range(40)])
        flipped, named = flip_signs(images, labels, mirror, 1.0, chance(1))
        can = torch.tensor([mirror[label] is not None for label in labels.tolist()])
        check.equal(
            flipped,
            torch.where(can[:, None, None, None], images.flip(-1), images),
            f"the pictures at p = 1, shape {list(images.shape)}",
        )
        check.equal(
            named,
            torch.tensor(
                [
                    label if mirror[label] is None else mirror[label]
                    for label in labels.tolist()
                ]
            ),
            "the labels at p = 1",
        )
        p, times = 0.25, 10
        seed = int(rng.integers(1000))
        flipped, named = flip_signs(
            images.repeat(times, 1, 1, 1),
            labels.repeat(times),
            mirror,
            p,
            chance(seed),
        )
        turned = torch.as_tensor(flipped)[:, 0, 0, 0] == 2
        check.equal(
            bool((turned & ~can.repeat(times)).any()),
            False,
            "was a picture mirrored that has no mirror image?",
        )
        expected = sum(p * times for k in range(40) if can[k])
        check.equal(
            abs(int(turned.sum()) - expected) < 6 * (expected * (1 - p)) ** 0.5,
            True,
            f"{int(turned.sum())} of {int(can.sum()) * times} pictures were mirrored at p = {p}; is that about a quarter?",
        )
        check.equal(
            named,
            torch.tensor(
                [
                    mirror[label] if t else label
                    for label, t in zip(
                        labels.repeat(times).tolist(), turned.tolist(), strict=True
                    )
                ]
            ),
            "do labels and pictures agree?",
        )
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own
#
# torchvision's `RandomHorizontalFlip` mirrors as you do. It decides once for a whole batch, and knows nothing of labels:
# which classes it may be used for is **your** business.

# %%
signs = torch.stack([check.tile(k) for k in range(4)])
check.equal(v2.RandomHorizontalFlip(p=1)(signs), signs.flip(-1), "torchvision's, p = 1")
check.equal(datakit.RandomHorizontalFlip(p=1)(signs), signs.flip(-1), "datakit's, p = 1")
print("Both mirror the columns. And both would mirror a STOP sign.")

# %% [markdown]
# ---
# ## 4 · Is it safe? Measure
#
# Whether an augmentation keeps the meaning, only you can say: you know the task. But what it does to a model can be measured. Below, a small
# network has learned from 900 clean handwritten digits, and reads 897 others: first clean, then augmented. A second network learns
# **with** the augmentation, and reads clean digits.
#
# Commit yourself before you measure. Then try all augmentations, weak and strong: which ones harm the first network? Which of
# these does the second one cope with? And which would you use for digits, which for photographs of cats?

# %% tags=["demonstration"]
from datakit.experiments import augmentation_safety

augmentation_safety.view()

# %% [markdown]
# The same measurement without controls, as a plain function: for your own numbers, and for a notebook that runs by itself.

# %% tags=["demonstration"]
table = augmentation_safety.augmentation_safety("upside_down", strength=50)
table.round(1)

# %% tags=["demonstration"]
show(augmentation_safety.plot(table), alternative_text=augmentation_safety.describe(table))

# %% [markdown]
# So an augmentation can harm in two ways. It can make pictures that never come (then a model learns what it will not need),
# or pictures that mean something else (then it learns what is wrong). A third way is to make too little difference to be worth its
# time. "Always safe" is no property of an augmentation: it depends on the task.

# %% [markdown]
# ---
# ## 5 · A crop that may leave the picture
#
# To cut a part out of a picture is to **crop** it. A common recipe: add a border around the picture, then crop a part of the picture's first size, at a random place. The thing in
# it moves by some pixels, and a model learns that places don't matter.
#
# The border need not be built. It is enough to allow that a crop begins **before** row 0 (say, in row −2), or ends behind the last row; where
# there is no picture, a colour is filled in. Let us see what Python makes of that. **Predict:** what are rows −1 to 2 of this picture?

# %%
tile = check.tile(7, height=4, width=5)
print("rows -1 to 2: ", list(tile[:, -1:2, 0:3].shape))
print("rows 2 to 5:  ", list(tile[:, 2:5, 0:3].shape))

# %% [markdown]
# No row at all, and then two rows in place of three. To Python, `-1` is the last row, and what lies behind the end is left out. No error, but
# the next batch won't stack.
#
# ## Exercise 2 · Crop anywhere
# ★★☆ · 20 minutes · 4 points
#
# Write two functions.
#
# `crop_at(image, top, left, size, fill)` returns the part of `image` (uint8 [C, H, W]) of `size` rows and `size` columns that begins in row `top` and
# column `left`. Both may be negative, and the part may reach beyond the picture, on one side, on several or as a whole. Where there is no picture stands
# `fill`, a list of C numbers: one for each channel. The result is uint8 [C, size, size].
#
# `draw_place(height, width, size, padding, rng)` draws `(top, left)`, two whole numbers, for such a part, as if the picture (`height` rows,
# `width` columns) had a border of `padding` pixels on all sides: the part lies within picture and border. All places are equally likely, **the last
# one included**. There is always at least one.
#
# <details><summary>Hint 1</summary>A picture of 4 rows, a part of 3, a border of 1. On paper: in which rows may the part begin? The first is −1. Which one is the last?</details>
# <details><summary>Hint 2</summary>Make the result first, full of <code>fill</code>. Then find the rows that both have: in the picture they go from <code>max(top, 0)</code> to <code>min(top + size, H)</code>. Where in the result do they begin?</details>
# <details><summary>Hint 3</summary>Row <code>r</code> of the picture is row <code>r - top</code> of the result. So <code>out[:, y1 - top : y2 - top, x1 - left : x2 - left] = image[:, y1:y2, x1:x2]</code>, if <code>y1 &lt; y2</code> and <code>x1 &lt; x2</code>. And <code>rng.integers(a, b)</code> leaves out b.</details>


# %% nbgrader={"grade": false, "grade_id": "crop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def crop_at(image, top, left, size, fill):
    """The part [C, size, size] of an image that begins at (top, left); `fill` where there is no image."""
    ### BEGIN SOLUTION
    _, height, width = image.shape
    out = torch.tensor(fill, dtype=image.dtype)[:, None, None].repeat(1, size, size)
    y1, y2 = max(top, 0), min(top + size, height)
    x1, x2 = max(left, 0), min(left + size, width)
    if y1 < y2 and x1 < x2:
        out[:, y1 - top : y2 - top, x1 - left : x2 - left] = image[:, y1:y2, x1:x2]
    return out
    ### END SOLUTION


def draw_place(height, width, size, padding, rng):
    """(top, left) of a part within an image and a border of `padding` pixels."""
    ### BEGIN SOLUTION
    top = rng.integers(-padding, height + padding - size + 1)
    left = rng.integers(-padding, width + padding - size + 1)
    return int(top), int(left)
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "crop-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 2"):

    def chance(seed):
        return check.beside(np.random.Generator, check.beside(np.random.PCG64, seed))

    image, fill = check.tile(7, height=4, width=5), [90, 91, 92]
    canvas = torch.tensor(fill, dtype=torch.uint8)[:, None, None].repeat(1, 3, 3)
    floats = check.mistake(
        "dtype",
        "The result is no longer uint8. Give the filled canvas the image's dtype.",
        when=lambda part: part.dtype != torch.uint8,
    )
    check.equal(
        crop_at(image, 1, 2, 3, fill),
        image[:, 1:4, 2:5],
        "crop_at(tile [3, 4, 5], top=1, left=2, size=3, …), which lies inside",
        mistakes=[
            floats,
            check.mistake(
                "sides-swapped",
                "Rows and columns are swapped: `top` is a row, `left` a column, and a picture is [C, H, W].",
                when=lambda part: part[0, 0, 0] == 2,
            ),
        ],
    )
    outside = canvas.clone()
    outside[:, 1:, 2:] = image[:, :2, :1]
    lost = check.mistake(
        "smaller",
        "The part is too small: what lies beyond the picture was left out. Make a canvas of the full size first.",
        when=lambda part: list(part.shape) != [3, 3, 3],
    )
    black = check.mistake(
        "one-fill",
        "Each channel has its own fill: 90 in the first, 91 in the second, 92 in the third.",
        when=lambda part: part[:, 0, 0].tolist() != fill and part.shape == canvas.shape,
    )
    before = image.clone()
    what = "crop_at(tile [3, 4, 5], top=-1, left=-2, size=3, fill=[90, 91, 92])"
    check.equal(
        check.runs(
            lambda: crop_at(image, -1, -2, 3, fill),
            what,
            mistakes=[
                check.mistake(
                    "sizes-differ",
                    "The hole in the canvas and the piece of the picture differ in size. Find the rows that both have: from max(top, 0) to min(top + size, H).",
                    when=lambda error: "size" in str(error) or "shape" in str(error),
                )
            ],
        ),
        outside,
        what,
        mistakes=[
            lost,
            floats,
            check.mistake(
                "moved-inside",
                "The part was moved until it lay inside the picture. It must begin where it was told to; what is beyond is filled.",
                when=lambda part: part[0, 0, 0] == 0 and part[1, 2, 2] == 2,
            ),
            check.mistake(
                "pasted-at-corner",
                "The picture's piece stands in the wrong corner. Row r of the picture is row r - top of the part.",
                when=lambda part: part[2, 0, 0] == 7 and part[2, 2, 2] != 7,
            ),
            check.mistake(
                "wraps-around",
                "What stands in the border comes from the picture: from its other side, or from its edge. Fill it with `fill`.",
                when=lambda part: part[2, 0, 0] == 7,
            ),
            black,
        ],
    )
    beyond = canvas.clone()
    beyond[:, :1, :2] = image[:, 3:, 3:]
    what = (
        "crop_at(tile [3, 4, 5], top=3, left=3, size=3, …), beyond the lower right corner"
    )
    check.equal(
        crop_at(image, 3, 3, 3, fill),
        beyond,
        what,
        mistakes=[
            lost,
            check.mistake(
                "wraps-around",
                "What stands in the border comes from the picture: from its other side, or from its edge. Fill it with `fill`.",
                when=lambda part: part[2, 2, 2] == 7 and part[0, 0, 0] == 3,
            ),
            check.mistake(
                "moved-inside",
                "The part was moved until it lay inside the picture. It must begin where it was told to; what is beyond is filled.",
                when=lambda part: part[2, 2, 2] == 7,
            ),
        ],
    )
    what = "crop_at(tile [3, 4, 5], top=-4, left=1, size=3, …), which misses the picture"
    check.equal(
        check.runs(
            lambda: crop_at(image, -4, 1, 3, fill),
            what,
            mistakes=[
                check.mistake(
                    "missed",
                    "This part has nothing of the picture, so there is nothing to copy. Ask whether there is a row and a column that both have.",
                )
            ],
        ),
        canvas,
        what,
        mistakes=[
            check.mistake(
                "missed",
                "This part has nothing of the picture, so all of it is fill. Beware of slices whose end is negative: Python counts them from the back.",
            )
        ],
    )
    check.equal(
        image,
        before,
        "the picture after the calls",
        mistakes=[
            check.mistake(
                "in-place",
                "The picture that came in was changed. Work on a canvas of your own.",
            )
        ],
    )
    rng = chance(3)
    places = [tuple(int(v) for v in draw_place(3, 5, 3, 1, rng)) for _ in range(400)]
    tops, lefts = (sorted({place[k] for place in places}) for k in range(2))
    check.equal(
        [tops, lefts],
        [[-1, 0, 1], [-1, 0, 1, 2, 3]],
        "all tops and all lefts in 400 draws, draw_place(height=3, width=5, size=3, padding=1)",
        mistakes=[
            check.mistake(
                "last-missing",
                "The last place never came. rng.integers(a, b) leaves out b, so b must be one more than the last place.",
                when=lambda both: list(both[0]) == [-1, 0],
            ),
            check.mistake(
                "padded-coordinates",
                "Places are counted in the picture, not in the padded picture: the first one is -padding.",
                when=lambda both: list(both[0]) == [0, 1, 2],
            ),
            check.mistake(
                "never-outside",
                "The part never leaves the picture on the upper side, or on the left. The first place is -padding.",
                when=lambda both: min(both[0]) >= 0,
            ),
            check.mistake(
                "too-far",
                "Some parts leave the border. On paper: 3 rows, a border of 1 on both sides, a part of 3. Where may it begin?",
                when=lambda both: max(both[0]) > 1 or min(both[0]) < -1,
            ),
            check.mistake(
                "square-only",
                "Rows and columns have different ranges: one follows from the height, the other from the width.",
                when=lambda both: (
                    list(both[0]) == list(both[1]) or max(both[0]) > max(both[1])
                ),
            ),
        ],
    )
    check.equal(
        len(set(places)),
        15,
        "different places in 400 draws, draw_place(height=3, width=5, size=3, padding=1)",
        mistakes=[
            check.mistake(
                "one-draw",
                "Row and column don't move independently: 3 rows and 5 columns make 15 places. Draw twice, once for each.",
            )
        ],
    )
    again = [
        tuple(int(v) for v in draw_place(3, 5, 3, 1, rng))
        for rng in [chance(3)]
        for _ in range(20)
    ]
    check.equal(
        again,
        places[:20],
        "the first 20 places when the same seed comes again",
        mistakes=[
            check.mistake(
                "rng-ignored",
                "The same seed gave other places. Take all random numbers from `rng`, not from torch, random or a generator of your own.",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "crop-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: parts of all sizes anywhere around pictures of all sizes; how often each place comes.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 2, hidden tests"):

    def chance(seed):
        return check.beside(np.random.Generator, check.beside(np.random.PCG64, seed))

    rng = check.rng("crop")
    for _ in range(25):
        height, width, size = (int(v) for v in rng.integers(1, 8, 3))
        channels = int(rng.choice([1, 3]))
        top, left = (
            int(rng.integers(-size - 1, height + 2)),
            int(rng.integers(-size - 1, width + 2)),
        )
        image = torch.from_numpy(
            rng.integers(0, 256, (channels, height, width), dtype=np.uint8)
        )
        fill = [int(v) for v in rng.integers(0, 256, channels)]
        border = size + 2
        padded = torch.tensor(fill, dtype=torch.uint8)[:, None, None].repeat(
            1, height + 2 * border, width + 2 * border
        )
        padded[:, border : border + height, border : border + width] = image
        expected = padded[
            :, top + border : top + border + size, left + border : left + border + size
        ]
        check.equal(
            crop_at(image, top, left, size, fill),
            expected,
            f"crop_at of an image {list(image.shape)}, top={top}, left={left}, size={size}",
        )
    for height, width, size, padding in ((6, 4, 4, 0), (2, 3, 4, 1), (4, 4, 4, 2)):
        draws = chance(int(rng.integers(1000)))
        places = [
            tuple(int(v) for v in draw_place(height, width, size, padding, draws))
            for _ in range(500)
        ]
        possible = {
            (top, left)
            for top in range(-padding, height + padding - size + 1)
            for left in range(-padding, width + padding - size + 1)
        }
        what = f"draw_place({height}, {width}, {size}, {padding})"
        check.equal(set(places) <= possible, True, f"are all places of {what} allowed?")
        expected = 500 / len(possible)
        most = max(abs(places.count(place) - expected) for place in possible)
        check.equal(
            most <= 6 * expected**0.5,
            True,
            f"do all places of {what} come about equally often?",
        )
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own
#
# torchvision's `crop` also goes beyond the edge; it always fills with 0. `datakit.RandomCrop` and torchvision's pad first, then crop.

# %%
tile = check.tile(7, height=4, width=5)
expected = torch.zeros(3, 3, 3, dtype=torch.uint8)
expected[:, 1:, 2:] = tile[:, :2, :1]
check.equal(v2.functional.crop(tile, -1, -2, 3, 3), expected, "torchvision's crop")
check.equal(v2.RandomCrop(8, padding=2)(six).shape, (1, 8, 8), "torchvision's RandomCrop")
moved = [datakit.RandomCrop(8, padding=2)(six) for _ in range(5)]
picture_row(
    [six, *moved],
    ["original"] + ["moved"] * 5,
    alternative_text="A handwritten 6, and five twins of it, each moved by up to two pixels; some lose a part of the 6.",
    width=1.4,
)

# %% [markdown]
# Look closely: how far may a picture of 8 × 8 points be moved before a 6 is no 6 any more?

# %% [markdown]
# ---
# ## 6 · More light, and less
#
# Photographs are taken at noon and at dusk. Two changes of light are used most:
#
# - **Brightness**: all values times a factor, here called the **gain**.
# - **Contrast**: each value's distance from the picture's mean times a factor. At 0 all is grey, at 1 nothing changes.
#
# Whether a picture comes in bytes (uint8, 0 to 255) or in floats (float32, 0 to 1), what comes out must be of the same dtype and range.
#
# You have seen what happens to bytes that go beyond 255. **Predict** two more traps: what becomes of 99.9 when it is made a byte, and of −10?

# %%
print(torch.tensor([99.9, 0.9]).to(torch.uint8))
print(torch.tensor([-10.0]).to(torch.int64).to(torch.uint8))

# %% [markdown]
# Bytes are cut off, not rounded; and below 0 they go around, too.
#
# ## Exercise 3 · Light that stays in range
# ★★☆ · 15 minutes · 4 points
#
# Write `relight(images, gains, contrasts)`. `images` is a batch [B, C, H, W], uint8 or float32. `gains` and `contrasts` are float32 [B]: **each picture has its
# own two factors**. For each picture, in this order:
#
# 1. All values times the gain.
# 2. The mean of all these values, over all channels and points of this picture. The new value is: mean + contrast × (value − mean).
# 3. At the very end, once: uint8 is **rounded** to the nearest whole number (a value just between two of them either way), and values outside the range (0 to 255, or 0 to 1 for float32) become the nearest value in it.
#
# Return the batch in the dtype in which it came.
#
# <details><summary>Hint 1</summary>Compute in floats from beginning to end: <code>images.float()</code>. What does the last step do for uint8 that it doesn't do for float32?</details>
# <details><summary>Hint 2</summary>Factors [B] meet images [B, C, H, W] as <code>gains[:, None, None, None]</code>: three dimensions of size 1 behind. A mean for each picture: <code>lit.mean(dim=(1, 2, 3), keepdim=True)</code>.</details>
# <details><summary>Hint 3</summary><code>changed.clamp(0, 255)</code> brings values into the range, <code>.round()</code> rounds, <code>.to(torch.uint8)</code> comes last. Ask <code>images.dtype == torch.uint8</code> which range it is.</details>


# %% nbgrader={"grade": false, "grade_id": "light", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relight(images, gains, contrasts):
    """Change brightness and contrast of each picture [C, H, W] by its own factors; dtype and range stay."""
    ### BEGIN SOLUTION
    lit = images.float() * gains[:, None, None, None]
    mean = lit.mean(dim=(1, 2, 3), keepdim=True)
    changed = mean + contrasts[:, None, None, None] * (lit - mean)
    if images.dtype == torch.uint8:
        return changed.round().clamp(0, 255).to(torch.uint8)
    return changed.clamp(0, 1)
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "light-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 3"):

    def grey(*values, dtype=torch.uint8):
        return torch.tensor(values, dtype=dtype).reshape(1, 1, 1, len(values))

    def factors(*values):
        return torch.tensor(values, dtype=torch.float32)

    def first_call():
        try:
            return relight(grey(10, 20, 30), factors(2), factors(1))
        except NotImplementedError as error:
            # PyTorch uses this error, too, where it can't compute something: then there is an answer.
            if str(error):
                raise TypeError(str(error)) from error
            raise

    broadcast = [
        check.mistake(
            "factor-shape",
            "Factors [B] and images [B, C, H, W] don't fit together: PyTorch lines dimensions up from the right. gains[:, None, None, None] has four.",
            when=lambda error: "must match" in str(error) or "broadcast" in str(error),
        ),
        check.mistake(
            "mean-of-bytes",
            "PyTorch takes no mean of whole numbers. Make floats of the bytes first: images.float().",
            when=lambda error: "mean" in str(error),
        ),
        check.mistake(
            "assigned-back",
            "Floats can't be written into a tensor of bytes by *=. Make a float tensor first: images.float().",
            when=lambda error: "can't be cast" in str(error),
        ),
    ]
    floats = check.mistake(
        "dtype",
        "Bytes came in, so bytes must come out: .to(images.dtype), at the very end.",
        when=lambda images: images.dtype != torch.uint8,
    )
    check.equal(
        check.runs(
            first_call,
            "relight of the bytes 10, 20, 30 with gain 2, contrast 1",
            broadcast,
        ),
        grey(20, 40, 60),
        "relight of the bytes 10, 20, 30 with gain 2, contrast 1",
        mistakes=[
            floats,
            check.mistake(
                "mean-left-out",
                "The distances from the mean are there, but not the mean itself: mean + contrast × (value − mean).",
                value=grey(0, 0, 20),
            ),
            check.mistake(
                "range-of-floats",
                "Hardly anything but 0 and 1 is left. The range of bytes is 0 to 255; 0 to 1 is that of floats.",
                when=lambda images: int(torch.as_tensor(images).max()) <= 1,
            ),
        ],
    )
    check.equal(
        relight(grey(100, 200), factors(2), factors(1)),
        grey(200, 255),
        "relight of the bytes 100, 200 with gain 2, contrast 1",
        mistakes=[
            floats,
            check.mistake(
                "overflow",
                "400 doesn't fit into a byte and went on at 0. Compute in floats, and clamp to 0 … 255 before you make bytes of them.",
                when=lambda images: int(images.flatten()[1]) != 255,
            ),
        ],
    )
    check.equal(
        relight(grey(1, 3, 5, 7), factors(0.75), factors(1)),
        grey(1, 2, 4, 5),
        "relight of the bytes 1, 3, 5, 7 with gain 0.75, contrast 1: 0.75, 2.25, 3.75, 5.25",
        mistakes=[
            check.mistake(
                "cut-off",
                "0.75 became 0, and 3.75 became 3: .to(torch.uint8) cuts off. Round first.",
                value=grey(0, 2, 3, 5),
            ),
            check.mistake(
                "rounded-up",
                "2.25 became 3. Round to the nearest number, not up.",
                value=grey(1, 3, 4, 6),
            ),
        ],
    )
    check.equal(
        relight(grey(10, 30), factors(2), factors(0.5)),
        grey(30, 50),
        "relight of the bytes 10, 30 with gain 2, contrast 0.5",
        mistakes=[
            check.mistake(
                "mean-before-gain",
                "The mean was taken of the values as they came. Take it after the gain: 20 and 60 have the mean 40.",
                value=grey(20, 40),
            ),
            check.mistake(
                "fixed-grey",
                "The values moved towards a fixed grey. They move towards the mean of this picture: 40.",
                when=lambda images: abs(int(images.flatten()[0]) - 74) < 2,
            ),
            check.mistake(
                "contrast-is-gain",
                "The contrast was used as a second gain. It multiplies distances from the mean, so the mean stays: mean + contrast × (value − mean).",
                value=grey(10, 30),
            ),
        ],
    )
    check.equal(
        relight(grey(0, 100), factors(1), factors(3)),
        grey(0, 200),
        "relight of the bytes 0, 100 with gain 1, contrast 3: −100 and 200",
        mistakes=[
            check.mistake(
                "underflow",
                "−100 is no byte, and went around to 156. Values below the range become 0.",
                value=grey(156, 200),
            )
        ],
    )
    check.equal(
        relight(grey(100, 200), factors(2), factors(0.5)),
        grey(250, 255),
        "relight of the bytes 100, 200 with gain 2, contrast 0.5: mean 300, so 250 and 350",
        mistakes=[
            check.mistake(
                "clamped-early",
                "400 was brought into the range before the contrast. Clamp and round once, at the very end: what is cut in between is lost.",
                when=lambda images: int(images.flatten()[0]) < 250,
            )
        ],
    )
    check.equal(
        relight(grey(0.25, 0.75, dtype=torch.float32), factors(2), factors(1)),
        grey(0.5, 1.0, dtype=torch.float32),
        "relight of the floats 0.25, 0.75 with gain 2, contrast 1",
        mistakes=[
            check.mistake(
                "floats-too-bright",
                "A float of 1.5 is out of range. Floats go from 0 to 1, bytes from 0 to 255: ask for the dtype.",
                when=lambda images: images.dtype == torch.float32 and images.max() > 1.2,
            ),
            check.mistake(
                "floats-rounded",
                "Floats must not be rounded: that leaves 0 and 1. Only bytes are.",
                value=grey(0.0, 1.0, dtype=torch.float32),
            ),
            check.mistake(
                "floats-to-bytes",
                "Floats came in, so floats must come out.",
                when=lambda images: images.dtype == torch.uint8,
            ),
        ],
    )
    two = torch.cat([grey(10, 30, 50), grey(100, 140, 180)])
    what = "relight of two pictures (10, 30, 50; gain 2, contrast 1) and (100, 140, 180; gain 1, contrast 0.5)"
    check.equal(
        check.runs(lambda: relight(two, factors(2, 1), factors(1, 0.5)), what, broadcast),
        torch.cat([grey(20, 60, 100), grey(120, 140, 160)]),
        what,
        mistakes=[
            check.mistake(
                "mean-of-batch",
                "The second picture moved towards the mean of both. Each picture has a mean of its own: mean(dim=(1, 2, 3), keepdim=True).",
                value=torch.cat([grey(20, 60, 100), grey(100, 120, 140)]),
            ),
            check.mistake(
                "one-factor",
                "Not each picture was changed by its own factors: gains[k] and contrasts[k] are those of picture k.",
            ),
        ],
    )
    colour = torch.tensor([0, 60, 120, 180, 60, 0], dtype=torch.uint8).reshape(1, 3, 1, 2)
    check.equal(
        relight(colour, factors(1), factors(0.5)),
        torch.tensor([35, 65, 95, 125, 65, 35], dtype=torch.uint8).reshape(1, 3, 1, 2),
        "relight of a picture of three channels, mean 70, with contrast 0.5",
        mistakes=[
            check.mistake(
                "mean-of-channel",
                "Each channel moved towards a mean of its own, so colours fade. Take one mean over all channels and points.",
            )
        ],
    )
    check.equal(
        two,
        torch.cat([grey(10, 30, 50), grey(100, 140, 180)]),
        "the pictures after the calls",
        mistakes=[
            check.mistake(
                "in-place", "The pictures that came in were changed. Work on a copy."
            )
        ],
    )
    floating = grey(0.25, 0.75, dtype=torch.float32)
    relight(floating, factors(2), factors(1))
    check.equal(
        floating,
        grey(0.25, 0.75, dtype=torch.float32),
        "float pictures after the call",
        mistakes=[
            check.mistake(
                "in-place",
                "The pictures that came in were changed: `.float()` of floats is no copy, so *= changes the original. Write a * b instead of a *= b.",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "light-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: batches of bytes and of floats, one and three channels, weak and strong factors.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 3, hidden tests"):
    rng = check.rng("light")
    for channels in (1, 3, 1, 3):
        exact = np.array([0.5])
        # A value just between two whole numbers may be rounded either way: such a draw is not used.
        while (np.abs(exact - np.floor(exact) - 0.5) < 0.001).any():
            images = rng.integers(0, 256, (4, channels, 2, 4), dtype=np.uint8)
            gains, contrasts = rng.uniform(0.2, 1.8, (2, 4)).astype(np.float32)
            lit = images.astype(np.float64) * gains[:, None, None, None]
            mean = lit.mean(axis=(1, 2, 3), keepdims=True)
            exact = mean + contrasts[:, None, None, None] * (lit - mean)
        check.equal(
            relight(
                torch.from_numpy(images),
                torch.from_numpy(gains),
                torch.from_numpy(contrasts),
            ),
            torch.from_numpy(np.clip(np.round(exact), 0, 255).astype(np.uint8)),
            f"relight of 4 pictures of bytes, {channels} channels",
        )
        check.close(
            relight(
                torch.from_numpy(images.astype(np.float32) / 255),
                torch.from_numpy(gains),
                torch.from_numpy(contrasts),
            ),
            torch.from_numpy(np.clip(exact / 255, 0, 1).astype(np.float32)),
            f"relight of 4 pictures of floats, {channels} channels",
            within=1e-5,
        )
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own
#
# torchvision changes one picture at a time, and cuts bytes off in place of rounding them. So on floats it passes the same check, and on bytes it
# may be 1 lower. (Its contrast takes the mean of the picture made grey: the eye sees green best.)

# %%
floats = torch.tensor([[[0.25, 0.75]]])
check.equal(
    v2.functional.adjust_brightness(floats, 2.0), torch.tensor([[[0.5, 1.0]]]), "gain"
)
check.equal(
    v2.functional.adjust_contrast(floats, 0.5), torch.tensor([[[0.375, 0.625]]]), "contrast"
)
row = torch.tensor([[[1, 3, 5, 7]]], dtype=torch.uint8)
print(
    "bytes × 0.75, torchvision:",
    v2.functional.adjust_brightness(row, 0.75).flatten().tolist(),
)
light = [datakit.ColorJitter(brightness=0.6, contrast=0.6)(temple) for _ in range(4)]
picture_row(
    [temple, *light],
    ["original"] + ["jittered"] * 4,
    alternative_text="The temple, and four twins of it, brighter or darker, with more or less contrast. All are still that temple.",
)

# %% [markdown]
# ---
# ## 7 · Boxes move with their picture
#
# Where things are looked for in pictures, a label says **where**: a **box**. It is four numbers, x1, y1, x2, y2: the column and row where it begins, and those where it ends.
# A picture that is mirrored or cropped needs new boxes. **Predict:** the cat's head begins in column 24 and ends in column 68, in a picture 96 columns wide. Where is
# it in the mirror?

# %%
cat = (photograph("chelsea") * 255).to(torch.uint8)
head = [24.0, 8.0, 68.0, 84.0]


def picture_with_boxes(pictures, boxes, titles, alternative_text):
    """Show pictures uint8 [3, H, W], each with its boxes (lists of x1, y1, x2, y2)."""
    figure = Figure(figsize=(2.6 * len(pictures), 2.9), layout="constrained")
    for axes, picture, found, title in zip(
        figure.subplots(1, len(pictures)).flat, pictures, boxes, titles, strict=True
    ):
        axes.imshow(picture.permute(1, 2, 0))
        for x1, y1, x2, y2 in found:
            corners = [(x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1)]
            axes.plot(*zip(*corners, strict=True), color="black", linewidth=4)
            axes.plot(*zip(*corners, strict=True), color="#F0E442", linewidth=2)
        axes.set_title(title, fontsize=10)
        axes.axis("off")
    return show(figure, alternative_text=alternative_text)


picture_with_boxes(
    [cat, cat.flip(-1), cat.flip(-1)],
    [[head], [head], [[96 - 68.0, 8.0, 96 - 24.0, 84.0]]],
    ["the box", "the mirror, the old box", "the mirror, its own box"],
    alternative_text="A cat with a box around a part of its face; mirrored, with the box at its old place, which misses a part; mirrored, with the box moved along.",
)

# %% [markdown]
# ## Exercise 4 · Mirror and crop, with boxes
# ★★★ · 20 minutes · 4 points
#
# Write `flip_and_crop(image, boxes, labels, flip, place, least)`. `image` is uint8 [C, H, W], `boxes` float32 [n, 4] (n may be 0), `labels` int64 [n].
# Nothing is random here. In this order:
#
# 1. If `flip` is true, left and right are exchanged: in the picture and for each box. Still x1 < x2.
# 2. Crop: `place` is `(top, left, height, width)`, and lies within the picture. Boxes are counted from the crop's corner, and what lies
#    outside the crop is cut off.
# 3. A box is dropped, together with its label, if less than the share `least` of its area is left. (If exactly the share `least` is left, it stays. `least` is above 0; each box has an area.)
#
# Return a triple: the picture, the boxes (float32 [m, 4]) and the labels (int64 [m]), in the old order.
#
# <details><summary>Hint 1</summary>On paper: a picture 10 columns wide, a box from column 1 to column 4. In the mirror, which old edge becomes the left one? How far is it from column 0?</details>
# <details><summary>Hint 2</summary>In the mirror, x1 becomes W − x2, and x2 becomes W − x1. For the crop, subtract <code>left</code> from both x and <code>top</code> from both y, <b>then</b> <code>.clamp(0, width)</code> and <code>.clamp(0, height)</code>. Compute the area once before and once after.</details>
# <details><summary>Hint 3</summary><code>x1, y1, x2, y2 = boxes.unbind(1)</code> takes the columns apart, <code>torch.stack([x1, y1, x2, y2], dim=1)</code> puts them together, also where n is 0. <code>kept = area_after &gt;= least * area_before</code> is a mask for both: <code>boxes[kept]</code>, <code>labels[kept]</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "boxes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def flip_and_crop(image, boxes, labels, flip, place, least):
    """A picture with boxes [n, 4] and labels [n] → the mirrored, cropped picture with the boxes that are left."""
    ### BEGIN SOLUTION
    top, left, height, width = place
    x1, y1, x2, y2 = boxes.unbind(1)
    if flip:
        image = image.flip(-1)
        x1, x2 = image.shape[-1] - x2, image.shape[-1] - x1
    before = (x2 - x1) * (y2 - y1)
    x1, x2 = ((x - left).clamp(0, width) for x in (x1, x2))
    y1, y2 = ((y - top).clamp(0, height) for y in (y1, y2))
    kept = (x2 - x1) * (y2 - y1) >= least * before
    part = image[:, top : top + height, left : left + width]
    return part, torch.stack([x1, y1, x2, y2], dim=1)[kept], labels[kept]
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "boxes-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 4"):
    image = check.tile(7, height=8, width=10)
    boxes = torch.tensor([[1.0, 2.0, 4.0, 6.0], [6.0, 0.0, 10.0, 4.0]])
    labels = torch.tensor([100, 101])
    before = [image.clone(), boxes.clone(), labels.clone()]

    def altered(*settings):
        # Each call gets copies: what one call changes can't spoil the next.
        return flip_and_crop(image.clone(), boxes.clone(), labels.clone(), *settings)

    whole = (0, 0, 8, 10)
    check.equal(
        list(altered(False, whole, 0.5)),
        before,
        "flip_and_crop without flip, the crop is the whole picture",
        mistakes=[
            check.mistake(
                "crop-order",
                "The picture has another shape. `place` is (top, left, height, width), and a picture is [C, H, W].",
                when=lambda parts: list(parts[0].shape) != [3, 8, 10],
            ),
        ],
    )
    wanted_boxes = torch.tensor([[6.0, 2.0, 9.0, 6.0], [0.0, 0.0, 4.0, 4.0]])
    picture, found, named = altered(True, whole, 0.5)
    check.equal(
        picture,
        image.flip(-1),
        "the picture, mirrored and not cropped",
        mistakes=[
            check.mistake(
                "picture-not-mirrored",
                "The picture was not mirrored: its columns are the last dimension.",
            )
        ],
    )
    check.equal(
        found,
        wanted_boxes,
        "the boxes [1, 2, 4, 6] and [6, 0, 10, 4] in a picture of 8 × 10, mirrored and not cropped",
        mistakes=[
            check.mistake(
                "ends-swapped",
                "x1 is greater than x2, so such a box has no area. In the mirror, the right edge becomes the left one. x1 becomes W - x2, and x2 becomes W - x1.",
                when=lambda found: len(found) == 0 or found[0, 0] > found[0, 2],
            ),
            check.mistake(
                "overwritten",
                "Both edges of a box come from one of them: x1 was overwritten before x2 was computed from it. Keep the old values, or assign both at once.",
                when=lambda found: len(found) == 1,
            ),
            check.mistake(
                "one-less",
                "The boxes are one column too far left. Edges lie between pixels: the picture goes from 0 to W, so x becomes W - x, not W - 1 - x.",
                when=lambda found: found[0, 0] == 5,
            ),
            check.mistake(
                "height-for-width",
                "The boxes were mirrored in the picture's height. Columns are mirrored in its width, image.shape[-1].",
                when=lambda found: found[0, 0] == 4,
            ),
            check.mistake(
                "boxes-kept",
                "The picture is mirrored, and the boxes are where they were.",
                value=boxes,
            ),
            check.mistake(
                "rows-mirrored",
                "y has changed. A mirror that exchanges left and right leaves rows alone.",
                when=lambda found: (
                    torch.as_tensor(found)[:, [1, 3]].tolist() != [[2.0, 6.0], [0.0, 4.0]]
                ),
            ),
        ],
    )
    check.equal(
        [picture, found, named],
        [image.flip(-1), wanted_boxes, labels],
        "picture, boxes and labels, mirrored and not cropped",
    )
    place = (1, 2, 6, 6)
    picture, found, named = altered(False, place, 0.25)
    check.equal(
        picture,
        image[:, 1:7, 2:8],
        "the picture cropped at (top 1, left 2, height 6, width 6)",
        mistakes=[
            check.mistake(
                "crop-order",
                "This is another part of the picture. `place` is (top, left, height, width): rows top to top + height.",
            )
        ],
    )
    check.equal(
        found,
        torch.tensor([[0.0, 1.0, 2.0, 5.0], [4.0, 0.0, 6.0, 3.0]]),
        "the boxes [1, 2, 4, 6] and [6, 0, 10, 4] after the crop (top 1, left 2, height 6, width 6), least = 0.25",
        mistakes=[
            check.mistake(
                "not-cut",
                "Boxes reach beyond the crop: below 0, or above its height or width. Cut them off with clamp.",
                when=lambda found: found.min() < 0 or found.max() > 6,
            ),
            check.mistake(
                "cut-before-moved",
                "Boxes were cut off before they were moved to the crop's corner, or not moved at all. Subtract left and top first, then clamp.",
                when=lambda found: (
                    len(found) == 2 or found[:1].tolist() == [[1.0, 2.0, 4.0, 6.0]]
                ),
            ),
            check.mistake(
                "dropped-too-many",
                "Of the first box two thirds are left, of the second three eighths. Both are more than least = 0.25. The share is: area after ÷ area before.",
            ),
        ],
    )
    picture, found, named = altered(False, place, 0.5)
    check.equal(
        [found, named],
        [torch.tensor([[0.0, 1.0, 2.0, 5.0]]), torch.tensor([100])],
        "boxes and labels after the same crop with least = 0.5",
        mistakes=[
            check.mistake(
                "label-left-behind",
                "A box was dropped, and its label was not. From here on all labels would belong to other boxes.",
                when=lambda pair: len(pair[1]) == 2 and len(pair[0]) == 1,
            ),
            check.mistake(
                "nothing-dropped",
                "Of the second box three eighths are left, less than least = 0.5: drop it.",
                when=lambda pair: len(pair[0]) == 2,
            ),
        ],
    )
    check.equal(
        list(altered(False, place, 0.375))[2],
        labels,
        "the labels with least = 0.375, and exactly 0.375 of the second box left",
        mistakes=[
            check.mistake(
                "exactly-least",
                "If exactly the share `least` is left, the box stays: ask for >=, not >.",
            )
        ],
    )
    picture, found, named = altered(True, (0, 0, 8, 5), 0.5)
    check.equal(
        [found, named],
        [torch.tensor([[0.0, 0.0, 4.0, 4.0]]), torch.tensor([101])],
        "boxes and labels mirrored, then cropped to the left half",
        mistakes=[
            check.mistake(
                "crop-before-flip",
                "The picture is mirrored first, in its full width, and cropped then.",
            )
        ],
    )
    given = [image.clone(), boxes.clone(), labels.clone()]
    flip_and_crop(*given, True, (1, 2, 6, 6), 0.5)
    check.equal(
        given,
        before,
        "what flip_and_crop was given, after the call",
        mistakes=[
            check.mistake(
                "in-place",
                "The picture, boxes or labels that came in were changed. They are the dataset's own. Work on a clone.",
            )
        ],
    )
    empty = [torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64)]
    nothing = check.mistake(
        "no-box",
        "A picture without boxes is no error. The boxes are float32 [0, 4], the labels int64 [0]; torch.stack(…, dim=1) keeps that shape.",
    )
    for flip, given, what in (
        (True, empty, "of a picture without boxes"),
        (False, [boxes[:1], labels[:1]], "where no box is left"),
    ):
        check.equal(
            check.runs(
                lambda: list(flip_and_crop(image, *given, flip, (6, 5, 2, 5), 0.5))[1:],
                f"flip_and_crop {what}",
                [nothing],
            ),
            empty,
            f"boxes and labels {what}",
            mistakes=[nothing],
        )

# %% nbgrader={"grade": true, "grade_id": "boxes-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: more boxes, other pictures and crops, mirrored or not.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 4, hidden tests"):
    rng = check.rng("boxes")
    for number, n in enumerate((0, 1, 4, 9, 9, 9)):
        height, width = (int(v) for v in rng.integers(8, 20, 2))
        image = check.tile(number, height, width)
        x = np.sort(
            np.stack([rng.integers(0, width - 1, n), rng.integers(0, width - 1, n)]), axis=0
        )
        y = np.sort(
            np.stack([rng.integers(0, height - 1, n), rng.integers(0, height - 1, n)]),
            axis=0,
        )
        rows = np.stack([x[0], y[0], x[1] + 1, y[1] + 1], axis=1).reshape(n, 4)
        boxes, labels = (
            torch.from_numpy(rows).float(),
            torch.from_numpy(rng.integers(0, 99, n)),
        )
        top, left = int(rng.integers(0, height - 4)), int(rng.integers(0, width - 4))
        place = (
            top,
            left,
            int(rng.integers(3, height - top + 1)),
            int(rng.integers(3, width - left + 1)),
        )
        flip, least = bool(number % 2), float(rng.choice([0.125, 0.25, 0.5]))
        kept, names = [], []
        for (x1, y1, x2, y2), label in zip(rows.tolist(), labels.tolist(), strict=True):
            if flip:
                x1, x2 = width - x2, width - x1
            inside = [
                max(x1, left),
                max(y1, top),
                min(x2, left + place[3]),
                min(y2, top + place[2]),
            ]
            area = max(inside[2] - inside[0], 0) * max(inside[3] - inside[1], 0)
            if area >= least * (x2 - x1) * (y2 - y1):
                kept.append(
                    [inside[0] - left, inside[1] - top, inside[2] - left, inside[3] - top]
                )
                names.append(label)
        turned = image.flip(-1) if flip else image
        check.equal(
            list(flip_and_crop(image, boxes, labels, flip, place, least)),
            [
                turned[:, top : top + place[2], left : left + place[3]],
                torch.tensor(kept, dtype=torch.float32).reshape(-1, 4),
                torch.tensor(names, dtype=torch.int64),
            ],
            f"flip_and_crop of a picture {height} × {width} with {n} boxes, flip={flip}, place={place}, least={least}",
        )
    image, columns = check.tile(6, 8, 20), int(rng.choice([2, 4, 8]))
    for flip in (False, True):
        # Of this box the crop holds the first or the last column alone: just the least share.
        given = [11, 1, 11 + columns, 5] if flip else [9 - columns, 1, 9, 5]
        turned = image.flip(-1) if flip else image
        check.equal(
            list(
                flip_and_crop(
                    image,
                    torch.tensor([given]).float(),
                    torch.tensor([3]),
                    flip,
                    (0, 8, 8, 12),
                    1 / columns,
                )
            ),
            [turned[:, :, 8:], torch.tensor([[0.0, 1.0, 1.0, 5.0]]), torch.tensor([3])],
            f"flip_and_crop with a box of which 1/{columns} is left, flip={flip}",
        )
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own
#
# torchvision's v2 moves boxes by itself, if they come as `tv_tensors.BoundingBoxes`: it must know the picture's size. `SanitizeBoundingBoxes` drops boxes, by their width and height in pixels.

# %%
found = tv_tensors.BoundingBoxes(
    [[1.0, 2.0, 4.0, 6.0], [6.0, 0.0, 10.0, 4.0]], format="XYXY", canvas_size=(8, 10)
)
check.equal(
    torch.as_tensor(v2.functional.horizontal_flip(found)),
    torch.tensor([[6.0, 2.0, 9.0, 6.0], [0.0, 0.0, 4.0, 4.0]]),
    "torchvision's mirrored boxes",
)
cropped = v2.functional.clamp_bounding_boxes(v2.functional.crop(found, 1, 2, 6, 6))
check.equal(
    torch.as_tensor(cropped),
    torch.tensor([[0.0, 1.0, 2.0, 5.0], [4.0, 0.0, 6.0, 3.0]]),
    "torchvision's cropped boxes",
)
print("torchvision passes the same checks.")

# %% [markdown]
# ---
# ## 8 · Blend pictures, and their labels
#
# **Mixup** blends two pictures: λ (lambda) of the one, 1 − λ of the other. λ is a number from 0 to 1. The label is blended by the same λ. A label
# of several classes at once is **soft**: for each class the share that it has. The shares add up to 1.
#
# Here are a 0 and a 1, blended with λ = 0.75.

# %%
zero, one = (new.images[int((new.labels == digit).nonzero()[0])] for digit in (0, 1))
share = 0.75
blend = share * zero + (1 - share) * one
soft = [share, 1 - share, 0, 0, 0, 0, 0, 0, 0, 0]
print("soft label:", soft)
picture_row(
    [zero, one, blend],
    ["0", "1", "¾ of 0, ¼ of 1"],
    alternative_text="A handwritten 0, a handwritten 1, and their blend: the 0 with a pale 1 in it.",
)

# %% [markdown]
# Where does λ come from? It is drawn from the **Beta distribution** with two equal numbers α (alpha). **Predict:** for α = 0.2, are most
# values near ½, or near 0 and 1?

# %%
rng = np.random.default_rng(0)
figure = Figure(figsize=(8, 2.4), layout="constrained")
for axes, alpha in zip(
    figure.subplots(1, 3, sharey=True).flat, (0.2, 1.0, 5.0), strict=True
):
    axes.hist(rng.beta(alpha, alpha, 2000), bins=20, range=(0, 1), color="#0072B2")
    axes.set_title(f"α = {alpha:g}", fontsize=10)
    axes.set_xlabel("λ")
show(
    figure,
    alternative_text="Three histograms of λ. For α = 0.2 most values are near 0 and 1; for α = 1 all are equally likely; for α = 5 most are near one half.",
)

# %% [markdown]
# ## Exercise 5 · Mixup
# ★★☆ · 20 minutes · 4 points
#
# Write `mixup(images, labels, n_classes, alpha, rng)`. `images` is float32 [B, C, H, W], `labels` int64 [B].
#
# - Each picture gets a **partner** from the batch, by a random permutation: each picture is the partner of exactly one. (A picture may happen to be its own partner.)
# - Each picture has **its own λ**, drawn from Beta(α, α).
# - New picture k: λ of picture k, 1 − λ of its partner.
#
# Return a pair: the new pictures, float32 [B, C, H, W], and their soft labels, float32 [B, n_classes].
#
# <details><summary>Hint 1</summary>You need B numbers λ and B partners. Which two calls from the table in part 2 give them? And which of the two does the label need: λ, the partner, or both?</details>
# <details><summary>Hint 2</summary><code>torch.nn.functional.one_hot(labels, n_classes)</code> makes hard labels [B, n_classes] of zeros and ones. These are blended in the same way as pictures.</details>
# <details><summary>Hint 3</summary><code>lam = torch.from_numpy(rng.beta(alpha, alpha, len(images))).float()</code> (NumPy's floats have 64 bits), <code>partner = torch.from_numpy(rng.permutation(len(images)))</code>. For pictures <code>lam[:, None, None, None]</code>, for labels <code>lam[:, None]</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "mixup", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mixup(images, labels, n_classes, alpha, rng):
    """Blend each picture of a batch, and its label, with those of a partner."""
    ### BEGIN SOLUTION
    lam = torch.from_numpy(rng.beta(alpha, alpha, len(images))).float()
    partner = torch.from_numpy(rng.permutation(len(images)))
    hard = torch.nn.functional.one_hot(labels, n_classes).float()
    by_picture, by_label = lam[:, None, None, None], lam[:, None]
    mixed = by_picture * images + (1 - by_picture) * images[partner]
    return mixed, by_label * hard + (1 - by_label) * hard[partner]
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "mixup-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 5"):

    def chance(seed):
        return check.beside(np.random.Generator, check.beside(np.random.PCG64, seed))

    def one_point_each(n):
        # Picture k has a single bright point, number k: so a blend tells what is in it, and how much.
        # One more column than pictures, so that factors of a wrong shape are found out.
        return torch.eye(n, n + 1).reshape(n, 1, 1, n + 1)

    def shares_in(mixed, n):
        # Row k: how much of each picture is in new picture k.
        return torch.as_tensor(mixed).reshape(n, n + 1)[:, :n]

    n, classes = 12, 4
    images, labels = one_point_each(n), torch.arange(n) % classes
    hard = torch.eye(classes)[labels]
    before = [images.clone(), labels.clone()]
    mixed, soft = check.runs(
        lambda: mixup(images, labels, classes, 2.0, chance(1)),
        "mixup of 12 pictures",
        mistakes=[
            check.mistake(
                "factor-shape",
                "λ [B] and pictures [B, C, H, W] don't fit together: PyTorch lines dimensions up from the right. lam[:, None, None, None] has four.",
                when=lambda error: "must match" in str(error),
            ),
            check.mistake(
                "whole-number-labels",
                "Class numbers can't be blended in their place. Make one-hot labels, as floats, first.",
                when=lambda error: "can't be cast" in str(error),
            ),
        ],
    )
    wide = check.mistake(
        "float64",
        "These are 64-bit floats: NumPy's numbers have 64 bits, and PyTorch goes over to them. Call .float() on λ.",
    )
    check.equal(
        list(mixed.shape),
        [n, 1, 1, n + 1],
        "the shape of the new pictures",
        mistakes=[
            check.mistake(
                "factor-shape",
                "λ has been stretched over rows or columns: PyTorch lines dimensions up from the right. lam[:, None, None, None] has four, as the pictures have.",
            )
        ],
    )
    check.equal(
        torch.as_tensor(mixed).dtype == torch.float32,
        True,
        f"the new pictures' dtype is {torch.as_tensor(mixed).dtype}; is it float32?",
        mistakes=[wide],
    )
    weights = shares_in(mixed, n)
    check.equal(
        weights.sum(dim=1),
        torch.ones(n),
        "λ and 1 − λ, added up in each new picture",
        mistakes=[
            check.mistake(
                "no-whole",
                "The shares don't add up to 1. If λ is that of the picture, 1 - λ is that of its partner.",
            )
        ],
    )
    own = weights.diagonal()
    check.equal(
        bool((own > 0).all()),
        True,
        "does each new picture hold something of the old one at its place?",
        mistakes=[
            check.mistake(
                "own-lost",
                "New picture k must be λ of picture k and 1 − λ of its partner. Here some hold nothing of picture k.",
            )
        ],
    )
    partners = [
        [i for i in row.nonzero().flatten().tolist() if i != k]
        for k, row in enumerate(weights)
    ]
    check.equal(
        all(len(others) <= 1 for others in partners)
        and len({i for others in partners for i in others}) == sum(map(len, partners)),
        True,
        "is each picture the partner of exactly one?",
        mistakes=[
            check.mistake(
                "drawn-with-return",
                "Some pictures are partners of several, others of none. rng.permutation gives each number once; rng.integers and rng.choice don't.",
            )
        ],
    )
    check.equal(
        len({round(value, 5) for value in own.tolist()}) > 6,
        True,
        "does each picture have its own λ?",
        mistakes=[
            check.mistake(
                "one-lambda",
                "All pictures were blended by the same λ. Draw one for each: rng.beta(alpha, alpha, B).",
            )
        ],
    )
    check.equal(
        soft,
        weights @ hard,
        "the soft labels, compared with what is in the pictures",
        mistakes=[
            check.mistake(
                "labels-not-mixed",
                "The pictures are blended, and the labels are those of the first picture alone. Blend one-hot labels by the same λ.",
                when=lambda soft: (
                    soft.shape == hard.shape and torch.equal(soft.float(), hard)
                ),
            ),
            check.mistake(
                "hard-labels",
                "These are class numbers. A soft label has a share for each class: float32 [B, n_classes].",
                when=lambda soft: soft.ndim == 1 and not soft.is_floating_point(),
            ),
            check.mistake(
                "averaged-numbers",
                "Class numbers were blended: half of class 0 and half of class 2 isn't class 1. Blend one-hot labels.",
                when=lambda soft: soft.ndim == 1,
            ),
            check.mistake(
                "float64",
                "These are 64-bit floats: NumPy's numbers have 64 bits, and PyTorch goes over to them. Call .float() on λ.",
                when=lambda soft: soft.dtype == torch.float64,
            ),
            check.mistake(
                "lambda-swapped",
                "In the labels λ and 1 − λ are swapped: where the picture has λ of its own, the label has 1 − λ.",
                when=lambda soft: torch.allclose(
                    soft,
                    torch.stack(
                        [
                            own[k] * hard[partners[k][0] if partners[k] else k]
                            + (1 - own[k]) * hard[k]
                            for k in range(n)
                        ]
                    ),
                    atol=1e-5,
                ),
            ),
            check.mistake(
                "other-draw",
                "The labels were blended by another λ, or with other partners, than the pictures. Draw once, and use the same for both.",
            ),
        ],
    )
    check.equal(
        [images, labels],
        before,
        "what mixup was given, after the call",
        mistakes=[
            check.mistake(
                "in-place",
                "The pictures or labels that came in were changed. Write a * b instead of a *= b.",
            )
        ],
    )
    again, other = (mixup(images, labels, classes, 2.0, chance(seed))[0] for seed in (1, 2))
    check.equal(
        again,
        mixed,
        "the pictures when the same seed comes again",
        mistakes=[
            check.mistake(
                "rng-ignored",
                "The same seed gave other blends. Take all random numbers from `rng`: torch.distributions and torch.randperm draw from somewhere else.",
            )
        ],
    )
    check.equal(
        bool((shares_in(other, n) > 0).equal(weights > 0)),
        False,
        "do two seeds give the same partners?",
        mistakes=[
            check.mistake(
                "fixed-partner",
                "Each picture always meets the same partner. Draw partners anew: rng.permutation.",
            )
        ],
    )
    shares = {}
    for alpha in (0.2, 5.0):
        many, _ = mixup(
            one_point_each(400),
            torch.zeros(400, dtype=torch.int64),
            1,
            alpha,
            chance(3),
        )
        shares[alpha] = shares_in(many, 400).diagonal()
    spread = {alpha: float(values.var()) for alpha, values in shares.items()}
    check.equal(
        abs(float(shares[0.2].mean()) - 0.5) < 0.12,
        True,
        f"the mean of 400 λ for α = 0.2 is {float(shares[0.2].mean()):.2f}; is that about one half?",
        mistakes=[
            check.mistake(
                "larger-half",
                "λ is too large on the average. Both numbers of Beta are α, and λ is used as it was drawn.",
            )
        ],
    )
    check.equal(
        0.14 < spread[0.2] < 0.22 and 0.012 < spread[5.0] < 0.034,
        True,
        f"is λ from Beta(α, α)? Its variance is {spread[0.2]:.3f} for α = 0.2 (expected about 0.179) and {spread[5.0]:.3f} for α = 5 (about 0.023)",
        mistakes=[
            check.mistake(
                "uniform",
                "All λ from 0 to 1 seem to be equally likely, whatever α is. Draw them by rng.beta(alpha, alpha, …).",
                when=lambda _: abs(spread[0.2] - spread[5.0]) < 0.03,
            ),
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "mixup-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other batches, classes and α.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 5, hidden tests"):

    def chance(seed):
        return check.beside(np.random.Generator, check.beside(np.random.PCG64, seed))

    rng = check.rng("mixup")
    for n, classes, alpha in ((1, 2, 1.0), (7, 9, 2.0), (30, 3, 1.5)):
        images = torch.eye(n).reshape(n, 1, n, 1).repeat(1, 3, 1, 2)
        labels = torch.from_numpy(rng.integers(0, classes, n))
        seed = int(rng.integers(1000))
        mixed, soft = mixup(images, labels, classes, alpha, chance(seed))
        mixed = torch.as_tensor(mixed)
        check.equal(
            [list(mixed.shape), mixed.dtype],
            [[n, 3, n, 2], torch.float32],
            f"the shape of {n} blends",
        )
        weights = mixed[:, 0, :, 0]
        check.equal(
            mixed,
            weights[:, None, :, None].repeat(1, 3, 1, 2),
            "are all channels and points blended alike?",
        )
        check.equal(
            weights.sum(dim=1), torch.ones(n), f"the shares in {n} blends, added up"
        )
        others = (weights - torch.diag(weights.diagonal())) > 0
        check.equal(
            bool((others.sum(dim=0) <= 1).all() and (others.sum(dim=1) <= 1).all()),
            True,
            f"is each of {n} pictures the partner of exactly one?",
        )
        check.equal(
            soft,
            weights @ torch.eye(classes)[labels],
            f"the soft labels of {n} blends, {classes} classes",
        )
    alpha = float(rng.choice([0.2, 0.3, 3.0]))
    many, _ = mixup(
        torch.eye(400).reshape(400, 1, 1, 400),
        torch.zeros(400, dtype=torch.int64),
        1,
        alpha,
        chance(int(rng.integers(1000))),
    )
    own = torch.as_tensor(many).reshape(400, 400).diagonal()
    ratio = float(own.var()) * 4 * (2 * alpha + 1)
    check.equal(
        0.65 < ratio < 1.5,
        True,
        f"the variance of λ for α = {alpha}, as a share of what Beta(α, α) has: {ratio:.2f}",
    )
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own
#
# torchvision's `MixUp` and `datakit.MixUp` do it with one λ for a whole batch, and each picture meets its neighbour. So their soft labels agree with their pictures, too.
# And PyTorch's `cross_entropy`, the usual loss for classes, takes soft labels as they are.

# %%
n = 6
points = torch.eye(n).reshape(n, 1, 1, n)
for name, mixing in (
    ("torchvision", v2.MixUp(num_classes=n)),
    ("datakit", datakit.MixUp(num_classes=n)),
):
    mixed, soft = mixing(points, torch.arange(n))
    check.equal(soft, mixed.reshape(n, n), f"soft labels, {name}")
print("The last soft label:", soft[-1])
print("loss:", torch.nn.functional.cross_entropy(torch.eye(n), soft))

# %% [markdown]
# ---
# ## 9 · Whose random numbers, and when none at all
#
# The third and the fourth failure of part 1 are still open. What do we want?
#
# - **Each epoch** brings other twins: else there is nothing new to learn from.
# - **Each picture** has draws of its own, whoever fetches it: one worker or eight, in whatever order. Then a run can be repeated, also on another machine.
# - **Evaluation** brings no twins at all.
#
# The first two come true if a sample's generator is made when the sample is asked for, from three numbers: the **seed**, the **epoch** and the **index** of
# the sample. NumPy mixes a list of numbers into one start. **Predict:** which of these four draws are equal?

# %%
for start in ([0, 1, 5], [0, 1, 6], [0, 2, 5], [0, 1, 5]):
    print(
        f"seed, epoch, index = {start}:", np.random.default_rng(start).integers(0, 100, 4)
    )

# %% [markdown]
# Neighbours have nothing in common; the same three numbers give the same draws. (Their **sum** would not do. **Think:** which other sample would then have
# the draws of epoch 1, index 5?)
#
# And evaluation? "It does no harm to augment the validation set, too." Let us see. Validation data tells which of two models is better. Model A has learned from clean digits, model B
# with half of them mirrored. The digits that it will meet one day are not mirrored. **Predict:** which one is better, and which one wins if the validation set is augmented?

# %%
half = torch.cat(
    [augmented(known.images, "mirror", 50, seed=0, epoch=epoch) for epoch in (1, 2, 3)]
)
models = {
    "A, clean digits": learn(known.images, known.labels),
    "B, half mirrored": learn(half, known.labels.repeat(3)),
}
for name, model in models.items():
    clean = accuracy(model, new.images, new.labels)
    runs = [
        accuracy(model, augmented(new.images, "mirror", 50, seed), new.labels)
        for seed in range(4)
    ]
    print(
        f"{name:17} clean: {clean:.1f} %   augmented, four runs:",
        ", ".join(f"{value:.1f}" for value in runs),
    )

# %% [markdown]
# Two harms. The augmented validation set chose the wrong model: it asked for something that nobody needs. And it gives another number each time, so small gains are
# lost in chance. A pipeline for training therefore has an **evaluation twin**: the same pictures, prepared in the same way, without any chance.
#
# ## Exercise 6 · A dataset that augments when it should
# ★★★ · 25 minutes · 5 points
#
# Complete the class `Augmented`. The first three methods are there already. Two are missing:
#
# - `dataset[index]`, for an index from 0 to n − 1: the pair (picture, label). In training the picture is `augment(image, rng)`, called once. `rng` is a NumPy generator whose draws
#   depend on the seed, the epoch and the index, and **on nothing else**: not on what was asked for before, nor on how often. No two samples or epochs share it.
# - `dataset.eval_twin()`: **another** dataset of the same class, with the same pictures and labels, that gives each picture as it is. The dataset itself goes on augmenting.
#
# The stored pictures never change, and no global generator (`torch.manual_seed`, `np.random.seed`) is used or set.
#
# <details><summary>Hint 1</summary>A worker has a copy of the dataset, as it was when the epoch began. Which attributes does it have? Are they enough to make the generator for a sample?</details>
# <details><summary>Hint 2</summary><code>np.random.default_rng([self.seed, self.epoch, index])</code>, made anew in each call of <code>__getitem__</code>.</details>
# <details><summary>Hint 3</summary>For the twin, make a new dataset: <code>Augmented(self.images, self.labels, …)</code>. <code>training</code> tells it to leave pictures alone. Setting <code>self.training</code> would switch this dataset off as well.</details>


# %% nbgrader={"grade": false, "grade_id": "augmented", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Augmented(Dataset):
    """Pictures with labels: altered by `augment(image, rng)` in training, as they are in evaluation."""

    def __init__(self, images, labels, augment, seed=0, training=True):
        self.images, self.labels = images, labels
        self.augment, self.seed, self.training = augment, seed, training
        self.epoch = 0

    def __len__(self):
        return len(self.images)

    def set_epoch(self, epoch):
        """Say which epoch begins; call it before each epoch."""
        self.epoch = epoch

    def __getitem__(self, index):
        """The picture, in training an altered twin of it, and its label."""
        ### BEGIN SOLUTION
        image = self.images[index]
        if self.training:
            rng = np.random.default_rng([self.seed, self.epoch, index])
            image = self.augment(image, rng)
        return image, self.labels[index]
        ### END SOLUTION

    def eval_twin(self):
        """Another dataset of the same pictures, which never alters them."""
        ### BEGIN SOLUTION
        return Augmented(self.images, self.labels, self.augment, self.seed, training=False)
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "augmented-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 6"):
    n = 40
    images = torch.stack([check.tile(k, height=5, width=5) for k in range(n)])
    labels = torch.arange(n) + 100

    def moved(dataset, order=range(n)):
        # By how much each picture was moved: its point (0, 0) tells, since it has brought its row and column along.
        return [
            tuple(int(v) for v in torch.as_tensor(dataset[k][0])[:2, 0, 0]) for k in order
        ]

    dataset = Augmented(images, labels, nudge, seed=3)
    first = check.runs(
        lambda: moved(dataset),
        "dataset[0] to dataset[39]",
        mistakes=[
            check.mistake(
                "no-generator",
                "`augment` takes a picture and a NumPy generator, np.random.default_rng(…), in this order.",
                when=lambda error: "integers" in str(error) or "argument" in str(error),
            )
        ],
    )
    again = moved(dataset)
    check.equal(
        again == first,
        True,
        "does each picture come back the same when it is asked for again, in the same epoch?",
        mistakes=[
            check.mistake(
                "draws-go-on",
                "The second time, the pictures were moved in other ways. A generator that lives longer than one call goes on drawing, and one without a seed begins anywhere. Make it in __getitem__, from seed, epoch and index.",
            )
        ],
    )
    check.equal(
        len(set(first)) > 5,
        True,
        f"40 pictures were moved in {len(set(first))} different ways; are there more than 5?",
        mistakes=[
            check.mistake(
                "not-augmented",
                "No picture was moved. In training, return self.augment(image, rng).",
                when=lambda _: set(first) == {(0, 0)},
            ),
            check.mistake(
                "all-alike",
                "All pictures were moved in the same way. The index must be a part of what the generator is made from.",
            ),
        ],
    )
    backwards = moved(Augmented(images, labels, nudge, seed=3), range(n - 1, -1, -1))[::-1]
    check.equal(
        backwards == first,
        True,
        "are the pictures the same when they are asked for from the last to the first?",
        mistakes=[
            check.mistake(
                "order-matters",
                "The order in which samples are asked for made a difference. With workers that order is chance. Make the generator from seed, epoch and index alone.",
            )
        ],
    )
    dataset.set_epoch(1)
    second = moved(dataset)
    check.equal(
        second == first,
        False,
        "are the pictures of epoch 1 those of epoch 0?",
        mistakes=[
            check.mistake(
                "epochs-alike",
                "Epoch 1 brought the same twins as epoch 0: nothing new to learn from. The epoch must be a part of what the generator is made from, in __getitem__.",
            )
        ],
    )
    other = moved(Augmented(images, labels, nudge, seed=4))
    check.equal(
        other == first,
        False,
        "are the pictures of seed 4 those of seed 3?",
        mistakes=[
            check.mistake(
                "seed-ignored",
                "Another seed gave the same twins. The seed must be a part of what the generator is made from.",
            )
        ],
    )
    check.equal(
        second[:-1] == first[1:] or other[:-1] == first[1:] or second == other,
        False,
        "has a sample of epoch 0 the draws of its neighbour in epoch 1, or with another seed?",
        mistakes=[
            check.mistake(
                "added-up",
                "Epoch 0, index 1 has the draws of epoch 1, index 0: a sum of seed, epoch and index is the same for many samples. Hand over the list [seed, epoch, index].",
            )
        ],
    )
    dataset.set_epoch(0)
    check.equal(
        moved(dataset) == first,
        True,
        "are the pictures of epoch 0 the same when it comes again?",
        mistakes=[
            check.mistake(
                "calls-counted",
                "Epoch 0 came again, with other twins. Count no calls: the epoch is told by set_epoch.",
            )
        ],
    )
    check.equal(
        [int(dataset[k][1]) for k in (0, 7)],
        [100, 107],
        "the labels of samples 0 and 7",
    )
    twin = dataset.eval_twin()
    check.equal(
        list(twin[7]),
        [images[7], labels[7]],
        "dataset.eval_twin()[7]",
        mistakes=[
            check.mistake(
                "twin-augments",
                "The twin augments, too. That its draws are the same each time doesn't help: it must give each picture as it is.",
                when=lambda sample: (
                    isinstance(sample, list)
                    and not torch.equal(torch.as_tensor(sample[0]), images[7])
                ),
            )
        ],
    )
    check.equal(
        [torch.as_tensor(twin[k][0]) for k in range(n)],
        list(images),
        "all pictures of dataset.eval_twin()",
        mistakes=[
            check.mistake(
                "twin-augments",
                "The twin augments some pictures. It must give each one as it is.",
            )
        ],
    )
    check.equal(
        moved(dataset) == first,
        True,
        "does the dataset still augment after eval_twin()?",
        mistakes=[
            check.mistake(
                "switched-off",
                "Making the twin has switched off the dataset itself: from here on, training goes without augmentation. Make another dataset, and leave `self` as it is.",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "augmented-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: copies as workers have them, other epochs, PyTorch's loader, global generators.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 6, hidden tests"):
    rng = check.rng("augmented")
    n = int(rng.integers(30, 50))
    images = torch.stack([check.tile(k, height=5, width=6) for k in range(n)])
    before, labels = images.clone(), torch.from_numpy(rng.integers(0, 10, n))
    seed = int(rng.integers(1000))
    dataset = Augmented(images, labels, nudge, seed)
    epochs = []
    for epoch in (0, 1, 2, 7):
        dataset.set_epoch(epoch)
        pictures = [torch.as_tensor(dataset[k][0]) for k in range(n)]
        shifts = [tuple(picture[:2, 0, 0].tolist()) for picture in pictures]
        check.equal(
            [int(picture[2, 0, 0]) for picture in pictures],
            list(range(n)),
            f"whose pictures came in epoch {epoch}?",
        )
        check.equal(
            shifts in epochs,
            False,
            f"are the twins of epoch {epoch} those of an earlier one?",
        )
        check.equal(
            any(shifts[1:] == early[:-1] or shifts[:-1] == early[1:] for early in epochs),
            False,
            "do neighbours share draws?",
        )
        check.equal(
            len(set(shifts)) > 5,
            True,
            f"has each sample draws of its own in epoch {epoch}?",
        )
        epochs.append(shifts)
    # A worker has a copy, and fetches some of the samples, in any order.
    worker = check.beside(copy.deepcopy, dataset)
    chosen = [int(k) for k in rng.permutation(n)[: n // 2]]
    check.equal(
        [tuple(torch.as_tensor(worker[k][0])[:2, 0, 0].tolist()) for k in chosen],
        [epochs[-1][k] for k in chosen],
        "what a worker's copy gives",
    )
    seen = check.probe(DataLoader, dataset, batch_size=8)
    check.equal(
        seen.error is None,
        True,
        f"does PyTorch's DataLoader take the dataset? {seen.error or ''}",
    )
    check.equal(
        torch.cat([torch.as_tensor(batch[1]) for batch in seen.batches]),
        labels,
        "the labels from PyTorch's DataLoader",
    )
    check.equal(
        [
            tuple(corner)
            for batch in seen.batches
            for corner in torch.as_tensor(batch[0])[:, :2, 0, 0].tolist()
        ],
        epochs[-1],
        "the twins from PyTorch's DataLoader",
    )
    check.beside(torch.manual_seed, seed)
    dataset[0], dataset[n - 1]
    check.equal(
        check.beside(torch.initial_seed),
        seed,
        "PyTorch's global seed after dataset[0]",
    )
    twin = dataset.eval_twin()
    for epoch in (0, 5):
        twin.set_epoch(epoch)
        check.equal(
            [torch.as_tensor(twin[k][0]) for k in range(n)],
            list(images),
            f"the twin's pictures in epoch {epoch}",
        )
    check.equal(len(twin), n, "len(dataset.eval_twin())")
    check.equal([int(twin[k][1]) for k in range(n)], labels.tolist(), "the twin's labels")
    check.equal(
        [tuple(torch.as_tensor(dataset[k][0])[:2, 0, 0].tolist()) for k in range(n)],
        epochs[-1],
        "the dataset after eval_twin()",
    )
    check.equal(images, before, "the stored pictures after all that")
### END HIDDEN TESTS

# %% [markdown]
# ### The finished piece
#
# In `datakit`, a loader gives each sample a generator of its own, made from seed, epoch and index; transforms ask for it. So the twins don't depend on the number of
# workers. And `Compose` makes the evaluation twin of a whole chain of transforms. (In PyTorch's loader that is your own work, as in exercise 6.)

# %%
train = datakit.Compose(
    [
        datakit.RandomCrop(8, padding=1),
        datakit.RandomRotation(10),
        datakit.Normalize([0.3], [0.4]),
    ]
)
print("training:  ", train)
print("evaluation:", train.eval_twin())


# %%
class Digits(Dataset):
    """Clean digits, transformed when they are asked for."""

    def __init__(self, transform):
        self.transform = transform

    def __len__(self):
        return 64

    def __getitem__(self, index):
        return self.transform(new.images[index])


def twins(workers):
    """All twins of one epoch, in order."""
    loader = datakit.DataLoader(
        Digits(train), batch_size=8, num_workers=workers, workers="thread", seed=0
    )
    return torch.cat([batch.clone() for batch in loader])


check.equal(twins(workers=2), twins(workers=0), "twins from two workers, and from none")
print("Two workers made the same twins as none.")

# %% [markdown]
# One trap is left, and lab 06 comes back to it: workers that live through several epochs (`persistent_workers=True`) keep the copy of the dataset that they got at the start. A later
# `set_epoch` doesn't reach them.

# %% [markdown]
# ---
# ## Two questions to think about
#
# A person reads these answers. Three to six sentences each are enough.
#
# **Question 1** (2 points). A team reads house numbers in photographs of streets. Somebody proposes: mirror left and right, turn by up to 180 degrees, move by a few pixels, jitter the brightness. Which of these
# would you use, how strong, and why? Use numbers that you measured in part 4, and say what else you would measure before you decide.

# %% [markdown] nbgrader={"grade": true, "grade_id": "reflect-safe", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# Mirrored digits mean something else, or nothing: I measured that the network which had learned from clean digits read only about 43 % of the mirrored ones (about 96 % clean), and
# none of the mirrored 6s. So no mirror at all, not even at low strength. Turning by 180 degrees makes a 9 of a 6; house numbers hang almost straight, so I would turn by some degrees only (strength 5). Moving by a pixel
# keeps the meaning, and hurts the clean network a lot (about 37 % are left), so the second network has something to learn; I would use it, as far as no digit is cut off. Brightness changes with the time of day: yes, it is nearly
# harmless. Before deciding I would train with and without each of them, and compare on clean validation photographs of streets, not of scanned digits.
#
# *Marking: 1 point for measured numbers that carry at least one decision. 1 point for reasons from meaning (mirror and half turns refused because of what digits mean; moving and brightness accepted) together with a
# measurement on clean validation data of the task itself. "All are usual, so all are safe" gets nothing.*

# %% [markdown]
# **Question 2** (2 points). A colleague writes `np.random.seed(0)` in the first line of the program, uses one dataset with augmentation for training and validation, and trains with 4 workers; next week with 8. Name what will
# go wrong, and how you would repair it.

# %% [markdown] nbgrader={"grade": true, "grade_id": "reflect-seed", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# Seeding once says nothing about workers and epochs. Who fetches which sample depends on the number of workers, so next week's run with 8 has other twins, although the seed is the same; a generator kept in the dataset
# is copied, and its copies draw the same numbers in each worker and epoch. I would make the generator in `__getitem__` from (seed, epoch, index), and tell the epoch before each one. Validation on augmented pictures gives
# another number each time and can prefer the wrong model (in part 9 model B won, which is worse on clean digits). Validation gets the evaluation twin: the same preparation without chance.
#
# *Marking: 1 point for workers and epochs (runs can't be repeated with another number of workers, or copies draw alike) with the repair (seed, epoch, index). 1 point for validation (noise, or the wrong model is chosen) with the
# repair (an evaluation twin). Naming a fault without a repair gets half.*

# %% [markdown]
# ---
# ## What you take with you
#
# - [ ] An augmentation must keep the meaning. Whether it does depends on the task: measure, and look at the pictures.
# - [ ] What the change does to the label belongs to the change: a mirrored arrow has another name, a box another place, a blend two classes.
# - [ ] Compute in floats; round and clamp once, at the end; give back the dtype that came.
# - [ ] What stands in `__init__` happens once. Augment when the sample is asked for.
# - [ ] A sample's generator is made from seed, epoch and index, each for itself, not added up.
# - [ ] Evaluation never augments: the same data, the same number, each time.
# - [ ] The original stays as it is. A function returns something new.
#
# **Where this is used.** torchvision's `transforms.v2` and Albumentations alter pictures together with their boxes. Mixup is part of many recipes for image classifiers, in the library timm, for example. Google's Grain gives each
# sample its own random state, as exercise 6 does. Detectors of traffic signs exchange left and right in their labels, as exercise 1 does.
#
# **Next:** lab 05 takes the loader apart that has called your dataset so far.
#
# Where do you stand? Save the notebook and run the next cell: it shows which exercises pass in each lab, and what is next.

# %% tags=["demonstration"]
datakit.progress()

# %% [markdown]
# Before you hand in, press **Validate** above: it runs this notebook from the top, in a fresh kernel, and tells you which
# checks fail.
