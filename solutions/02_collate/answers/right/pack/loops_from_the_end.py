# Collects rows of (step, rank) pairs, sorts them, and unpacks with queues.
def pack(sequences):
    order = sorted(range(len(sequences)), key=lambda i: (-len(sequences[i]), i))
    entries = sorted(
        (step, rank) for rank, i in enumerate(order) for step in range(len(sequences[i]))
    )
    data = torch.stack([sequences[order[rank]][step] for step, rank in entries])
    steps = [step for step, _ in entries]
    return (
        data,
        torch.tensor([steps.count(s) for s in range(steps[-1] + 1)]),
        torch.tensor(order),
    )


def unpack(data, batch_sizes, order):
    rows = [[] for _ in order]
    position = 0
    for size in batch_sizes:
        for rank in range(int(size)):
            rows[rank].append(position)
            position += 1
    back = torch.argsort(order)
    return [data[torch.tensor(rows[int(r)], dtype=torch.int64)] for r in back]
