class Orders:
    def __init__(self, n, seed, block=1):
        self.n = n
        self.seed = seed
        self.block = block
        self.count = -1

    def __len__(self):
        return self.n

    def epoch(self, k):
        """Sort by (random number of the block, own random number)."""
        chance = np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=(k,))))
        of_block = chance.random(self.n // self.block + 1)
        own = chance.random(self.n)
        return sorted(range(self.n), key=lambda i: (of_block[i // self.block], own[i]))

    def __iter__(self):
        self.count = self.count + 1
        return iter(self.epoch(self.count))
