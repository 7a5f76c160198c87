# Makes its lists when a loop begins: before the first one there are none, and each epoch forgets the last.
# hint: made-in-the-loop
class Waits:
    def __init__(self, loader, clock):
        self.loader, self.clock = loader, clock

    def __len__(self):
        return len(self.loader)

    def __iter__(self):
        self.waited, self.worked = [], []
        asked = self.clock()
        for batch in self.loader:
            arrived = self.clock()
            self.waited.append(arrived - asked)
            yield batch
            asked = self.clock()
            self.worked.append(asked - arrived)

    def waits(self):
        return self.waited

    def share(self):
        whole = sum(self.waited) + sum(self.worked)
        return sum(self.waited) / whole if whole else 0.0
