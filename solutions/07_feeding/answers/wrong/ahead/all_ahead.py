# Starts all copies at once.
# hint: too-far-ahead
class OneAhead:
    def __init__(self, loader, start=None, wait=None):
        self.loader, self.start, self.wait = loader, start, wait

    def __iter__(self):
        if self.start is None:
            yield from self.loader
            return
        tickets = [self.start(batch) for batch in self.loader]
        for ticket in tickets:
            yield self.wait(ticket)
