# Works column by column on the values that are there.
class Scaler:
    columns = None

    def fit(self, x: torch.Tensor) -> "Scaler":
        self.columns = []
        for column in x.T:
            known = column[~column.isnan()]
            std = 1.0 if known.min() == known.max() else known.std(correction=0).item()
            self.columns.append((known.mean().item(), std))
        return self

    def transform(self, x: torch.Tensor) -> torch.Tensor:
        return torch.stack(
            [(x[:, j] - mean) / std for j, (mean, std) in enumerate(self.learnt())], dim=1
        )

    def inverse(self, z: torch.Tensor) -> torch.Tensor:
        return torch.stack(
            [z[:, j] * std + mean for j, (mean, std) in enumerate(self.learnt())], dim=1
        )

    def learnt(self):
        if self.columns is None:
            raise RuntimeError("fit was not called")
        return self.columns
