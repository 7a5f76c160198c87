# Always draws the lots of seed 0.
# hint: seed-ignored
def split(groups, shares, seed=0, fixed=None):
    """N group names, {part: share} → {part: rows}; a group is in one part only."""
    fixed = fixed or {}
    if abs(sum(shares.values()) - 1) > 1e-6:
        raise ValueError(f"the shares sum to {sum(shares.values())}, not to 1")
    for part in fixed.values():
        if part not in shares:
            raise ValueError(f"there is no part {part!r}, only {list(shares)}")
    rows = {part: [] for part in shares}
    for row, name in enumerate(groups):
        part = fixed.get(name)
        if part is None:
            ends = itertools.accumulate(shares.values())
            mine = lot(name, 0)
            part = next(one for one, end in zip(shares, ends, strict=True) if mine < end)
        rows[part].append(row)
    return rows
