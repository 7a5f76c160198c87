# Overwrites a batch that arrives twice.
# hint: twice-unseen
def in_order(arrivals):
    """Pairs (number, batch) in any order → the batches in the order of their numbers, as soon as possible."""
    waiting, turn = {}, 0
    for number, batch in arrivals:
        waiting[number] = batch
        while turn in waiting:
            yield waiting.pop(turn)
            turn += 1
    if any(number > turn for number in waiting):
        raise ValueError(
            f"batch {turn} never arrived; batches {sorted(waiting)} wait for it"
        )
