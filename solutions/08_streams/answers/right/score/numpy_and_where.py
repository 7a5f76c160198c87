# NumPy for the mask; zeros in place of what doesn't count.
def real(n, rank, ranks):
    mine = range(rank, -(-n // ranks) * ranks, ranks)
    return np.array([place < n for place in mine])


def part(losses, counts):
    kept = torch.where(
        counts, losses.to(torch.float64), torch.zeros((), dtype=torch.float64)
    )
    return torch.tensor([float(kept.sum()), float(counts.sum())], dtype=torch.float64)


def whole(summed):
    total, number = summed.tolist()
    if not number:
        raise ValueError("nothing counts")
    return total / number
