class Waits:
    def __init__(self, loader, clock):
        self.loader = loader
        self.clock = clock
        self.wait_seconds = []
        self.total = 0

    def __len__(self):
        return len(self.loader)

    def __iter__(self):
        ask = self.clock()
        batches = iter(self.loader)
        while True:
            try:
                batch = next(batches)
            except StopIteration:
                return
            got = self.clock()
            self.wait_seconds.append(got - ask)
            yield batch
            back = self.clock()
            self.total += back - ask
            ask = back

    def waits(self):
        return list(self.wait_seconds)

    def share(self):
        if self.total == 0:
            return 0.0
        return sum(self.wait_seconds) / self.total
