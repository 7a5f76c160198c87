# shows: imports in the answer and in cells of the learner's own

# %% first
import collections
import itertools as it
from functools import reduce

# %% answer double
import operator


def double(values):
    return list(it.starmap(operator.mul, zip(values, it.repeat(2))))


# %% answer lengths
def lengths(words):
    return reduce(lambda found, word: found + [len(word)], words, [])
