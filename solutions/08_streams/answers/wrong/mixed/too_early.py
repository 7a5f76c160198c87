# Lets the oldest go one place too early.
# hint: too-early
def mixed(items, size, late, seed):
    """Give all items in random order; hold at most `size`; none comes more than `late` places late."""
    dice = random.Random(seed)
    held = []  # (place, item), the oldest first

    def next_out(gone):
        at = 0 if held[0][0] + late - 1 <= gone else dice.randrange(len(held))
        return held.pop(at)[1]

    gone = 0
    for place, item in enumerate(items):
        held.append((place, item))
        if len(held) == size:
            yield next_out(gone)
            gone += 1
    while held:
        yield next_out(gone)
        gone += 1
