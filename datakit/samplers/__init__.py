"""Which samples, in which order, in which batches.

A sampler is anything that can be looped over and yields indices; a batch sampler yields lists of indices. One loop is
one epoch. There are three kinds, and each says how an epoch is repeated:

* Those with PyTorch's names draw from a ``torch.Generator``, as PyTorch's do: its seed fixes the first epoch, and
  because each epoch moves it on, the next order differs and is just as repeatable. Without a generator the numbers
  come from PyTorch's global one (``torch.manual_seed``).
* Batch samplers around another sampler (``BatchSampler``, ``DynamicBatchSampler``, ``LengthBucketBatchSampler``) draw
  nothing: their batches follow from the order that comes in.
* The others are functions of (seed, epoch): ``set_epoch(7)`` makes the next loop epoch 7, whatever came before.
"""

from datakit.samplers.accounting import Draws, count_draws
from datakit.samplers.batch import BatchSampler
from datakit.samplers.buckets import LengthBucketBatchSampler
from datakit.samplers.class_balanced import ClassBalancedBatchSampler
from datakit.samplers.distributed import DistributedSampler
from datakit.samplers.dynamic import DynamicBatchSampler
from datakit.samplers.padding import padding_waste
from datakit.samplers.scheduled import ScheduledBatchSampler
from datakit.samplers.sequential import SequentialSampler
from datakit.samplers.shuffled import RandomSampler, SubsetRandomSampler
from datakit.samplers.stratified import StratifiedBatchSampler
from datakit.samplers.weighted import WeightedRandomSampler, sample_weights

__all__ = [
    "BatchSampler",
    "ClassBalancedBatchSampler",
    "DistributedSampler",
    "Draws",
    "DynamicBatchSampler",
    "LengthBucketBatchSampler",
    "RandomSampler",
    "ScheduledBatchSampler",
    "SequentialSampler",
    "StratifiedBatchSampler",
    "SubsetRandomSampler",
    "WeightedRandomSampler",
    "count_draws",
    "padding_waste",
    "sample_weights",
]
