class Waits:
    def __init__(self, loader, clock):
        self.loader, self.clock = loader, clock
        # (asked, arrived, came back) for each batch
        self.moments = []

    def __len__(self):
        return len(self.loader)

    def __iter__(self):
        moment = [self.clock()]
        for batch in self.loader:
            moment.append(self.clock())
            row = moment
            self.moments.append(row)
            yield batch
            moment = [self.clock()]
            row.append(moment[0])

    def waits(self):
        return tuple(row[1] - row[0] for row in self.moments)

    def share(self):
        done = [row for row in self.moments if len(row) == 3]
        whole = sum(row[2] - row[0] for row in done)
        return sum(row[1] - row[0] for row in done) / max(whole, 1e-12)
