# Takes no index that is a tensor.
# hint: tensor-index
class Columns(Dataset):
    """Columns aligned on their first dimension: sample i is {name: column[i]}."""

    def __init__(self, **columns):
        self.columns = columns
        lengths = {name: len(column) for name, column in columns.items()}
        # Refuse columns whose lengths differ. Then keep the one length.
        if len(set(lengths.values())) != 1:
            raise ValueError(f"columns must have the same length; they have {lengths}")
        self.length = next(iter(lengths.values()))

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        if not isinstance(index, int):
            raise TypeError("the index must be an int")
        position = index
        if position < 0:
            position += self.length
        if not 0 <= position < self.length:
            raise IndexError(f"index {index} is outside a dataset of {self.length} samples")
        return {name: column[position] for name, column in self.columns.items()}

    def __getitems__(self, indices):
        return [self[index] for index in indices]
