# Fills with 0.
# hint: zero-fill
def fill_missing(x, train_rows):
    """Return (filled float32 [N, F], was_missing bool [N, F])."""
    missing = x.isnan()
    medians = x[train_rows].nanquantile(0.5, dim=0)
    for column, median in enumerate(medians.tolist()):
        if median != median:
            raise ValueError(
                f"column {column} has no value in the {len(train_rows)} training rows: drop it, or split again"
            )
    return x.nan_to_num(0.0), missing
