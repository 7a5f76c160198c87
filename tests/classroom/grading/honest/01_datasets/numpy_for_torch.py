# shows: NumPy arrays where tensors are asked for

# %% answer tasks
import numpy as np


class Tasks(Dataset):
    def __init__(self, x, **targets):
        for name, values in targets.items():
            if len(values) != len(x):
                raise ValueError(f"{name}: {len(values)} values for {len(x)} rows")
        self.x = x
        columns = list(targets.values())
        self.known = np.array([[value is not None for value in column] for column in columns]).T
        self.values = np.array([[value or 0 for value in column] for column in columns], dtype=np.float32).T

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        i = operator.index(index)
        if not -len(self) <= i < len(self):
            raise IndexError(f"{i} of {len(self)}")
        return {"x": np.asarray(self.x[i]), "y": self.values[i], "mask": self.known[i]}


def masked_mse(prediction, y, mask):
    count = mask.sum().clamp(min=1)
    return ((prediction - y).masked_fill(~mask, 0.0) ** 2).sum() / count
