# shows: tuples where lists are asked for

# %% answer columns
class Columns(Dataset):
    def __init__(self, **columns):
        self.columns = columns
        lengths = {name: len(column) for name, column in columns.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"lengths: {lengths}")
        (self.length,) = set(lengths.values())

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        place = int(index)
        if not -self.length <= place < self.length:
            raise IndexError(f"{place} is not among {self.length} samples")
        return {name: column[place] for name, column in self.columns.items()}

    def __getitems__(self, indices):
        return tuple(map(self.__getitem__, indices))
