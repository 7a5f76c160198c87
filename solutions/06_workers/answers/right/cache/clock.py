# Notes for each sample when it was used last.
class Remembered:
    def __init__(self, dataset, max_bytes):
        self.dataset, self.max_bytes = dataset, max_bytes
        self.samples, self.used, self.now = {}, {}, 0
        self.hits = self.misses = self.dropped = 0

    @property
    def nbytes(self):
        return sum(sample.nbytes for sample in self.samples.values())

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, index):
        n = len(self)
        if index >= n or index < -n:
            raise IndexError(index)
        index = index % n
        self.now += 1
        if index in self.samples:
            self.hits += 1
            self.used[index] = self.now
            return self.samples[index]
        self.misses += 1
        sample = self.dataset[index]
        if sample.nbytes > self.max_bytes:
            return sample
        self.samples[index], self.used[index] = sample, self.now
        while self.nbytes > self.max_bytes:
            oldest = min(self.used, key=self.used.get)
            del self.samples[oldest], self.used[oldest]
            self.dropped += 1
        return sample
