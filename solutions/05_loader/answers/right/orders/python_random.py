class Orders:
    def __init__(self, n, seed, block=1):
        self.n, self.seed, self.block, self.next_epoch = n, seed, block, 0

    def __len__(self):
        return self.n

    def epoch(self, k):
        chance = random.Random(f"{self.seed}/{k}")
        blocks = [list(range(a, min(a + self.block, self.n))) for a in range(0, self.n, self.block)]
        chance.shuffle(blocks)
        for block in blocks:
            chance.shuffle(block)
        return [i for block in blocks for i in block]

    def __iter__(self):
        self.next_epoch += 1
        yield from self.epoch(self.next_epoch - 1)
