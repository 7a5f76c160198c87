def part_of_name(name, shares, seed):
    number, begin = lot(name, seed), 0.0
    for part, share in shares.items():
        if number < begin + share:
            return part
        begin += share
    return part


def split(groups, shares, seed=0, fixed=None):
    if not 0.999999 < sum(shares.values()) < 1.000001:
        raise ValueError(f"sum of shares: {sum(shares.values())}")
    known = {}
    for name, part in (fixed or {}).items():
        if part not in shares:
            raise ValueError(f"{name} is fixed in {part}, which is no part")
        known[name] = part
    result = {}
    for part in shares:
        result[part] = tuple(
            row
            for row, name in enumerate(groups)
            if known.get(name, part_of_name(name, shares, seed)) == part
        )
    return result
