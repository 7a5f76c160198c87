# Measures what lies behind the yield.
# hint: work-for-wait
class Waits:
    def __init__(self, loader, clock):
        self.loader, self.clock = loader, clock
        self.seconds = []
        self.whole = 0

    def __len__(self):
        return len(self.loader)

    def __iter__(self):
        begin = self.clock()
        for batch in self.loader:
            start = self.clock()
            yield batch
            self.seconds.append(self.clock() - start)
            self.whole = self.clock() - begin

    def waits(self):
        return self.seconds

    def share(self):
        return sum(self.seconds) / self.whole if self.whole else 0.0
