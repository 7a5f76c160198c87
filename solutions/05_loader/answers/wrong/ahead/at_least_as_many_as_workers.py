# Keeps as many under way as there are workers, whatever the limit.
# hint: limit-by-workers
def ahead(dataset, indices, workers=2, limit=4):
    """Yield the samples in order, fetched by threads, at most `limit` of them ahead."""
    waiting = deque()
    limit = max(limit, workers)
    with ThreadPoolExecutor(workers) as pool:
        for i in indices:
            if len(waiting) == limit:
                yield waiting.popleft().result()
            waiting.append(pool.submit(dataset.__getitem__, i))
        while waiting:
            yield waiting.popleft().result()
