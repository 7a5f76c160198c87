# shows: the released file read again

# %% last
print(open("words.txt").read())
assert len(words) == 3
