# shows: NumPy used inside, a list given back

# %% first
import numpy as np

# %% answer double
def double(values):
    return (2 * np.asarray(values, dtype=int)).tolist()


# %% answer lengths
def lengths(words):
    return np.char.str_len(np.array(words, dtype=str)).tolist() if words else []
