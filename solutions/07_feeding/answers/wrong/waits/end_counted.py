# Counts the wait for the end, too.
# hint: end-counted
class Waits:
    """A loader that measures how long the loop around it waits."""

    def __init__(self, loader, clock):
        self.loader, self.clock = loader, clock
        self.waited, self.worked = [], []

    def __len__(self):
        return len(self.loader)

    def __iter__(self):
        """The loader's batches, measured."""
        asked = self.clock()
        for batch in self.loader:
            arrived = self.clock()
            self.waited.append(arrived - asked)
            yield batch
            asked = self.clock()
            self.worked.append(asked - arrived)
        self.waited.append(self.clock() - asked)

    def waits(self):
        """The seconds waited for each batch so far."""
        return self.waited

    def share(self):
        """The share of waiting, 0 to 1."""
        whole = sum(self.waited) + sum(self.worked)
        return sum(self.waited) / whole if whole else 0.0
