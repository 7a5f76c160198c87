# shows: a list of a class of its own, that is a list in every way

# %% answer double
class Numbers(list):
    """A list of numbers."""


def double(values):
    return Numbers(2 * value for value in values)
