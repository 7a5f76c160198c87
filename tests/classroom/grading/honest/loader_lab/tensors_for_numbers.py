# shows: tensors where plain numbers serve

# %% answer share
class Numbers(IterableDataset):
    def __init__(self, n):
        self.numbers = torch.arange(n)

    def __iter__(self):
        info = get_worker_info()
        yield from self.numbers[info.id :: info.num_workers] if info else self.numbers
