# ---
# jupyter:
#   datakit:
#     minutes: 120
#     stage: sample
#     title: Datasets
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
# # Lab 01 · Datasets: from storage to a sample
#
# **2 hours · 25 points from checks, 4 for two short texts**
#
# ![The way of a batch: storage, sample, batch, device, step. This lab stands between storage and sample.](way.svg)
#
# Data lies in files. A model wants tensors. A **dataset** stands between the two: ask it for sample number *i*, and it
# hands over sample number *i*. It sounds like a list, and it should behave like one.
#
# After this lab you can
#
# - write a dataset that keeps the same promises as a Python list,
# - read a table whose cells are text, with some of them empty,
# - fill gaps and scale columns without looking at the rows that are kept for the test,
# - read photographs one at a time, so that a million of them need no more memory than one,
# - train on two targets at once when some of them were never measured.
#
# You need Python classes, and the shape and dtype of a tensor. You need no GPU, no network and no experience in training.

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
# Two rules for all of them. Where a message must hold `line 3`, it must hold just these letters. And where a task asks for
# a tensor, a NumPy array of the same dtype serves, too.
#
# The next cell takes some seconds: PyTorch is large.

# %%
import csv
import operator
import tempfile
import time
from itertools import islice
from pathlib import Path

import torch
from PIL import Image
from torch.utils.data import Dataset

import datakit
from datakit import check, samples
from datakit.experiments.pictures import show

DATA = Path("lab-data")  # everything that this lab writes goes here
DATA.mkdir(exist_ok=True)

# %% [markdown]
# ---
# ## 1 · Two datasets that fail
#
# Here are 300 real photographs. (They are crops of a few pictures that come with scikit-learn and scikit-image, so
# nothing is downloaded.) The **manifest** is a table that lists them: a path and a label in each row.

# %% tags=["demonstration"]
manifest = samples.photo_corpus(DATA / "photos", 300)
print(*manifest.read_text().splitlines()[:4], sep="\n")


# %% [markdown]
# The first idea that everybody has: load everything at the start, keep it in a list.
#
# **Predict:** we want *one* photograph. How long will we wait for it? How much memory will be in use?


# %%
def read_photo(path):
    """Decode one picture: a uint8 tensor [3, height, width]."""
    with Image.open(path) as picture:
        rgb = picture.convert("RGB")
    pixels = torch.frombuffer(bytearray(rgb.tobytes()), dtype=torch.uint8)
    # Pillow stores red, green and blue of a pixel side by side; PyTorch wants the colours first.
    return pixels.reshape(rgb.height, rgb.width, 3).permute(2, 0, 1)


# %% tags=["demonstration"]
class EagerPhotos(Dataset):
    def __init__(self, manifest):
        with open(manifest, newline="") as file:
            self.images = [
                read_photo(manifest.parent / row["path"]) for row in csv.DictReader(file)
            ]

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.images[index]


start = time.perf_counter()
photos = EagerPhotos(manifest)
first = photos[0]
seconds = time.perf_counter() - start
mebibytes = sum(image.nbytes for image in photos.images) / 2**20
print(f"We waited {seconds:.2f} s for one photograph; {mebibytes:.0f} MiB are in memory.")

million = 1_000_000 / len(photos)
print(
    f"For a million: {seconds * million / 60:.0f} minutes, {mebibytes * million / 1024:.0f} GiB."
)

# %% [markdown]
# The files on the disk are more than ten times smaller: JPEG is compressed, a tensor is not. That is the first failure, and
# exercise 5 repairs it: **a dataset should know where the data is, and fetch it when it is asked.**
#
# The second failure is quieter. This dataset has five samples.
#
# **Predict:** what does the loop print? (`islice(…, 12)` stops it after twelve rounds, whatever happens.)


# %%
class Endless(Dataset):
    """Five squares: 0, 1, 4, 9, 16. Or so we think."""

    def __len__(self):
        return 5

    def __getitem__(self, index):
        return index**2


for square in islice(Endless(), 12):
    print(square, end="  ")

# %% [markdown]
# The loop never asks for the length. A `for` over an object without `__iter__` calls `__getitem__` with 0, 1, 2, … until
# it meets **`IndexError`**. Here that never comes. The same class would also answer `Endless()[-1]` with 1, where a list
# gives its last item, 16.
#
# ## 2 · The contract
#
# A **map-style dataset** keeps the promises of a list:
#
# | you ask | a list of 5 answers | so a dataset should |
# |---|---|---|
# | `len(ds)` | 5 | give the number of samples |
# | `ds[0]` … `ds[4]` | the item | give the sample, the same one each time |
# | `ds[-1]` | the last item | count from the end |
# | `ds[5]`, `ds[-6]` | `IndexError` | refuse, with a message that helps |
# | `ds[torch.tensor(2)]` | item 2 | take whole numbers of any kind: a *sampler*, which chooses indices (lab 03), may hand over tensors |
# | `for item in ds` | 5 items, then it ends | end (it does once `IndexError` is right) |
#
# ### A worked example
#
# Read it line by line. You will need the same few lines in every dataset that you write.


# %%
class Squares(Dataset):
    """The squares of 0 … n-1."""

    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        position = operator.index(index)  # whole numbers of any kind become a plain int
        if position < 0:
            position += self.n  # -1 is the last sample
        if not 0 <= position < self.n:
            raise IndexError(f"index {index} is outside a dataset of {self.n} samples")
        return position**2


check.indexing(Squares(5), [0, 1, 4, 9, 16])
print("Squares keeps the contract:", list(Squares(5)))

# %% [markdown]
# `check.indexing` holds a dataset against the list that it should behave like. It says nothing when all is well. Watch
# what it says of the endless one. **Read the message**: you will meet this form again.

# %% tags=["raises-exception"]
check.indexing(Endless(), [0, 1, 4, 9, 16], what="Endless()")

# %% [markdown]
# ---
# ## Exercise 1 · Aligned columns
# ★☆☆ · 10 minutes · 4 points
#
# Data often comes as columns that belong together: row *i* of each makes up sample *i*. Complete the class:
#
# - `Columns(x=…, name=…)` takes one or more columns by name: tensors, or lists (of file names, say).
# - Columns of different lengths are refused with a `ValueError` that names **each column and its length**.
# - `ds[i]` is a dict: `{"x": x[i], "name": name[i]}`, for every kind of index in the table above.
# - The `IndexError` names **the index and the number of samples**, as that of `Squares` does.
# - `ds.__getitems__([2, 0])` is the list of these samples, in that order. (PyTorch's loader calls it, where a dataset has
#   it, to fetch a whole batch at once.)
#
# <details><summary>Hint 1</summary>Two columns are enough to think with. What is the length of each? When are they all the same? A <code>set</code> of the lengths has one element then.</details>
# <details><summary>Hint 2</summary>Lists and tensors understand <code>-1</code> and raise <code>IndexError</code> by themselves. But look at their messages: try <code>["a", "b"][7]</code>. Would it help you to find the mistake?</details>
# <details><summary>Hint 3</summary>Turn the index into a position once, as <code>Squares</code> does, and then build <code>{name: column[position] for name, column in self.columns.items()}</code>. <code>__getitems__</code> can call <code>self[i]</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "columns", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Columns(Dataset):
    """Columns aligned on their first dimension: sample i is {name: column[i]}."""

    def __init__(self, **columns):
        self.columns = columns
        lengths = {name: len(column) for name, column in columns.items()}
        # Refuse columns whose lengths differ. Then keep the one length.
        ### BEGIN SOLUTION
        if len(set(lengths.values())) != 1:
            raise ValueError(f"columns must have the same length; they have {lengths}")
        self.length = next(iter(lengths.values()))
        ### END SOLUTION

    def __len__(self):
        ### BEGIN SOLUTION
        return self.length
        ### END SOLUTION

    def __getitem__(self, index):
        ### BEGIN SOLUTION
        position = operator.index(index)
        if position < 0:
            position += self.length
        if not 0 <= position < self.length:
            raise IndexError(f"index {index} is outside a dataset of {self.length} samples")
        return {name: column[position] for name, column in self.columns.items()}
        ### END SOLUTION

    def __getitems__(self, indices):
        ### BEGIN SOLUTION
        return [self[index] for index in indices]
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "columns-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 1"):
    x = torch.tensor([[0, 1], [10, 11], [20, 21]])  # 21 stands in row 2, column 1
    names = ["a", "b", "c"]
    ds = Columns(name=names, x=x)
    check.indexing(
        ds,
        [{"x": x[i], "name": names[i]} for i in range(3)],
        mistakes=[
            check.mistake(
                "dict-sample",
                "A sample is a dict with one entry for each column: its name and its value in this row.",
                when=lambda sample: isinstance(sample, (tuple, list)),
            )
        ],
    )
    check.raises(
        IndexError,
        lambda: ds[7],
        "ds[7]",
        mentions=[7, 3],
        mistakes=[
            check.mistake(
                "bare-index-error",
                "An IndexError came, but whoever reads it can't see which index was asked for (7) and how many samples there are (3). Check the position yourself, as Squares does.",
                when=lambda outcome: isinstance(outcome, IndexError),
            )
        ],
    )
    check.equal(
        ds.__getitems__([2, 0]),
        [{"x": x[2], "name": "c"}, {"x": x[0], "name": "a"}],
        "ds.__getitems__([2, 0])",
        mistakes=[
            check.mistake(
                "list-of-samples",
                "__getitems__ gives a list with one sample for each index. Joining samples to a batch is the work of the collate function, later.",
                when=lambda batch: isinstance(batch, dict),
            ),
            check.mistake(
                "given-order",
                "The samples must come in the order of the indices that were asked for.",
                value=[{"x": x[0], "name": "a"}, {"x": x[2], "name": "c"}],
            ),
        ],
    )
    check.raises(
        ValueError,
        lambda: Columns(x=x, name=["a", "b"]),
        "Columns(x=<3 rows>, name=<2 names>)",
        mentions=["x", 3, "name", 2],
        mistakes=[
            check.mistake(
                "lengths-named",
                "Whoever meets this error needs to know which column is short: put each column's name and length into the message.",
                when=lambda outcome: isinstance(outcome, ValueError),
            ),
            check.mistake(
                "lengths-unchecked",
                "With 3 rows and 2 names, which name belongs to row 2? Refuse it in the constructor, before anyone trains on it.",
            ),
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "columns-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other columns, other lengths, every kind of index.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 1, hidden tests"):
    rng = check.rng("columns")
    n = int(rng.integers(4, 9))
    image = torch.from_numpy(rng.integers(0, 256, (n, 3, 2, 2), dtype="uint8"))
    label = torch.from_numpy(rng.integers(0, 10, n))
    path = [f"{number}.jpg" for number in rng.integers(0, 10_000, n)]
    expected = [{"image": image[i], "label": label[i], "path": path[i]} for i in range(n)]
    ds = Columns(image=image, label=label, path=path)
    check.indexing(ds, expected)
    order = [int(i) for i in rng.permutation(n)[:3]]
    if order == sorted(order):  # then sorting it would go unseen
        order.reverse()
    in_order = [expected[i] for i in order]
    check.equal(ds.__getitems__(order), in_order, f"ds.__getitems__({order})")
    check.equal(
        ds.__getitems__([-1, 0]), [expected[-1], expected[0]], "ds.__getitems__([-1, 0])"
    )
    check.raises(IndexError, lambda: ds.__getitems__([0, n]), f"ds.__getitems__([0, {n}])")
    named = Columns(path=path, label=label)
    check.raises(IndexError, lambda: named[n + 40], f"ds[{n + 40}]", mentions=[n + 40, n])
    check.raises(
        ValueError,
        lambda: Columns(image=image[1:], label=label, path=path),
        "columns of different lengths",
        mentions=["image", n - 1, "label", n, "path"],
    )
### END HIDDEN TESTS

# %% [markdown]
# ### Now PyTorch's own
#
# `torch.utils.data.TensorDataset` is the same idea without names: a sample is a tuple. Hold it against the same contract.
# Then `datakit.TensorDataset`, which also takes lists.

# %%
x = torch.tensor([[0, 1], [10, 11], [20, 21]])
y = torch.tensor([7, 8, 9])
as_list = [(x[i], y[i]) for i in range(3)]

check.indexing(torch.utils.data.TensorDataset(x, y), as_list)
check.indexing(datakit.TensorDataset(x, y), as_list)
print("Both keep the contract. And a dataset is all that a loader needs:")
for batch in datakit.DataLoader(datakit.TensorDataset(x, y, ["a", "b", "c"]), batch_size=2):
    print(batch)

# %% [markdown]
# ---
# ## 3 · A table is text
#
# A real table: 406 cars of the years 1970 to 1982.

# %%
cars_file = samples.cars_csv(DATA / "cars.csv")
lines = cars_file.read_text().splitlines()
for number in (1, 2, 3, 12, 40):
    print(f"line {number:3}: {lines[number - 1]}")

# %% [markdown]
# Three things to see:
#
# - Every cell is text. Nobody says which column holds numbers, and which a category such as `USA`.
# - Some cells are empty: `,,`. The fuel consumption of that car was never measured.
# - A model takes no text. A category becomes a whole number: its place in the sorted list of categories.
#
# **Not a number** (`float("nan")`) is how a float tensor says "empty". It is not 0: a car with 0 horsepower does not drive.

# %% [markdown]
# ## Exercise 2 · Rows of a table
# ★★☆ · 15 minutes · 4 points
#
# Complete `Table(path, features, target)`. It reads the file once, in the constructor. (A table is small. Photographs
# are not: see exercise 5.)
#
# - `ds[i]` is a dict with three entries:
#   - `"x"`: a float32 tensor with one value for each column in `features`, in that order; an empty cell is `nan`;
#   - `"y"`: the category in the `target` column, as a whole number: its place in `ds.classes`;
#   - `"line"`: the line of the file in which this row stands, as an editor counts: the header is line 1.
#     Whoever finds a strange sample can then look it up.
# - `ds.classes` is the sorted list of the categories.
# - A row with too few or too many cells raises a `ValueError` whose message holds `line` and its number, such as
#   `line 3`.
# - The indexing contract of part 2 holds.
#
# Parse with Python's `csv` module: a cell such as `"ford, model t"` holds a comma. No cell holds a line break, no line
# is blank, and the `target` cell is never empty.
#
# <details><summary>Hint 1</summary>For each row, print what <code>csv.reader</code> gives: a list of strings. The first one is the header. <code>header.index("weight")</code> is the place of a column.</details>
# <details><summary>Hint 2</summary><code>reader.line_num</code> is the line that was read last. A row is whole when <code>len(row) == len(header)</code>.</details>
# <details><summary>Hint 3</summary>Collect three lists in the loop: the numbers, the categories and the line numbers. After the loop, <code>sorted(set(categories))</code> gives the classes, and <code>classes.index(category)</code> the number of one.</details>


# %% nbgrader={"grade": false, "grade_id": "table", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Table(Dataset):
    """The rows of a CSV file: sample i is {"x": float32 [F], "y": int, "line": int}."""

    def __init__(self, path, features, target):
        rows, categories, self.lines = [], [], []
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            header = next(reader)
            for row in reader:
                # Refuse a row that is not whole. Then fill the three lists: rows, categories, self.lines.
                ### BEGIN SOLUTION
                if len(row) != len(header):
                    raise ValueError(
                        f"{path}, line {reader.line_num}: {len(row)} cells, but the header has {len(header)} columns"
                    )
                cells = [row[header.index(name)] for name in features]
                rows.append([float(cell) if cell else float("nan") for cell in cells])
                categories.append(row[header.index(target)])
                self.lines.append(reader.line_num)
                ### END SOLUTION
        # Make self.x (float32 [N, F]), self.classes and self.y from them.
        ### BEGIN SOLUTION
        self.x = torch.tensor(rows, dtype=torch.float32)
        self.classes = sorted(set(categories))
        self.y = [self.classes.index(category) for category in categories]
        ### END SOLUTION

    def __len__(self):
        ### BEGIN SOLUTION
        return len(self.y)
        ### END SOLUTION

    def __getitem__(self, index):
        ### BEGIN SOLUTION
        i = int(index)
        return {"x": self.x[i], "y": self.y[i], "line": self.lines[i]}
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "table-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 2"):
    folder = Path("lab-data")
    folder.mkdir(exist_ok=True)
    small = folder / "small.csv"
    small.write_text(
        'name,weight,power,origin\n"ford, model t",540,20,USA\nvw käfer,730,,Europe\nsubaru 360,410,16,Japan\n',
        encoding="utf-8",
    )
    ds = check.runs(
        lambda: Table(small, features=["power", "weight"], target="origin"),
        "Table(small, …)",
        mistakes=[
            check.mistake(
                "split-comma",
                'The first name holds a comma, inside quotes. line.split(",") cuts it in two; csv.reader does not.',
                when=lambda error: "line 2" in str(error) or "model t" in str(error),
            ),
            check.mistake(
                "empty-cell",
                "One cell is empty, and float('') is an error. Put float('nan') in its place.",
                when=lambda error: "could not convert string to float: ''" in str(error),
            ),
        ],
    )
    check.equal(
        len(ds),
        3,
        "len(ds)",
        mistakes=[
            check.mistake(
                "gap-skipped",
                "The row with an empty cell is gone. Keep it, with nan in the empty cell's place: what to do about gaps is decided later.",
                value=2,
            )
        ],
    )
    check.equal(
        sorted(ds[0]),
        ["line", "x", "y"],
        "the names in the dict ds[0]",
        mistakes=[
            check.mistake(
                "three-entries", "A sample is a dict with the entries x, y and line."
            )
        ],
    )
    check.equal(
        ds.classes,
        ["Europe", "Japan", "USA"],
        "ds.classes",
        mistakes=[
            check.mistake(
                "first-seen",
                "These are in the order of the file. Sort them: then a shuffled file gives the same numbers.",
                value=["USA", "Europe", "Japan"],
            )
        ],
    )
    nan = float("nan")
    check.equal(
        ds[0]["x"],
        torch.tensor([20.0, 540.0]),
        "ds[0]['x']",
        mistakes=[
            check.mistake(
                "file-order",
                "The values stand in the order of the file. They must stand in the order of `features`: power, then weight.",
                value=torch.tensor([540.0, 20.0]),
            ),
            check.mistake(
                "float64",
                "These are 64-bit floats: NumPy's default, and no model's. Ask for dtype=torch.float32.",
                when=lambda x: x.dtype == torch.float64,
            ),
        ],
    )
    check.equal(
        ds[1]["x"],
        torch.tensor([nan, 730.0]),
        "ds[1]['x']",
        mistakes=[
            check.mistake(
                "zero-fill",
                "The empty cell became 0, and nobody can tell it from a measured 0 any more. nan says: not measured.",
                value=torch.tensor([0.0, 730.0]),
            )
        ],
    )
    check.equal(
        [ds[i]["y"] for i in range(3)],
        [2, 0, 1],
        "ds[i]['y'] for i = 0, 1, 2",
        mistakes=[
            check.mistake(
                "text-label",
                "A model takes no text: give the category's place in ds.classes.",
                value=["USA", "Europe", "Japan"],
            )
        ],
    )
    check.equal(
        [ds[i]["line"] for i in range(3)],
        [2, 3, 4],
        "ds[i]['line'] for i = 0, 1, 2",
        mistakes=[
            check.mistake(
                "line-number",
                "An editor counts lines from 1, and the header is line 1. So the first row stands in line 2.",
            )
        ],
    )
    check.indexing(
        ds,
        [
            {"x": torch.tensor([20.0, 540.0]), "y": 2, "line": 2},
            {"x": torch.tensor([nan, 730.0]), "y": 0, "line": 3},
            {"x": torch.tensor([16.0, 410.0]), "y": 1, "line": 4},
        ],
    )
    ragged = folder / "ragged.csv"
    ragged.write_text("weight,power,origin\n540,20,USA\n730,Europe\n410,16,Japan\n")
    check.raises(
        ValueError,
        lambda: Table(ragged, features=["weight"], target="origin"),
        "Table of a file whose line 3 lacks a cell",
        mentions=["line 3"],
        mistakes=[
            check.mistake(
                "ragged-row",
                "Line 3 has two cells, the header has three. Compare the two lengths, and name the line in a ValueError.",
            )
        ],
    )
    ragged.write_text("weight,power,origin\n540,20,USA,red\n730,34,Europe\n")
    check.raises(
        ValueError,
        lambda: Table(ragged, features=["weight"], target="origin"),
        "Table of a file whose line 2 has a cell too many",
        mentions=["line 2"],
        mistakes=[
            check.mistake(
                "long-row",
                "A row can be too long as well as too short. Line 2 has four cells.",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "table-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other columns in another order, other categories, rows too long and too short.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 2, hidden tests"), tempfile.TemporaryDirectory() as folder:
    rng = check.rng("table")
    n = int(rng.integers(5, 12))
    columns = [str(name) for name in rng.permutation(["speed", "doors", "price", "maker"])]
    makers = [str(rng.choice(["Zeta", "alpha, inc", "Mid"])) for _ in range(n)]
    makers[:3] = ["Zeta", "Mid", "alpha, inc"]
    values = {
        name: [float(v) for v in rng.integers(0, 1000, n) / 8]
        for name in ("speed", "doors", "price")
    }
    empty = {
        (str(rng.choice(["speed", "doors", "price"])), int(i))
        for i in rng.integers(0, n, 3)
    } | {("price", int(rng.integers(n)))}  # in a column that is asked for
    rows = [
        [
            makers[i]
            if name == "maker"
            else ""
            if (name, i) in empty
            else repr(values[name][i])
            for name in columns
        ]
        for i in range(n)
    ]
    path = Path(folder) / "table.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    features = [name for name in reversed(columns) if name in ("speed", "price")]
    classes = sorted(set(makers))
    expected = [
        {
            "x": torch.tensor(
                [
                    float("nan") if (name, i) in empty else values[name][i]
                    for name in features
                ]
            ),
            "y": classes.index(makers[i]),
            "line": i + 2,
        }
        for i in range(n)
    ]
    ds = Table(path, features, "maker")
    check.equal(ds.classes, classes, "ds.classes")
    check.indexing(ds, expected)
    for name, row in [("too long", [*rows[0], "1"]), ("too short", rows[0][:-1])]:
        place = int(rng.integers(0, n))
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([columns, *rows[:place], row, *rows[place:]])
        check.raises(
            ValueError,
            lambda: Table(path, features, "maker"),
            f"a file with a row that is {name}",
            mentions=[f"line {place + 2}"],
        )
### END HIDDEN TESTS

# %% [markdown]
# ### The finished piece
#
# `datakit.CSVDataset` does this for your own projects: it names file, row (as an editor counts) and column of what it can't read,
# and knows several answers to an empty one. Unless you choose, it refuses. **Read its message.**

# %%
try:
    datakit.CSVDataset(
        cars_file, "origin", "classification", feature_columns=["weight", "horsepower"]
    )
except ValueError as error:
    print(error)

# %% [markdown]
# ---
# ## 4 · What to do about gaps
#
# `nan` is honest, but a model can't compute with it. Everything that it touches becomes `nan` too, also the **loss**, the number
# that says how wrong a model is:

# %%
horsepower = torch.tensor([130.0, 165.0, float("nan"), 150.0])
print("mean:", horsepower.mean(), "  loss:", ((horsepower - 140) ** 2).mean())

# %% [markdown]
# One answer: put the column's **median** into the gap, and tell the model where you did so. The median is a value that
# half of the others lie below; one enormous value does not move it.
#
# There is a trap. A model learns from the **training rows**, and is then tested on **test rows** that it has never seen. If the
# test rows help to choose the median, they have told the model about themselves. That is a **leak**: the test result looks
# better than it is, and nobody sees it.
#
# **Predict:** how far apart are these two medians?

# %%
# Rows 0, 1, 2 train; rows 3, 4, 5 test.
column = torch.tensor([1.0, 2.0, 3.0, 900.0, 901.0, 902.0])
print("median of the training rows:", column[:3].quantile(0.5).item())
print("median of all rows:         ", column.quantile(0.5).item())

# %% [markdown]
# ## Exercise 3 · Fill the gaps
# ★★☆ · 10 minutes · 4 points
#
# Complete `fill_missing(x, train_rows)`:
#
# - `x` is a float32 tensor [N, F] with `nan` where a value is missing; `train_rows` is a tensor with the numbers of the
#   training rows.
# - Return two tensors. `filled`: as `x`, with each `nan` replaced by the median of its column **over the training rows**.
#   `was_missing`: a bool tensor [N, F], true where `x` was `nan`.
# - With an even number of values, the median is the mean of the two in the middle.
# - `x` itself stays as it was.
# - A column without a single value in the training rows raises a `ValueError` that holds `column` and its number, such as
#   `column 2`.
#
# <details><summary>Hint 1</summary><code>x[train_rows]</code> are the training rows. <code>x.isnan()</code> is the second result already.</details>
# <details><summary>Hint 2</summary>Look at <code>torch.tensor([1., 2., 3., 4.]).nanmedian()</code> and <code>.nanquantile(0.5)</code>. Which one is the median of the task?</details>
# <details><summary>Hint 3</summary><code>torch.where(missing, medians, x)</code> makes a new tensor: the medians [F] are repeated for each row.</details>


# %% nbgrader={"grade": false, "grade_id": "missing", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fill_missing(x, train_rows):
    """Return (filled float32 [N, F], was_missing bool [N, F])."""
    ### BEGIN SOLUTION
    missing = x.isnan()
    medians = x[train_rows].nanquantile(0.5, dim=0)
    for column, median in enumerate(medians.tolist()):
        if median != median:
            raise ValueError(
                f"column {column} has no value in the {len(train_rows)} training rows: drop it, or split again"
            )
    return torch.where(missing, medians, x), missing
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "missing-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 3"):
    nan = float("nan")
    x = torch.tensor(
        [[900.0, nan], [1.0, 10.0], [nan, 20.0], [nan, 500.0], [6.0, nan], [2.0, 60.0]]
    )
    before = x.clone()
    results = fill_missing(x, torch.tensor([5, 1, 2, 4]))
    check.equal(
        len(results),
        2,
        "how many results fill_missing returns",
        mistakes=[
            check.mistake(
                "two-results", "Return two tensors: `return filled, was_missing`."
            )
        ],
    )
    filled, was_missing = results

    def filled_with(first, second):
        gap = torch.tensor([first, second]).expand(6, 2)
        return torch.where(before.isnan(), gap, before)

    check.equal(
        filled,
        filled_with(2.0, 20.0),
        "filled",
        mistakes=[
            check.mistake(
                "nan-median",
                "Not one gap was filled. The median itself is nan: median and quantile of a column with a gap are nan. Leave the gaps out first, or use a function that does.",
                when=lambda filled: bool((filled.isnan() == before.isnan()).all()),
            ),
            check.mistake(
                "first-rows",
                "This is the median of the first rows. The training rows are those whose numbers stand in train_rows, here 5, 1, 2 and 4: x[train_rows].",
                value=filled_with(450.5, 20.0),
            ),
            check.mistake(
                "peeked",
                "This is the median of all rows. Rows 0 and 3 are test rows: they may be filled, but not asked.",
                value=filled_with(4.0, 40.0),
            ),
            check.mistake(
                "mean",
                "This is the mean. The task asks for the median.",
                value=filled_with(3.0, 30.0),
            ),
            check.mistake(
                "zero-fill",
                "The gaps hold 0 now. Put the column's median there.",
                value=filled_with(0.0, 0.0),
            ),
            check.mistake(
                "test-gaps",
                "There is still a nan. The gaps of the test rows are to be filled too, with the medians of the training rows.",
                when=lambda filled: bool(filled.isnan().any()),
            ),
        ],
    )
    check.equal(
        fill_missing(
            torch.tensor([[1.0], [2.0], [nan], [4.0], [9.0]]), torch.tensor([0, 1, 2, 3, 4])
        )[0],
        torch.tensor([[1.0], [2.0], [3.0], [4.0], [9.0]]),
        "filled, where the column holds 1, 2, 4 and 9",
        mistakes=[
            check.mistake(
                "lower-median",
                "torch.median and torch.nanmedian take the lower one of the two in the middle, here 2. The task wants their mean, here 3.",
                value=torch.tensor([[1.0], [2.0], [2.0], [4.0], [9.0]]),
            )
        ],
    )
    check.equal(
        was_missing,
        before.isnan(),
        "was_missing",
        mistakes=[
            check.mistake(
                "inverted",
                "True and false are swapped: true must stand where a value is missing.",
                value=~before.isnan(),
            ),
            check.mistake(
                "too-late",
                "Nothing is missing any more: you looked after the gaps were filled. Look first.",
                value=torch.zeros(6, 2, dtype=torch.bool),
            ),
        ],
    )
    check.equal(
        x,
        before,
        "x after the call",
        mistakes=[
            check.mistake(
                "in-place",
                "The function changed its caller's tensor. Work on a copy, or use torch.where, which makes a new tensor.",
            )
        ],
    )
    check.raises(
        ValueError,
        lambda: fill_missing(
            torch.tensor([[1.0, nan], [2.0, nan], [3.0, 4.0]]), torch.tensor([0, 1])
        ),
        "fill_missing with a column that is empty in every training row",
        mentions=["column 1"],
        mistakes=[
            check.mistake(
                "empty-column",
                "Column 1 has no value in rows 0 and 1, so there is no median. Raise a ValueError that says which column it is.",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "missing-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: larger tables, training rows in any order.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 3, hidden tests"):
    import statistics

    rng = check.rng("missing")
    for _ in range(3):
        n, width = int(rng.integers(8, 20)), int(rng.integers(2, 5))
        values = rng.integers(-50, 1000, (n, width)).astype("float32")
        values[rng.random((n, width)) < 0.3] = float("nan")
        order = rng.permutation(n)
        train_rows = torch.from_numpy(order[: n // 2 + 1].copy())
        values[int(train_rows[0])] = rng.integers(
            0, 10, width
        )  # no column of the training rows is empty
        x = torch.from_numpy(values)
        before = x.clone()
        expected = x.clone()
        for column in range(width):
            known = [float(v) for v in x[train_rows, column] if not v.isnan()]
            expected[x[:, column].isnan(), column] = statistics.median(known)
        filled, was_missing = fill_missing(x, train_rows)
        check.equal(filled, expected, "filled")
        check.equal(was_missing, before.isnan(), "was_missing")
        check.equal(x, before, "x after the call")
    empty = int(rng.integers(0, width))
    x = before.clone()
    x[train_rows, empty] = float("nan")
    check.raises(
        ValueError,
        lambda: fill_missing(x, train_rows),
        "an empty column",
        mentions=[f"column {empty}"],
    )
### END HIDDEN TESTS

# %% [markdown]
# ---
# ## 5 · One scale for all
#
# The weight of a car is about 3,000, its acceleration about 15. A model that adds them up sees only the weight. So each
# column is **standardised**: subtract its mean, divide by its standard deviation. And again: whose mean?
#
# **Predict:** here the scale is taken once from all rows and once from the training rows. One test row changes. Which
# *training* values change with it?

# %%
train = torch.tensor([1.0, 2.0, 3.0])
for strange in (4.0, 4000.0):
    test = torch.tensor([strange])
    rows = torch.cat([train, test])
    leaking = (train - rows.mean()) / rows.std(correction=0)
    clean = (train - train.mean()) / train.std(correction=0)
    print(f"the test row is {strange:4.0f}")
    print("   scaled with all rows:     ", [f"{value:6.3f}" for value in leaking])
    print("   scaled with training rows:", [f"{value:6.3f}" for value in clean])

# %% [markdown]
# ## Exercise 4 · A scale that is fitted once
# ★★☆ · 15 minutes · 4 points
#
# Complete `Scaler`:
#
# - `scaler.fit(x)` learns the mean and the standard deviation of each column of `x` (float32 [N, F]) and returns the
#   scaler itself. The standard deviation is that of these rows: divide by N, not by N − 1 (`correction=0` in PyTorch).
# - `scaler.transform(x)` scales any rows **with what `fit` learnt**. A column whose values were all the same is only
#   shifted: its divisor is 1.
# - `scaler.inverse(z)` undoes it: `scaler.inverse(scaler.transform(x))` is `x`.
# - `nan` stays `nan`, and does not disturb the other rows: the statistics are those of the values that are there.
# - `transform` and `inverse` before `fit` raise a `RuntimeError` that holds the word `fit`.
#
# <details><summary>Hint 1</summary>PyTorch has <code>nanmean</code> but no "nanstd". What is a standard deviation made of? The square root of the mean of the squared distances from the mean.</details>
# <details><summary>Hint 2</summary><code>((x - mean) ** 2).nanmean(dim=0).sqrt()</code> divides by the number of values that are there.</details>
# <details><summary>Hint 3</summary>A divisor of 0 would give <code>nan</code> or <code>inf</code>. <code>torch.where(condition, 1.0, std)</code> puts 1 where the condition holds. Is <code>std == 0</code> a safe condition? After rounding, seven times 0.1 has a standard deviation of 0.000000007. Smallest value = largest value is safe. But <code>x.min(dim=0)</code> is <code>nan</code> where the column holds one: put <code>inf</code> in its place before you ask for the smallest, <code>-inf</code> before you ask for the largest.</details>


# %% nbgrader={"grade": false, "grade_id": "scaler", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Scaler:
    """Standardise columns with the statistics of the rows given to fit."""

    def __init__(self):
        self.mean = self.divisor = None  # not known before fit

    def fit(self, x):
        ### BEGIN SOLUTION
        self.mean = x.nanmean(dim=0)
        std = ((x - self.mean) ** 2).nanmean(dim=0).sqrt()
        # Rounding can leave a constant column with a tiny standard deviation, so the values are asked.
        smallest, largest = (
            x.nan_to_num(nan=torch.inf).amin(dim=0),
            x.nan_to_num(nan=-torch.inf).amax(dim=0),
        )
        self.divisor = torch.where(smallest == largest, torch.ones_like(std), std)
        return self
        ### END SOLUTION

    def transform(self, x):
        ### BEGIN SOLUTION
        if self.mean is None:
            raise RuntimeError("nothing was learnt yet: call fit(training rows) first")
        return (x - self.mean) / self.divisor
        ### END SOLUTION

    def inverse(self, z):
        ### BEGIN SOLUTION
        if self.mean is None:
            raise RuntimeError("nothing was learnt yet: call fit(training rows) first")
        return z * self.divisor + self.mean
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "scaler-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 4"):
    nan = float("nan")
    train = torch.tensor(
        [
            [1.0, 100.0, 7.0, 0.1],
            [3.0, nan, 7.0, 0.2],
            [5.0, 300.0, 7.0, 0.3],
            [7.0, 500.0, 7.0, 0.4],
        ]
    )
    test = torch.tensor([[4.0, 300.0, 7.0, 0.5], [11.0, nan, 9.0, 0.25]])
    mean = torch.tensor([4.0, 300.0, 7.0, 0.25])
    std = torch.tensor([5.0**0.5, (80000 / 3) ** 0.5, 1.0, 0.0125**0.5])
    want_train, want_test = (train - mean) / std, (test - mean) / std
    scaler = Scaler().fit(train.clone())
    given = train.clone()
    scaled = check.runs(
        lambda: scaler.transform(given),
        "Scaler().fit(train).transform(train)",
        mistakes=[
            check.mistake(
                "returns-self",
                "fit must return the scaler itself (`return self`), so that Scaler().fit(x).transform(x) can be written.",
                when=lambda error: "NoneType" in str(error),
            )
        ],
    )
    check.equal(
        given,
        train,
        "the rows that were given to transform, afterwards",
        mistakes=[
            check.mistake(
                "in-place",
                "transform changed its caller's tensor: `x -= …` and `x[…] = …` write into it. Compute a new one.",
            )
        ],
    )
    check.equal(
        scaled[:, 0],
        want_train[:, 0],
        "scaler.transform(train), column 0",
        mistakes=[
            check.mistake(
                "sample-std",
                "This divides by N − 1, which is PyTorch's default. Ask for correction=0, or take the mean of the squared distances.",
                value=((train[:, 0] - 4) / train[:, 0].std()),
            )
        ],
    )
    counted = train[:, 1].nan_to_num(0.0)
    check.equal(
        scaled[:, 1],
        want_train[:, 1],
        "scaler.transform(train), column 1, with a gap",
        mistakes=[
            check.mistake(
                "nan-spreads",
                "One nan made the whole column nan: mean() and std() of a column that holds a nan are nan. nanmean leaves it out; there is no nanstd, so take the root of the nanmean of the squared distances.",
                when=lambda column: bool(column.isnan().all()),
            ),
            check.mistake(
                "nan-as-zero",
                "The gap was counted as a 0, which changes mean and standard deviation. Leave it out of the statistics.",
                when=lambda column: bool(
                    torch.isclose(
                        column[0], (100 - counted.mean()) / counted.std(correction=0), 1e-3
                    )
                ),
            ),
            check.mistake(
                "gap-filled",
                "The gap has a value now. What is not known stays nan: filling is another step's work.",
                when=lambda column: not bool(column.isnan().any()),
            ),
        ],
    )
    check.equal(
        scaled[:, 3],
        want_train[:, 3],
        "scaler.transform(train), column 3, whose values are small",
        mistakes=[
            check.mistake(
                "clamped",
                "The divisor of this column is 0.11, and that is fine. Only a column whose values are all the same is divided by 1.",
                value=train[:, 3] - 0.25,
            )
        ],
    )
    check.equal(
        scaler.transform(test)[:, 0],
        want_test[:, 0],
        "scaler.transform(test), column 0",
        mistakes=[
            check.mistake(
                "refit",
                "The test rows were scaled with their own mean. transform must not learn anything: it uses what fit learnt.",
                value=torch.tensor([-1.0, 1.0]),
            )
        ],
    )
    check.equal(
        scaler.transform(test)[:, 2],
        torch.tensor([0.0, 2.0]),
        "scaler.transform(test), column 2, which was constant",
        mistakes=[
            check.mistake(
                "constant",
                "In the training rows this column never changes, so its standard deviation is 0, and you can't divide by 0. Divide by 1 there.",
                when=lambda column: (
                    bool((column.isnan() | column.isinf()).any())
                    or float(column.abs().max()) > 100
                ),
            )
        ],
    )
    check.equal(
        scaler.inverse(scaler.transform(test)),
        test,
        "scaler.inverse(scaler.transform(test))",
        mistakes=[
            check.mistake(
                "inverse-order",
                "To undo 'subtract, then divide', go backwards: multiply first, then add.",
            )
        ],
    )
    for name, action in [
        ("transform", lambda: Scaler().transform(test)),
        ("inverse", lambda: Scaler().inverse(test)),
    ]:
        check.raises(
            RuntimeError,
            action,
            f"Scaler().{name}(test), before fit",
            mentions=["fit"],
            mistakes=[
                check.mistake(
                    "unfitted",
                    "Nothing was learnt yet. Say so with a RuntimeError that tells the caller to call fit first.",
                )
            ],
        )

# %% nbgrader={"grade": true, "grade_id": "scaler-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other tables with gaps and constant columns; test rows that must not matter.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 4, hidden tests"):
    import numpy as np

    rng = check.rng("scaler")
    for _ in range(3):
        n, width = int(rng.integers(6, 30)), int(rng.integers(2, 6))
        values = rng.normal(
            rng.uniform(-5, 5, width), rng.uniform(0.5, 9, width), (n, width)
        )
        values[rng.random((n, width)) < 0.2] = np.nan
        values[:2] = [
            rng.uniform(-3, 0, width),
            rng.uniform(1, 3, width),
        ]  # two different values in each column
        flat = int(rng.integers(0, width))
        values[:, (flat + 1) % width] *= (
            0.05  # a column whose standard deviation is far below 1
        )
        values[:, flat] = 2.5
        train, test = (
            torch.tensor(values, dtype=torch.float32),
            torch.tensor(values[::-1] * 3 + 1, dtype=torch.float32),
        )
        mean, std = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
        std[flat] = 1.0
        expected = torch.tensor((values[::-1] * 3 + 1 - mean) / std, dtype=torch.float32)
        scaler = Scaler().fit(train)
        check.close(scaler.transform(test), expected, "scaler.transform(test)", within=1e-3)
        check.close(
            scaler.inverse(expected),
            test,
            "scaler.inverse(scaler.transform(test))",
            within=1e-2,
        )
    check.raises(
        RuntimeError, lambda: Scaler().inverse(test), "inverse before fit", mentions=["fit"]
    )
### END HIDDEN TESTS

# %% [markdown]
# ### The finished piece
#
# In `datakit.CSVDataset` you name the rows that may be asked (`fit_on`), and `datakit.Standardizer` is fitted on the same
# rows. Below, the even rows train. **Predict:** what is the mean of each half?

# %%
training = range(0, 406, 2)
cars = datakit.CSVDataset(
    cars_file,
    "origin",
    "classification",
    feature_columns=["weight", "horsepower", "acceleration"],
    missing="median",
    fit_on=training,
)
cars.transform = datakit.Standardizer.fit(cars.features[training])
x = torch.stack([sample for sample, _ in cars])
print("classes:", cars.classes)
print("mean of the training rows:", [f"{mean:+.3f}" for mean in x[0::2].mean(dim=0)])
print("mean of the other rows:   ", [f"{mean:+.3f}" for mean in x[1::2].mean(dim=0)])

# %% [markdown]
# The training rows have mean 0 (up to rounding). The others do not, and that is as it should be: nobody asked them.

# %% [markdown]
# ---
# ## 6 · Photographs, one at a time
#
# Part 1 loaded 300 photographs to show one. A **lazy** dataset keeps the list of paths, and decodes a photograph when it
# is asked for it. The price: each **epoch** (reading every sample once) decodes again. Is it worth it? Commit yourself before
# you measure. Then move the sliders: with how many epochs does the eager dataset catch up?

# %% tags=["demonstration"]
from datakit.experiments import eager_lazy

eager_lazy.view()

# %% [markdown]
# The same measurement without buttons, as a plain function: for your own numbers, and for a notebook that runs by itself.

# %% tags=["demonstration"]
table = eager_lazy.eager_vs_lazy(n_images=40, epochs=3)
table.round(2)

# %% tags=["demonstration"]
show(eager_lazy.plot(table), alternative_text=eager_lazy.describe(table))

# %% [markdown]
# **A `Dataset` does not load the data.** It knows how to fetch a sample. Whether it holds everything in memory is a
# decision, and now you know what it costs either way. (Lab 06 has a third answer: a cache.)
#
# To test a reader of pictures, we use pictures that say who they are. In this **tile**, the pixel in row 1, column 2 of
# picture 7 has the colour (1, 2, 7).

# %%
tile = check.tile(7, height=2, width=3)
print("shape [3, height, width]:", list(tile.shape))
print("the pixel in row 1, column 2:", tile[:, 1, 2].tolist())
turned = torch.rot90(tile, 1, dims=(1, 2))
print("turned by a quarter, counter-clockwise:", list(turned.shape))

# %% [markdown]
# ## Exercise 5 · A lazy album
# ★★★ · 20 minutes · 5 points
#
# A camera has written down how it was held: the manifest has the columns `path`, `label` and `turns` (0, 1, 2 or 3). Each of its
# lines is whole, and none is blank. Write `Album`; you may use `read_photo` from part 1.
#
# - `Album(manifest, transform=None)` reads the manifest. It **opens no picture**: they may not even be there yet. Paths are
#   relative to the folder in which the manifest lies.
# - `ds[i]` is a pair. First the picture: a **uint8** tensor [3, height, width], red, green, blue, turned upright by
#   `turns` quarter turns **counter-clockwise**, then given to `transform`, if there is one. Second its label: the place of
#   its name in `ds.classes`, which is sorted.
# - Pictures may be grey, partly transparent, or made of a palette (a list of colours): they all become three colours.
# - `transform` is called at every access, not once: next week it will be random.
# - A picture that is missing or broken raises an `OSError` when it is accessed. Its message holds the path as the
#   manifest has it, and `line` with the manifest's line, such as `line 3`: the header is line 1.
# - The indexing contract holds.
#
# <details><summary>Hint 1</summary>What does the constructor need to keep for each row? Four small things: the path, the label, the turns, the line. No pixels.</details>
# <details><summary>Hint 2</summary><code>read_photo</code> in part 1 decodes one picture and takes care of the colours. <code>torch.rot90</code> turns it: which two dimensions of [3, height, width] are the picture's?</details>
# <details><summary>Hint 3</summary>Pillow raises <code>FileNotFoundError</code> or <code>UnidentifiedImageError</code>. Both are kinds of <code>OSError</code>: <code>except OSError as error: raise OSError(f"line {line}: …") from error</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "album", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Album(Dataset):
    """Pictures listed in a manifest, decoded when they are asked for: (uint8 [3, H, W], label)."""

    def __init__(self, manifest, transform=None):
        ### BEGIN SOLUTION
        self.folder = Path(manifest).parent
        self.transform = transform
        with open(manifest, newline="", encoding="utf-8") as file:
            self.rows = list(csv.DictReader(file))
        self.classes = sorted({row["label"] for row in self.rows})
        ### END SOLUTION

    def __len__(self):
        ### BEGIN SOLUTION
        return len(self.rows)
        ### END SOLUTION

    def __getitem__(self, index):
        ### BEGIN SOLUTION
        position = range(len(self.rows))[int(index)]  # a range behaves as a list does
        row = self.rows[position]
        try:
            image = read_photo(self.folder / row["path"])
        except OSError as error:
            raise OSError(
                f"line {position + 2}: can't read {row['path']}: {error}"
            ) from error
        image = torch.rot90(image, int(row["turns"]), dims=(1, 2))
        if self.transform is not None:
            image = self.transform(image)
        return image, self.classes.index(row["label"])
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "album-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 5"):
    folder = Path("lab-data/tiles").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    (folder / "manifest.csv").write_text(
        "path,label,turns\n0.png,moon,0\n1.png,cat,1\n2.png,moon,3\n"
    )
    album = check.runs(
        lambda: Album(folder / "manifest.csv"),
        "Album(manifest), while no picture is there yet",
        mistakes=[
            check.mistake(
                "eager",
                "The constructor opened a picture. Keep the paths there, and open a picture only in __getitem__.",
                when=lambda error: isinstance(error, OSError) and ".png" in str(error),
            )
        ],
    )
    tiles = [check.tile(number, height=2, width=3) for number in range(3)]
    for number, turns in [
        (0, 0),
        (1, -1),
        (2, -3),
    ]:  # the camera was held the other way round
        held = torch.rot90(tiles[number], turns, dims=(1, 2))
        Image.fromarray(held.permute(1, 2, 0).numpy()).save(folder / f"{number}.png")
    image, label = check.runs(
        lambda: album[0],
        "album[0]",
        mistakes=[
            check.mistake(
                "manifest-folder",
                "Paths in the manifest are relative to the manifest's folder, not to the folder in which this notebook runs.",
                when=lambda error: (
                    isinstance(error, FileNotFoundError) or "No such file" in str(error)
                ),
            )
        ],
    )
    check.equal(
        image,
        tiles[0],
        "the picture of album[0]",
        mistakes=[
            check.mistake(
                "reshaped",
                "reshape keeps the order of the bytes, so the colours of one pixel ended up in three places. permute moves dimensions.",
                value=tiles[0].permute(1, 2, 0).reshape(3, 2, 3),
            ),
            check.mistake(
                "swapped-sides",
                "Height and width are swapped. From [height, width, 3], permute(2, 0, 1) makes [3, height, width].",
                value=tiles[0].permute(0, 2, 1),
            ),
            check.mistake(
                "channels-last",
                "The channels stand last, as Pillow and NumPy have them. PyTorch wants [3, height, width]: permute(2, 0, 1).",
                value=tiles[0].permute(1, 2, 0),
            ),
            check.mistake(
                "float-early",
                "These are floats, four times the bytes. Leave them uint8: converting a whole batch later is faster.",
                when=lambda image: image.is_floating_point(),
            ),
            check.mistake("bgr", "Red and blue are swapped.", value=tiles[0].flip(0)),
        ],
    )
    check.equal(
        label,
        1,
        "the label of album[0], 'moon'",
        mistakes=[
            check.mistake(
                "first-seen",
                "The classes must be sorted: cat is 0, moon is 1, wherever they stand in the manifest.",
                value=0,
            ),
            check.mistake(
                "text-label",
                "A label is a number: the place of 'moon' in album.classes.",
                value="moon",
            ),
        ],
    )
    check.equal(
        album[1][0],
        tiles[1],
        "the picture of album[1], with turns = 1",
        mistakes=[
            check.mistake(
                "not-turned",
                "It lies as the camera was held: turn it by `turns` quarters. torch.rot90(image, k, dims=(1, 2)) does it.",
                value=torch.rot90(tiles[1], -1, dims=(1, 2)),
            ),
            check.mistake(
                "clockwise",
                "It was turned the wrong way. torch.rot90(image, k, dims=(1, 2)) turns counter-clockwise.",
                value=torch.rot90(tiles[1], -2, dims=(1, 2)),
            ),
            check.mistake(
                "turn-dimensions",
                "A quarter turn makes a picture of 3 × 2 out of 2 × 3, and keeps every pixel. Which two dimensions are height and width?",
            ),
        ],
    )
    check.indexing(album, [(tiles[0], 1), (tiles[1], 0), (tiles[2], 1)], what="album")
    Image.new("L", (2, 1), 9).save(folder / "0.png")
    check.equal(
        album[0][0],
        torch.full((3, 1, 2), 9, dtype=torch.uint8),
        "a grey picture",
        mistakes=[
            check.mistake(
                "cached",
                "An old picture arrived: the file has changed since. A lazy dataset opens the file at each access.",
                value=tiles[0],
            ),
        ],
    )
    calls = []
    counting = Album(
        folder / "manifest.csv",
        transform=lambda image: (calls.append(1), image + len(calls))[1],
    )
    check.equal(
        [int(counting[0][0][0, 0, 0]) for _ in range(3)],
        [10, 11, 12],
        "three times the same picture, through a transform that adds 1, 2, 3, …",
        mistakes=[
            check.mistake(
                "transform-once",
                "The transform must be called at every access, in __getitem__: a random one must give another result each time.",
            )
        ],
    )
    first_row = Album(folder / "manifest.csv", transform=lambda image: image[:, :1])
    check.equal(
        first_row[1][0],
        tiles[1][:, :1],
        "the picture of album[1], through a transform that keeps the first row",
        mistakes=[
            check.mistake(
                "transform-first",
                "The transform got the picture before it was turned upright. Turn first, then transform.",
            )
        ],
    )
    (folder / "1.png").write_bytes(b"this is no picture")
    (folder / "2.png").unlink()
    for number, state in [(1, "broken"), (2, "missing")]:
        check.raises(
            OSError,
            lambda number=number: album[number],
            f"album[{number}], whose picture is {state}",
            mentions=[f"{number}.png", f"line {number + 2}"],
            mistakes=[
                check.mistake(
                    "line-off",
                    "The line is not right. The header is line 1, so the first picture stands in line 2.",
                    when=lambda outcome, number=number: (
                        f"line {number + 1}" in str(outcome)
                        or f"line {number}" in str(outcome)
                    ),
                ),
                check.mistake(
                    "which-file",
                    "Among a million pictures, which one is it? Catch the OSError, and raise one that names the path and the manifest's line.",
                    when=lambda outcome: isinstance(outcome, OSError),
                ),
                check.mistake(
                    "hidden-failure",
                    "A picture that can't be read must not turn into another sample: nobody would notice. Raise an OSError.",
                    when=lambda outcome: not isinstance(outcome, Exception),
                ),
            ],
        )

# %% nbgrader={"grade": true, "grade_id": "album-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other sizes and turns, palettes and transparency, folders in folders.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 5, hidden tests"), tempfile.TemporaryDirectory() as scratch:
    rng = check.rng("album")
    n, names = int(rng.integers(4, 7)), ["zebra", "ant", "Moth"]
    root = Path(scratch).resolve()
    turns = [1, *(int(t) for t in rng.integers(0, 4, n - 1))]
    labels = ["zebra", "ant", *(str(rng.choice(names)) for _ in range(n - 2))]
    rows = [f"deep/er/{i}.png,{labels[i]},{turns[i]}" for i in range(n)]
    (root / "m.csv").write_text("\n".join(["path,label,turns", *rows]) + "\n")
    ds = Album(root / "m.csv")
    check.equal(len(ds), n, "len(ds), while no picture is there yet")
    (root / "deep" / "er").mkdir(parents=True)
    upright = []
    for i in range(n):
        height, width = (int(v) for v in rng.integers(2, 6, 2))
        upright.append(check.tile(i, height, width))
        held = (
            torch.rot90(upright[i], -turns[i], dims=(1, 2))
            .permute(1, 2, 0)
            .contiguous()
            .numpy()
        )
        picture = Image.fromarray(held)
        if i % 3 == 1:
            picture = picture.convert("RGBA")
        if i % 3 == 2:
            picture = picture.quantize(256)
            upright[i] = None  # a palette may round colours: only its form is compared
        picture.save(root / "deep" / "er" / f"{i}.png")
    classes = sorted(set(labels))
    check.equal(list(ds.classes), classes, "ds.classes")
    for i in range(n):
        image, label = ds[i]
        check.equal(label, classes.index(labels[i]), f"the label of ds[{i}]")
        if upright[i] is None:
            check.equal(
                (image.shape[0], image.dtype),
                (3, torch.uint8),
                f"channels and dtype of ds[{i}], a palette picture",
            )
        else:
            check.equal(image, upright[i], f"the picture of ds[{i}]")
    check.equal(ds[-1][1], classes.index(labels[-1]), "the label of ds[-1]")
    for outside in (n, -n - 1):
        check.raises(IndexError, lambda outside=outside: ds[outside], f"ds[{outside}]")
    broken = int(rng.integers(1, n))
    (root / "deep" / "er" / f"{broken}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20))
    check.raises(
        OSError,
        lambda: ds[broken],
        "a broken picture",
        mentions=[f"{broken}.png", f"line {broken + 2}"],
    )
    factors = iter([2.0, 3.0])
    changing = Album(
        root / "m.csv", transform=lambda image: image[:, :, :1].float() * next(factors)
    )
    for factor in (2.0, 3.0):
        check.equal(
            changing[0][0],
            upright[0][:, :, :1].float() * factor,
            f"the first column of a picture, through a transform that now multiplies by {factor}",
        )
### END HIDDEN TESTS

# %% [markdown]
# ### The finished piece
#
# `datakit.ImageDataset` reads a manifest, `datakit.ImageFolder` a folder for each class, as torchvision's does. Both are
# lazy. Both can be sent to other processes, which then load photographs side by side (lab 06).

# %% tags=["demonstration"]
from matplotlib.figure import Figure

album = datakit.ImageDataset(manifest)
figure = Figure(figsize=(9, 3.6), layout="constrained")
for axes, index in zip(figure.subplots(2, 4).flat, range(8), strict=True):
    image, label = album[index]
    axes.imshow(image.permute(1, 2, 0))
    axes.set_title(album.classes[label], fontsize=10)
    axes.axis("off")
show(
    figure,
    alternative_text=f"Eight photographs, each with its label: {', '.join(album.classes)}.",
)

# %% [markdown]
# ---
# ## 7 · Two targets, some of them never measured
#
# From the same table we want to predict two things: how far a car goes on a gallon, and its horsepower. Of some cars one
# of the two is unknown.

# %%
with open(cars_file, newline="") as file:
    rows = list(csv.DictReader(file))
unknown = [row for row in rows if not row["miles_per_gallon"] or not row["horsepower"]]
print(f"{len(unknown)} of {len(rows)} cars lack one of the two, for example")
for row in unknown[:1] + unknown[-1:]:
    mpg, power = row["miles_per_gallon"] or "?", row["horsepower"] or "?"
    print(f"   {row['name']}: miles per gallon {mpg}, horsepower {power}")

# %% [markdown]
# To drop these cars would be a waste: the target that is known can still teach. So each sample carries a **mask**: true
# where the target is known. The loss counts only those.
#
# Why not leave the `nan` in, and multiply by 0? **Predict, then run:**

# %%
error = torch.tensor([2.0, float("nan")])
mask = torch.tensor([True, False])
print("multiplied by the mask:", error * mask)
print("chosen by the mask:    ", torch.where(mask, error, 0.0))

# %% [markdown]
# ## Exercise 6 · Targets with a mask
# ★★☆ · 15 minutes · 4 points
#
# Write a class and a function.
#
# `Tasks(x, **targets)`: `x` is a tensor [N, …]; each target is a list of N numbers, with `None` where it is unknown.
#
# - `ds[i]` is a dict: `"x"`: `x[i]`; `"y"`: float32 [T], the targets in the order in which they were given, **0 where
#   unknown**; `"mask"`: bool [T], true where known.
# - Every row of `x` is a sample, whatever it lacks. The indexing contract holds.
# - A target whose length is not N raises a `ValueError` that names the target and both lengths.
#
# `masked_mse(prediction, y, mask)`: the mean of the squared errors over the **known** targets, a float32 **tensor** without
# dimensions (no plain number: training needs to follow how it was computed). `prediction` and `y` are float32 [B, T], `mask` is bool [B, T]. If nothing at all is known it is 0.
#
# <details><summary>Hint 1</summary>Build <code>y</code> and <code>mask</code> for all rows in the constructor: two tensors [N, T]. <code>torch.stack(…, dim=1)</code> puts columns side by side.</details>
# <details><summary>Hint 2</summary>The mean over the known ones: their sum, divided by how many they are. Not by how many there could be.</details>
# <details><summary>Hint 3</summary><code>torch.where(mask, (prediction - y) ** 2, 0.0).sum() / mask.sum().clamp(min=1)</code>: with nothing known this is 0 / 1.</details>


# %% nbgrader={"grade": false, "grade_id": "tasks", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Tasks(Dataset):
    """Several targets for a sample, some unknown: {"x": x[i], "y": float32 [T], "mask": bool [T]}."""

    def __init__(self, x, **targets):
        ### BEGIN SOLUTION
        for name, values in targets.items():
            if len(values) != len(x):
                raise ValueError(
                    f"target {name!r} has {len(values)} values, x has {len(x)} rows"
                )
        self.x = x
        rows = list(zip(*targets.values(), strict=True))
        self.y = torch.tensor(
            [[0.0 if v is None else float(v) for v in row] for row in rows]
        )
        self.mask = torch.tensor([[v is not None for v in row] for row in rows])
        ### END SOLUTION

    def __len__(self):
        ### BEGIN SOLUTION
        return len(self.x)
        ### END SOLUTION

    def __getitem__(self, index):
        ### BEGIN SOLUTION
        i = range(len(self.x))[int(index)]
        return {"x": self.x[i], "y": self.y[i], "mask": self.mask[i]}
        ### END SOLUTION


def masked_mse(prediction, y, mask):
    """The mean squared error over the known targets: float32 []."""
    ### BEGIN SOLUTION
    squared = torch.where(mask, (prediction - y) ** 2, torch.zeros_like(y))
    return squared.sum() / mask.sum().clamp(min=1)
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "tasks-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 6"):
    x = torch.tensor([[0.0, 0.1], [1.0, 1.1], [2.0, 2.1], [3.0, 3.1]])
    ds = Tasks(x, mpg=[18, None, 30.5, None], power=[130, 165, None, 0])
    check.equal(
        len(ds),
        4,
        "len(ds)",
        mistakes=[
            check.mistake(
                "dropped",
                "Samples with a gap are gone. Keep them: the target that is known can still teach, and the mask says which it is.",
                when=lambda n: n < 4,
            )
        ],
    )
    check.equal(
        ds[0],
        {"x": x[0], "y": torch.tensor([18.0, 130.0]), "mask": torch.tensor([True, True])},
        "ds[0]",
        mistakes=[
            check.mistake(
                "float-mask",
                "The mask holds numbers. Make it bool: torch.where and indexing with a mask need true and false.",
                when=lambda sample: sample["mask"].dtype != torch.bool,
            ),
            check.mistake(
                "inverted",
                "True and false are swapped: true must stand where the target is known.",
                when=lambda sample: not sample["mask"].any(),
            ),
            check.mistake(
                "target-order",
                "The targets must stand in the order in which they were given: mpg, then power.",
                when=lambda sample: sample["y"].tolist() == [130.0, 18.0],
            ),
        ],
    )
    check.equal(
        ds[1]["y"],
        torch.tensor([0.0, 165.0]),
        "ds[1]['y'], whose mpg is unknown",
        mistakes=[
            check.mistake(
                "nan-target",
                "An unknown target is nan here. Put 0 there: nan × 0 is nan, so a nan can leak through a mask into the loss.",
                when=lambda y: bool(y.isnan().any()),
            )
        ],
    )
    check.equal(
        ds[3]["mask"],
        torch.tensor([False, True]),
        "ds[3]['mask'], whose mpg is unknown and whose power is 0",
        mistakes=[
            check.mistake(
                "zero-is-known",
                "A power of 0 was measured here. Only None means unknown.",
                value=torch.tensor([False, False]),
            )
        ],
    )
    check.indexing(
        ds,
        [
            {
                "x": x[0],
                "y": torch.tensor([18.0, 130.0]),
                "mask": torch.tensor([True, True]),
            },
            {
                "x": x[1],
                "y": torch.tensor([0.0, 165.0]),
                "mask": torch.tensor([False, True]),
            },
            {
                "x": x[2],
                "y": torch.tensor([30.5, 0.0]),
                "mask": torch.tensor([True, False]),
            },
            {
                "x": x[3],
                "y": torch.tensor([0.0, 0.0]),
                "mask": torch.tensor([False, True]),
            },
        ],
    )
    check.raises(
        ValueError,
        lambda: Tasks(x, mpg=[1, 2, 3, 4], power=[1, 2, 3]),
        "Tasks with 4 rows and 3 values of power",
        mentions=["power", 3, 4],
        mistakes=[
            check.mistake(
                "lengths-unchecked",
                "power has 3 values for 4 rows. Refuse it with a ValueError that names the target and both lengths.",
            )
        ],
    )
    prediction = torch.tensor([[1.0, 5.0], [5.0, 7.0]])
    y = torch.tensor([[3.0, 4.0], [0.0, 9.0]])
    mask = torch.tensor([[True, True], [False, True]])
    loss = masked_mse(prediction, y, mask)
    check.equal(
        loss,
        3.0,
        "masked_mse where three of four targets are known, with errors 2, 1 and 2",
        mistakes=[
            check.mistake(
                "mean-of-all",
                "The sum is right, but it was divided by 4. Three targets are known: divide by 3.",
                value=2.25,
            ),
            check.mistake(
                "mask-ignored",
                "The unknown target was counted too, as if it were 0.",
                value=8.5,
            ),
            check.mistake(
                "mean-of-means",
                "This is a mean of means: the rows or columns with fewer known targets count too much. Take one sum over all known targets, and one number of them.",
                value=3.25,
            ),
            check.mistake("not-squared", "Square the errors: 2², 1² and 2².", value=5 / 3),
            check.mistake(
                "not-averaged",
                "This is the sum. Divide it by the number of known targets.",
                value=9.0,
            ),
        ],
    )
    as_column = check.runs(
        lambda: loss.reshape(1),
        "the loss as a tensor",
        mistakes=[
            check.mistake(
                "plain-number",
                "A plain number came back. Leave it a tensor (no .item(), no float()): training needs to follow how it was computed.",
            )
        ],
    )
    check.equal(as_column, torch.tensor([3.0]), "the loss as a tensor of one element")
    check.equal(
        masked_mse(prediction, y, torch.zeros(2, 2, dtype=torch.bool)),
        0.0,
        "masked_mse where nothing is known",
        mistakes=[
            check.mistake(
                "nothing-known",
                "0 / 0 is nan, and one such batch would spoil the model for good. Divide by at least 1: clamp(min=1).",
                when=lambda loss: loss != loss,
            )
        ],
    )
    check.runs(
        lambda: masked_mse(prediction, y, torch.zeros(2, 2, dtype=torch.bool)).reshape(1),
        "masked_mse where nothing is known, as a tensor",
        mistakes=[
            check.mistake(
                "plain-number",
                "A plain 0 came back. Make it a tensor here, too: torch.tensor(0.0).",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "tasks-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other numbers of targets, images for x, masks of every kind.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 6, hidden tests"):
    rng = check.rng("tasks")
    for width in (1, 3):
        n = int(rng.integers(4, 8))
        x = torch.from_numpy(rng.integers(0, 256, (n, 3, 2, 2), dtype="uint8"))
        known = rng.random((n, width)) < 0.6
        known[1:, :1] = width == 1  # of several targets, the first is known once
        known[0] = True
        values = rng.integers(1, 40, (n, width)) / 4
        values[0, 0] = 0.0
        names = ["mpg", "power", "age"][:width]  # in no alphabetical order
        targets = {
            name: [float(values[i, t]) if known[i, t] else None for i in range(n)]
            for t, name in enumerate(names)
        }
        y = torch.tensor(values * known, dtype=torch.float32)
        mask = torch.from_numpy(known)
        check.indexing(
            Tasks(x, **targets), [{"x": x[i], "y": y[i], "mask": mask[i]} for i in range(n)]
        )
        prediction = torch.from_numpy(rng.integers(-40, 40, (n, width)) / 4).float()
        squared = ((prediction - y) ** 2)[mask]
        loss = masked_mse(prediction, y, mask)
        check.close(loss.reshape(1), squared.mean().reshape(1), "masked_mse", within=1e-3)
        nothing = masked_mse(prediction, y, ~mask & mask)
        check.equal(nothing.reshape(1), torch.zeros(1), "masked_mse where nothing is known")
        check.raises(
            ValueError,
            lambda: Tasks(x[1:], **targets),
            "x that is one row short",
            mentions=[names[0], n, n - 1],
        )
### END HIDDEN TESTS

# %% [markdown]
# ---
# ## Two questions to think about
#
# A person reads these answers. Three to six sentences each are enough.
#
# **Question 1** (2 points). A colleague has 50,000 photographs of 500 × 375 pixels and a machine with 16 GiB of memory. She
# trains for 30 epochs and asks whether she should load everything into memory first. What do you tell her? Use numbers:
# the bytes of one decoded photograph, and the milliseconds of one photograph from part 6 (divide the
# time of the epochs by photographs × epochs).

# %% [markdown] nbgrader={"grade": true, "grade_id": "reflect-memory", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# A decoded photograph has 500 × 375 × 3 = 562,500 bytes; 50,000 of them make 28.1 × 10⁹ bytes, about 26 GiB. That is more
# than 16 GiB, so loading everything is out of the question: the machine would swap or the process would be killed. Lazy
# decoding costs the decoding time again in each of the 30 epochs, but it starts at once and needs memory for a batch only.
# Worker processes can hide the cost; a cache of smaller, already resized pictures (say 224 × 224: 7 GiB) would fit.
#
# *Marking: 1 point for the bytes (562,500 a photograph, about 26 GiB in all, more than 16). 1 point for a conclusion that
# weighs start-up and memory against decoding again in each epoch, with a measured number or a sound alternative (resize,
# cache, workers). No point for "lazy is better" without a reason.*

# %% [markdown]
# **Question 2** (2 points). A team standardises its table with the mean of *all* rows, splits it into training and test
# rows afterwards, and reports 94 % on the test rows. Is the number wrong? What would you ask them to do, and when would you
# expect the largest difference?

# %% [markdown] nbgrader={"grade": true, "grade_id": "reflect-leak", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# The test rows took part in choosing the scale, so the 94 % is not measured on data that the model has never seen: it may
# be too good. They should split first, fit mean and standard deviation (and the medians for the gaps) on the training rows
# only, and apply them to both. In a large table whose rows are alike the difference is tiny. It is large when the table is small, when
# the test rows differ from the training rows (another year, another hospital), or when they hold outliers.
#
# *Marking: 1 point for naming the leak and the repair (split first, fit on the training rows). 1 point for a case in which
# it matters (small data, shifted test set, outliers). "It is wrong" alone gets nothing; it need not be wrong by much.*

# %% [markdown]
# ---
# ## What you take with you
#
# - [ ] A dataset behaves like a list: length, negative indices, `IndexError`, tensors as indices, loops that end.
# - [ ] It knows **where** a sample comes from. Its errors name the file and the line.
# - [ ] Reading a table: every cell is text; empty is `nan`, not 0; categories are sorted before they get numbers.
# - [ ] Everything that is *learnt* from data (medians, means, classes) is learnt from the training rows.
# - [ ] Large samples are fetched when they are asked for, and stay uint8.
# - [ ] An unknown target is 0 under a mask, and the loss divides by the number of known ones.
#
# **Where this is used.** torchvision's `ImageFolder` and the datasets of Hugging Face keep this contract; so do the training sets of
# large companies, where "storage" is a bucket in another country, and "the line of the manifest" is what the
# engineer on duty looks for at night.
#
# **Next:** lab 02 puts samples together to a batch, and finds out that batches do not "just stack".
#
# Where do you stand? Save the notebook and run the next cell: it shows which exercises pass in each lab, and what is next.

# %% tags=["demonstration"]
datakit.progress()

# %% [markdown]
# Before you hand in, press **Validate** above: it runs this notebook from the top, in a fresh kernel, and tells you which
# checks fail.
