"""torchdata's nodes: a pipeline of small steps, the mapper in threads or processes."""

from __future__ import annotations

from typing import Any

from torch.utils.data import RandomSampler, default_collate
from torchdata.nodes import Batcher, Loader, Mapper, ParallelMapper, Prefetcher, SamplerWrapper

from benchmarks.sample import FileSamples
from benchmarks.work import Epoch, ImageWork

TITLE = "torchdata nodes"
LIBRARIES = ("torchdata", "torch", "torchvision")


def images(work: ImageWork) -> Epoch:
    """Make samples in threads, faster here than in processes, and collate in a thread of its own."""
    samples = FileSamples(work)
    order = SamplerWrapper(RandomSampler(samples))
    made = ParallelMapper(order, samples.__getitem__, num_workers=work.workers, method="thread", in_order=True)
    batches = Prefetcher(Mapper(Batcher(made, work.batch_size, drop_last=False), default_collate), prefetch_factor=2)
    loader: Any = Loader(batches, restart_on_stop_iteration=True)
    return lambda: loader
