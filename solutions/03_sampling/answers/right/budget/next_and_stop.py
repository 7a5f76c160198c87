def batches(order, sizes, budget, most=None, drop_last=False):
    rest = iter(order)
    held = []
    while True:
        try:
            index = next(rest)
        except StopIteration:
            break
        if sizes[index] > budget:
            raise ValueError(f"{index=} size={sizes[index]} {budget=}")
        if sum(sizes[i] for i in held) + sizes[index] > budget:
            yield tuple(held)
            held = []
        held = [*held, index]
        if most is not None and len(held) >= most:
            yield tuple(held)
            held = []
    if held and drop_last is False:
        yield tuple(held)
