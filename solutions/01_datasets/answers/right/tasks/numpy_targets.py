# Reads None as nan with NumPy first, and then takes the nan away.
import numpy as np


class Tasks(Dataset):
    def __init__(self, x, **targets):
        for name in targets:
            if len(targets[name]) != len(x):
                raise ValueError(
                    f"{name}: {len(targets[name])} targets for {len(x)} samples"
                )
        table = np.array(list(targets.values()), dtype=np.float32).T
        self.mask = torch.from_numpy(~np.isnan(table))
        self.y = torch.from_numpy(np.nan_to_num(table))
        self.x = x

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        return {"x": self.x[index], "y": self.y[index], "mask": self.mask[index]}


def masked_mse(prediction, y, mask):
    known = mask.float()
    return (known * (prediction - y).square()).sum() / max(known.sum(), torch.tensor(1.0))
