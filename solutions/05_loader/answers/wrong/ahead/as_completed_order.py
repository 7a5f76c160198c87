# Yields what is done first.
# hint: order-lost
from concurrent.futures import FIRST_COMPLETED, wait


def ahead(dataset, indices, workers=2, limit=4):
    waiting = set()
    with ThreadPoolExecutor(workers) as pool:
        for i in indices:
            waiting.add(pool.submit(dataset.__getitem__, i))
            if len(waiting) == limit:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        for future in waiting:
            yield future.result()
