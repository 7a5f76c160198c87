# A number on a border gets the stretch that ends there.
# hint: border
def sample_weights(labels, shares):
    """N class names, shares of classes → one weight for each sample, float64 [N]."""
    sizes = Counter(labels)
    for name in shares:
        if not sizes[name]:
            raise ValueError(f"there is no sample of the class {name!r}")
    total = sum(shares.values())
    return torch.tensor(
        [shares.get(label, 0) / total / sizes[label] for label in labels],
        dtype=torch.float64,
    )


def draw(weights, numbers):
    """Weights float64 [N], numbers float64 [K] in [0, 1) → indices int64 [K]."""
    ends = weights.cumsum(0)
    return torch.searchsorted(ends / ends[-1], numbers)
