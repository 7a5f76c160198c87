# Uses the pool's map, which promises everything.
# hint: no-limit
def ahead(dataset, indices, workers=2, limit=4):
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(dataset.__getitem__, indices)
