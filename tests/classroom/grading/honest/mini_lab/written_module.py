# shows: a module written by %%writefile, then imported

# %% before double
%%writefile mine.py
def twice(values):
    return [value * 2 for value in values]


# %% answer double
from mine import twice


def double(values):
    return twice(values)
