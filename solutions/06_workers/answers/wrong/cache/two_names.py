# Keeps -1 beside n - 1.
# hint: two-names
class Remembered:
    def __init__(self, dataset, max_bytes):
        self.dataset, self.max_bytes = dataset, max_bytes
        self.kept = {}
        self.hits = self.misses = self.dropped = self.nbytes = 0

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, index):
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        if index in self.kept:
            self.hits += 1
            self.kept[index] = self.kept.pop(index)
            return self.kept[index]
        self.misses += 1
        sample = self.dataset[index]
        if sample.nbytes <= self.max_bytes:
            self.kept[index] = sample
            self.nbytes += sample.nbytes
            while self.nbytes > self.max_bytes:
                self.nbytes -= self.kept.pop(next(iter(self.kept))).nbytes
                self.dropped += 1
        return sample
