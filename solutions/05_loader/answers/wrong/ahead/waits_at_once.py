# Waits for each promise as soon as it is made.
# hint: one-at-a-time
def ahead(dataset, indices, workers=2, limit=4):
    with ThreadPoolExecutor(workers) as pool:
        for i in indices:
            yield pool.submit(dataset.__getitem__, i).result()
