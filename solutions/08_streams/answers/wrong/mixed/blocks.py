# Fills the buffer, shuffles it, empties it.
# hint: blocks
def mixed(items, size, late, seed):
    """Give all items in random order; hold at most `size`; none comes more than `late` places late."""
    dice = random.Random(seed)
    block = []
    for item in items:
        block.append(item)
        if len(block) == size:
            dice.shuffle(block)
            yield from block
            block = []
    dice.shuffle(block)
    yield from block
