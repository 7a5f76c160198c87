# shows: recursion

# %% answer lengths
def lengths(words):
    return [len(words[0])] + lengths(words[1:]) if words else []
