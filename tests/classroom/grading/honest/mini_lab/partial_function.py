# shows: functools.partial for a function

# %% answer double
from functools import partial


def multiply(factor, values):
    return [factor * value for value in values]


double = partial(multiply, 2)
