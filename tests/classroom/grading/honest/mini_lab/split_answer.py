# shows: an answer split over added cells

# %% before double
def one(value):
    return 2 * value


# %% answer double
# see the cells around


# %% after double
def double(values):
    return [one(value) for value in values]
