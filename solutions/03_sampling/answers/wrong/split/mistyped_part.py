# Takes any part in fixed.
# hint: unknown-part
def split(groups, shares, seed=0, fixed=None):
    """N group names, {part: share} → {part: rows}; a group is in one part only."""
    fixed = fixed or {}
    if abs(sum(shares.values()) - 1) > 1e-6:
        raise ValueError(f"the shares sum to {sum(shares.values())}, not to 1")
    rows = {part: [] for part in shares}
    for row, name in enumerate(groups):
        part = fixed.get(name)
        if part is None:
            ends = itertools.accumulate(shares.values())
            mine = lot(name, seed)
            part = next(one for one, end in zip(shares, ends, strict=True) if mine < end)
        rows.setdefault(part, []).append(row)
    return rows
