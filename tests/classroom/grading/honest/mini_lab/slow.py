# shows: an answer that takes its time

# %% answer double
import time


def double(values):
    time.sleep(0.7)
    return [2 * value for value in values]
