# Chooses the known errors by indexing, and builds samples on demand.
class Tasks(Dataset):
    def __init__(self, x, **targets):
        self.x, self.targets = x, targets
        wrong = {
            name: len(values) for name, values in targets.items() if len(values) != len(x)
        }
        if wrong:
            raise ValueError(f"{wrong} do not fit the {len(x)} rows of x")

    def __len__(self):
        return self.x.shape[0]

    def __getitem__(self, index):
        i = range(len(self))[index]
        values = [self.targets[name][i] for name in self.targets]
        mask = [value is not None for value in values]
        y = [float(value or 0) for value in values]
        return dict(mask=torch.tensor(mask), y=torch.tensor(y), x=self.x[i])


def masked_mse(prediction, y, mask):
    if not mask.any():
        return torch.tensor(0.0)
    return torch.nn.functional.mse_loss(prediction[mask], y[mask])
