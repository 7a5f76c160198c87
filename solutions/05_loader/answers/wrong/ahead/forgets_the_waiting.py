# Ends with the indices, and forgets what still waits.
# hint: last-ones-lost
def ahead(dataset, indices, workers=2, limit=4):
    """Yield the samples in order, fetched by threads, at most `limit` of them ahead."""
    waiting = deque()
    with ThreadPoolExecutor(workers) as pool:
        for i in indices:
            if len(waiting) == limit:
                yield waiting.popleft().result()
            waiting.append(pool.submit(dataset.__getitem__, i))
