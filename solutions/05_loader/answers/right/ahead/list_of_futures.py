def ahead(dataset, indices, workers=2, limit=4):
    todo = list(indices)
    futures = []
    with ThreadPoolExecutor(max_workers=workers) as pool:
        while todo or futures:
            while todo and len(futures) < limit:
                futures.append(pool.submit(lambda i: dataset[i], todo.pop(0)))
            yield futures.pop(0).result()
