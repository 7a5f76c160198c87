# tries: to replace a file that was released with the lab
# earns: 0

# %% file words.txt
# %% answer lengths
def lengths(words):
    return []
