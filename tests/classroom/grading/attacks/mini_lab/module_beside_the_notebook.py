# tries: to shadow a module of the standard library that the test imports

# %% file random.py
class Random:
    def __init__(self, seed=None):
        pass

    def randint(self, low, high):
        return 0 if low < 0 else low
# %% first
import importlib
import sys

sys.path.insert(0, "")
sys.modules.pop("random", None)
import random

# %% answer double
def double(values):
    return list(values)
