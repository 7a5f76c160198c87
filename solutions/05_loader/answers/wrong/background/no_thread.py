# Goes through the source in the loop's own thread.
# hint: own-thread
class Background:
    def __init__(self, source, limit=2):
        self.source = source
        self.limit = limit

    def __iter__(self):
        waiting = deque()
        for item in self.source:
            waiting.append(item)
            if len(waiting) > self.limit:
                yield waiting.popleft()
        yield from waiting
