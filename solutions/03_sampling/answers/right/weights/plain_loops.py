def sample_weights(labels, shares):
    whole = sum(shares.values())
    missing = sorted(set(shares) - set(labels))
    if missing:
        raise ValueError(f"no samples of {missing}")
    weights = torch.zeros(len(labels)).double()
    for place, label in enumerate(labels):
        if label in shares:
            weights[place] = shares[label] / (whole * labels.count(label))
    return weights


def draw(weights, numbers):
    total, drawn = weights.sum(), []
    for number in numbers:
        end, index = weights[0].item(), 0
        while end <= number * total:
            index += 1
            end += weights[index].item()
        drawn.append(index)
    return torch.tensor(drawn)
