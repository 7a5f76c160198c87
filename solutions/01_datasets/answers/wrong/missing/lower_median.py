# Uses nanmedian, which takes the lower one of the two in the middle.
# hint: lower-median
def fill_missing(x, train_rows):
    """Return (filled float32 [N, F], was_missing bool [N, F])."""
    missing = x.isnan()
    medians = x[train_rows].nanmedian(dim=0).values
    for column, median in enumerate(medians.tolist()):
        if median != median:
            raise ValueError(
                f"column {column} has no value in the {len(train_rows)} training rows: drop it, or split again"
            )
    return torch.where(missing, medians, x), missing
