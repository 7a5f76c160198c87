# A plain loop over columns, with the median of the standard library.
import statistics


def fill_missing(x, train_rows):
    filled, was_missing = x.clone(), torch.zeros(x.shape, dtype=torch.bool)
    for j in range(x.shape[1]):
        seen = [value for value in x[train_rows, j].tolist() if value == value]
        if not seen:
            raise ValueError(f"No training row has a value in column {j}.")
        for i in range(x.shape[0]):
            if x[i, j] != x[i, j]:
                filled[i, j] = statistics.median(seen)
                was_missing[i, j] = True
    return filled, was_missing
