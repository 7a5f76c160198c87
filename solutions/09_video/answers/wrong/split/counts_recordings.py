# Counts recordings where clips are asked for.
# hint: counts-recordings
def split_clips(videos, cut_from, share, rng):
    """Divide clips into training and test by the recording they go back to."""
    roots = []
    for name in videos:
        while name in cut_from:
            name = cut_from[name]
        roots.append(name)
    taken, count = set(), 0
    for name in rng.permutation(sorted(set(roots))):
        if count >= share * len(videos):
            break
        taken.add(name)
        count += 1
    train = [k for k, name in enumerate(roots) if name not in taken]
    return train, [k for k, name in enumerate(roots) if name in taken]
