# shows: an answer that keeps state between calls

# %% answer double
calls = []


def double(values):
    calls.append(list(values))
    return [2 * value for value in values]
