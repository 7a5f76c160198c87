# shows: a cache around an answer

# %% answer lengths
from functools import lru_cache


@lru_cache
def length(word):
    return len(word)


def lengths(words):
    return [length(word) for word in words]
