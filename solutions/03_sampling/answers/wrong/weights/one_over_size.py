# Weights that are 1 / size of the class.
# hint: sum-not-one
def sample_weights(labels, shares):
    """N class names, shares of classes → one weight for each sample, float64 [N]."""
    sizes = Counter(labels)
    for name in shares:
        if not sizes[name]:
            raise ValueError(f"there is no sample of the class {name!r}")
    total = sum(shares.values())
    return torch.tensor(
        [1 / sizes[label] for label in labels],
        dtype=torch.float64,
    )


def draw(weights, numbers):
    """Weights float64 [N], numbers float64 [K] in [0, 1) → indices int64 [K]."""
    ends = weights.cumsum(0)
    return torch.searchsorted(ends / ends[-1], numbers, right=True)
