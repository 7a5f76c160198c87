# Returns the number of samples as length.
# hint: length-of-dataset
class Batches:
    """A dataset in batches, in order; the last one is kept, dropped or shared among all."""

    def __init__(self, dataset, batch_size, last="keep"):
        # Refuse what can't be right.
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        if last not in ("keep", "drop", "share"):
            raise ValueError(f"last must be keep, drop or share, not {last!r}")
        self.dataset = dataset
        self.batch_size = batch_size
        self.last = last

    def sizes(self):
        """The sizes of all batches, in order."""
        n = len(self.dataset)
        whole, rest = divmod(n, self.batch_size)
        if self.last == "drop" or rest == 0:
            return [self.batch_size] * whole
        if self.last == "keep":
            return [self.batch_size] * whole + [rest]
        count = whole + 1
        small, larger = divmod(n, count)
        return [small + 1] * larger + [small] * (count - larger)

    def __len__(self):
        return len(self.dataset)

    def __iter__(self):
        start = 0
        for size in self.sizes():
            yield torch.stack([self.dataset[i] for i in range(start, start + size)])
            start += size
