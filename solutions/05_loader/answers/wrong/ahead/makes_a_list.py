# Fetches in the call, and returns an iterator.
# hint: begins-too-soon
def ahead(dataset, indices, workers=2, limit=4):
    waiting, indices = deque(), list(indices)
    pool = ThreadPoolExecutor(workers)
    for i in indices[:limit]:
        waiting.append(pool.submit(dataset.__getitem__, i))

    def results():
        for i in indices[limit:]:
            yield waiting.popleft().result()
            waiting.append(pool.submit(dataset.__getitem__, i))
        while waiting:
            yield waiting.popleft().result()
        pool.shutdown()

    return results()
