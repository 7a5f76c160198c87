# shows: lambdas for functions

# %% answer double
double = lambda values: [value * 2 for value in values]

# %% answer lengths
lengths = lambda words: [*map(len, words)]
