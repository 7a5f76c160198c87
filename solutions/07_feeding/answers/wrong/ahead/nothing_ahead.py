# Starts and waits at once.
# hint: started-late
class OneAhead:
    def __init__(self, loader, start=None, wait=None):
        self.loader, self.start, self.wait = loader, start, wait

    def __iter__(self):
        if self.start is None:
            yield from self.loader
            return
        for batch in self.loader:
            yield self.wait(self.start(batch))
