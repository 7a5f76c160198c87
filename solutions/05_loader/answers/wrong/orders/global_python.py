# Seeds Python's shared random numbers.
# hint: global-state
class Orders:
    def __init__(self, n, seed, block=1):
        self.n, self.seed, self.block, self.loops = n, seed, block, 0

    def __len__(self):
        return self.n

    def epoch(self, k):
        random.seed(f"{self.seed} {k}")
        starts = list(range(0, self.n, self.block))
        random.shuffle(starts)
        order = []
        for start in starts:
            part = list(range(start, min(start + self.block, self.n)))
            random.shuffle(part)
            order += part
        return order

    def __iter__(self):
        self.loops += 1
        return iter(self.epoch(self.loops - 1))
