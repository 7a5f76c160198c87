# Keeps NumPy statistics.
import numpy as np


class Scaler:
    def fit(self, x):
        values = x.numpy().astype(np.float64)
        self.shift = np.nanmean(values, axis=0)
        self.scale = np.nanstd(values, axis=0)
        self.scale[self.scale == 0] = 1.0
        return self

    def transform(self, x):
        self.check()
        return torch.from_numpy((x.numpy() - self.shift) / self.scale).float()

    def inverse(self, z):
        self.check()
        return torch.from_numpy(z.numpy() * self.scale + self.shift).float()

    def check(self):
        if not hasattr(self, "shift"):
            raise RuntimeError("Please fit the scaler first.")
