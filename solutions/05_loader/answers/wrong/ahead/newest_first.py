# Takes the newest promise first.
# hint: order-lost
def ahead(dataset, indices, workers=2, limit=4):
    """Yield the samples in order, fetched by threads, at most `limit` of them ahead."""
    waiting = deque()
    with ThreadPoolExecutor(workers) as pool:
        for i in indices:
            if len(waiting) == limit:
                yield waiting.pop().result()
            waiting.append(pool.submit(dataset.__getitem__, i))
        while waiting:
            yield waiting.popleft().result()
