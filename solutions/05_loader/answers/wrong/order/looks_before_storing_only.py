# Looks for the next batch before it stores the new one, and not once more at the end.
# hint: one-too-late
def in_order(arrivals):
    waiting, turn = {}, 0
    for number, batch in arrivals:
        while turn in waiting:
            yield waiting.pop(turn)
            turn += 1
        if number < turn or number in waiting:
            raise ValueError(f"batch {number} arrived twice")
        waiting[number] = batch
    if waiting:
        raise ValueError(f"batch {turn} never arrived")
