# Pads first, and packs the padding as well.
# hint: padding-packed
def pack(sequences):
    """B tensors [length, …] → (data [sum of lengths, …], batch_sizes int64 [L], order int64 [B])."""
    order = sorted(range(len(sequences)), key=lambda i: -len(sequences[i]))
    ranked = [sequences[i] for i in order]
    data, batch_sizes = [], []
    for step in range(len(ranked[0])):
        there = [sequence[step] for sequence in ranked if step < len(sequence)]
        data += [
            s[step] if step < len(s) else torch.zeros_like(ranked[0][0]) for s in ranked
        ]
        batch_sizes.append(len(there))
    return torch.stack(data), torch.tensor(batch_sizes), torch.tensor(order)


def unpack(data, batch_sizes, order):
    """What pack returned → the list of B sequences, in their first order."""
    steps = data.split(batch_sizes.tolist())
    sequences = [None] * len(order)
    for rank, place in enumerate(order.tolist()):
        mine = [step[rank] for step in steps if rank < len(step)]
        sequences[place] = torch.stack(mine) if mine else data[:0]
    return sequences
