# Removes what goes out by its value.
# hint: looked-for-by-value
def mixed(items, size, late, seed):
    """Give all items in random order; hold at most `size`; none comes more than `late` places late."""
    dice = random.Random(seed)
    held, places = [], []

    def next_out(gone):
        item = held[0] if places[0] + late <= gone else dice.choice(held)
        del places[held.index(item)]
        held.remove(item)
        return item

    gone = 0
    for place, item in enumerate(items):
        held.append(item)
        places.append(place)
        if len(held) == size:
            yield next_out(gone)
            gone += 1
    while held:
        yield next_out(gone)
        gone += 1
