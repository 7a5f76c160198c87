def split(groups, shares, seed=0, fixed=None):
    parts = list(shares)
    ends = np.cumsum(list(shares.values()))
    if not np.isclose(ends[-1], 1):
        raise ValueError("wrong sum of shares")
    unknown = [part for part in (fixed or {}).values() if part not in parts]
    if unknown:
        raise ValueError(f"unknown parts: {unknown}")
    side = {
        name: parts[np.searchsorted(ends, lot(name, seed), side="right")]
        for name in set(groups)
    }
    side.update(fixed or {})
    names = np.array([side[name] for name in groups])
    return {part: np.flatnonzero(names == part).tolist() for part in parts}
