# Fetches ahead where nothing is to be copied.
# hint: fallback-ahead
class OneAhead:
    """Copies of a loader's batches, each begun while the loop works with the one before."""

    def __init__(self, loader, start=None, wait=None):
        self.loader, self.start, self.wait = loader, start, wait

    def __iter__(self):
        start, wait = self.start, self.wait
        if start is None:
            start = wait = lambda batch: batch
        under_way = []
        failed = None
        batches = iter(self.loader)
        while True:
            try:
                under_way.append(start(next(batches)))
            except StopIteration:
                break
            except Exception as error:
                failed = error
                break
            if len(under_way) == 2:
                yield wait(under_way.pop(0))
        for ticket in under_way:
            yield wait(ticket)
        if failed is not None:
            raise failed
