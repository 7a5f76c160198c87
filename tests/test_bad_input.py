"""Every public name refuses bad input, and says what arrived and what was expected; no name is left out.

Each piece's own tests look at its errors closely. This table is the proof that none has been forgotten.
"""

# One row a line, however long: a table is read by its columns.
# ruff: noqa: E501

from __future__ import annotations

import functools
import random
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import datakit

LINEAR = nn.Linear(2, 1)
IMAGE = torch.zeros(3, 2, 2)
MSE = nn.functional.mse_loss
SGD = functools.partial(torch.optim.SGD, lr=0.1)

BAD: dict[str, list[tuple[Callable[[Path], Any], type[Exception], str]]] = {
    # storage → sample
    "TensorDataset": [(lambda _: datakit.TensorDataset(torch.zeros(2), torch.zeros(3)), ValueError, "column 0 has 2, column 1 has 3. Cut or extend")],
    "SequenceDataset": [(lambda _: datakit.SequenceDataset([[1]], [1, 2]), ValueError, "1 sequences and 2 targets arrived. Pass one target for each")],
    "CSVDataset": [(lambda at: datakit.CSVDataset(at / "ragged.csv", "y", "regression"), ValueError, "row 3 of ragged.csv has 2 cells, but the header names 3")],
    "Standardizer": [(lambda _: datakit.Standardizer(torch.zeros(2), torch.zeros(3)), ValueError, r"mean has shape \[2\], std \[3\]; both must be \[F\]")],
    "samples": [(lambda at: datakit.samples.photo_corpus(at / "photos", n=0), ValueError, "n=0, .* arrived. Use n ≥ 1")],
    "ImageDataset": [
        (lambda at: datakit.ImageDataset(at / "none.csv"), FileNotFoundError, "there is no file .*none.csv.* Check the path"),
        (lambda at: datakit.ImageDataset(at / "manifest.csv")[0], OSError, "row 2 of manifest.csv: bad.jpg can't be decoded .* Replace the file"),
    ],
    "ImageFolder": [(lambda at: datakit.ImageFolder(at / "empty"), FileNotFoundError, "holds no class folders. Put each class's images")],
    "LeanImages": [(lambda _: datakit.LeanImages([1, 2]), TypeError, "a list arrived. Pass an ImageFolder or an ImageDataset")],
    "resize_into": [(lambda _: datakit.resize_into(IMAGE.double(), IMAGE), ValueError, r"the source is float64 \[3, 2, 2\] .* Both must be")],
    "center_box": [(lambda _: datakit.center_box(0, 3), ValueError, "height 0 and width 3 arrived")],
    "random_resized_box": [(lambda _: datakit.random_resized_box(3, 3, scale=(1, 0.5)), ValueError, r"\(1, 0.5\) arrived")],
    "TimeSeriesDataset": [(lambda _: datakit.TimeSeriesDataset(torch.zeros(3), 5), ValueError, r"window \+ horizon = 5 \+ 1 steps, but the series has only 3")],
    "temporal_split": [(lambda _: datakit.temporal_split(datakit.TimeSeriesDataset(torch.zeros(9), 3), [5, 5]), ValueError, r"lengths=\[5, 5\] arrived for a series of 9")],
    "MultiTaskDataset": [(lambda _: datakit.MultiTaskDataset([1, 2], {"a": [1]}), ValueError, "2 inputs arrived, but 'a' has 1 targets. Pass one")],
    "CachedDataset": [
        (lambda _: datakit.CachedDataset([1, 2], {}), TypeError, "cache is a dict. Pass a cache, such as RAMCache"),
        (lambda _: datakit.CachedDataset(3, datakit.RAMCache(9)), TypeError, "an int arrived. A cache finds samples by their index"),
    ],
    "RAMCache": [(lambda _: datakit.RAMCache(0), ValueError, "max_bytes must be a positive integer; 0 arrived")],
    "DiskCache": [(lambda at: datakit.DiskCache(at / "bad.jpg", 9), OSError, "bad.jpg can't be used as a folder: .* Pass one that can be written")],
    "HybridCache": [(lambda _: datakit.HybridCache({}, {}), TypeError, "ram is a dict. Pass a cache")],
    "SharedCache": [(lambda _: datakit.SharedCache(-1), ValueError, "max_bytes must be a positive integer; -1 arrived")],
    "IndexedDataset": [(lambda at: datakit.IndexedDataset(at / "none.jsonl"), FileNotFoundError, "there is no file .*none.jsonl.* Check the path")],
    "SQLDataset": [(lambda at: datakit.SQLDataset(at / "none.db", "t", "k"), FileNotFoundError, "there is no file .*none.db.* Check the path")],
    "GeneratedDataset": [
        (lambda _: datakit.GeneratedDataset(lambda i, rng: i, -1), ValueError, "length must be a positive integer; -1 arrived"),
        (lambda _: datakit.GeneratedDataset(lambda i, rng: i, 2)[2], IndexError, "index 2 is out of range. There are 2 samples"),
    ],
    "RecordStream": [(lambda at: list(datakit.RecordStream(at / "none.jsonl")), FileNotFoundError, "there is no file .*none.jsonl.* Check the path")],
    "ShuffleBuffer": [(lambda _: datakit.ShuffleBuffer([1], 0, random.Random(0)), ValueError, "buffer_size must be a positive integer; 0 arrived")],
    "ShardStream": [(lambda at: list(datakit.ShardStream(str(at / "s-{0..1}.tar"))), FileNotFoundError, r"s-\{0\.\.1\}\.tar.*Braces are not expanded: write a \*")],
    "ShardWriter": [(lambda at: datakit.ShardWriter(str(at / "a.tar")), ValueError, "no place for the shard's number. Write it as in")],
    "VideoClips": [(lambda at: datakit.VideoClips([at / "bad.mp4"], 1, 4), OSError, "bad.mp4 can't be read as a video: .* Replace the file")],
    "uniform_times": [(lambda _: datakit.uniform_times(1, 0, 4), ValueError, "a clip from 1 to 0 s arrived; it must end after it begins")],
    "random_times": [(lambda _: datakit.random_times(0, 1, 0), ValueError, "frames must be a positive integer; 0 arrived")],
    "strided_times": [(lambda _: datakit.strided_times(0, 1, 4, 0), ValueError, "4 frames every 0 s don't fit into a clip of 1.000 s. Choose")],
    "MessageStream": [(lambda _: datakit.MessageStream(3), TypeError, "connect is an int. Pass a function that makes a connection")],
    "MemoryBroker": [(lambda _: datakit.MemoryBroker(0), ValueError, "partitions must be a positive integer; 0 arrived")],
    # sample → batch
    "default_collate": [
        (lambda _: datakit.default_collate([]), ValueError, "no samples arrived. A batch needs at least one"),
        (lambda _: datakit.default_collate([torch.zeros(2), torch.zeros(3)]), RuntimeError, r"\[2\] at 0; \[3\] at 1. Crop, resize or pad"),
    ],
    "pad_sequences": [(lambda _: datakit.pad_sequences([torch.zeros(3), torch.zeros(3, 2)]), ValueError, r"sample 1 of the batch has shape \[3, 2\].* Expected is")],
    "pack_sequences": [(lambda _: datakit.pack_sequences(torch.zeros(3)), TypeError, "a Tensor arrived. Pass what pad_sequences makes")],
    "pad_images": [(lambda _: datakit.pad_images([IMAGE, IMAGE[:1]]), ValueError, r"sample 1 of the batch has shape \[1, 2, 2\].* Expected is")],
    "detection_collate": [(lambda _: datakit.detection_collate([IMAGE]), TypeError, "sample 0 of the batch is not a pair .* Return such a pair")],
    "MultiTaskCollate": [(lambda _: datakit.MultiTaskCollate({"a": 0})([(1, {"b": 2})]), KeyError, "sample 0 of the batch has the unknown tasks 'b'. Known are 'a'")],
    "clip_collate": [(lambda _: datakit.clip_collate([torch.zeros(3)]), ValueError, r"sample 0 of the batch has shape \[3\].* Expected is \[frames")],
    "MixUp": [(lambda _: datakit.MixUp(3, alpha=-1), ValueError, "alpha must be a positive number; -1 arrived")],
    "CutMix": [(lambda _: datakit.CutMix(0), ValueError, "num_classes must be a positive integer; 0 arrived")],
    "RandomSampler": [(lambda _: datakit.RandomSampler([]), ValueError, "the dataset is empty, so nothing can be drawn. Check")],
    "SequentialSampler": [(lambda _: datakit.SequentialSampler(3), TypeError, "an int arrived, which has no length. Pass a dataset")],
    "SubsetRandomSampler": [(lambda _: datakit.SubsetRandomSampler([]), ValueError, "no indices arrived, so nothing can be drawn. Check how you split")],
    "BatchSampler": [(lambda _: datakit.BatchSampler([1, 2], 0, False), ValueError, "batch_size must be a positive integer; 0 arrived")],
    "WeightedRandomSampler": [(lambda _: datakit.WeightedRandomSampler([1, -1], 2), ValueError, "weight 1 is -1.0. Weights must be finite and 0 or above")],
    "sample_weights": [(lambda _: datakit.sample_weights([]), ValueError, "no targets arrived. Pass the class of each sample")],
    "ClassBalancedBatchSampler": [(lambda _: datakit.ClassBalancedBatchSampler([], 2), ValueError, "no targets arrived. Pass the class of each sample")],
    "StratifiedBatchSampler": [(lambda _: datakit.StratifiedBatchSampler([0, 1], 0), ValueError, "batch_size must be a positive integer; 0 arrived")],
    "count_draws": [(lambda _: datakit.count_draws([5], 3), IndexError, "drew index 5, but the dataset has 3 samples")],
    "class_weights": [(lambda _: datakit.class_weights([0.5, 1.5]), TypeError, "targets of dtype float64 arrived; class numbers or names are expected")],
    "DynamicBatchSampler": [(lambda _: list(datakit.DynamicBatchSampler([0, 1], [5, 50], 10)), ValueError, "above the budget of 10. Raise the budget")],
    "ScheduledBatchSampler": [(lambda _: list(datakit.ScheduledBatchSampler([1], lambda epoch: 0)), ValueError, r"schedule\(0\) must be a positive integer; 0 arrived")],
    "LengthBucketBatchSampler": [(lambda _: datakit.LengthBucketBatchSampler([0], [3], 2, [5, 3]), ValueError, r"must ascend; \[5, 3\] arrived. Sort them")],
    "padding_waste": [(lambda _: datakit.padding_waste([[4]], [1]), IndexError, "index 4, but lengths has 1 entries. Pass the length of each")],
    "DistributedSampler": [(lambda _: datakit.DistributedSampler([1], 2, 5), ValueError, "rank 5 arrived with num_replicas=2. Ranks are numbered")],
    "RankWatch": [(lambda _: datakit.RankWatch().__enter__(), RuntimeError, "no process group is running. Call torch.distributed")],
    "Compose": [(lambda _: datakit.Compose([3]), TypeError, "transform 0 is an int, which can't be called")],
    "RandomHorizontalFlip": [(lambda _: datakit.RandomHorizontalFlip(2), ValueError, "probability from 0 to 1; 2 arrived")],
    "RandomVerticalFlip": [(lambda _: datakit.RandomVerticalFlip("x"), ValueError, "probability from 0 to 1; 'x' arrived")],
    "RandomCrop": [(lambda _: datakit.RandomCrop(5)(IMAGE), ValueError, "height 2 and width 2 arrived, smaller than the part of 5 × 5. Resize it")],
    "CenterCrop": [(lambda _: datakit.CenterCrop(0), ValueError, "size must be a positive integer; 0 arrived")],
    "RandomResizedCrop": [(lambda _: datakit.RandomResizedCrop(4, scale=(1, 0.5)), ValueError, r"scale must be \(least, greatest\), above 0; \(1, 0.5\) arrived")],
    "Resize": [(lambda _: datakit.Resize(3)("x"), TypeError, r"a str arrived; a tensor \[..., C, H, W\] is expected")],
    "RandomRotation": [(lambda _: datakit.RandomRotation(-3), ValueError, "degrees must be one number, 0 or above, .* -3 arrived")],
    "ColorJitter": [(lambda _: datakit.ColorJitter(brightness=-1), ValueError, "brightness=-1 arrived; a number, 0 or above")],
    "ToFloat": [(lambda _: datakit.ToFloat()("x"), TypeError, r"a str arrived; a tensor \[..., C, H, W\] is expected")],
    "Normalize": [(lambda _: datakit.Normalize([0.5], [1])(IMAGE.byte()), TypeError, "dtype torch.uint8 arrived; put ToFloat before")],
    "Reproducible": [(lambda _: datakit.Reproducible(3), TypeError, "an int arrived, which can't be called")],
    "NormalizeBatch": [(lambda _: datakit.NormalizeBatch([0.5, 0.5], [1]), ValueError, r"mean=\[0.5, 0.5\] and std=\[1\] arrived; one number a channel")],
    "FlipBatch": [(lambda _: datakit.FlipBatch(0.5)(torch.zeros(3)), ValueError, r"shape \[3\] arrived; \[..., C, H, W\] with pixels is expected")],
    # batch → device
    "DataLoader": [
        (lambda _: datakit.DataLoader([1], num_workers=-1), ValueError, "num_workers must be an integer, 0 or above; -1 arrived"),
        (lambda _: datakit.DataLoader(3), TypeError, "the dataset is an int, which has neither __getitem__ nor __iter__"),
    ],
    "copy_rates": [(lambda _: datakit.copy_rates(0, "cpu"), ValueError, "nbytes must be a positive integer; 0 arrived")],
    "PrefetchLoader": [(lambda _: datakit.PrefetchLoader(3, "cpu"), TypeError, "an int can't be looped over. Pass a DataLoader")],
    "tune": [(lambda _: datakit.tune(3), TypeError, "must be a function that makes a loader; an int arrived. Write lambda")],
    "profile": [(lambda _: datakit.profile(3), TypeError, "an int can't be looped over. Pass a DataLoader")],
    "cost_table": [
        (lambda _: datakit.cost_table([]), ValueError, "no cost arrived. Pass at least one"),
        (lambda _: datakit.cost_table(["8 MB"]), TypeError, "a str arrived; a list of Cost is expected"),
    ],
    "batch_cost": [(lambda _: datakit.batch_cost(IMAGE, 0), ValueError, "batch_size must be a positive integer; 0 arrived")],
    "bus_cost": [(lambda _: datakit.bus_cost([], "cpu"), ValueError, "holds no bytes of tensors. Pass a batch")],
    "shuffle_costs": [(lambda _: datakit.shuffle_costs(0), ValueError, "n must be a positive integer; 0 arrived")],
    "training_memory": [(lambda _: datakit.training_memory(LINEAR, torch.zeros(3)), ValueError, r"can't take a batch of shape \[2, 3\] .* Pass one sample")],
    "training_cost": [(lambda _: datakit.training_cost(LINEAR, torch.zeros(2), 0), ValueError, "batch_size must be a positive integer; 0 arrived")],
    "KeptForBackward": [(lambda _: datakit.KeptForBackward(3), TypeError, "an int arrived. Pass the model")],
    # device → step
    "fit": [(lambda _: datakit.fit(LINEAR, [], MSE, SGD(LINEAR.parameters())), ValueError, "an epoch has no batches. Is the dataset empty")],
    "accuracy": [(lambda _: datakit.accuracy(LINEAR, []), ValueError, "no samples arrived. Is the dataset empty")],
    "gradient_norm": [(lambda _: datakit.gradient_norm(LINEAR), TypeError, r"a Linear arrived; tensors are expected. Pass model.parameters\(\)")],
    "clip_gradients": [
        (lambda _: datakit.clip_gradients(LINEAR.weight, 1), TypeError, r"a Parameter arrived; tensors are expected. Pass model.parameters\(\)"),
        (lambda _: datakit.clip_gradients(LINEAR.parameters(), -1), ValueError, "max_norm must be a positive number; -1 arrived"),
    ],
    "plot_history": [(lambda _: datakit.plot_history(datakit.History()), ValueError, r"the history has no epoch yet. Pass what fit\(...\) returned")],
    "LivePlot": [(lambda at: datakit.LivePlot(at / "run.png")(datakit.History()), ValueError, "the history has no epoch yet")],
    "plot_histories": [(lambda _: datakit.plot_histories({}), ValueError, "no run arrived. Pass at least one")],
    "histories_in_words": [(lambda _: datakit.histories_in_words({"a": datakit.History()}), ValueError, "'a': the history has no epoch yet")],
    "train_with_zero_grad": [(lambda _: datakit.train_with_zero_grad("x", LINEAR, [], MSE, SGD(LINEAR.parameters())), ValueError, "placement='x' arrived. Use one of 'before backward'")],
    "compare_zero_grad": [(lambda _: datakit.compare_zero_grad(LINEAR, [], MSE, SGD), ValueError, "an epoch has no batches. Pass a loader")],
    # under the exercises
    "check": [(lambda _: datakit.check.tile(-1), ValueError, "-1")],
    "progress": [(lambda at: datakit.progress(at / "none"), FileNotFoundError, "There are no labs in .* Expected folders")],
}  # fmt: skip

NOTHING_ARRIVES = {
    "datakit's own results": "Cost Draws History Message PaddedClips PaddedImages PaddedSequences TrainingMemory",
    "datakit's own errors": "RankLostError WorkerDied",
    "they ask the machine, and an answer that isn't there is no error": "usable_cores available_memory free_shared_memory",
    "seeds may be anything with a text, by design": "sample_random sample_seed",
    "what it doesn't know it hands back, as PyTorch's does": "default_convert",
}


@pytest.fixture
def at(tmp_path: Path) -> Path:
    """A folder with a ragged table, an image and a video that are none, a list of images, and an empty folder."""
    (tmp_path / "ragged.csv").write_text("a,b,y\n1,2,3\n1,2\n")
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    (tmp_path / "manifest.csv").write_text("path,label\nbad.jpg,cat\n")
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("name", "call", "error", "message"),
    [pytest.param(name, *row, id=f"{name}-{i}") for name, rows in BAD.items() for i, row in enumerate(rows)],
)
def test_bad_input_is_refused_with_what_arrived_and_what_to_do(
    name: str, call: Callable[[Path], Any], error: type[Exception], message: str, at: Path
) -> None:
    with pytest.raises(error) as raised:
        call(at)

    assert re.search(message, str(raised.value), re.DOTALL), f"{name}: {raised.value}"


def test_memory_is_not_pinned_where_there_is_no_gpu_and_a_warning_says_so() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        datakit.pin_memory(torch.zeros(2))

    assert "PyTorch finds no GPU here" in str(told[0].message)


def test_no_public_name_is_forgotten() -> None:
    harmless = {name for names in NOTHING_ARRIVES.values() for name in names.split()}

    assert set(BAD) | harmless | {"pin_memory"} == set(datakit.__all__)
    assert not set(BAD) & harmless
