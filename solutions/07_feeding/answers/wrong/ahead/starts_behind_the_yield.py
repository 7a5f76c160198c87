# Starts the next copy when the loop comes back.
# hint: started-late
class OneAhead:
    def __init__(self, loader, start=None, wait=None):
        self.loader, self.start, self.wait = loader, start, wait

    def __iter__(self):
        if self.start is None:
            yield from self.loader
            return
        batches = iter(self.loader)
        tickets = []
        while True:
            try:
                tickets.append(self.start(next(batches)))
            except StopIteration:
                return
            yield self.wait(tickets.pop(0))
