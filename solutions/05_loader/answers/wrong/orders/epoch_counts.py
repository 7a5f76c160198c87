# Counts in epoch, so that asking is a loop.
# hint: asking-counts
class Orders:
    """The numbers 0 … n-1 in a new order each time, shuffled by blocks."""

    def __init__(self, n, seed, block=1):
        self.n = n
        self.seed = seed
        self.block = block
        self.loops = 0

    def __len__(self):
        return self.n

    def epoch(self, k):
        """The order of epoch k."""
        self.loops = k + 1
        chance = np.random.default_rng([self.seed, k])
        order = []
        for start in chance.permutation(range(0, self.n, self.block)):
            order += chance.permutation(
                range(start, min(start + self.block, self.n))
            ).tolist()
        return order

    def __iter__(self):
        order = self.epoch(self.loops)
        return iter(order)
