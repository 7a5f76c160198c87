# tries: to give numbers without end
# earns: 3

# %% answer share
import itertools


class Numbers(IterableDataset):
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return itertools.count()


# %% answer pad
def pad(rows):
    longest = max(len(row) for row in rows)
    return torch.tensor([list(row) + [0] * (longest - len(row)) for row in rows])
