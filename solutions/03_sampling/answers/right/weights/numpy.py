def sample_weights(labels, shares):
    names = np.array(labels)
    weights = np.zeros(len(names))
    for name, share in shares.items():
        mine = names == name
        if not mine.any():
            raise ValueError(f"class {name} is empty")
        weights[mine] = share / mine.sum()
    return weights / weights.sum()


def draw(weights, numbers):
    ends = np.cumsum(np.asarray(weights))
    return np.searchsorted(ends, np.asarray(numbers) * ends[-1], side="right")
