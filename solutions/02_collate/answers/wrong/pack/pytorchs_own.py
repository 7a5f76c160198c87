# PyTorch's own, which refuses empty sequences.
# hint: empty-refused
def pack(sequences):
    packed = pack_sequence(sequences, enforce_sorted=False)
    return packed.data, packed.batch_sizes, packed.sorted_indices


def unpack(data, batch_sizes, order):
    """What pack returned → the list of B sequences, in their first order."""
    steps = data.split(batch_sizes.tolist())
    sequences = [None] * len(order)
    for rank, place in enumerate(order.tolist()):
        mine = [step[rank] for step in steps if rank < len(step)]
        sequences[place] = torch.stack(mine) if mine else data[:0]
    return sequences
