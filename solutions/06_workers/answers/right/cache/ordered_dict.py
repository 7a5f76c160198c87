# With an OrderedDict, room made first.
from collections import OrderedDict


class Remembered:
    def __init__(self, dataset, max_bytes):
        self.dataset, self.max_bytes = dataset, max_bytes
        self.kept = OrderedDict()
        self.hits = self.misses = self.dropped = self.nbytes = 0

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, index):
        index = range(len(self))[index]
        try:
            self.kept.move_to_end(index)
        except KeyError:
            self.misses += 1
        else:
            self.hits += 1
            return self.kept[index]
        sample = self.dataset[index]
        size = sample.nbytes
        if size > self.max_bytes:
            return sample
        while self.nbytes + size > self.max_bytes:
            _, old = self.kept.popitem(last=False)
            self.nbytes -= old.nbytes
            self.dropped += 1
        self.kept[index] = sample
        self.nbytes += size
        return sample
