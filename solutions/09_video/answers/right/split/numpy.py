# With NumPy's unique and cumsum.
def split_clips(videos, cut_from, share, rng):
    roots = list(videos)
    while any(name in cut_from for name in roots):
        roots = [cut_from.get(name, name) for name in roots]
    _, number, sizes = np.unique(roots, return_inverse=True, return_counts=True)
    order = rng.permutation(len(sizes))
    before = np.cumsum(sizes[order]) - sizes[order]
    chosen = order[before < share * len(videos)]
    test = np.isin(number, chosen)
    return np.flatnonzero(~test).tolist(), np.flatnonzero(test).tolist()
