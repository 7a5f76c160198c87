# shows: another correct algorithm

# %% answer double
def double(values):
    return [value << 1 for value in values]
