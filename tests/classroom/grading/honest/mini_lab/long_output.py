# shows: much output, far below the limit

# %% after double
for line in range(3000):
    print("line", line)
