# Leaves the gaps of the test rows open.
# hint: test-gaps
def fill_missing(x, train_rows):
    """Return (filled float32 [N, F], was_missing bool [N, F])."""
    missing = x.isnan()
    medians = x[train_rows].nanquantile(0.5, dim=0)
    for column, median in enumerate(medians.tolist()):
        if median != median:
            raise ValueError(
                f"column {column} has no value in the {len(train_rows)} training rows: drop it, or split again"
            )
    filled = x.clone()
    filled[train_rows] = torch.where(missing, medians, x)[train_rows]
    return filled, missing
