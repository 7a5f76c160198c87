# Begins to measure behind the first batch.
# hint: first-forgotten
class Waits:
    def __init__(self, loader, clock):
        self.loader, self.clock = loader, clock
        self.waited, self.worked = [], []

    def __len__(self):
        return len(self.loader)

    def __iter__(self):
        asked = None
        for batch in self.loader:
            arrived = self.clock()
            if asked is not None:
                self.waited.append(arrived - asked)
            yield batch
            asked = self.clock()
            self.worked.append(asked - arrived)

    def waits(self):
        return self.waited

    def share(self):
        whole = sum(self.waited) + sum(self.worked)
        return sum(self.waited) / whole if whole else 0.0
