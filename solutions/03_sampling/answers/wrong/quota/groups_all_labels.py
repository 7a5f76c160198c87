# Asks the quota of every label.
# hint: unnamed-class
def quota_batches(labels, quota, generator):
    """N class names, {name: how many in a batch} → a list of batches of indices."""
    rows = {}
    for index, label in enumerate(labels):
        rows.setdefault(label, []).append(index)
    for name, own in rows.items():
        if len(own) < quota[name]:
            raise ValueError(
                f"{name!r} has {len(own)} samples, a batch needs {quota[name]}"
            )
    count = max(-(-len(own) // quota[name]) for name, own in rows.items())
    result = [[] for _ in range(count)]
    for name, own in rows.items():
        order = torch.randperm(len(own), generator=generator).tolist()
        cards = itertools.cycle([own[place] for place in order])
        for batch in result:
            batch += [next(cards) for _ in range(quota[name])]
    return result
