# Counts each request as a miss.
# hint: counters
class Remembered:
    """A dataset of tensors in front of which at most `max_bytes` bytes of them are kept."""

    def __init__(self, dataset, max_bytes):
        self.dataset, self.max_bytes = dataset, max_bytes
        self.kept = {}  # index → sample, the one used longest ago first
        self.hits = self.misses = self.dropped = self.nbytes = 0

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, index):
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(f"there is no sample {index}; there are {len(self)}")
        self.misses += 1
        if index in self.kept:
            self.hits += 1
            sample = self.kept.pop(index)
            self.kept[index] = sample
            return sample
        sample = self.dataset[index]
        if sample.nbytes <= self.max_bytes:
            self.kept[index] = sample
            self.nbytes += sample.nbytes
            while self.nbytes > self.max_bytes:
                oldest = next(iter(self.kept))
                self.nbytes -= self.kept.pop(oldest).nbytes
                self.dropped += 1
        return sample
