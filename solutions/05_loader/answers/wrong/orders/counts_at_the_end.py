# Counts a loop when it has come to its end.
# hint: counts-at-end
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
        chance = np.random.default_rng([self.seed, k])
        order = []
        for start in chance.permutation(range(0, self.n, self.block)):
            order += chance.permutation(
                range(start, min(start + self.block, self.n))
            ).tolist()
        return order

    def __iter__(self):
        yield from self.epoch(self.loops)
        self.loops += 1
