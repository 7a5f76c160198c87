# Plain loops.
import math


def real(n, rank, ranks):
    flags = [True] * math.ceil(n / ranks)
    repeats = len(flags) * ranks - n
    if rank >= ranks - repeats:
        flags[-1] = False
    return torch.tensor(flags)


def part(losses, counts):
    total, number = 0.0, 0
    for loss, counted in zip(losses.tolist(), counts.tolist(), strict=True):
        if counted:
            total += loss
            number += 1
    return torch.tensor([total, number], dtype=torch.float64)


def whole(summed):
    try:
        return float(summed[0]) / float(summed[1])
    except ZeroDivisionError:
        raise ValueError("the mean of no sample") from None
