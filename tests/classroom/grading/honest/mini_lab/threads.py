# shows: a pool of threads

# %% answer double
from concurrent.futures import ThreadPoolExecutor


def double(values):
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda value: 2 * value, values))
