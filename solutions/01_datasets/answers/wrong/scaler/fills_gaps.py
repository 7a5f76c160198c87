# Fills gaps with the mean while it scales.
# hint: gap-filled
class Scaler:
    """Standardise columns with the statistics of the rows given to fit."""

    def __init__(self):
        self.mean = self.divisor = None  # not known before fit

    def fit(self, x):
        self.mean = x.nanmean(dim=0)
        std = ((x - self.mean) ** 2).nanmean(dim=0).sqrt()
        # Rounding can leave a constant column with a tiny standard deviation, so the values are asked.
        smallest, largest = (
            x.nan_to_num(nan=torch.inf).amin(dim=0),
            x.nan_to_num(nan=-torch.inf).amax(dim=0),
        )
        self.divisor = torch.where(smallest == largest, torch.ones_like(std), std)
        return self

    def transform(self, x):
        if self.mean is None:
            raise RuntimeError("nothing was learnt yet: call fit(training rows) first")
        return ((x - self.mean) / self.divisor).nan_to_num(0.0)

    def inverse(self, z):
        if self.mean is None:
            raise RuntimeError("nothing was learnt yet: call fit(training rows) first")
        return z * self.divisor + self.mean
