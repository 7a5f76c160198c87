# Lets the pool choose how many threads it has.
# hint: too-many-threads
def ahead(dataset, indices, workers=2, limit=4):
    """Yield the samples in order, fetched by threads, at most `limit` of them ahead."""
    waiting = deque()
    with ThreadPoolExecutor() as pool:
        for i in indices:
            if len(waiting) == limit:
                yield waiting.popleft().result()
            waiting.append(pool.submit(dataset.__getitem__, i))
        while waiting:
            yield waiting.popleft().result()
