# shows: magics and shell commands

# %% first
%timeit -n 1 -r 1 sum(range(10))
!echo from the shell
# %% after double
%time double([1, 2, 3])
# %% last
files = !ls
print(files)
