# Takes None for the end.
# hint: empty-ends
class OneAhead:
    def __init__(self, loader, start=None, wait=None):
        self.loader, self.start, self.wait = loader, start, wait

    def __iter__(self):
        if self.start is None:
            yield from self.loader
            return
        batches = iter(self.loader)
        failed = None
        ticket = None
        batch = next(batches, None)
        while batch is not None:
            new = self.start(batch)
            if ticket is not None:
                yield self.wait(ticket)
            ticket = new
            try:
                batch = next(batches, None)
            except Exception as error:
                failed = error
                break
        if ticket is not None:
            yield self.wait(ticket)
        if failed:
            raise failed
