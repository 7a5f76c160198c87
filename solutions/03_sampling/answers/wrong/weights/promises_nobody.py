# Divides also by the share of a class without samples.
# hint: class-without-samples
def sample_weights(labels, shares):
    """N class names, shares of classes → one weight for each sample, float64 [N]."""
    sizes = Counter(labels)
    total = sum(shares.values())
    return torch.tensor(
        [shares.get(label, 0) / total / sizes[label] for label in labels],
        dtype=torch.float64,
    )


def draw(weights, numbers):
    """Weights float64 [N], numbers float64 [K] in [0, 1) → indices int64 [K]."""
    ends = weights.cumsum(0)
    return torch.searchsorted(ends / ends[-1], numbers, right=True)
