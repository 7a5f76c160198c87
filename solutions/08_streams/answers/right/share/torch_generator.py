# PyTorch's generator, seeded by a text.
class Share:
    def __init__(self, n, rank, ranks, seed=0):
        self.n, self.rank, self.ranks, self.seed = n, rank, ranks, seed
        self.asked = []

    def set_epoch(self, epoch):
        self.asked = [epoch]

    def __len__(self):
        return (
            (self.n - self.rank + self.ranks - 1) // self.ranks if self.rank < self.n else 0
        )

    def __iter__(self):
        if not self.asked:
            raise RuntimeError("no epoch is set: call set_epoch first")
        return self._loop(self.asked.pop())

    def _loop(self, epoch):
        own = torch.Generator().manual_seed(
            random.Random(f"{self.seed} {epoch}").getrandbits(60)
        )
        for place, index in enumerate(torch.randperm(self.n, generator=own)):
            if place % self.ranks == self.rank:
                yield int(index)
