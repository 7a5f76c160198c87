# Sorts with PyTorch, and picks the steps with a mask.
def pack(sequences):
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    order = torch.argsort(lengths, descending=True, stable=True)
    there = lengths[order] > torch.arange(int(lengths.max()))[:, None]  # [L, B]
    padded = pad_sequence([sequences[i] for i in order])  # [L, B, ...]
    return padded[there], there.sum(dim=1), order


def unpack(data, batch_sizes, order):
    result = {}
    starts = (torch.cumsum(batch_sizes, 0) - batch_sizes).tolist()
    for rank, place in enumerate(order.tolist()):
        result[place] = data[
            [
                start + rank
                for start, size in zip(starts, batch_sizes.tolist())
                if rank < size
            ]
        ]
    return tuple(result[place] for place in range(len(order)))
