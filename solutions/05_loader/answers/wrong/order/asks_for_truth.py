# Asks whether a batch is true in place of whether it is there.
# hint: asks-for-truth
def in_order(arrivals):
    """Pairs (number, batch) in any order → the batches in the order of their numbers, as soon as possible."""
    waiting, turn = {}, 0
    for number, batch in arrivals:
        if number < turn or number in waiting:
            raise ValueError(f"batch {number} arrived twice")
        waiting[number] = batch
        while waiting.get(turn):
            yield waiting.pop(turn)
            turn += 1
    if waiting:
        raise ValueError(
            f"batch {turn} never arrived; batches {sorted(waiting)} wait for it"
        )
