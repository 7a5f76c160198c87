# shows: cells of the learner's own, before and between

# %% first
scratch = [1, 2, 3]
scratch
# %% after double
double([1, 2, 3])
# %% before lengths
print(lengths) if "lengths" in globals() else print("not yet")
# %% last
double(scratch), lengths(["done"])
