# Stops when the first class is through.
# hint: stops-early
def quota_batches(labels, quota, generator):
    """N class names, {name: how many in a batch} → a list of batches of indices."""
    rows = {name: [i for i, label in enumerate(labels) if label == name] for name in quota}
    for name, size in quota.items():
        if len(rows[name]) < size:
            raise ValueError(
                f"{name!r} has {len(rows[name])} samples, a batch needs {size}"
            )
    count = min(-(-len(rows[name]) // size) for name, size in quota.items())
    result = [[] for _ in range(count)]
    for name, size in quota.items():
        order = torch.randperm(len(rows[name]), generator=generator).tolist()
        cards = [rows[name][place] for place in order]
        for k, batch in enumerate(result):
            batch += [cards[i % len(cards)] for i in range(k * size, (k + 1) * size)]
    return result
