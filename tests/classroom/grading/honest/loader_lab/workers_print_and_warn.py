# shows: workers that print and warn

# %% answer share
import sys
import warnings


class Numbers(IterableDataset):
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        info = get_worker_info()
        warnings.warn("in a worker", stacklevel=1)
        print("worker", info and info.id, file=sys.stderr, flush=True)
        return iter(range(info.id, self.n, info.num_workers) if info else range(self.n))
