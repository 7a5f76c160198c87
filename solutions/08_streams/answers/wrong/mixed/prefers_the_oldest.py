# Tosses a coin: the oldest, or any.
# hint: not-equally-likely
def mixed(items, size, late, seed):
    """Give all items in random order; hold at most `size`; none comes more than `late` places late."""
    dice = random.Random(seed)
    held = []  # (place, item), the oldest first

    def next_out(gone):
        due = held[0][0] + late <= gone
        at = 0 if due or dice.random() < 0.5 else dice.randrange(len(held))
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
