# Notices a repeat only while the first one waits.
# hint: twice-unseen
def in_order(arrivals):
    """Pairs (number, batch) in any order → the batches in the order of their numbers, as soon as possible."""
    waiting, turn = {}, 0
    for number, batch in arrivals:
        if number in waiting:
            raise ValueError(f"batch {number} arrived twice")
        waiting[number] = batch
        while turn in waiting:
            yield waiting.pop(turn)
            turn += 1
    if any(number > turn for number in waiting):
        raise ValueError(
            f"batch {turn} never arrived; batches {sorted(waiting)} wait for it"
        )
