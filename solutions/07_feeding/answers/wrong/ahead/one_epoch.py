# Asks for the iterator in __init__.
# hint: one-epoch
class OneAhead:
    """Copies of a loader's batches, each begun while the loop works with the one before."""

    def __init__(self, loader, start=None, wait=None):
        self.loader, self.start, self.wait = loader, start, wait
        self.batches = iter(loader)

    def __iter__(self):
        if self.start is None:
            yield from self.loader
            return
        under_way = []
        failed = None
        batches = self.batches
        while True:
            try:
                under_way.append(self.start(next(batches)))
            except StopIteration:
                break
            except Exception as error:
                failed = error
                break
            if len(under_way) == 2:
                yield self.wait(under_way.pop(0))
        for ticket in under_way:
            yield self.wait(ticket)
        if failed is not None:
            raise failed
