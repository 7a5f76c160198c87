# Deals in the order of the dataset.
# hint: never-shuffled
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
    for name, size in quota.items():
        cards = rows[name]
        for k, batch in enumerate(result):
            batch += [cards[i % len(cards)] for i in range(k * size, (k + 1) * size)]
    return result
