"""Batches of samples of similar length, so that little is padded."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from torch import Tensor

from datakit._errors import check_bool, check_positive
from datakit.samplers.sizes import checked_sizes


class LengthBucketBatchSampler:
    """Batches whose samples all come from one bucket: a range of lengths.

    Samples arrive in the order of ``sampler`` and wait in their bucket; as soon as a bucket holds a batch, the batch
    goes out. So the order stays random, and only as ordered as the buckets are narrow. The narrower the buckets, the
    less is padded and the less random is the mix of a batch; :func:`padding_waste` measures the gain.

    Args:
        sampler: any iterable of indices; each epoch loops over it once.
        lengths: the length of each sample of the dataset.
        batch_size: how many indices a batch has.
        boundaries: where a new bucket begins, in ascending order: ``[10, 20]`` makes the buckets 0–9, 10–19 and 20 and
            above. ``range(10, 100, 10)`` makes buckets of width 10.
        drop_last: whether to leave out what is left in the buckets when the epoch ends: up to one smaller batch for
            each bucket.

    Raises:
        ValueError: if lengths or boundaries are not as described, ``batch_size`` is not a positive integer or
            ``drop_last`` not a bool.
        IndexError: in the loop, if the sampler yields an index that has no length.

    There is no ``len()``: how many batches there are depends on which samples the sampler draws.

    Source: ``tf.data.Dataset.bucket_by_sequence_length``, TensorFlow documentation.

    Example:
        >>> lengths = [3, 25, 4, 5, 22, 6]
        >>> list(LengthBucketBatchSampler(range(6), lengths, batch_size=2, boundaries=[10, 20]))
        [[0, 2], [1, 4], [3, 5]]
    """

    def __init__(
        self,
        sampler: Iterable[int],
        lengths: Tensor | Sequence[int],
        batch_size: int,
        boundaries: Sequence[int],
        drop_last: bool = False,
    ) -> None:
        check_positive(batch_size, "batch_size", "LengthBucketBatchSampler")
        check_bool(drop_last, "drop_last", "LengthBucketBatchSampler")
        if any(later <= earlier for earlier, later in pairwise(boundaries)):
            raise ValueError(
                f"LengthBucketBatchSampler: boundaries must ascend; {list(boundaries)} arrived. "
                "Sort them and remove repeats."
            )
        self.sampler = sampler
        self.lengths = checked_sizes(lengths, "LengthBucketBatchSampler")
        self.batch_size = batch_size
        self.boundaries = boundaries
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        waiting: defaultdict[int, list[int]] = defaultdict(list)
        for index in self.sampler:
            bucket = bisect_right(self.boundaries, self.lengths[index])
            waiting[bucket].append(index)
            if len(waiting[bucket]) == self.batch_size:
                yield waiting.pop(bucket)
        if not self.drop_last:
            yield from waiting.values()
