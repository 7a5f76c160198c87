# Makes every row in the constructor and keeps a plain list.
import operator


class Columns(Dataset):
    def __init__(self, **columns):
        sizes = {name: len(values) for name, values in columns.items()}
        if max(sizes.values()) > min(sizes.values()):
            raise ValueError(f"all columns need the same number of rows, got {sizes}")
        self.rows = [dict(zip(columns, values)) for values in zip(*columns.values())]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        index = operator.index(index)
        if not -len(self.rows) <= index < len(self.rows):
            raise IndexError(
                f"There are {len(self.rows)} samples; {index} is not one of them."
            )
        return self.rows[index]

    def __getitems__(self, indices):
        return tuple(self[i] for i in indices)
