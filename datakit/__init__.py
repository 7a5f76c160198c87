"""How data reaches a GPU: datasets, collates, samplers and loaders, each readable and from scratch.

Names are imported when they are first used, so that ``import datakit`` itself costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datakit import check, samples
    from datakit.collate import default_collate
    from datakit.collates.clips import PaddedClips, clip_collate
    from datakit.collates.detection import detection_collate
    from datakit.collates.images import PaddedImages, pad_images
    from datakit.collates.mix import CutMix, MixUp
    from datakit.collates.multi_task import MultiTaskCollate
    from datakit.collates.sequences import PaddedSequences, pack_sequences, pad_sequences
    from datakit.convert import default_convert
    from datakit.cost_models import (
        Cost,
        TrainingMemory,
        batch_cost,
        bus_cost,
        cost_table,
        shuffle_costs,
        training_cost,
        training_memory,
    )
    from datakit.crop_boxes import center_box, random_resized_box
    from datakit.datasets.broker import Message
    from datakit.datasets.cache_disk import DiskCache
    from datakit.datasets.cache_hybrid import HybridCache
    from datakit.datasets.cache_ram import RAMCache
    from datakit.datasets.cache_shared import SharedCache
    from datakit.datasets.cached import CachedDataset
    from datakit.datasets.generated import GeneratedDataset
    from datakit.datasets.images import ImageDataset, ImageFolder
    from datakit.datasets.indexed import IndexedDataset
    from datakit.datasets.lean_images import LeanImages
    from datakit.datasets.memory_broker import MemoryBroker
    from datakit.datasets.messages import MessageStream
    from datakit.datasets.multi_task import MultiTaskDataset
    from datakit.datasets.records import RecordStream
    from datakit.datasets.sequences import SequenceDataset
    from datakit.datasets.shard_writer import ShardWriter
    from datakit.datasets.shards import ShardStream
    from datakit.datasets.shuffle_buffer import ShuffleBuffer
    from datakit.datasets.sql import SQLDataset
    from datakit.datasets.standardize import Standardizer
    from datakit.datasets.tabular import CSVDataset
    from datakit.datasets.tensors import TensorDataset
    from datakit.datasets.time_series import TimeSeriesDataset, temporal_split
    from datakit.datasets.video import VideoClips
    from datakit.datasets.video_sampling import random_times, strided_times, uniform_times
    from datakit.distributed import RankLostError, RankWatch
    from datakit.kept_for_backward import KeptForBackward
    from datakit.lab_progress import progress
    from datakit.live_plot import LivePlot, plot_history
    from datakit.loader import DataLoader
    from datakit.losses import class_weights
    from datakit.machine_limits import available_memory, free_shared_memory, usable_cores
    from datakit.pinning import copy_rates, pin_memory
    from datakit.prefetch import PrefetchLoader
    from datakit.profiling import profile
    from datakit.randomness import sample_random, sample_seed
    from datakit.resize import resize_into
    from datakit.samplers import (
        BatchSampler,
        ClassBalancedBatchSampler,
        DistributedSampler,
        Draws,
        DynamicBatchSampler,
        LengthBucketBatchSampler,
        RandomSampler,
        ScheduledBatchSampler,
        SequentialSampler,
        StratifiedBatchSampler,
        SubsetRandomSampler,
        WeightedRandomSampler,
        count_draws,
        padding_waste,
        sample_weights,
    )
    from datakit.side_by_side import histories_in_words, plot_histories
    from datakit.training import History, accuracy, clip_gradients, fit, gradient_norm
    from datakit.transforms import (
        CenterCrop,
        ColorJitter,
        Compose,
        FlipBatch,
        Normalize,
        NormalizeBatch,
        RandomCrop,
        RandomHorizontalFlip,
        RandomResizedCrop,
        RandomRotation,
        RandomVerticalFlip,
        Reproducible,
        Resize,
        ToFloat,
    )
    from datakit.tuning import tune
    from datakit.workers import WorkerDied
    from datakit.zero_grad import compare_zero_grad, train_with_zero_grad

_MODULES = ("check", "samples")
_HOMES = {
    "BatchSampler": "datakit.samplers",
    "CSVDataset": "datakit.datasets.tabular",
    "CachedDataset": "datakit.datasets.cached",
    "CenterCrop": "datakit.transforms",
    "ClassBalancedBatchSampler": "datakit.samplers",
    "ColorJitter": "datakit.transforms",
    "Compose": "datakit.transforms",
    "Cost": "datakit.cost_models",
    "CutMix": "datakit.collates.mix",
    "DataLoader": "datakit.loader",
    "DiskCache": "datakit.datasets.cache_disk",
    "DistributedSampler": "datakit.samplers",
    "Draws": "datakit.samplers",
    "DynamicBatchSampler": "datakit.samplers",
    "FlipBatch": "datakit.transforms",
    "GeneratedDataset": "datakit.datasets.generated",
    "History": "datakit.training",
    "HybridCache": "datakit.datasets.cache_hybrid",
    "ImageDataset": "datakit.datasets.images",
    "ImageFolder": "datakit.datasets.images",
    "IndexedDataset": "datakit.datasets.indexed",
    "KeptForBackward": "datakit.kept_for_backward",
    "LeanImages": "datakit.datasets.lean_images",
    "LengthBucketBatchSampler": "datakit.samplers",
    "LivePlot": "datakit.live_plot",
    "MemoryBroker": "datakit.datasets.memory_broker",
    "Message": "datakit.datasets.broker",
    "MessageStream": "datakit.datasets.messages",
    "MixUp": "datakit.collates.mix",
    "MultiTaskCollate": "datakit.collates.multi_task",
    "MultiTaskDataset": "datakit.datasets.multi_task",
    "Normalize": "datakit.transforms",
    "NormalizeBatch": "datakit.transforms",
    "PaddedClips": "datakit.collates.clips",
    "PaddedImages": "datakit.collates.images",
    "PaddedSequences": "datakit.collates.sequences",
    "PrefetchLoader": "datakit.prefetch",
    "RAMCache": "datakit.datasets.cache_ram",
    "RandomCrop": "datakit.transforms",
    "RandomHorizontalFlip": "datakit.transforms",
    "RandomResizedCrop": "datakit.transforms",
    "RandomRotation": "datakit.transforms",
    "RandomSampler": "datakit.samplers",
    "RandomVerticalFlip": "datakit.transforms",
    "RankLostError": "datakit.distributed",
    "RankWatch": "datakit.distributed",
    "RecordStream": "datakit.datasets.records",
    "Reproducible": "datakit.transforms",
    "Resize": "datakit.transforms",
    "SQLDataset": "datakit.datasets.sql",
    "ScheduledBatchSampler": "datakit.samplers",
    "SequenceDataset": "datakit.datasets.sequences",
    "SequentialSampler": "datakit.samplers",
    "ShardStream": "datakit.datasets.shards",
    "ShardWriter": "datakit.datasets.shard_writer",
    "SharedCache": "datakit.datasets.cache_shared",
    "ShuffleBuffer": "datakit.datasets.shuffle_buffer",
    "Standardizer": "datakit.datasets.standardize",
    "StratifiedBatchSampler": "datakit.samplers",
    "SubsetRandomSampler": "datakit.samplers",
    "TensorDataset": "datakit.datasets.tensors",
    "TimeSeriesDataset": "datakit.datasets.time_series",
    "ToFloat": "datakit.transforms",
    "TrainingMemory": "datakit.cost_models",
    "VideoClips": "datakit.datasets.video",
    "WeightedRandomSampler": "datakit.samplers",
    "WorkerDied": "datakit.workers",
    "accuracy": "datakit.training",
    "available_memory": "datakit.machine_limits",
    "batch_cost": "datakit.cost_models",
    "bus_cost": "datakit.cost_models",
    "center_box": "datakit.crop_boxes",
    "class_weights": "datakit.losses",
    "clip_collate": "datakit.collates.clips",
    "clip_gradients": "datakit.training",
    "compare_zero_grad": "datakit.zero_grad",
    "copy_rates": "datakit.pinning",
    "cost_table": "datakit.cost_models",
    "count_draws": "datakit.samplers",
    "default_collate": "datakit.collate",
    "default_convert": "datakit.convert",
    "detection_collate": "datakit.collates.detection",
    "fit": "datakit.training",
    "free_shared_memory": "datakit.machine_limits",
    "gradient_norm": "datakit.training",
    "histories_in_words": "datakit.side_by_side",
    "pack_sequences": "datakit.collates.sequences",
    "pad_images": "datakit.collates.images",
    "pad_sequences": "datakit.collates.sequences",
    "padding_waste": "datakit.samplers",
    "pin_memory": "datakit.pinning",
    "plot_histories": "datakit.side_by_side",
    "plot_history": "datakit.live_plot",
    "profile": "datakit.profiling",
    "progress": "datakit.lab_progress",
    "random_resized_box": "datakit.crop_boxes",
    "random_times": "datakit.datasets.video_sampling",
    "resize_into": "datakit.resize",
    "sample_random": "datakit.randomness",
    "sample_seed": "datakit.randomness",
    "sample_weights": "datakit.samplers",
    "shuffle_costs": "datakit.cost_models",
    "strided_times": "datakit.datasets.video_sampling",
    "temporal_split": "datakit.datasets.time_series",
    "train_with_zero_grad": "datakit.zero_grad",
    "training_cost": "datakit.cost_models",
    "training_memory": "datakit.cost_models",
    "tune": "datakit.tuning",
    "uniform_times": "datakit.datasets.video_sampling",
    "usable_cores": "datakit.machine_limits",
}

# One name a line would take more lines than all the rest.
# fmt: off
__all__ = [
    "BatchSampler", "CSVDataset", "CachedDataset", "CenterCrop", "ClassBalancedBatchSampler", "ColorJitter", "Compose",
    "Cost", "CutMix", "DataLoader", "DiskCache", "DistributedSampler", "Draws", "DynamicBatchSampler", "FlipBatch",
    "GeneratedDataset", "History", "HybridCache", "ImageDataset", "ImageFolder", "IndexedDataset", "KeptForBackward",
    "LeanImages", "LengthBucketBatchSampler", "LivePlot", "MemoryBroker", "Message", "MessageStream", "MixUp",
    "MultiTaskCollate", "MultiTaskDataset", "Normalize", "NormalizeBatch", "PaddedClips", "PaddedImages",
    "PaddedSequences", "PrefetchLoader", "RAMCache", "RandomCrop", "RandomHorizontalFlip", "RandomResizedCrop",
    "RandomRotation", "RandomSampler", "RandomVerticalFlip", "RankLostError", "RankWatch", "RecordStream",
    "Reproducible", "Resize", "SQLDataset", "ScheduledBatchSampler", "SequenceDataset", "SequentialSampler",
    "ShardStream", "ShardWriter", "SharedCache", "ShuffleBuffer", "Standardizer", "StratifiedBatchSampler",
    "SubsetRandomSampler", "TensorDataset", "TimeSeriesDataset", "ToFloat", "TrainingMemory", "VideoClips",
    "WeightedRandomSampler", "WorkerDied", "accuracy", "available_memory", "batch_cost", "bus_cost", "center_box",
    "check", "class_weights", "clip_collate", "clip_gradients", "compare_zero_grad", "copy_rates", "cost_table",
    "count_draws", "default_collate", "default_convert", "detection_collate", "fit", "free_shared_memory",
    "gradient_norm", "histories_in_words", "pack_sequences", "pad_images", "pad_sequences", "padding_waste",
    "pin_memory", "plot_histories", "plot_history", "profile", "progress", "random_resized_box", "random_times",
    "resize_into", "sample_random", "sample_seed", "sample_weights", "samples", "shuffle_costs", "strided_times",
    "temporal_split", "train_with_zero_grad", "training_cost", "training_memory", "tune", "uniform_times",
    "usable_cores",
]
# fmt: on


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return import_module(f"datakit.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'datakit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


# On a hub that lends shares of a GPU; nothing anywhere else.
import_module("datakit.gpu_share").enforce()
