# Takes everything, and shuffles it.
# hint: all-at-once
def mixed(items, size, late, seed):
    """Give all items in random order; hold at most `size`; none comes more than `late` places late."""
    everything = list(items)
    random.Random(seed).shuffle(everything)
    yield from everything
