# ---
# jupyter:
#   datakit:
#     minutes: 120
#     stage: storage
#     title: Streams and many machines
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
# # Lab 08 · Streams and many machines: every sample exactly once
#
# **2 hours · 25 points from checks, 4 for two short texts**
#
# ![The way of a batch: storage, sample, batch, device, step. This lab stands at storage.](way.svg)
#
# Large datasets lie in a few large files, which are read from their beginning to their end. Such a dataset is a **stream**: you can
# ask it for the next sample, and for nothing else. And large models are trained by many processes at once, on one machine or on a
# thousand. Two things then go wrong without a sound: samples are **read twice**, and samples are **never read**.
#
# After this lab you can
#
# - write samples to files of a bounded size, with an index, and lose nothing at the end,
# - divide a stream among machines and workers, so that each sample is read once, whatever the numbers are,
# - shuffle what can only be read in order, and say how far a sample moves,
# - stop in the middle of an epoch and go on as if nothing had happened,
# - give each machine its share of a new order in each epoch,
# - compute a score that counts every sample once, though some came twice.
#
# You need Python classes, functions, lists, dicts and `bytes`. Labs 01 and 03 help, but are not needed. You need one computer: no GPU, no network, no cluster.

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
# Where a task asks for a list, a tuple serves, too. Where a task asks for a tensor, a NumPy array of the same dtype serves, too.
#
# The next cell takes some seconds: PyTorch is large.

# %%
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from torch.utils.data import DataLoader, DistributedSampler

import datakit
from datakit import check
from datakit.experiments.pictures import show

# %% [markdown]
# ---
# ## 1 · Three ways to lose count
#
# Here is the smallest stream there is: the numbers 0 to n − 1. In PyTorch a stream is an `IterableDataset`, a class with an `__iter__`. A number says which
# sample it is, so we shall see at once which ones came.
#
# (The class goes into a file of its own. Some systems start **workers**, the processes that read for a loader, from nothing. They
# can import a file; a class in a notebook they can't see.)

# %% tags=["demonstration"]
# %%writefile plain_stream.py
"""A stream that asks nobody who it is."""

from torch.utils.data import IterableDataset


class Plain(IterableDataset):
    """The numbers 0 … n-1, one after the other."""

    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return iter(range(self.n))


# %% [markdown]
# **Predict:** what does this loader give with no worker, and what with two?

# %% tags=["demonstration"]
from plain_stream import Plain

for workers in (0, 2):
    loader = DataLoader(Plain(6), batch_size=3, num_workers=workers)
    print(f"{workers} workers:", [batch.tolist() for batch in loader])

# %% [markdown]
# Each of the two workers has its own copy of the stream, and reads all of it. **A stream does not split itself.** The loader can't split it, either: it
# only knows how to ask for the next sample. A model trained in this way sees each sample twice in an "epoch", and twice as often with four workers. Nothing fails.
#
# ### The second way: a score that is too low
#
# Now a dataset with an index, and several processes that share it. Such a process is called a **rank**; they are numbered from 0. Their number is the **world size**. PyTorch's
# `DistributedSampler` tells each rank which indices are its own. Ten pictures are tested on four ranks; the model is wrong about pictures 0 and 1, and right about the
# other eight. **Predict:** which score do the four ranks report together?

# %%
right = [False, False] + [True] * 8
seen = []
for rank in range(4):
    mine = list(DistributedSampler(range(10), num_replicas=4, rank=rank, shuffle=False))
    print(f"rank {rank} tests the pictures {mine}")
    seen += mine
print(f"the true score: {sum(right) / 10:.0%}")
print(f"reported:       {sum(right[index] for index in seen) / len(seen):.0%}")

# %% [markdown]
# Look at ranks 2 and 3: they test pictures 0 and 1 once more. All ranks must make equally many steps, so the sampler **repeats** samples until the number can be divided. In
# training that does no harm. In a test it is an error, here of 13 percentage points.
#
# ### The third way: the end of the file
#
# This function writes samples into files of four. **Predict:** how many of ten samples does it write?


# %%
def naive_writer(samples, most):
    """Samples → a list of files, each a list."""
    files, one = [], []
    for sample in samples:
        one.append(sample)
        if len(one) == most:
            files.append(one)
            one = []
    return files


print(naive_writer(range(10), most=4))

# %% [markdown]
# Samples 8 and 9 are gone. Whoever counts the files sees nothing wrong.
#
# All three have the same cure: **number the samples, and count what came.** That is what the checks of this lab do.

# %% [markdown]
# ## 2 · Who reads what?
#
# Two levels of processes read at the same time:
#
# - a **rank** is one training process, with its own copy of the model. Often each GPU has one.
# - a **worker** is a helper of one rank. It reads and prepares samples for it, and for no other rank.
#
# With R ranks and W workers for each there are R × W **readers**. With `num_workers=0` a rank has no worker, and reads by itself: that makes one reader for each rank.
#
# ### A worked example
#
# The simplest way to divide: number the readers from 0. Reader number r of n takes the samples r, r + n, r + 2n, …


# %%
def every_nth(n_samples, rank, ranks, worker, workers):
    """The samples of one reader."""
    number, readers = rank * workers + worker, ranks * workers
    return list(range(number, n_samples, readers))


came = Counter()
for rank in range(2):
    for worker in range(3):
        mine = every_nth(14, rank, 2, worker, 3)
        came.update(mine)
        print(f"rank {rank}, worker {worker}: {mine}")
check.equal(came, Counter(range(14)), "how often each of 14 samples came")

# %% [markdown]
# `check.equal` holds what arrived against what was expected. It says nothing when all is well. Watch what it says
# otherwise. **Read the message**: you will meet this form again.

# %% tags=["raises-exception"]
check.equal(every_nth(14, 0, 2, 0, 3), [0, 6], "the samples of rank 0, worker 0")

# %% [markdown]
# ### See it for yourself
#
# The experiment reads the same samples in five ways, with real workers, and draws who read what. Commit yourself before you measure. Then move the sliders: for which numbers of
# ranks does `DistributedSampler` repeat nothing? When does a stream that is split by rank and worker give all ranks the same number of samples?

# %% tags=["demonstration"]
from datakit.experiments import coverage_grid

coverage_grid.view()

# %% [markdown]
# The same measurement without controls, as a plain function: for your own numbers, and for a notebook that runs by itself. (Its workers are threads here, which start at once; the counts are the same. Where a sampler deals out the samples, whichever thread is free takes the next batch.)

# %% tags=["demonstration"]
table = coverage_grid.coverage_grid(n_samples=25, ranks=3, workers=2, kind="thread")
table.iloc[:, :5]

# %% tags=["demonstration"]
show(coverage_grid.plot(table), alternative_text=coverage_grid.describe(table))

# %% [markdown]
# In the picture each rank has two lines, one for each of its workers. In the table, read the column "on a rank". The third way loses nothing and repeats nothing, but one rank has a sample more than another. The last two ways give every rank the same number: one of them repeats samples, the other loses some. **You can't have everything**: 25 is
# no multiple of 3. Exercises 2 and 5 give up the equal numbers: a rank may have one sample more, and a training loop then has to leave out a last step that not all ranks have. Exercise 6 mends what repeats do to a score.

# %% [markdown]
# ---
# ## 3 · Few large files instead of many small ones
#
# A million pictures in a million files: each must be found and opened on its own, and on a network that costs more than reading it. So samples are put one behind the other into large files,
# the **shards**: a dataset in 100 shards can be read by up to 100 readers at once.
#
# A file is a row of bytes; where does a sample end? The simplest answer: in front of each sample stands its length. A length and its sample together are a **record**. Here the length takes 4 bytes, the lowest first (this is called *little-endian*). The sample itself is
# called the **payload**.
#
# ### A worked example
#
# Three samples as bytes. `to_bytes` makes 4 bytes of a number, `from_bytes` makes a number of them.

# %%
samples = [b"rain", b"", b"sunshine"]
file = b"".join(len(sample).to_bytes(4, "little") + sample for sample in samples)
print(file)

place = 0
while place < len(file):
    length = int.from_bytes(file[place : place + 4], "little")
    print(f"at {place}: length {length}, payload {file[place + 4 : place + 4 + length]}")
    place += 4 + length

# %% [markdown]
# An empty sample is a sample, too: its record has 4 bytes.
#
# ## Exercise 1 · A shard writer with an index
# ★★☆ · 25 minutes · 5 points
#
# Complete the class `Writer(folder, most, limit)`. `folder` is a folder that exists. `add(payload)` takes one sample, as `bytes`. `close()` is called when all were added.
#
# - The samples stand as records, in the order in which they came, in the files `shard-000.bin`, `shard-001.bin`, … of the folder.
# - A shard holds at most `most` records and at most `limit` bytes, **the lengths included**. The first record that doesn't fit any more begins the next shard, and none is begun sooner. A record that is larger
#   than `limit` by itself gets a shard of its own.
# - When a record begins a new shard, the file of the one before is complete: not more than one shard is held in memory.
# - `close()` writes what is left, and the file `index.json` beside them: a list with an entry `[name, offset, length]` for **each** sample, in order. `name` is its file's name, `length` the length of its
#   payload, and `offset` the place in the file **where the payload begins**. So sample i can be read without the others.
# - No shard is empty. Without any sample there is only the index, `[]`. A second `close()` changes nothing.
#
# <details><summary>Hint 1</summary>Keep the records of the current shard in a list, and count their bytes. One helper, say <code>_finish</code>, writes that list to a file, and starts an empty one. Two places call it: <code>add</code>, before a record that doesn't fit, and <code>close</code>.</details>
# <details><summary>Hint 2</summary>In <code>add</code>: make the record first. It doesn't fit if the shard is not empty, and either has <code>most</code> records, or <code>size + len(record) &gt; limit</code>. Only after that question note the entry of the index: the name and the offset are those of the shard into which the record really goes.</details>
# <details><summary>Hint 3</summary>The offset of the payload is the size of the shard before this record, plus 4. The name is <code>f"shard-{number:03d}.bin"</code>; <code>(folder / name).write_bytes(b"".join(records))</code> writes; <code>json.dumps(index)</code> makes the text of the index. In <code>close</code>: if there are records, finish; then write the index.</details>


# %% nbgrader={"grade": false, "grade_id": "writer", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Writer:
    """Samples (bytes) → shards of records with at most `most` records and `limit` bytes, and an index."""

    def __init__(self, folder, most, limit):
        self.folder, self.most, self.limit = Path(folder), most, limit
        self.index = []  # [name, offset, length] of each sample
        ### BEGIN SOLUTION
        self.shard = 0  # the number of the current shard
        self.records, self.size = [], 0
        ### END SOLUTION

    def add(self, payload):
        ### BEGIN SOLUTION
        record = len(payload).to_bytes(4, "little") + payload
        too_large = self.size + len(record) > self.limit
        if self.records and (too_large or len(self.records) == self.most):
            self._finish()
        self.index.append([self._name(), self.size + 4, len(payload)])
        self.records.append(record)
        self.size += len(record)
        ### END SOLUTION

    def close(self):
        ### BEGIN SOLUTION
        if self.records:
            self._finish()
        (self.folder / "index.json").write_text(json.dumps(self.index))

    def _name(self):
        return f"shard-{self.shard:03d}.bin"

    def _finish(self):
        (self.folder / self._name()).write_bytes(b"".join(self.records))
        self.shard += 1
        self.records, self.size = [], 0
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "writer-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 1"):

    def writer_written(writer_payloads, most, limit, closes=1, closed=True):
        with tempfile.TemporaryDirectory() as folder:
            writer = Writer(Path(folder), most, limit)
            for payload in writer_payloads:
                writer.add(payload)
            for _ in range(closes * closed):
                writer.close()
            return check.files(Path(folder))

    def writer_parts(file):
        # A file → the payloads of its records; what is no record comes as it is.
        found = []
        while file:
            length = int.from_bytes(file[:4], "little")
            if len(file) < 4 + length:
                return [*found, "no record: " + repr(file)]
            found.append(file[4 : 4 + length])
            file = file[4 + length :]
        return found

    def writer_shards(writer_files):
        return {
            n: writer_parts(file)
            for n, file in sorted(writer_files.items())
            if n != "index.json"
        }

    # Each payload has 8 bytes, so each record has 12.
    writer_seven = [f"sample {k}".encode() for k in range(7)]
    writer_files = writer_written(writer_seven, most=3, limit=1000)
    check.equal(
        sorted(set(writer_files) - {"index.json"}),
        ["shard-000.bin", "shard-001.bin", "shard-002.bin"],
        "the shards of 7 samples, at most 3 in each",
        mistakes=[
            check.mistake(
                "counted-from-one",
                "Shards are numbered from 0.",
                when=lambda found: "shard-000.bin" not in found,
            ),
            check.mistake(
                "one-file",
                "All samples went into one file. After `most` records a new shard begins, with the next number.",
                value=["shard-000.bin"],
            ),
            check.mistake(
                "one-record-too-many",
                "A shard has more than 3 records: the limit was asked for too late. When `most` are in it, the next one begins a new shard.",
                when=lambda found: any(
                    len(shard) > 3 for shard in writer_shards(writer_files).values()
                ),
            ),
            check.mistake(
                "end-lost",
                "The last shard is missing: it never became full, so nobody wrote it. close() writes what is left.",
                value=["shard-000.bin", "shard-001.bin"],
            ),
            check.mistake(
                "one-too-many-files",
                "There are too many files. A shard takes records until the next one doesn't fit any more.",
                when=lambda found: len(found) > 3,
            ),
        ],
    )
    check.equal(
        writer_files["shard-000.bin"][:12],
        b"\x08\x00\x00\x00sample 0",
        "the first 12 bytes of shard-000.bin",
        mistakes=[
            check.mistake(
                "byte-order",
                "The lowest byte of the length comes first: to_bytes(4, 'little').",
                value=b"\x00\x00\x00\x08sample 0",
            ),
            check.mistake(
                "no-length",
                "There is no length in front of the payload: nobody could tell where a sample ends.",
                when=lambda found: found.startswith(b"sample"),
            ),
            check.mistake(
                "length-of-the-record",
                "The length is that of the payload alone, without its own 4 bytes.",
                value=b"\x0c\x00\x00\x00sample 0",
            ),
        ],
    )
    check.equal(
        writer_shards(writer_files),
        {
            "shard-000.bin": writer_seven[:3],
            "shard-001.bin": writer_seven[3:6],
            "shard-002.bin": writer_seven[6:],
        },
        "the payloads in the shards of 7 samples, at most 3 in each",
        mistakes=[
            check.mistake(
                "records-again",
                "A later shard holds the records of an earlier one, too. Start with an empty list after each shard.",
                when=lambda found: sum(map(len, found.values())) > 7,
            ),
            check.mistake(
                "did-not-fit-lost",
                "A sample is missing: the one that didn't fit into a shard. It begins the next one.",
                when=lambda found: sum(map(len, found.values())) < 7,
            ),
        ],
    )
    check.equal(
        [
            len(one)
            for one in writer_shards(
                writer_written(writer_seven, most=100, limit=60)
            ).values()
        ],
        [5, 2],
        "how many records of 12 bytes each shard holds, limit=60",
        mistakes=[
            check.mistake(
                "lengths-not-counted",
                "A shard has 84 bytes: the 4 bytes of the lengths were not counted.",
                value=[7],
            ),
            check.mistake(
                "exact-fit-refused",
                "Five records have just 60 bytes, which is not above the limit.",
                value=[4, 3],
            ),
            check.mistake(
                "size-not-reset",
                "From the second shard on they are too small: the size still counts the shards before.",
                value=[5, 1, 1],
            ),
            check.mistake(
                "looked-afterwards",
                "A shard is above the limit. Ask whether a record fits before you take it.",
                when=lambda found: found[0] > 5,
            ),
        ],
    )
    writer_uneven = [b"a" * 50, b"b", b"", b"c" * 3, b"d" * 50]
    writer_large = check.mistake(
        "larger-than-the-limit",
        "The first sample and the last are larger than the limit by themselves. Each still gets its shard, alone in it, and no shard is empty.",
    )
    check.equal(
        check.runs(
            lambda: list(writer_shards(writer_written(writer_uneven, 100, 20)).values()),
            "a Writer with limit=20, and payloads of 50 bytes",
            mistakes=[writer_large],
        ),
        [[b"a" * 50], [b"b", b"", b"c" * 3], [b"d" * 50]],
        "the payloads in the shards, limit=20, of samples of 50, 1, 0, 3 and 50 bytes",
        mistakes=[
            check.mistake(
                "empty-sample",
                "The empty sample is missing. It has a record, of 4 bytes, and an entry in the index.",
                when=lambda found: all(b"" not in one for one in found) and [] not in found,
            ),
            writer_large,
        ],
    )
    writer_before = writer_written(writer_seven, 3, 1000, closed=False)
    check.equal(
        [
            writer_before.get(name) == writer_files[name]
            for name in ("shard-000.bin", "shard-001.bin")
        ],
        [True, True],
        "whether the first two shards of 7 samples, at most 3 in each, are complete before close()",
        mistakes=[
            check.mistake(
                "all-at-the-end",
                "They are not in their files before close(). With a million samples the memory would be full by then: write a shard as soon as the next one begins.",
            )
        ],
    )
    check.equal(
        "index.json" in writer_files,
        True,
        "whether there is an index.json",
        mistakes=[check.mistake("no-index", "close() writes it: (folder / 'index.json').")],
    )
    writer_index = json.loads(writer_files["index.json"])
    check.equal(
        len(writer_index),
        7,
        "the number of entries in the index of 7 samples",
        mistakes=[
            check.mistake(
                "index-incomplete",
                "Entries are missing. Each sample gets one when it is added, whichever shard it goes to, the last one included.",
                when=lambda found: found < 7,
            )
        ],
    )
    writer_wanted = [[f"shard-{k // 3:03d}.bin", 12 * (k % 3) + 4, 8] for k in range(7)]
    check.equal(
        writer_index,
        writer_wanted,
        "the index of 7 samples, at most 3 in a shard",
        mistakes=[
            check.mistake(
                "offset-of-the-record",
                "The offset points to the length. The payload begins 4 bytes behind it.",
                value=[[name, offset - 4, 8] for name, offset, _ in writer_wanted],
            ),
            check.mistake(
                "entry-too-early",
                "The first sample of a shard is entered with the shard before. Ask whether the record fits before you note where it goes.",
                when=lambda found: found[3][0] == "shard-000.bin",
            ),
            check.mistake(
                "offset-over-all",
                "The offsets count over all shards. Each file begins at 0.",
                when=lambda found: found[3][1] > 24,
            ),
            check.mistake(
                "length-in-the-index",
                "The length in the index is the payload's, 8, so that file[offset : offset + length] is the payload.",
                when=lambda found: any(entry[2] != 8 for entry in found),
            ),
        ],
    )
    check.equal(
        writer_written([], 3, 100),
        {"index.json": b"[]"},
        "the files without any sample",
        mistakes=[
            check.mistake(
                "empty-shard",
                "There is a shard without a sample. In close(), write only what holds a record.",
                when=lambda found: "shard-000.bin" in found,
            )
        ],
    )
    check.equal(
        writer_written(writer_seven, 3, 1000, closes=2),
        writer_files,
        "the files after a second close()",
        mistakes=[
            check.mistake(
                "closed-twice",
                "The second close() wrote again. After the first one there is nothing left to write.",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "writer-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other samples, counts and limits.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 1, hidden tests"):
    rng = check.rng("writer")
    for most in (1, 4, 100):
        limit = int(rng.integers(30, 60))
        writer_payloads = [
            bytes(rng.integers(0, 256, int(n), dtype=np.uint8))
            for n in rng.integers(0, 25, 30)
        ]
        # One that is too large for any shard; then two that fill one to the last byte.
        writer_payloads[7:10] = [bytes(limit), bytes(10), bytes(limit - 18)]
        writer_expected, writer_index = [b""], []
        records = 0
        for payload in writer_payloads:
            size = len(writer_expected[-1])
            if records and (records == most or size + 4 + len(payload) > limit):
                writer_expected.append(b"")
                records, size = 0, 0
            name = f"shard-{len(writer_expected) - 1:03d}.bin"
            writer_index.append([name, size + 4, len(payload)])
            writer_expected[-1] += len(payload).to_bytes(4, "little") + payload
            records += 1
        with tempfile.TemporaryDirectory() as folder:
            writer = Writer(Path(folder), most, limit)
            for payload in writer_payloads:
                writer.add(payload)
            writer.close()
            writer_files = check.files(Path(folder))
        what = f"30 samples, most={most}, limit={limit}"
        check.equal(
            json.loads(writer_files.pop("index.json")), writer_index, f"the index of {what}"
        )
        writer_wanted = {
            f"shard-{k:03d}.bin": file for k, file in enumerate(writer_expected)
        }
        check.equal(sorted(writer_files), sorted(writer_wanted), f"the shards of {what}")
        for name, file in writer_wanted.items():
            check.equal(writer_files[name], file, f"{name} of {what}")
### END HIDDEN TESTS

# %% [markdown]
# ### The finished piece
#
# `datakit.ShardWriter` writes **tar** files: an old format which every system can read, and which training libraries have agreed on. In it each sample has a key, and fields named like the endings of files. A shard gets
# its name only when it is whole, so a program that was killed leaves none that is cut off. **Predict:** how many shards will there be of 7 samples?

# %%
with tempfile.TemporaryDirectory() as folder:
    with datakit.ShardWriter(f"{folder}/part-%03d.tar", maxcount=3) as shard_writer:
        for k in range(7):
            shard_writer.write({"__key__": f"{k:04d}", "txt": f"sample {k}"})
    print([Path(url).name for url in shard_writer.shards])
    texts = [sample["txt"] for sample in datakit.ShardStream(shard_writer.shards)]
    check.equal(texts, [f"sample {k}" for k in range(7)], "what ShardStream reads")

# %% [markdown]
# ---
# ## 4 · Divide the stream
#
# Now many readers share these files. `datakit.ShardStream` lets reader r of n take the shards r, r + n, …, whole ones. That is simple, and disks like it. **Predict:** six readers, eight shards of
# 100 samples each: how many samples does the first reader get, and how many the last?

# %%
for number in range(6):
    print(f"reader {number}:", 100 * len(range(number, 8, 6)), "samples")

# %% [markdown]
# Two readers have twice as much to do as the others. And the two may be workers of the same rank: then that rank has more batches than the others, and training stops, because a rank that has no batch left doesn't come to the meeting at which gradients are exchanged. The others
# wait there.
#
# Whoever has an index, or at least knows how many samples each shard holds, can cut **inside** a shard. Imagine all samples in a row, and cut that row. A **run** is a stretch of it without a gap.
#
# ### A worked example
#
# Cut a row of 11 samples into 3 runs whose lengths differ by at most 1. Part k goes from `11 * k // 3` up to, but without, `11 * (k + 1) // 3`.


# %%
def cut(begin, end, part, n_parts):
    """Part number `part` of the places begin … end-1."""
    n = end - begin
    return begin + n * part // n_parts, begin + n * (part + 1) // n_parts


print([cut(0, 11, part, 3) for part in range(3)])

# %% [markdown]
# ## Exercise 2 · Pieces of shards for each reader
# ★★★ · 25 minutes · 4 points
#
# Write `pieces(counts, rank, ranks, worker, workers)`. `counts[k]` is the number of samples in shard k, 0 or more. Return what this reader reads: a list of pieces `(shard, start, stop)`. Such a
# piece means the samples `start … stop - 1` of that shard, **counted within the shard**.
#
# - All readers together read every sample exactly once. There are `ranks × workers` of them; with `workers=0` a rank reads by itself, as worker 0.
# - A reader reads **one run** of the row of all samples (shard 0 first, then shard 1, …). Its pieces come in that order, one for each shard that it touches, and none is empty. A reader that has nothing to read gets `[]`.
# - The **ranks** get equally many samples, up to a difference of 1.
# - Within a rank, the **workers** get equally many, up to a difference of 1.
#
# You may use `cut` of the worked example (run its cell first). Which reader gets which run is up to you.
#
# <details><summary>Hint 1</summary>Two questions, one after the other. Which run of the row of all samples? Then: which pieces of which shards are that?</details>
# <details><summary>Hint 2</summary>Cut the whole row by rank first, then the rank's run by worker. (Who gives one more to the first few of <b>all</b> readers is unfair to the ranks: 9 samples on 2 × 3 readers make 6 and 3.) <code>max(workers, 1)</code> takes care of no workers.</details>
# <details><summary>Hint 3</summary>Let <code>first</code> be the place of a shard's first sample in the row: the sum of the counts before it. The run from <code>begin</code> to <code>end</code> meets this shard from <code>max(begin, first) - first</code> to <code>min(end, first + count) - first</code>. It is a piece if the second number is larger than the first.</details>


# %% nbgrader={"grade": false, "grade_id": "pieces", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pieces(counts, rank, ranks, worker, workers):
    """Samples in each shard, who am I → [(shard, start, stop), …], my share of the stream."""
    ### BEGIN SOLUTION
    begin, end = cut(0, sum(counts), rank, ranks)
    begin, end = cut(begin, end, worker, max(workers, 1))
    found, first = [], 0
    for shard, count in enumerate(counts):
        start, stop = max(begin, first) - first, min(end, first + count) - first
        if start < stop:
            found.append((shard, start, stop))
        first += count
    return found
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "pieces-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 2"):

    def pieces_given(counts, ranks, workers):
        # (rank, worker) → its pieces
        return {
            (rank, worker): [
                tuple(int(n) for n in piece)
                for piece in pieces(counts, rank, ranks, worker, workers)
            ]
            for rank in range(ranks)
            for worker in range(max(workers, 1))
        }

    def pieces_singles(found):
        return [(k, place) for k, start, stop in found for place in range(start, stop)]

    pieces_nobody = check.mistake(
        "no-worker",
        "workers=0 means that the rank reads by itself: one reader, not none. max(workers, 1) says so.",
        when=lambda found: found == [] or isinstance(found, ArithmeticError),
    )
    pieces_alone = check.runs(
        lambda: [tuple(map(int, piece)) for piece in pieces([4, 3, 4], 0, 1, 0, 0)],
        "pieces([4, 3, 4], rank=0, ranks=1, worker=0, workers=0)",
        mistakes=[pieces_nobody],
    )
    check.equal(
        pieces_alone,
        [(0, 0, 4), (1, 0, 3), (2, 0, 4)],
        "the pieces of a single reader, shards of 4, 3 and 4 samples",
        mistakes=[
            pieces_nobody,
            check.mistake(
                "stop-included",
                "The last sample of each shard is missing: a piece reads up to stop - 1.",
                value=[(0, 0, 3), (1, 0, 2), (2, 0, 3)],
            ),
            check.mistake(
                "counted-over-all",
                "Start and stop count over the whole row. They count within the shard: each begins at 0.",
                value=[(0, 0, 4), (1, 4, 7), (2, 7, 11)],
            ),
            check.mistake(
                "beyond-the-shard",
                "A piece reaches beyond the end of its shard: cut it off there, and go on in the next shard.",
                when=lambda found: any(stop > [4, 3, 4][k] for k, _, stop in found),
            ),
            check.mistake(
                "one-by-one",
                "A shard has one piece for a reader: put neighbouring samples together.",
                when=lambda found: len(found) > 3,
            ),
        ],
    )
    pieces_row = [(k, place) for k, n in enumerate([4, 3, 4]) for place in range(n)]
    pieces_clean = {"never read": [], "read more than once": [], "beyond the end": []}

    def pieces_account(ranks, workers):
        readers = pieces_given([4, 3, 4], ranks, workers).values()
        often = Counter(one for found in readers for one in pieces_singles(found))
        return {
            "never read": [one for one in pieces_row if one not in often],
            "read more than once": [one for one in pieces_row if often[one] > 1],
            "beyond the end": sorted(set(often) - set(pieces_row)),
        }

    pieces_outside = check.mistake(
        "beyond-the-shard",
        "A piece reaches beyond the end of its shard: cut it off there, and go on in the next shard.",
        when=lambda found: found["beyond the end"],
    )
    pieces_lost = check.mistake(
        "rest-lost",
        "11 samples can't be shared evenly, and the rest is read by nobody. Rounding down for everyone loses it: somebody must read one more.",
        when=lambda found: found["never read"],
    )
    # Two workers cut the 11 behind the 5th or the 6th sample, both inside shard 1.
    check.equal(
        pieces_account(1, 2),
        pieces_clean,
        "the samples, as (shard, sample), of shards of 4, 3 and 4, 1 rank × 2 workers",
        mistakes=[
            check.mistake(
                "workers-ignored",
                "Every sample is read twice: both workers read all of it. worker and workers must have a say.",
                when=lambda found: len(found["read more than once"]) == 11,
            ),
            check.mistake(
                "number-for-stop",
                "A piece that begins inside its shard is too short. `stop` is the place where it ends, not the number of its samples.",
                when=lambda found: found["never read"] == [(1, 2)],
            ),
            pieces_outside,
            pieces_lost,
        ],
    )
    check.equal(
        pieces_account(2, 0),
        pieces_clean,
        "the samples, as (shard, sample), of shards of 4, 3 and 4, 2 ranks without workers",
        mistakes=[
            check.mistake(
                "ranks-ignored",
                "Every sample is read twice: both ranks read all of it. rank and ranks must have a say.",
                when=lambda found: len(found["read more than once"]) == 11,
            ),
            pieces_outside,
            pieces_lost,
        ],
    )
    check.equal(
        pieces_account(2, 3),
        pieces_clean,
        "the samples, as (shard, sample), of shards of 4, 3 and 4, 2 ranks × 3 workers",
        mistakes=[
            check.mistake(
                "two-levels-mixed-up",
                "Some samples are read twice and others never: two readers take the same part. Give each pair of rank and worker a part of its own.",
                when=lambda found: found["read more than once"],
            ),
            pieces_outside,
            pieces_lost,
        ],
    )
    pieces_gaps = 0
    for found in pieces_given([4, 3, 4], 2, 3).values():
        pieces_places = [pieces_row.index(one) for one in pieces_singles(found)]
        pieces_gaps += (
            pieces_places
            != list(range(pieces_places[0], pieces_places[0] + len(pieces_places)))
            if pieces_places
            else 0
        )
    check.equal(
        pieces_gaps,
        0,
        "how many of 6 readers read something other than one run",
        mistakes=[
            check.mistake(
                "not-a-run",
                "A reader jumps about in the row of all samples. Cut the row into runs; a disk reads those much faster than every sixth sample.",
            )
        ],
    )

    def pieces_total(found):
        return sum(stop - start for _, start, stop in found)

    pieces_nine = pieces_given([4, 5], 2, 3)
    by_rank = [
        sum(pieces_total(pieces_nine[rank, worker]) for worker in range(3))
        for rank in (0, 1)
    ]
    check.equal(
        sorted(by_rank),
        [4, 5],
        "the samples on either rank, of 9, 2 ranks × 3 workers",
        mistakes=[
            check.mistake(
                "unfair-to-ranks",
                "One rank has more than one sample more than the other, and would wait for it. Cut by rank first, then the rank's run by worker.",
            )
        ],
    )
    # Ten on four: rounded down, the last one has 4; rounded up, only 1.
    pieces_ten = pieces_given([4, 2, 4], 1, 4)
    check.equal(
        sorted(pieces_total(found) for found in pieces_ten.values()),
        [2, 2, 3, 3],
        "the samples of each worker, of 10, 1 rank × 4 workers",
        mistakes=[
            check.mistake(
                "unfair-to-workers",
                "One worker gets the whole rest, or what the others left. Spread it: no worker has more than one sample more than another.",
            )
        ],
    )
    check.equal(
        sorted(pieces_total(found) for found in pieces_given([2], 1, 3).values()),
        [0, 1, 1],
        "the samples of each worker, of 2, 1 rank × 3 workers",
    )
    pieces_spare = [
        piece for found in pieces_given([2, 0, 3], 1, 2).values() for piece in found
    ]
    check.equal(
        [piece for piece in pieces_spare if piece[1] >= piece[2]],
        [],
        "empty pieces, shards of 2, 0 and 3 samples, 1 rank × 2 workers",
        mistakes=[
            check.mistake(
                "empty-piece",
                "A piece without a sample opens a shard for nothing. Leave it out.",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "pieces-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: 1 to 4 ranks × 0 to 3 workers, even and uneven numbers, empty shards.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 2, hidden tests"):
    rng = check.rng("pieces")
    for ranks in (1, 2, 3, 4):
        for workers in (0, 1, 2, 3):
            counts = [int(n) for n in rng.integers(0, 9, int(rng.integers(1, 7)))]
            if (ranks, workers) == (1, 3):  # one is left over
                counts = [3 * int(rng.integers(1, 5)), 0, 1]
            if (ranks, workers) == (2, 3):  # two are left over on each rank
                counts = [3 * int(rng.integers(1, 4)) + 2] * 2
            pieces_row = [(k, place) for k, n in enumerate(counts) for place in range(n)]
            what = f"counts={counts}, {ranks} ranks × {workers} workers"
            pieces_came, on_rank = [], []
            for rank in range(ranks):
                on_worker = []
                for worker in range(max(workers, 1)):
                    found = [
                        tuple(int(n) for n in piece)
                        for piece in pieces(counts, rank, ranks, worker, workers)
                    ]
                    pieces_mine = [
                        (k, p) for k, start, stop in found for p in range(start, stop)
                    ]
                    begin = (
                        pieces_row.index(pieces_mine[0])
                        if pieces_mine and pieces_mine[0] in pieces_row
                        else 0
                    )
                    check.equal(
                        pieces_mine,
                        pieces_row[begin : begin + len(pieces_mine)],
                        f"one run, {what}",
                    )
                    shards = [k for k, start, stop in found if start < stop]
                    check.equal(shards, sorted({k for k, _, _ in found}), f"pieces, {what}")
                    pieces_came += pieces_mine
                    on_worker.append(len(pieces_mine))
                check.equal(max(on_worker) - min(on_worker) <= 1, True, f"workers, {what}")
                on_rank.append(sum(on_worker))
            check.equal(sorted(pieces_came), pieces_row, f"every sample once, {what}")
            check.equal(max(on_rank) - min(on_rank) <= 1, True, f"fair to ranks, {what}")
### END HIDDEN TESTS

# %% [markdown]
# ### Who am I?
#
# In a real stream nobody hands over `worker` and `workers`: the stream asks, **in `__iter__`**, because that runs in the worker. PyTorch's `get_worker_info()` answers, or says `None` where there is no worker. The rank is known when
# the stream is made: `torchrun`, the program that starts the ranks, says it to each of them.

# %% tags=["demonstration"]
# %%writefile split_stream.py
"""A stream that asks who it is."""

from torch.utils.data import IterableDataset, get_worker_info


class Split(IterableDataset):
    """The numbers 0 … n-1, of which each reader gives its own."""

    def __init__(self, n, rank, ranks):
        self.n, self.rank, self.ranks = n, rank, ranks

    def __iter__(self):
        info = get_worker_info()
        worker, workers = (0, 1) if info is None else (info.id, info.num_workers)
        first = self.rank * workers + worker
        return iter(range(first, self.n, self.ranks * workers))


# %% [markdown]
# **Predict:** what do the two ranks get, each with two workers, in batches of 2?

# %% tags=["demonstration"]
from split_stream import Split

came = Counter()
for rank in range(2):
    loader = DataLoader(Split(10, rank, 2), batch_size=2, num_workers=2)
    got = [batch.tolist() for batch in loader]
    came.update(number for batch in got for number in batch)
    print(f"rank {rank}:", got)
check.equal(came, Counter(range(10)), "how often each of 10 numbers came")

# %% [markdown]
# Each worker makes its own batches, and the last one of each may be smaller. `datakit.RecordStream` and `ShardStream` ask in the same way, and take the rank from `torch.distributed` or from `torchrun`.

# %% [markdown]
# ---
# ## 5 · Shuffle what can only be read in order
#
# In lab 03 an order was drawn first, and then samples were fetched by index. A stream has no index. What one can do: hold some samples back, and give out a random one of those. That store is a **shuffle buffer**.
#
# ### A worked example
#
# A buffer of 3, in slow motion. It takes samples until it is full. Then it gives one out, takes one in, and so on. When nothing comes any more, it gives out what it still holds.

# %%
dice = random.Random(5)
arriving, held = iter("abcdefg"), []
for letter in arriving:
    held.append(letter)
    if len(held) == 3:
        out = held.pop(dice.randrange(len(held)))
        print(f"takes {letter}, gives {out}, holds {held}")
while held:
    out = held.pop(dice.randrange(len(held)))
    print(f"takes nothing, gives {out}, holds {held}")

# %% [markdown]
# **Think:** how much **earlier** than it came in can a sample come out, with a buffer of 3? And how much **later**?
#
# Earlier by 2 places at most: to come out, it must have come in. Later without any bound: a sample may have bad luck again and again. Where samples lie in order of time, or where one wants to say after which
# batch a sample has certainly been used, that is bad. So give it a bound, too.
#
# ## Exercise 3 · A shuffle buffer that forgets nobody
# ★★☆ · 20 minutes · 4 points
#
# Write `mixed(items, size, late, seed)`. It gives all `items`, one after the other, in random order, as far as these rules allow. `items` is any iterable, maybe an endless one; `size` is 1 or more, `late` 0 or more. Places count from 0.
#
# - Every item comes exactly once.
# - **At most `size` items are held.** When the item at place k goes out, at most k + `size` have been taken from `items`. Until `items` ends, the buffer is filled up before each one that goes out.
# - **An item goes out at most `late` places later than it came in.** So, each time: if the oldest one in the buffer would otherwise be later than that, it goes out now. If not, one of all that are held goes out, each with the same
#   probability.
# - Random numbers come from `random.Random(seed)`, one for the whole loop: the same seed, the same order. Python's and PyTorch's global ones are neither used nor moved on.
#
# <details><summary>Hint 1</summary>Begin with the worked example: make a function with <code>yield</code> of it. Without the rule about <code>late</code> that is nearly all.</details>
# <details><summary>Hint 2</summary>For <code>late</code> one must know when an item came in: hold pairs <code>(place, item)</code>; <code>enumerate(items)</code> makes them. If you append at the end and take out with <code>pop(at)</code>, the oldest is always <code>held[0]</code>. And count how many have gone out: that is the place of the next one.</details>
# <details><summary>Hint 3</summary>Which one goes: <code>at = 0 if held[0][0] + late &lt;= gone else dice.randrange(len(held))</code>. You need that line in two places, while items arrive and when they have ended; a small function inside yours spares the copy.</details>


# %% nbgrader={"grade": false, "grade_id": "mixed", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mixed(items, size, late, seed):
    """Give all items in random order; hold at most `size`; none comes more than `late` places late."""
    ### BEGIN SOLUTION
    dice = random.Random(seed)
    held = []  # (place, item), the oldest first

    def next_out(gone):
        at = 0 if held[0][0] + late <= gone else dice.randrange(len(held))
        return held.pop(at)[1]

    gone = 0
    for place, item in enumerate(items):
        held.append((place, item))
        if len(held) == size:
            yield next_out(gone)
            gone += 1
    while held:
        yield next_out(gone)
        gone += 1
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "mixed-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 3"):

    def mixed_out(n, size, mixed_late, seed):
        return check.beside(list, mixed(list(range(n)), size, mixed_late, seed))

    mixed_first = check.runs(
        lambda: mixed_out(20, 4, 1000, 1),
        "mixed(range(20), size=4, late=1000, seed=1)",
        mistakes=[
            check.mistake(
                "nothing-to-draw",
                "It drew from an empty buffer. Give out only while something is held.",
                when=lambda error: isinstance(error, (IndexError, ValueError)),
            )
        ],
    )
    check.equal(
        sorted(mixed_first),
        list(range(20)),
        "the items of mixed(range(20), size=4, late=1000, seed=1), sorted",
        mistakes=[
            check.mistake(
                "buffer-lost",
                "The last ones are missing: when nothing arrives any more, the buffer still holds some.",
                when=lambda found: 16 <= len(found) < 20 and len(set(found)) == len(found),
            ),
            check.mistake(
                "comes-again",
                "An item came more than once. What goes out must leave the buffer: held.pop(at), not held[at].",
                when=lambda found: len(set(found)) < len(found),
            ),
        ],
    )
    check.equal(
        mixed_first != list(range(20)),
        True,
        "whether the order has changed",
        mistakes=[
            check.mistake(
                "unchanged", "They came as they went in. Draw one of those that are held."
            )
        ],
    )
    mixed_taken = []

    def mixed_counted():
        for number in range(100):
            mixed_taken.append(number)
            yield number

    mixed_seen = []
    for _ in mixed(mixed_counted(), 4, 1000, 1):
        mixed_seen.append(len(mixed_taken) - len(mixed_seen))
        if len(mixed_seen) == 50:
            break
    check.equal(
        max(mixed_seen, default=0),
        4,
        "the most items that were held when one went out, that one included, size=4",
        mistakes=[
            check.mistake(
                "all-at-once",
                "All items were taken before the first one went out. A stream may be endless: take one at a time.",
                when=lambda found: found >= 50,
            ),
            check.mistake(
                "one-too-many",
                "One more was taken: the full buffer, and another in the hand. Give one out as soon as the buffer is full, and only then take the next.",
                when=lambda found: found == 5,
            ),
            check.mistake(
                "never-full",
                "The buffer is never full. Fill it up to `size` before each one that goes out.",
                when=lambda found: found < 4,
            ),
        ],
    )
    check.equal(
        min(mixed_seen),
        4,
        "the fewest items that were held when one went out, that one included, size=4",
        mistakes=[
            check.mistake(
                "blocks",
                "The buffer ran down before it was filled again, so no item could cross from one block to the next. Fill it up before each one that goes out.",
            )
        ],
    )
    check.equal(
        mixed_out(20, 4, 1000, 1),
        mixed_first,
        "the order from the same seed again",
        mistakes=[
            check.mistake(
                "seed-unused",
                "The same seed, another order. Make one random.Random(seed) at the beginning, and draw from that alone.",
            )
        ],
    )
    mixed_orders = [mixed_out(12, 4, 1000, seed) for seed in range(60)]
    check.equal(
        len({tuple(order) for order in mixed_orders}) > 50,
        True,
        "whether 60 seeds have many different orders",
        mistakes=[
            check.mistake(
                "same-place-each-time",
                "60 seeds have only a few orders: the same place in the buffer is drawn each time. Make the generator once, before the loop, and draw a new number each time.",
                when=lambda _: len({tuple(order) for order in mixed_orders}) > 1,
            ),
            check.mistake(
                "seed-has-no-say", "Other seeds, the same orders: the seed has no say."
            ),
        ],
    )
    check.equal(
        len({order[0] for order in mixed_orders}),
        4,
        "how many different items come out first, over 60 seeds, size=4",
        mistakes=[
            check.mistake(
                "some-never-first",
                "Any one of the 4 that are held can come first.",
            )
        ],
    )
    check.equal(
        len({tuple(mixed_out(4, 8, 1000, seed)) for seed in range(60)}) > 10,
        True,
        "whether 4 items in a buffer of 8 come in many orders, over 60 seeds",
        mistakes=[
            check.mistake(
                "rest-in-order",
                "What the buffer holds at the end comes in the order in which it came in. Draw there, too.",
            )
        ],
    )
    mixed_late = [
        place - number
        for seed in range(20)
        for place, number in enumerate(mixed_out(60, 8, 6, seed))
    ]
    check.equal(
        max(mixed_late),
        6,
        "by how many places the latest item comes late, over 20 seeds, size=8, late=6",
        mistakes=[
            check.mistake(
                "one-place-too-late",
                "Some come 7 places late. The oldest must go at the latest when the place of the next one out is its own place + late.",
                when=lambda found: found == 7,
            ),
            check.mistake(
                "late-at-the-end",
                "It holds while items arrive, and not when they have ended. The rule is the same there.",
                when=lambda found: (
                    found > 6
                    and all(
                        place - number <= 6
                        for seed in range(20)
                        for place, number in enumerate(mixed_out(60, 8, 6, seed)[:53])
                    )
                ),
            ),
            check.mistake(
                "too-late",
                "That is later than allowed. If the oldest one's place + late is reached, it goes out, without drawing.",
                when=lambda found: found > 6,
            ),
            check.mistake(
                "too-early",
                "None is ever 6 places late: the oldest goes before it must.",
            ),
        ],
    )
    check.equal(mixed_out(10, 4, 0, 1), list(range(10)), "the order with late=0")
    check.equal(mixed_out(10, 1, 5, 1), list(range(10)), "the order with size=1")
    check.equal(
        check.runs(
            lambda: check.beside(
                list, mixed([torch.ones(2), torch.ones(2), torch.ones(2)], 2, 9, 0)
            ),
            "mixed of three tensors",
            mistakes=[
                check.mistake(
                    "looked-for-by-value",
                    "Items were looked for by their value (remove, index, ==). Two may be equal, and tensors can't be compared in this way. Take one out by its place in the buffer.",
                )
            ],
        ),
        [torch.ones(2)] * 3,
        "mixed of three equal tensors",
    )
    mixed_before = check.beside(random.getstate)
    mixed_out(20, 4, 5, 3)
    check.equal(
        check.beside(random.getstate) == mixed_before,
        True,
        "whether Python's global random numbers stand where they stood",
        mistakes=[
            check.mistake(
                "global-moved",
                "They were seeded or used: everybody else who draws from them now gets others. Use random.Random(seed).",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "mixed-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other sizes, bounds and seeds; whether all are equally likely; no item at all.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 3, hidden tests"):
    rng = check.rng("mixed")

    def mixed_out(items, size, mixed_late, seed):
        return check.beside(list, mixed(items, size, mixed_late, seed))

    for turn in range(12):
        n, size = int(rng.integers(0, 40)), int(rng.integers(1, 9))
        mixed_late, seed = int(rng.integers(0, 12)), int(rng.integers(0, 10**6))
        if turn == 0:  # all are held at the end, and none may be late
            n, size, mixed_late = 8, 9, 0
        what = f"mixed(range({n}), {size}, {mixed_late}, {seed})"
        found = mixed_out(list(range(n)), size, mixed_late, seed)
        check.equal(sorted(found), list(range(n)), f"the items, sorted, {what}")
        check.equal(
            mixed_out(list(range(n)), size, mixed_late, seed), found, f"again, {what}"
        )
        moved = [place - number for place, number in enumerate(found)]
        check.equal(all(-size < m <= mixed_late for m in moved), True, f"how far, {what}")
    size, base = int(rng.integers(3, 6)), int(rng.integers(0, 10**6))
    mixed_pairs = [mixed_out(list(range(8)), size, 100, base + k)[:2] for k in range(400)]
    mixed_firsts = Counter(pair[0] for pair in mixed_pairs)
    check.equal(
        [place for place in range(size) if mixed_firsts[place] > 400 / size + 100],
        [],
        "who comes first far too often",
        mistakes=[
            check.mistake(
                "not-equally-likely",
                "Some of those that are held go out more often than others. Draw one of all, each with the same probability.",
            )
        ],
    )
    mixed_heads = Counter(pair[1] for pair in mixed_pairs)
    # The second one out is one of size + 1; number 0 with probability (size - 1) / size².
    check.equal(sorted(mixed_heads), list(range(size + 1)), "who can come second")
    expected = 400 * (size - 1) / size**2
    check.equal(
        abs(mixed_heads[0] - expected) < 5 * expected**0.5,
        True,
        "how often the first comes second",
    )
    mixed_taken = []

    def mixed_endless():
        while True:
            mixed_taken.append(0)
            yield len(mixed_taken)

    given = iter(mixed(mixed_endless(), size, 10, base))
    for k in range(30):
        next(given)
        check.equal(
            len(mixed_taken), k + size, "how many were taken from an endless stream"
        )
### END HIDDEN TESTS

# %% [markdown]
# ### The finished piece
#
# `datakit.ShuffleBuffer` draws as PyTorch's `Shuffler` does, with one bound: an item comes at most `buffer_size - 1` places early. Here are 1,000 samples through buffers of three sizes. **Predict:** what does the picture look like with a buffer of 10?

# %% tags=["demonstration"]
figure = Figure(figsize=(9, 3.2), layout="constrained")
for axes, size in zip(figure.subplots(1, 3, sharey=True), (10, 100, 1000), strict=True):
    places = list(datakit.ShuffleBuffer(range(1000), size, random.Random(0)))
    axes.scatter(range(1000), places, s=2, color="#0072B2")
    axes.set_title(f"buffer of {size}", fontsize=11)
    axes.set_xlabel("place out")
    axes.spines[["top", "right"]].set_visible(False)
figure.axes[0].set_ylabel("place in")
show(
    figure,
    alternative_text="Three scatter plots of place in against place out. Buffer of 10: a thin diagonal line. Buffer of 100: a broad band along the diagonal, with a sharp upper edge and single points far below it. Buffer of 1000: points all over the square.",
)

# %% [markdown]
# Look at the edges of the band: the upper one is sharp (nobody comes much too early), the lower one is not. Yours has two sharp edges.
#
# With a buffer of 10, a sample stays near its place. If a stream lies sorted by class, batches are then nearly pure. So a buffer is combined with two other means: write the shards from a shuffled order, and read the **shards** in another order each epoch. The next exercise does the latter.

# %% [markdown]
# ---
# ## 6 · Stop, and go on
#
# Long runs end before they are finished: a machine fails, or somebody else has booked it. One then loads the model as it was last saved. And the data? To begin the epoch again means that some samples come twice, and those behind them
# later than planned, if ever. So the stream, too, must say where it stands, and a new one must be able to go there. PyTorch's names for it are `state_dict()`, which returns a small dict to be saved, and `load_state_dict(state)`.
#
# ### A worked example
#
# A stream of the numbers 0 to n − 1. What must it remember? One number is enough: how many it has given. **Where it counts is what matters.**


# %%
class Count:
    """The numbers 0 … n-1, from where it stands."""

    def __init__(self, n):
        self.n, self.given = n, 0

    def state_dict(self):
        return {"given": self.given}

    def load_state_dict(self, state):
        self.given = state["given"]

    def __iter__(self):
        while self.given < self.n:
            self.given += 1  # before the yield
            yield self.given - 1
        self.given = 0


stream = Count(6)
loop = iter(stream)
print("given:", next(loop), next(loop))
state = json.dumps(stream.state_dict())
print("saved:", state)

new = Count(6)
new.load_state_dict(json.loads(state))
print("the rest:  ", list(new))
print("next epoch:", list(new))

# %% [markdown]
# **Predict:** what would the rest be if the line `self.given += 1` stood **behind** the `yield`?
#
# `yield` hands out a number, and the function rests there until the next one is asked for. Whoever saves the state in between would save it before the line that counts: sample 1 would come twice.
#
# The state is text here, on its way to a file. So it may hold numbers, texts, lists and dicts, and it must be small: a position, not the samples.
#
# ## Exercise 4 · A stream of shards that can be resumed
# ★★★ · 25 minutes · 4 points
#
# Complete the class `Stream(read, count, seed)`. `read(k)` reads shard k, for k = 0 … `count` − 1, and returns the list of its samples. It takes long. `order` is given: it shuffles the numbers 0 … n − 1, always in the same way for the same further numbers.
#
# - Epoch e visits the shards in the order `order(count, seed, e)`. The samples of shard k come in the order `order(n, seed, e, k)`, n being their number: `samples[i]` for each i of it.
# - A stream stands somewhere: in an epoch, at one of its samples. A new stream stands at the beginning of epoch 0. **A loop goes on from where the stream stands, to the end of that epoch**; then the stream stands at the beginning of the next one. (So two loops, one after the other, give
#   two epochs; and a loop that was left by `break` is taken up by the next.)
# - `state_dict()` says where it stands: behind the last sample that was given out. It may be called at any time, in the middle of a loop, too. What it returns survives `json.dumps` and `json.loads`, and is short: at most 300 characters.
# - After `load_state_dict(state)` a stream that was made with the same arguments goes on from there, exactly as the other one would have. Shards that were finished are not read again, and no shard is read before it is needed. (Behind a shard's last sample the stream may stand at its end, or at the beginning of what follows: both are right.)
# - If the state is that of a stream with another seed, `load_state_dict` raises a `ValueError` with both seeds in its message.
#
# <details><summary>Hint 1</summary>Three numbers say where it stands: the epoch, how many shards of the epoch are finished, and how many samples of the current shard were given. All else follows from <code>order</code>.</details>
# <details><summary>Hint 2</summary>Keep the three in <code>self</code>, and let <code>__iter__</code> be a function with <code>yield</code> that works on them: while there are shards left, read one; while it has samples left, count, and yield. Don't set them to 0 when a loop <b>begins</b>; do it where a shard or an epoch <b>ends</b>.</details>
# <details><summary>Hint 3</summary>The end of a shard: <code>self.shards += 1; self.samples = 0</code>. The end of the epoch: <code>self.epoch += 1; self.shards = 0</code>. The state is a new dict of the three and the seed. <code>number = order(self.count, self.seed, self.epoch)[self.shards]</code> is the shard's number.</details>


# %% nbgrader={"grade": false, "grade_id": "resume", "locked": false, "schema_version": 3, "solution": true, "task": false}
def order(n, *numbers):
    """The numbers 0 … n-1 in an order that depends on `numbers` alone."""
    return np.random.default_rng(numbers).permutation(n).tolist()


class Stream:
    """The samples of shards, in another order each epoch, from where the stream stands."""

    def __init__(self, read, count, seed):
        self.read, self.count, self.seed = read, count, seed
        ### BEGIN SOLUTION
        self.epoch = 0
        self.shards = 0  # finished in this epoch
        self.samples = 0  # given of the current shard
        ### END SOLUTION

    def state_dict(self):
        ### BEGIN SOLUTION
        return {
            "seed": self.seed,
            "epoch": self.epoch,
            "shards": self.shards,
            "samples": self.samples,
        }
        ### END SOLUTION

    def load_state_dict(self, state):
        ### BEGIN SOLUTION
        if state["seed"] != self.seed:
            raise ValueError(
                f"the state has seed {state['seed']}, this stream has seed {self.seed}"
            )
        self.epoch, self.shards = state["epoch"], state["shards"]
        self.samples = state["samples"]
        ### END SOLUTION

    def __iter__(self):
        ### BEGIN SOLUTION
        shards = order(self.count, self.seed, self.epoch)
        while self.shards < self.count:
            number = shards[self.shards]
            samples = self.read(number)
            places = order(len(samples), self.seed, self.epoch, number)
            while self.samples < len(samples):
                self.samples += 1
                yield samples[places[self.samples - 1]]
            self.shards, self.samples = self.shards + 1, 0
        self.epoch, self.shards = self.epoch + 1, 0
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "resume-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 4"):

    def resume_shuffled(n, *numbers):
        return np.random.default_rng(numbers).permutation(n).tolist()

    # Shard k holds k + 2 samples: 200 and 201 lie in shard 2, for instance.
    resume_shards = [[100 * k + i for i in range(k + 2)] for k in range(4)]
    resume_reads = []

    def resume_read(k):
        resume_reads.append(int(k))
        return list(resume_shards[int(k)])

    def resume_epoch_of(seed, epoch):
        return [
            resume_shards[k][i]
            for k in resume_shuffled(4, seed, epoch)
            for i in resume_shuffled(len(resume_shards[k]), seed, epoch, k)
        ]

    def resume_some(resume_loop, n):
        return [next(resume_loop) for _ in range(n)]

    resume_zero, resume_one, resume_two = (resume_epoch_of(5, epoch) for epoch in range(3))
    resume_stream = Stream(resume_read, 4, seed=5)
    found = list(resume_stream)
    check.equal(
        found,
        resume_zero,
        "the first loop over Stream(read, 4, seed=5)",
        mistakes=[
            check.mistake(
                "samples-lost",
                "Samples are missing. The number of samples that were given begins anew with each shard.",
                when=lambda found: len(found) < 14,
            ),
            check.mistake(
                "shards-in-order",
                "The shards came in the order 0, 1, 2, 3. Epoch e has the order order(count, seed, e).",
                when=lambda found: (
                    [n // 100 for n in found] == sorted(n // 100 for n in found)
                ),
            ),
            check.mistake(
                "samples-in-order",
                "Within a shard the samples came as they lie. Their order is order(n, seed, e, k), k being the shard's number.",
                when=lambda found: (
                    [n // 100 for n in found] == [n // 100 for n in resume_zero]
                    and [n % 100 for n in found][:2] == [0, 1]
                ),
            ),
            check.mistake(
                "place-for-number",
                "The shards are right, the order of the samples within is not. The last number for order is the shard's own, k, not its place in the epoch.",
                when=lambda found: (
                    [n // 100 for n in found] == [n // 100 for n in resume_zero]
                ),
            ),
        ],
    )
    check.equal(
        list(resume_stream),
        resume_one,
        "the second loop",
        mistakes=[
            check.mistake(
                "same-epoch",
                "It is epoch 0 again. When an epoch has ended, the stream stands at the beginning of the next.",
                value=resume_zero,
            ),
            check.mistake(
                "shards-as-in-epoch-zero",
                "The shards come in the order of epoch 0 again. The epoch is one of the numbers for order(count, seed, e), too.",
                when=lambda found: (
                    [n // 100 for n in found] == [n // 100 for n in resume_zero]
                ),
            ),
            check.mistake(
                "nothing-more",
                "Nothing came. When an epoch has ended, the stream stands at the beginning of the next: no shard of it is finished.",
                value=[],
            ),
        ],
    )
    resume_first = Stream(resume_read, 4, seed=5)
    resume_loop = iter(resume_first)
    resume_some(resume_loop, 7)
    resume_state = resume_first.state_dict()
    plain = check.mistake(
        "not-plain",
        "The state can't be written as text. Keep plain numbers in it, and no object.",
        when=lambda error: isinstance(error, (TypeError, ValueError)),
    )
    resume_text = check.runs(
        lambda: json.dumps(resume_state), "json.dumps(stream.state_dict())", [plain]
    )
    resume_second = Stream(resume_read, 4, seed=5)
    check.runs(
        lambda: resume_second.load_state_dict(json.loads(resume_text)),
        "load_state_dict(state)",
    )
    resume_reads.clear()
    resume_rest = list(resume_second)
    check.equal(
        resume_rest,
        resume_zero[7:],
        "the rest of the epoch, resumed behind 7 of 14 samples",
        mistakes=[
            check.mistake(
                "counted-too-late",
                "The last sample came once more. The stream counted behind the yield, where it rests until the next is asked for. Count first.",
                value=resume_zero[6:],
            ),
            check.mistake(
                "begins-again",
                "The whole epoch came again. A loop begins where the stream stands; set nothing back when it begins.",
                value=resume_zero,
            ),
            check.mistake(
                "shard-again",
                "The shard came again from its beginning. How many of its samples were given belongs into the state.",
                when=lambda found: len(found) > 8 and resume_zero[-len(found) :] == found,
            ),
            check.mistake(
                "shard-left-out",
                "The rest of the shard in which the stream stood is missing.",
                when=lambda found: (
                    len(found) < 7 and resume_zero[14 - len(found) :] == found
                ),
            ),
            check.mistake(
                "counted-all-at-once",
                "That is the next epoch: when the state was saved after 7 samples, all 14 had been counted. Count each when it is given out, with a `yield`, not while a list is filled.",
                value=resume_one,
            ),
            check.mistake(
                "other-order",
                "These are not the samples that were left, in their order. Nothing may depend on what a generator did before: make each order from seed, epoch and shard.",
            ),
        ],
    )
    resume_finished = resume_shuffled(4, 5, 0)
    done = [k for k in resume_finished if not any(n // 100 == k for n in resume_zero[7:])]
    check.equal(
        [k for k in resume_reads if k in done],
        [],
        "shards that were read again, though they were finished",
        mistakes=[
            check.mistake(
                "read-again",
                "To leave out the samples that were given, the stream reads all shards once more. With thousands of shards that takes hours. Leave out whole shards, without reading them.",
            )
        ],
    )
    check.equal(
        list(resume_second),
        resume_one,
        "the loop after the resumed one",
        mistakes=[
            check.mistake(
                "next-is-short",
                "The next epoch is not whole. What was left out belongs to the resumed epoch alone.",
                when=lambda found: 0 < len(found) < 14,
            ),
            check.mistake(
                "same-epoch-again",
                "It is the resumed epoch again, as a whole.",
                value=resume_zero,
            ),
        ],
    )
    check.equal(
        list(resume_loop),
        resume_zero[7:],
        "the rest of the loop whose state was saved, and which went on",
    )
    resume_later = Stream(resume_read, 4, seed=5)
    list(resume_later)
    resume_some(iter(resume_later), 4)
    resume_fourth = Stream(resume_read, 4, seed=5)
    resume_fourth.load_state_dict(json.loads(json.dumps(resume_later.state_dict())))
    check.equal(
        list(resume_fourth),
        resume_one[4:],
        "the rest, resumed behind 4 samples of the second epoch",
        mistakes=[
            check.mistake(
                "epoch-forgotten",
                "It went on in another epoch. The number of the epoch belongs into the state.",
                when=lambda found: sorted(found) != sorted(resume_one[4:]),
            )
        ],
    )
    check.equal(
        list(resume_later),
        resume_one[4:],
        "the next loop over a stream whose loop was left after 4 samples",
        mistakes=[
            check.mistake(
                "not-taken-up",
                "A loop that was left is taken up by the next one: it goes on from where the stream stands.",
            )
        ],
    )
    resume_reads.clear()
    next(iter(Stream(resume_read, 4, seed=5)))
    check.equal(
        resume_reads,
        resume_finished[:1],
        "the shards that were read for the first sample",
        mistakes=[
            check.mistake(
                "reads-ahead",
                "More shards were read than were needed. Read a shard when its first sample is asked for.",
                when=lambda found: len(found) > 1,
            )
        ],
    )
    check.equal(
        len(resume_text) <= 300,
        True,
        "whether the state of a short stream is short: at most 300 characters",
        mistakes=[
            check.mistake(
                "state-too-large",
                "The state is long: it holds samples or orders. A position is enough, the rest can be computed.",
            )
        ],
    )
    check.raises(
        ValueError,
        lambda: Stream(resume_read, 4, seed=8).load_state_dict(json.loads(resume_text)),
        "load_state_dict of a stream with seed 8, the state being that of seed 5",
        mentions=[5, 8],
        mistakes=[
            check.mistake(
                "other-seed",
                "The order would be another one: samples would come twice, and others never. Keep the seed in the state, and refuse another.",
                when=lambda outcome: not isinstance(outcome, Exception),
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "resume-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: other shards and seeds, an empty shard, a stop at each place of an epoch, two stops.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 4, hidden tests"):
    rng = check.rng("resume")

    def resume_shuffled(n, *numbers):
        return np.random.default_rng(numbers).permutation(n).tolist()

    count, seed = int(rng.integers(3, 6)), int(rng.integers(0, 1000))
    resume_shards = [
        [1000 * k + i for i in range(int(rng.integers(1, 6)))] for k in range(count)
    ]
    resume_shards[int(rng.integers(0, count))] = []
    resume_reads = []

    def resume_read(k):
        resume_reads.append(int(k))
        return list(resume_shards[int(k)])

    def resume_epoch_of(epoch):
        return [
            resume_shards[k][i]
            for k in resume_shuffled(count, seed, epoch)
            for i in resume_shuffled(len(resume_shards[k]), seed, epoch, k)
        ]

    epochs = [resume_epoch_of(epoch) for epoch in range(3)]
    n = len(epochs[0])
    what = f"shards of {[len(shard) for shard in resume_shards]} samples, seed {seed}"
    for epoch in (0, 1):
        for stop in range(n):
            resume_first = Stream(resume_read, count, seed)
            for _ in range(epoch):
                list(resume_first)
            resume_loop = iter(resume_first)
            given = [next(resume_loop) for _ in range(stop)]
            resume_text = json.dumps(resume_first.state_dict())
            check.equal(len(resume_text) <= 300, True, "a short state")
            resume_second = Stream(resume_read, count, seed)
            resume_second.load_state_dict(json.loads(resume_text))
            check.equal(
                given + list(resume_second),
                epochs[epoch],
                f"epoch {epoch}, a stop at {stop}, {what}",
            )
            check.equal(
                list(resume_second), epochs[epoch + 1], f"the epoch after it, {what}"
            )
    places = sorted(int(p) for p in rng.choice(n, 2, replace=False)) if n > 1 else [0, 0]
    got, resume_stream = [], Stream(resume_read, count, seed)
    for begin, end in zip([0, *places], [*places, n], strict=True):
        resume_loop = iter(resume_stream)
        got += [next(resume_loop) for _ in range(end - begin)]
        resume_text = json.dumps(resume_stream.state_dict())
        resume_stream = Stream(resume_read, count, seed)
        resume_stream.load_state_dict(json.loads(resume_text))
    check.equal(got, epochs[0], f"an epoch with stops at {places}, {what}")
    last = Stream(resume_read, count, seed)
    last.load_state_dict(
        json.loads(json.dumps(Stream(resume_read, count, seed).state_dict()))
    )
    check.equal(list(last), epochs[0], "a state that was saved before the first loop")
    check.raises(
        ValueError,
        lambda: Stream(resume_read, count, seed + 1).load_state_dict(
            json.loads(resume_text)
        ),
        "a state with another seed",
        mentions=[seed, seed + 1],
    )
### END HIDDEN TESTS

# %% [markdown]
# ### The finished pieces
#
# With workers it gets harder: they read **ahead**, so a worker stands further on than the training does. What counts is what the training has got. `datakit.DataLoader` counts the batches that it gave out, and so does `StatefulDataLoader` of the library `torchdata`, which also asks each worker's stream for its
# `state_dict`. PyTorch's own `DataLoader` can't be resumed. **Predict:** how many batches come after the stop?

# %%
loader = datakit.DataLoader(list(range(12)), batch_size=2, shuffle=True, seed=0)
uncut = [
    batch.tolist() for batch in datakit.DataLoader(list(range(12)), 2, shuffle=True, seed=0)
]
loop = iter(loader)
begun = [next(loop).tolist() for _ in range(2)]
state = loader.state_dict()
del loop

other = datakit.DataLoader(list(range(12)), batch_size=2, shuffle=True, seed=0)
other.load_state_dict(state)
rest = [batch.tolist() for batch in other]
print("before the stop:", begun)
print("after it:       ", rest)
check.equal(begun + rest, uncut, "both together, against an epoch without a stop")

# %% [markdown]
# A stream with a shuffle buffer has one more difficulty: the samples that wait in the buffer. `ShardStream` saves only how many samples were given; to resume, it reads the shards again from the beginning and drops that many, undecoded. That is slower, and exact. You have built the quicker way, which leaves out whole shards, and has no buffer.
#
# ---
# ## 7 · A new order in each epoch, the same on all ranks
#
# With an index it is easier: each epoch one draws an order of all samples, and each rank takes its part. But the ranks don't talk to each other while they draw. **Predict:** each rank shuffles with a seed of its own. How often does each of the ten samples come?

# %%
came = Counter()
for rank in range(2):
    own_order = np.random.default_rng(rank).permutation(10).tolist()
    came.update(own_order[rank::2])
    print(f"rank {rank} shuffles {own_order} and takes {own_order[rank::2]}")
print("never:", [index for index in range(10) if came[index] == 0])
print("twice:", [index for index in range(10) if came[index] == 2])

# %% [markdown]
# The parts fit together only if **all ranks draw the same order**. So it is made from numbers which all of them know: the seed and the number of the epoch. With `DistributedSampler` you say that number before each epoch. **Predict:** what happens if you forget it?

# %%
sampler = DistributedSampler(range(8), num_replicas=2, rank=0, seed=3)
print("forgotten:", list(sampler), list(sampler), list(sampler))
for epoch in range(3):
    sampler.set_epoch(epoch)
    print(f"set_epoch({epoch}):", list(sampler))

# %% [markdown]
# It says nothing, and repeats the first epoch for ever: the same samples, in the same batches, on the same rank. It is one of the most frequent mistakes in training on several GPUs. Yours shall be louder.
#
# ## Exercise 5 · A share of each epoch, and no silent mistake
# ★★☆ · 15 minutes · 4 points
#
# Complete the sampler `Share(n, rank, ranks, seed=0)`. It gives rank number `rank` of `ranks` its part of the numbers 0 … n − 1.
#
# - Before each loop stands a call of `set_epoch(epoch)`. A loop without one raises a `RuntimeError` whose message holds `set_epoch`. One call serves **one** loop, also if the loop is left early. (The same epoch may be set twice.)
# - In an epoch all ranks divide the same random order of the n numbers: rank r takes its places r, r + `ranks`, r + 2 · `ranks`, … Nothing is repeated and nothing left out; so a rank may have one more than another.
# - That order depends on the seed and the epoch, and on nothing else: not on `rank`, nor on `ranks`, nor on what was drawn before. Epoch 1 of seed 0 is not epoch 0 of seed 1.
# - `len(share)` is the number of indices that this rank gives. It may be asked for at any time.
# - Global random numbers are neither used nor moved on.
#
# <details><summary>Hint 1</summary>Shuffle all n numbers on every rank, in the same way. Only then take this rank's part: a slice with a step, <code>[rank::ranks]</code>.</details>
# <details><summary>Hint 2</summary><code>np.random.default_rng([seed, epoch])</code> takes two numbers as one seed. With <code>seed + epoch</code>, (0, 1) and (1, 0) would be the same.</details>
# <details><summary>Hint 3</summary>Keep the epoch in <code>self.epoch</code>, at first <code>None</code>. In <code>__iter__</code>: if it is <code>None</code>, raise; else take it into a local name, and set <code>self.epoch = None</code> at once. The length: <code>len(range(rank, n, ranks))</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "share", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Share:
    """A rank's part of the numbers 0 … n-1, in another order each epoch."""

    def __init__(self, n, rank, ranks, seed=0):
        self.n, self.rank, self.ranks, self.seed = n, rank, ranks, seed
        ### BEGIN SOLUTION
        self.epoch = None
        ### END SOLUTION

    def set_epoch(self, epoch):
        ### BEGIN SOLUTION
        self.epoch = epoch
        ### END SOLUTION

    def __len__(self):
        ### BEGIN SOLUTION
        return len(range(self.rank, self.n, self.ranks))
        ### END SOLUTION

    def __iter__(self):
        ### BEGIN SOLUTION
        if self.epoch is None:
            raise RuntimeError("call set_epoch(epoch) before each loop")
        epoch, self.epoch = self.epoch, None
        shuffled = np.random.default_rng([self.seed, epoch]).permutation(self.n)
        return iter(shuffled[self.rank :: self.ranks].tolist())
        ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "share-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 5"):

    def share_given(share_share, epoch):
        share_share.set_epoch(epoch)
        return [int(index) for index in share_share]

    def share_split(n, ranks, epoch, seed=0):
        return [share_given(Share(n, rank, ranks, seed), epoch) for rank in range(ranks)]

    share_whole = check.runs(
        lambda: share_split(12, 1, 0)[0],
        "a loop over Share(12, rank=0, ranks=1) after set_epoch(0)",
        mistakes=[
            check.mistake(
                "epoch-zero",
                "It says that no epoch was set, after set_epoch(0). The number 0 counts as false: ask whether it `is None`.",
                when=lambda error: "set_epoch" in str(error),
            ),
            check.mistake(
                "no-iterator",
                "A list is not an iterator. Return iter(the_list), or use yield.",
                when=lambda error: "iterator" in str(error),
            ),
        ],
    )
    check.equal(
        sorted(share_whole),
        list(range(12)),
        "the numbers of a single rank, sorted",
    )
    check.equal(
        share_whole != list(range(12)),
        True,
        "whether they are shuffled",
        mistakes=[check.mistake("unshuffled", "They come in ascending order.")],
    )
    share_parts = share_split(12, 3, 0)
    share_came = Counter(index for part in share_parts for index in part)
    check.equal(
        {
            "never": [index for index in range(12) if share_came[index] == 0],
            "more than once": [index for index in range(12) if share_came[index] > 1],
        },
        {"never": [], "more than once": []},
        "which of 12 numbers come never, or more than once, on 3 ranks together",
        mistakes=[
            check.mistake(
                "rank-in-the-seed",
                "Some come twice and others never: each rank has drawn an order of its own, so the parts don't fit together. The order must not depend on the rank.",
                when=lambda found: found["never"] and found["more than once"],
            ),
            check.mistake(
                "everyone-all",
                "Each rank gives all numbers. It takes only its places: order[rank::ranks].",
                when=lambda found: len(found["more than once"]) == 12,
            ),
        ],
    )
    check.equal(
        share_parts,
        [share_whole[rank::3] for rank in range(3)],
        "the parts of 3 ranks, against every third place of the order that a single rank has",
        mistakes=[
            check.mistake(
                "own-part-only",
                "Each rank shuffles a fixed part: it would see the same samples in every epoch. Shuffle all n numbers first, then take every third place.",
                when=lambda found: all(
                    sorted(part) in (list(range(r, 12, 3)), list(range(4 * r, 4 * r + 4)))
                    for r, part in enumerate(found)
                ),
            ),
            check.mistake(
                "blocks-of-the-order",
                "Each rank takes a block of the order. Rank r takes the places r, r + ranks, r + 2 · ranks, …",
                value=[share_whole[4 * rank : 4 * rank + 4] for rank in range(3)],
            ),
            check.mistake(
                "ranks-in-the-order",
                "With another number of ranks the order is another one. It depends on seed and epoch alone.",
            ),
        ],
    )
    share_uneven = share_split(11, 3, 0)
    check.equal(
        [len(part) for part in share_uneven],
        [4, 4, 3],
        "how many of 11 numbers each of 3 ranks gives",
        mistakes=[
            check.mistake(
                "repeats",
                "There are 12: one number was repeated, as DistributedSampler does. Here each comes once.",
                value=[4, 4, 4],
            ),
            check.mistake(
                "left-out",
                "There are 9: two numbers are left out, as with drop_last. Here each comes once.",
                value=[3, 3, 3],
            ),
        ],
    )
    check.equal(
        [len(Share(11, rank, 3)) for rank in range(3)],
        [4, 4, 3],
        "len(Share(11, rank, ranks=3)) for the ranks 0, 1, 2",
        mistakes=[
            check.mistake(
                "length-of-all",
                "This is the length of the dataset. A loader asks how many indices this rank gives.",
                value=[11, 11, 11],
            ),
            check.mistake(
                "length-rounded",
                "All ranks have one length, and their parts have not: 11 numbers give 4, 4 and 3.",
                when=lambda found: len(set(found)) == 1,
            ),
        ],
    )
    check.equal(
        share_split(12, 1, 1)[0] != share_whole,
        True,
        "whether epoch 1 has another order than epoch 0",
        mistakes=[
            check.mistake(
                "epoch-ignored", "It is the same: the epoch has no say in the order."
            )
        ],
    )
    check.equal(
        share_split(12, 1, 0, seed=1)[0] != share_whole,
        True,
        "whether seed 1 has another order than seed 0",
        mistakes=[check.mistake("seed-ignored", "The seed has no say in the order.")],
    )
    check.equal(
        share_split(12, 1, 1)[0] != share_split(12, 1, 0, seed=1)[0],
        True,
        "whether epoch 1 of seed 0 and epoch 0 of seed 1 differ",
        mistakes=[
            check.mistake(
                "seed-plus-epoch",
                "They are equal: 0 + 1 is 1 + 0. Mix the two: np.random.default_rng([seed, epoch]).",
            )
        ],
    )
    share_share = Share(12, 0, 1)
    share_given(share_share, 3)
    check.equal(
        [share_given(share_share, 0), share_given(share_share, 0)],
        [share_whole, share_whole],
        "epoch 0, set twice, after epoch 3",
        mistakes=[
            check.mistake(
                "depends-on-history",
                "Epoch 0 differs when another one was drawn before. Make a fresh generator in each loop; one that is kept remembers.",
            )
        ],
    )
    share_silent = check.mistake(
        "silent",
        "It gave an epoch once more, and said nothing. Each loop needs a set_epoch of its own: forget the epoch when a loop begins.",
        when=lambda outcome: not isinstance(outcome, Exception),
    )
    check.raises(
        RuntimeError,
        lambda: list(share_share),
        "a second loop without set_epoch",
        mentions=["set_epoch"],
        mistakes=[share_silent],
    )
    check.raises(
        RuntimeError,
        lambda: list(Share(12, 0, 1)),
        "a first loop without set_epoch",
        mentions=["set_epoch"],
        mistakes=[
            check.mistake(
                "silent-at-first",
                "A first loop needs set_epoch, too: a run that is resumed in epoch 7 would begin with epoch 0.",
                when=lambda outcome: not isinstance(outcome, Exception),
            )
        ],
    )
    share_left = Share(12, 0, 1)
    share_left.set_epoch(0)
    for _ in share_left:
        break
    check.raises(
        RuntimeError,
        lambda: list(share_left),
        "a loop without set_epoch, after one that was left by break",
        mentions=["set_epoch"],
        mistakes=[
            check.mistake(
                "forgets-at-the-end",
                "The loop that was left never reached the line that forgets the epoch. Forget it when the loop begins.",
                when=lambda outcome: not isinstance(outcome, Exception),
            )
        ],
    )
    share_state = check.beside(torch.get_rng_state)
    share_given(Share(12, 1, 3, seed=77), 7)
    check.equal(
        torch.equal(check.beside(torch.get_rng_state), share_state),
        True,
        "whether PyTorch's global generator stands where it stood",
        mistakes=[
            check.mistake(
                "global-moved",
                "It was seeded or used. Everybody else who draws from it now gets other numbers. Use a generator of your own.",
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "share-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: 1 to 5 ranks, other lengths, seeds and epochs; fewer samples than ranks; whether the order is random.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 5, hidden tests"):
    rng = check.rng("share")

    def share_given(share_share, epoch):
        share_share.set_epoch(epoch)
        return [int(index) for index in share_share]

    for ranks in (1, 2, 3, 4, 5):
        n, seed = int(rng.integers(0, 40)), int(rng.integers(0, 1000))
        if ranks == 4:  # one is left over
            n = 4 * int(rng.integers(2, 10)) + 1
        what = f"n={n}, {ranks} ranks, seed {seed}"
        shares = [Share(n, rank, ranks, seed) for rank in range(ranks)]
        alone = Share(n, 0, 1, seed)
        for epoch in (0, 5, 2):
            shuffled = share_given(alone, epoch)
            check.equal(sorted(shuffled), list(range(n)), f"epoch {epoch}, sorted, {what}")
            share_parts = [share_given(share_share, epoch) for share_share in shares]
            wanted = [shuffled[rank::ranks] for rank in range(ranks)]
            check.equal(share_parts, wanted, f"epoch {epoch}, {what}")
            lengths = [len(share_share) for share_share in shares]
            check.equal(lengths, [len(part) for part in wanted], f"lengths, {what}")
        check.raises(
            RuntimeError,
            lambda share_share=shares[0]: list(share_share),
            "a forgotten epoch",
            ["set_epoch"],
        )
    seed = int(rng.integers(0, 1000))
    near = [
        share_given(Share(30, 0, 1, seed + s), epoch)
        for s in range(3)
        for epoch in range(4)
    ]
    check.equal(len({tuple(one) for one in near}), 12, "orders of near seeds and epochs")
    small = Share(5, 0, 1, seed)
    many = [tuple(share_given(small, epoch)) for epoch in range(200)]
    # Of 120 possible orders, 200 random ones hit about 97; orders that are only turned or mirrored hit few.
    check.equal(len(set(many)) >= 60, True, "whether 200 epochs have many orders")
### END HIDDEN TESTS

# %% [markdown]
# ### PyTorch's and datakit's own
#
# `DistributedSampler` differs in three ways: it adds seed and epoch, it says nothing if the epoch is forgotten, and it repeats samples where the number can't be divided. Where it can, the same check holds. `datakit.DistributedSampler` gives the same indices as PyTorch's, and says how many are repeats.

# %%
for kind in (DistributedSampler, datakit.DistributedSampler):
    ranks_of_12 = [kind(range(12), num_replicas=3, rank=rank) for rank in range(3)]
    for sampler in ranks_of_12:
        sampler.set_epoch(4)
    came = Counter(index for sampler in ranks_of_12 for index in sampler)
    check.equal(came, Counter(range(12)), f"how often each number comes, {kind.__module__}")
print("repeats among 10 on 4 ranks:", datakit.DistributedSampler(range(10), 4, 0).repeats)

# %% [markdown]
# ---
# ## 8 · Count every sample once
#
# Back to the score that was too low. Here are the indices of ten samples on four ranks again. `DistributedSampler` writes the order, and begins again from its front until the number can be divided by the ranks. Then each rank takes every fourth place. **Find the two repeats.**

# %%
for rank in range(4):
    print(
        rank, list(DistributedSampler(range(10), num_replicas=4, rank=rank, shuffle=False))
    )

# %% [markdown]
# They stand at the end of ranks 2 and 3: in the order of all twelve, at the places 10 and 11. Place number k of rank r is place `k * 4 + r` of that order; it is a repeat if that is 10 or more.
#
# Then the ranks must put their scores together. They exchange numbers by `all_reduce`: every rank hands over a tensor, and gets back the **sum** of all. Here three ranks have measured these losses. **Predict:** is the mean of the three means the mean of all?

# %%
losses = [torch.tensor([1.0, 1.0, 1.0]), torch.tensor([1.0, 1.0]), torch.tensor([7.0])]
print("the mean of the means:", sum(one.mean() for one in losses).item() / 3)
print("the mean of all:      ", torch.cat(losses).mean().item())

# %% [markdown]
# The third rank has one sample, which counted as much as three of the first rank. So ranks hand over **sums and counts**, and divide at the end.
#
# ## Exercise 6 · A mean over ranks that counts nobody twice
# ★★☆ · 15 minutes · 4 points
#
# Write three functions. None calls another one.
#
# `real(n, rank, ranks)`: a dataset of n ≥ 1 samples was divided by `DistributedSampler` as above (any order, no `drop_last`), so that each rank has ⌈n / ranks⌉ indices (rounded up). Return a bool tensor of that length: `True` for an index that is no repeat, `False` for a
# repeat. All ranks together have n times `True`.
#
# `part(losses, counts)`: what one rank hands over. `losses` is a float32 tensor [k], `counts` a bool tensor [k] like the one that `real` returns. Return a float64 tensor [2]: the sum of the losses that count, and how many these are.
#
# `whole(summed)`: `summed` is the sum of what all ranks handed over, float64 [2]. Return the mean loss of all samples that count, a number. If none counts, raise a `ValueError`.
#
# <details><summary>Hint 1</summary>Which rank has repeats, and how many? Write down n = 5 with 4 ranks: each has 2 indices, so there are 3 repeats. And n = 2 with 5 ranks: three ranks have nothing but repeats.</details>
# <details><summary>Hint 2</summary>The k-th index of a rank is place <code>k * ranks + rank</code> of the order, which has n real ones in front. <code>-(-n // ranks)</code> rounds up.</details>
# <details><summary>Hint 3</summary><code>torch.arange(length) * ranks + rank &lt; n</code> is the mask. <code>losses[counts]</code> leaves out the repeats; <code>.double().sum()</code> adds in float64, and the sum of nothing is 0. The mean of nothing is <code>nan</code>, so compute no mean in <code>part</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "score", "locked": false, "schema_version": 3, "solution": true, "task": false}
def real(n, rank, ranks):
    """Which of this rank's indices are no repeats: bool [⌈n / ranks⌉]."""
    ### BEGIN SOLUTION
    length = -(-n // ranks)
    return torch.arange(length) * ranks + rank < n
    ### END SOLUTION


def part(losses, counts):
    """Losses float32 [k], which of them count bool [k] → their sum and number, float64 [2]."""
    ### BEGIN SOLUTION
    mine = losses[counts].double()
    return torch.stack([mine.sum(), counts.sum().double()])
    ### END SOLUTION


def whole(summed):
    """Sum and number of all ranks, float64 [2] → the mean loss, a number."""
    ### BEGIN SOLUTION
    if summed[1] == 0:
        raise ValueError("no sample counts, so there is no mean")
    return float(summed[0] / summed[1])
    ### END SOLUTION


# %% jupyter={"source_hidden": true} nbgrader={"grade": true, "grade_id": "score-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with check.exercise("Exercise 6"):
    score_masks = check.runs(
        lambda: [torch.as_tensor(real(10, rank, 4)) for rank in range(4)],
        "real(10, rank, ranks=4) for the ranks 0 … 3",
    )
    check.equal(
        [list(mask.shape) for mask in score_masks],
        [[3]] * 4,
        "the shapes of real(10, rank, ranks=4), for the ranks 0 … 3",
        mistakes=[
            check.mistake(
                "rounded-down",
                "A rank has 3 indices: ten samples on four ranks, rounded up.",
                value=[[2]] * 4,
            ),
            check.mistake(
                "only-the-real-ones",
                "The repeats have no place in these masks. Each rank has 3 indices, the repeats included; the mask says which of the 3 count.",
                value=[[3], [3], [2], [2]],
            ),
        ],
    )
    two_false = [[True] * 3, [True] * 3, [True, True, False], [True, True, False]]
    check.equal(
        score_masks,
        [torch.tensor(mask) for mask in two_false],
        "real(10, rank, ranks=4) for the ranks 0 … 3",
        mistakes=[
            check.mistake(
                "upside-down",
                "True is for those that count, False for repeats.",
                value=[~torch.tensor(mask) for mask in two_false],
            ),
            check.mistake(
                "nothing-repeated",
                "No repeat is marked. Ten samples on four ranks make twelve indices: two of them are repeats.",
                when=lambda score_found: all(bool(mask.all()) for mask in score_found),
            ),
            check.mistake(
                "last-rank-only",
                "The last rank was given all repeats, as if each rank had a block of the order. Ranks take turns: the places 10 and 11 belong to ranks 2 and 3.",
                when=lambda score_found: all(bool(mask.all()) for mask in score_found[:3]),
            ),
            check.mistake(
                "every-last-one",
                "The last index of each rank was marked. Only two of the twelve are repeats.",
                when=lambda score_found: not any(bool(mask[-1]) for mask in score_found),
            ),
            check.mistake(
                "mask-of-numbers",
                "Return a bool tensor: a comparison makes one.",
                when=lambda score_found: any(
                    mask.dtype != torch.bool for mask in score_found
                ),
            ),
        ],
    )
    check.equal(
        [torch.as_tensor(real(2, rank, 5)) for rank in range(5)],
        [torch.tensor([flag]) for flag in (True, True, False, False, False)],
        "real(2, rank, ranks=5) for the ranks 0 … 4",
    )
    check.equal(
        [torch.as_tensor(real(8, rank, 4)) for rank in range(4)],
        [torch.tensor([True, True])] * 4,
        "real(8, rank, ranks=4), where nothing is repeated",
    )
    score_losses = torch.tensor([1.0, 2.0, 6.0])
    score_flags = torch.tensor([True, True, False])
    score_found = part(score_losses, score_flags)
    check.equal(
        score_found,
        torch.tensor([3.0, 2.0], dtype=torch.float64),
        "part(losses 1, 2, 6; counts True, True, False)",
        mistakes=[
            check.mistake(
                "repeat-in-the-sum",
                "The loss of the repeat is in the sum.",
                when=lambda score_found: abs(float(score_found[0]) - 9) < 1e-6,
            ),
            check.mistake(
                "repeat-in-the-number",
                "The number counts the repeat.",
                when=lambda score_found: abs(float(score_found[1]) - 3) < 1e-6,
            ),
            check.mistake(
                "hands-over-means",
                "The first number is a mean. Means can't be added up: hand over the sum.",
                when=lambda score_found: abs(float(score_found[0]) - 1.5) < 1e-6,
            ),
            check.mistake(
                "float32",
                "Return float64. In float32 a sum of very many losses loses its last digits, and a count stops at 16,777,216.",
                when=lambda score_found: score_found.dtype == torch.float32,
            ),
        ],
    )
    check.equal(
        part(torch.tensor([5.0]), torch.tensor([False])),
        torch.zeros(2, dtype=torch.float64),
        "part of a rank that has nothing but a repeat",
        mistakes=[
            check.mistake(
                "nan",
                "A mean of nothing is nan, and one nan makes the sum of all ranks nan. Add up; the sum of nothing is 0.",
                when=lambda score_found: bool(torch.as_tensor(score_found).isnan().any()),
            )
        ],
    )
    score_many = torch.tensor([16777216.0, 1.0, 1.0])
    check.equal(
        part(score_many, torch.ones(3, dtype=torch.bool))[0].item() == 16777218.0,
        True,
        "whether the sum of 16777216, 1 and 1 is exact",
        mistakes=[
            check.mistake(
                "added-in-float32",
                "It was added in float32, and made float64 too late: the last digit is lost. First .double(), then .sum().",
            )
        ],
    )
    score_summed = torch.tensor([12.0, 8.0], dtype=torch.float64)
    check.equal(
        float(whole(score_summed)),
        1.5,
        "whole(sum 12, number 8)",
        mistakes=[
            check.mistake(
                "divided-by-ranks",
                "Divide the sum by the number of samples that count, the second entry.",
            )
        ],
    )
    check.raises(
        ValueError,
        lambda: whole(torch.zeros(2, dtype=torch.float64)),
        "whole(sum 0, number 0)",
        mistakes=[
            check.mistake(
                "mean-of-nothing",
                "There is no mean of nothing. Tensors give nan there without an error; a score that is nan is noticed late. Raise a ValueError.",
                when=lambda outcome: not isinstance(outcome, Exception),
            )
        ],
    )

# %% nbgrader={"grade": true, "grade_id": "score-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
# Hidden tests: 1 to 6 ranks, other numbers of samples, and the mean over all ranks, against the true one.
### BEGIN HIDDEN TESTS
with check.exercise("Exercise 6, hidden tests"):
    rng = check.rng("score")
    for ranks in (1, 2, 3, 4, 5, 6):
        n = int(rng.integers(1, 30))
        if ranks == 4:  # one is left over
            n = 4 * int(rng.integers(2, 7)) + 1
        if ranks == 6:  # one rank at least has nothing that counts
            n = int(rng.integers(1, 6))
        score_losses = torch.from_numpy(rng.random(n).astype("float32"))
        shuffled = rng.permutation(n).tolist()
        length = -(-n // ranks)
        places = [shuffled[place % n] for place in range(length * ranks)]
        score_total = torch.zeros(2, dtype=torch.float64)
        for rank in range(ranks):
            mask = [place < n for place in range(rank, length * ranks, ranks)]
            what = f"n={n}, rank {rank} of {ranks}"
            check.equal(
                torch.as_tensor(real(n, rank, ranks)), torch.tensor(mask), f"real, {what}"
            )
            mine = score_losses[torch.tensor(places[rank::ranks])]
            counted = [float(one) for one, flag in zip(mine, mask, strict=True) if flag]
            wanted = torch.tensor([sum(counted), float(len(counted))], dtype=torch.float64)
            check.equal(
                torch.as_tensor(part(mine, torch.tensor(mask))), wanted, f"part, {what}"
            )
            score_total += wanted
        check.equal(
            float(whole(score_total)), float(score_losses.double().mean()), f"whole, n={n}"
        )
### END HIDDEN TESTS

# %% [markdown]
# ### For real: two processes
#
# So far ranks were numbers in one process. Here are two real ones: each runs the program below and knows nothing but its rank. They meet by a file, and exchange numbers by **gloo**, the part of PyTorch which does that on CPUs. (With GPUs it is called NCCL.) On several machines the program stays the same; `torchrun` starts it
# there, and says to each rank who it is. The last batch of a rank may hold repeats; `datakit.DistributedSampler` says how many of the rank's indices are: `repeats_here`.

# %% tags=["demonstration"]
# %%writefile two_ranks.py
"""What each rank runs: test its share, and put the losses together."""

import sys

import torch
from torch import distributed

from datakit import DistributedSampler

place, rank = sys.argv[1], int(sys.argv[2])
distributed.init_process_group("gloo", init_method=place, rank=rank, world_size=2)
sampler = DistributedSampler(range(5), shuffle=False)
losses = torch.tensor([float(index) for index in sampler])  # the loss of sample i is i
true_ones = losses[: len(losses) - sampler.repeats_here]

naive = losses.double().mean() / 2
exact = torch.tensor([true_ones.double().sum(), len(true_ones)])
distributed.all_reduce(naive)  # the sum over both ranks
distributed.all_reduce(exact)
print(
    f"rank {rank}: indices {list(sampler)}, {sampler.repeats_here} of them repeats;",
    f"mean of means {naive:.2f}, mean of all samples {exact[0] / exact[1]:.2f}",
)
distributed.destroy_process_group()

# %% [markdown]
# Five samples with the losses 0, 1, 2, 3, 4. **Predict:** which mean is right, and what does each process print? (This takes some seconds: both import PyTorch. If this machine lets no processes talk to each other, you see its message instead.)

# %% tags=["demonstration"]
with tempfile.TemporaryDirectory() as folder:
    meet = Path(folder, "meet").as_uri()
    loopback = {"linux": "lo", "darwin": "lo0"}.get(sys.platform)
    settings = {**os.environ, "OMP_NUM_THREADS": "1"}
    if loopback:
        settings.setdefault("GLOO_SOCKET_IFNAME", loopback)
    both = [
        subprocess.Popen(
            [sys.executable, "two_ranks.py", meet, str(rank)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=settings,
        )
        for rank in range(2)
    ]
    deadline = time.monotonic() + 60
    for process in both:
        try:
            said, error = process.communicate(timeout=max(1, deadline - time.monotonic()))
            print(said.strip() or f"no answer: {error.strip().splitlines()[-1:]}")
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            print("no answer within a minute")

# %% [markdown]
# A mean that is right on one GPU and wrong on two, without any message: that is why one counts.
#
# If a rank dies, the others wait for it at the next `all_reduce`, for half an hour by default. `datakit.RankWatch` notices within seconds, and says which rank it was.

# %% [markdown]
# ---
# ## Two questions to think about
#
# A person reads these answers. Three to six sentences each are enough.
#
# **Question 1** (2 points). A team tests its model on 8 GPUs with `DistributedSampler`, on 1,001 pictures in batches of 64. Each rank computes the share that is right in each of its batches, takes the mean over its batches, and the reported score is the mean over ranks. On one GPU the same model gets a slightly different score. Name **two** causes, with numbers where
# you can. What do you propose?

# %% [markdown] nbgrader={"grade": true, "grade_id": "reflect-score", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# First: 1,001 pictures on 8 ranks are rounded up to 126 for each, so 1,008: 7 pictures count twice. Second: a rank's 126 pictures make a batch of 64 and one of 62, and the mean over the batches counts the pictures of the smaller batch more; a mean of means is right only if all parts are equally
# large. I propose that each rank marks its repeats, adds up how many are right and how many count, that both numbers are summed over all ranks by `all_reduce`, and that one divides once, at the end. Then 8 GPUs and one give the same, and one can test that: 1 against 2 ranks must agree.
#
# *Marking: 1 point for the repeats with the number 7 (or 126 × 8 = 1,008) and the mean of means over unequal batches. 1 point for sums and counts with the repeats left out, divided once. Half for "use one GPU for the test" or `drop_last`, which leaves pictures out. "Rounding" alone gets nothing.*

# %% [markdown]
# **Question 2** (2 points). A run reads 64 shards with 4 ranks × 2 workers, each reader taking whole shards, through a shuffle buffer of 1,000 samples. It is stopped in the middle of an epoch, and is to be resumed on 8 ranks × 2 workers. What must have been saved, and where? What goes wrong with the new number of readers? Propose what to do, and say what it costs.

# %% [markdown] nbgrader={"grade": true, "grade_id": "reflect-resume", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# For each of the 8 readers: the seed, the epoch, and how many samples it has given to the training (not how many it has read: workers read ahead, and up to 1,000 wait in each buffer); beside the model, at the same step. With 16 readers each gets other shards, so the state of the 8 fits nobody: some samples would come twice, others never; `ShardStream` refuses
# it. One can finish the epoch with 4 × 2 readers, and change then: exact, and slow until then. Or note which shards are finished, divide only the others anew among 16, and read those that were begun again: some samples of the open shards come twice. Or begin the epoch again, and repeat up to a whole epoch.
#
# *Marking: 1 point for a state for each reader that counts what was given (epoch, position, seed), not what was read. 1 point for seeing that the division changes with the number of readers, with one sound way and its cost.*

# %% [markdown]
# ---
# ## What you take with you
#
# - [ ] Number the samples, and count what came: that is the only proof.
# - [ ] A stream does not split itself. Ask for the worker in `__iter__`, and for the rank as well. `num_workers=0` is one reader.
# - [ ] Ranks need the same number of steps: so cut by rank first, then by worker, or repeat, or leave out; and know which.
# - [ ] A writer writes its last shard in `close()`. The index says where each payload begins.
# - [ ] A shuffle buffer moves a sample forward by less than its size, and back without a bound, unless you set one.
# - [ ] A state says what was **given**, not what was read. Count before the `yield`. Make each order from seed, epoch and shard.
# - [ ] The same order on all ranks, another in each epoch: `set_epoch`, before each one.
# - [ ] `DistributedSampler` repeats samples. Sum and count those that are no repeats, over all ranks; divide once.
#
# **Where this is used.** The text that large language models learn from lies in thousands of shards, and is read by thousands of ranks; their runs are stopped and resumed many times. WebDataset, MosaicML's Streaming, Grain and PyTorch's torchdata are made of such pieces.
#
# **Next:** lab 09 puts all of it together, for video.
#
# Where do you stand? Save the notebook and run the next cell: it shows which exercises pass in each lab, and what is next.

# %% tags=["demonstration"]
datakit.progress()

# %% [markdown]
# Before you hand in, press **Validate** above: it runs this notebook from the top, in a fresh kernel, and tells you which
# checks fail.
