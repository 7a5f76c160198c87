# Forgets the epoch behind the last index.
# hint: forgets-at-the-end
class Share:
    """A rank's part of the numbers 0 … n-1, in another order each epoch."""

    def __init__(self, n, rank, ranks, seed=0):
        self.n, self.rank, self.ranks, self.seed = n, rank, ranks, seed
        self.epoch = None

    def set_epoch(self, epoch):
        self.epoch = epoch

    def __len__(self):
        return len(range(self.rank, self.n, self.ranks))

    def __iter__(self):
        if self.epoch is None:
            raise RuntimeError("call set_epoch(epoch) before each loop")
        epoch = self.epoch
        shuffled = np.random.default_rng([self.seed, epoch]).permutation(self.n)
        yield from shuffled[self.rank :: self.ranks].tolist()
        self.epoch = None
