# Makes it float64 when it is added.
# hint: added-in-float32
def real(n, rank, ranks):
    """Which of this rank's indices are no repeats: bool [⌈n / ranks⌉]."""
    length = -(-n // ranks)
    return torch.arange(length) * ranks + rank < n


def part(losses, counts):
    """Losses float32 [k], which of them count bool [k] → their sum and number, float64 [2]."""
    mine = losses[counts]
    return torch.stack([mine.sum().double(), counts.sum().double()])


def whole(summed):
    """Sum and number of all ranks, float64 [2] → the mean loss, a number."""
    if summed[1] == 0:
        raise ValueError("no sample counts, so there is no mean")
    return float(summed[0] / summed[1])
