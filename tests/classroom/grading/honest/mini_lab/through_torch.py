# shows: PyTorch used inside, a list given back

# %% answer double
import torch


def double(values):
    return torch.tensor(values, dtype=torch.int64).mul(2).tolist()
