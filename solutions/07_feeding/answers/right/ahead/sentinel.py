class OneAhead:
    END = object()

    def __init__(self, loader, start=None, wait=None):
        self.loader, self.start, self.wait = loader, start, wait

    def begun(self, batches):
        """(kind, ticket or error) of the next batch."""
        try:
            batch = next(batches, self.END)
            return ("end", None) if batch is self.END else ("ticket", self.start(batch))
        except Exception as error:
            return "error", error

    def __iter__(self):
        batches = iter(self.loader)
        if self.start is None:
            yield from batches
            return
        kind, current = self.begun(batches)
        while kind == "ticket":
            # The computing waits for the copy first, then the next one is ordered.
            copy = self.wait(current)
            kind, current = self.begun(batches)
            yield copy
        if kind == "error":
            raise current
