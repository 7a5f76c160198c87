# Takes a share of the recordings.
# hint: too-few
def split_clips(videos, cut_from, share, rng):
    """Divide clips into training and test by the recording they go back to."""
    roots = []
    for name in videos:
        while name in cut_from:
            name = cut_from[name]
        roots.append(name)
    names = rng.permutation(sorted(set(roots)))
    taken = set(names[: int(share * len(names))])
    train = [k for k, name in enumerate(roots) if name not in taken]
    return train, [k for k, name in enumerate(roots) if name in taken]
