# Hands over to datakit's buffer.
# hint: one-too-many
def mixed(items, size, late, seed):
    """Give all items in random order; hold at most `size`; none comes more than `late` places late."""
    yield from datakit.ShuffleBuffer(items, size, random.Random(seed))
