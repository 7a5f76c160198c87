# Python's shuffle, in a generator function that raises when the loop begins.
class Share:
    def __init__(self, n, rank, ranks, seed=0):
        self.n, self.rank, self.ranks, self.seed = n, rank, ranks, seed
        self.ready = False

    def set_epoch(self, epoch):
        self.epoch, self.ready = epoch, True

    def __len__(self):
        return sum(place % self.ranks == self.rank for place in range(self.n))

    def __iter__(self):
        if not self.ready:
            raise RuntimeError("set_epoch(...) is missing")
        self.ready = False
        numbers = list(range(self.n))
        random.Random(f"seed {self.seed}, epoch {self.epoch}").shuffle(numbers)
        yield from numbers[self.rank :: self.ranks]
