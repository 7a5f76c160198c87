MISSING = object()


def in_order(arrivals):
    slots, turn = [], 0
    for number, batch in arrivals:
        while len(slots) <= number:
            slots.append(MISSING)
        if number < turn or slots[number] is not MISSING:
            raise ValueError(f"number {number} came again")
        slots[number] = batch
        while turn < len(slots) and slots[turn] is not MISSING:
            batch, slots[turn] = slots[turn], None
            yield batch
            turn = turn + 1
    if turn < len(slots):
        raise ValueError(f"number {turn} is missing")
