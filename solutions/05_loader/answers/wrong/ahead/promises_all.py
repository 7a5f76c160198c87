# Promises everything at once.
# hint: no-limit
def ahead(dataset, indices, workers=2, limit=4):
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(dataset.__getitem__, i) for i in indices]
        for future in futures:
            yield future.result()
