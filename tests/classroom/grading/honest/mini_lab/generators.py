# shows: a generator turned into a list at the end

# %% answer double
def doubled(values):
    for value in values:
        yield value
        yield value


def double(values):
    pairs = iter(list(doubled(values)))
    return [one + other for one, other in zip(pairs, pairs, strict=True)]
