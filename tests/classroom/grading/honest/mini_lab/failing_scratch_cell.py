# shows: a cell of the learner's own that ends in an error

# %% after double
double(None)
# %% before lengths
undefined_name
# %% last
1 / 0
