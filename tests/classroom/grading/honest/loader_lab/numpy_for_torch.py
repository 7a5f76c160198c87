# shows: a batch padded with NumPy

# %% answer pad
import numpy as np


def pad(rows):
    batch = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    for i, row in enumerate(rows):
        batch[i, : len(row)] = row
    return batch
