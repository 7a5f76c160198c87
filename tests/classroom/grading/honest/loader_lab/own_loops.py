# shows: loaders of the learner's own in added cells

# %% after share
for number in DataLoader(Numbers(4), batch_size=2, num_workers=1):
    print(number)
