# Does not look at the sum.
# hint: sum-unchecked
def split(groups, shares, seed=0, fixed=None):
    """N group names, {part: share} → {part: rows}; a group is in one part only."""
    fixed = fixed or {}
    for part in fixed.values():
        if part not in shares:
            raise ValueError(f"there is no part {part!r}, only {list(shares)}")
    rows = {part: [] for part in shares}
    for row, name in enumerate(groups):
        part = fixed.get(name)
        if part is None:
            ends = itertools.accumulate(shares.values())
            mine = lot(name, seed)
            part = next(one for one, end in zip(shares, ends, strict=True) if mine < end)
        rows[part].append(row)
    return rows
