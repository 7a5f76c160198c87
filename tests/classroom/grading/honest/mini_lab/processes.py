# shows: a pool of processes

# %% answer lengths
import multiprocessing


def lengths(words):
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return pool.map(len, words)
