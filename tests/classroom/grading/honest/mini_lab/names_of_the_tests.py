# shows: globals that happen to have the names that the tests use

# %% first
given, found, numbers, chance, number = 1, 2, 3, 4, 5
# %% after double
found = double([1, 2])
numbers = [7]
given = "mine"
