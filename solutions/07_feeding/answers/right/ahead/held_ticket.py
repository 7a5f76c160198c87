class OneAhead:
    def __init__(self, loader, start=None, wait=None):
        self.loader = loader
        self.start = start
        self.wait = wait

    def __iter__(self):
        if self.start is None:
            for batch in self.loader:
                yield batch
            return
        there = False
        ticket = error = None
        batches = iter(self.loader)
        more = True
        while more:
            try:
                new = self.start(next(batches))
            except StopIteration:
                more = False
            except Exception as problem:
                error, more = problem, False
            if there:
                yield self.wait(ticket)
                there = False
            if more:
                ticket, there = new, True
        if error:
            raise error
