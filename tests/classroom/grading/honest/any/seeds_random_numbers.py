# shows: the global random numbers seeded

# %% first
import random

random.seed(42)
random.shuffle([1, 2, 3])
