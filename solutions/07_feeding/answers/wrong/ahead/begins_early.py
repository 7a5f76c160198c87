# Fetches the first batch when the object is made.
# hint: begins-early
class OneAhead:
    def __init__(self, loader, start=None, wait=None):
        self.loader, self.start, self.wait = loader, start, wait
        self.batches = iter(loader)
        self.first = [next(self.batches)]
        if start is not None:
            self.first = [start(batch) for batch in self.first]

    def __iter__(self):
        if self.start is None:
            yield from self.first
            yield from self.batches
            return
        tickets = self.first
        for batch in self.batches:
            tickets.append(self.start(batch))
            yield self.wait(tickets.pop(0))
        for ticket in tickets:
            yield self.wait(ticket)
