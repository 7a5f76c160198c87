# Calls the dataset and submits the sample.
# hint: one-at-a-time
def ahead(dataset, indices, workers=2, limit=4):
    waiting = deque()
    with ThreadPoolExecutor(workers) as pool:
        for i in indices:
            if len(waiting) == limit:
                yield waiting.popleft().result()
            waiting.append(pool.submit(lambda sample: sample, dataset[i]))
        while waiting:
            yield waiting.popleft().result()
