# Sorts when all have arrived.
# hint: waits-for-all
def in_order(arrivals):
    everything = sorted(arrivals, key=lambda pair: pair[0])
    for turn, (number, batch) in enumerate(everything):
        if number < turn:
            raise ValueError(f"batch {number} arrived twice")
        if number > turn:
            raise ValueError(f"batch {turn} never arrived")
        yield batch
