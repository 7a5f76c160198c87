# Weights that sum to 1.
# hint: scale
def seen(batches, labels):
    """Batches of indices → {class: {"draws": int, "different": int, "most": int}}."""
    counts = Counter(index for batch in batches for index in batch)
    report = {}
    for name in set(labels):
        own = [count for index, count in counts.items() if labels[index] == name]
        report[name] = {
            "draws": sum(own),
            "different": len(own),
            "most": max(own, default=0),
        }
    return report


def loss_weights(report):
    """What seen returned → {class: weight}."""
    draws = {name: row["draws"] for name, row in report.items()}
    total, classes = sum(draws.values()), sum(count > 0 for count in draws.values())
    inverse = {name: 1 / count if count else 0.0 for name, count in draws.items()}
    return {name: value / sum(inverse.values()) for name, value in inverse.items()}


def weighted_mean(losses, labels, weights):
    """Losses float32 [B], B class names, {class: weight} → their weighted mean, float32 []."""
    w = torch.tensor([weights[label] for label in labels])
    return (w * losses).sum() / w.sum()
