# Loses the batch that it fetched to get ahead.
# hint: first-lost
class OneAhead:
    def __init__(self, loader, start=None, wait=None):
        self.loader, self.start, self.wait = loader, start, wait

    def __iter__(self):
        if self.start is None:
            yield from self.loader
            return
        batches = iter(self.loader)
        self.start(next(batches))
        ticket = None
        for batch in batches:
            new = self.start(batch)
            if ticket is not None:
                yield self.wait(ticket)
            ticket = new
        if ticket is not None:
            yield self.wait(ticket)
