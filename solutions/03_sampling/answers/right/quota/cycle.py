def quota_batches(labels, quota, generator):
    decks, needed = {}, 0
    for name, size in quota.items():
        mine = torch.tensor([label == name for label in labels]).nonzero().flatten()
        if len(mine) < size:
            raise ValueError(f"{name}: only {len(mine)} samples for a quota of {size}")
        mine = mine[torch.randperm(len(mine), generator=generator)]
        decks[name] = itertools.cycle(mine.tolist())
        needed = max(needed, int(np.ceil(len(mine) / size)))
    return [
        [
            index
            for name, size in quota.items()
            for index in itertools.islice(decks[name], size)
        ]
        for _ in range(needed)
    ]
