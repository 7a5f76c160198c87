# Cuts all columns to the shortest one.
# hint: lengths-unchecked
class Columns(Dataset):
    """Columns aligned on their first dimension: sample i is {name: column[i]}."""

    def __init__(self, **columns):
        self.columns = columns
        lengths = {name: len(column) for name, column in columns.items()}
        # Refuse columns whose lengths differ. Then keep the one length.
        self.length = min(lengths.values())

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        position = operator.index(index)
        if position < 0:
            position += self.length
        if not 0 <= position < self.length:
            raise IndexError(f"index {index} is outside a dataset of {self.length} samples")
        return {name: column[position] for name, column in self.columns.items()}

    def __getitems__(self, indices):
        return [self[index] for index in indices]
