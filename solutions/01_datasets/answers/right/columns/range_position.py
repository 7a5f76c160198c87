# Lets a range do the work of a list: it counts from the end and raises IndexError.
class Columns(Dataset):
    def __init__(self, **columns):
        self.columns = columns
        lengths = [f"{name}: {len(column)}" for name, column in columns.items()]
        first = len(next(iter(columns.values())))
        if any(len(column) != first for column in columns.values()):
            raise ValueError("The columns differ in length. " + ", ".join(lengths))
        self.positions = range(first)

    def __len__(self):
        return len(self.positions)

    def __getitem__(self, index):
        try:
            position = self.positions[index]
        except IndexError:
            raise IndexError(f"no sample {index} among {len(self)}") from None
        sample = {}
        for name in self.columns:
            sample[name] = self.columns[name][position]
        return sample

    def __getitems__(self, indices):
        return list(map(self.__getitem__, indices))
