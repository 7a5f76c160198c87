"""Every row of what the kit must cover has its pieces, as documented public names; and every public name has a row."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

import datakit

ROWS = {
    # storage → sample
    "D1 map-style contract": "TensorDataset SequenceDataset ImageDataset",
    "D2 tabular": "CSVDataset Standardizer samples",
    "D3 images": "ImageDataset ImageFolder LeanImages resize_into center_box random_resized_box",
    "D4 sequences": "SequenceDataset",
    "D5 time series": "TimeSeriesDataset temporal_split",
    "D6 aligned tensors": "TensorDataset",
    "D7 multi-task": "MultiTaskDataset",
    "D8 caching": "CachedDataset RAMCache DiskCache HybridCache SharedCache",
    "D9 memory-mapped": "IndexedDataset",
    "D10 database rows": "SQLDataset",
    "D11 generated": "GeneratedDataset",
    "D12 stream": "RecordStream ShuffleBuffer",
    "D13 shards": "ShardStream ShardWriter",
    "D14 video": "VideoClips uniform_times random_times strided_times",
    "D15 messages": "MessageStream MemoryBroker Message",
    # sample → batch
    "C1 default collate": "default_collate default_convert",
    "C2 padded sequences": "pad_sequences pack_sequences PaddedSequences",
    "C3 padded images": "pad_images PaddedImages",
    "C4 detection, multi-task, clips": "detection_collate MultiTaskCollate clip_collate PaddedClips",
    "C5 mixup and CutMix": "MixUp CutMix",
    "S1 random": "RandomSampler SequentialSampler SubsetRandomSampler BatchSampler",
    "S2 weighted": "WeightedRandomSampler sample_weights",
    "S3 class-balanced": "ClassBalancedBatchSampler StratifiedBatchSampler count_draws Draws",
    "S4 loss weighting": "class_weights",
    "S5 dynamic batch size": "DynamicBatchSampler ScheduledBatchSampler",
    "S6 length buckets": "LengthBucketBatchSampler padding_waste",
    "S7 distributed": "DistributedSampler RankWatch RankLostError",
    "A1 transforms": (
        "Compose RandomHorizontalFlip RandomVerticalFlip RandomCrop CenterCrop RandomResizedCrop Resize RandomRotation "
        "ColorJitter ToFloat Normalize sample_random sample_seed"
    ),
    "A2 policies": "Reproducible",
    "A3 on the device": "NormalizeBatch FlipBatch",
    # batch → device
    "L1 loader": "DataLoader WorkerDied",
    "L2 workers": "DataLoader usable_cores available_memory free_shared_memory",
    "L3 pinned memory": "pin_memory copy_rates",
    "L4 prefetch": "PrefetchLoader",
    "L5 auto-tuning": "tune",
    "L6 resume": "DataLoader.state_dict DataLoader.load_state_dict",
    "L7 profiler": "profile",
    "L8 strategies": "experiments.strategies.compare_strategies experiments.eager_lazy.eager_vs_lazy",
    "L9 cost models": (
        "Cost cost_table batch_cost bus_cost shuffle_costs training_cost training_memory TrainingMemory KeptForBackward"
    ),
    # device → step
    "T1 descents": "fit History KeptForBackward plot_histories train_with_zero_grad compare_zero_grad",
    "T2 monitoring": "History gradient_norm clip_gradients LivePlot plot_history histories_in_words",
    "T3 end to end": "accuracy samples",
    # under every exercise and at its end
    "exercises": "check progress",
}


def piece(name: str) -> Any:
    """A public name, a part of one, or what a module of experiments holds."""
    found: Any = datakit
    if name.startswith("experiments."):
        module, _, name = name.rpartition(".")
        found = import_module(f"datakit.{module}")
    for part in name.split("."):
        found = getattr(found, part)
    return found


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_its_pieces(row: str) -> None:
    for name in ROWS[row].split():
        assert name.split(".")[0] in {*datakit.__all__, "experiments"}
        assert (piece(name).__doc__ or "").strip()


def test_no_row_is_forgotten() -> None:
    counts = {"D": 15, "C": 5, "S": 7, "A": 3, "L": 9, "T": 3}
    expected = [f"{letter}{number}" for letter, count in counts.items() for number in range(1, count + 1)]
    assert [row.split()[0] for row in ROWS] == [*expected, "exercises"]


def test_every_public_name_has_a_row() -> None:
    assert set(datakit.__all__) - set(" ".join(ROWS.values()).split()) == set()
