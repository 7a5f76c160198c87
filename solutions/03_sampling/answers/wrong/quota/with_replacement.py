# Draws each sample by itself.
# hint: uneven
def quota_batches(labels, quota, generator):
    """N class names, {name: how many in a batch} → a list of batches of indices."""
    rows = {name: [i for i, label in enumerate(labels) if label == name] for name in quota}
    for name, size in quota.items():
        if len(rows[name]) < size:
            raise ValueError(
                f"{name!r} has {len(rows[name])} samples, a batch needs {size}"
            )
    count = max(-(-len(rows[name]) // size) for name, size in quota.items())
    result = [[] for _ in range(count)]
    for batch in result:
        for name, size in quota.items():
            order = torch.randint(len(rows[name]), (size,), generator=generator).tolist()
            batch += [rows[name][place] for place in order[:size]]
    return result
