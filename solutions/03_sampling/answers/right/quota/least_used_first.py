def quota_batches(labels, quota, generator):
    """Take those that came least often, in random order."""
    used = Counter()
    for name, size in quota.items():
        if labels.count(name) < size:
            raise ValueError(f"too few samples of {name}")
    result = []
    while not result or any(
        used[i] == 0 for i, label in enumerate(labels) if label in quota
    ):
        batch = []
        for name, size in quota.items():
            shuffled = torch.randperm(len(labels), generator=generator).tolist()
            mine = [i for i in shuffled if labels[i] == name]
            batch += sorted(mine, key=lambda i: used[i])[:size]
        used.update(batch)
        result.append(batch)
    return result
