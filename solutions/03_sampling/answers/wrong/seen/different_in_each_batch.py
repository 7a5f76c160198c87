# Adds up the different ones of each batch.
# hint: counted-by-batch
def seen(batches, labels):
    """Batches of indices → {class: {"draws": int, "different": int, "most": int}}."""
    counts = Counter(index for batch in batches for index in batch)
    report = {}
    for name in set(labels):
        own = [count for index, count in counts.items() if labels[index] == name]
        report[name] = {
            "draws": sum(own),
            "different": sum(
                len({i for i in batch if labels[i] == name}) for batch in batches
            ),
            "most": max(own, default=0),
        }
    return report


def loss_weights(report):
    """What seen returned → {class: weight}."""
    draws = {name: row["draws"] for name, row in report.items()}
    total, classes = sum(draws.values()), sum(count > 0 for count in draws.values())
    return {
        name: total / (classes * count) if count else 0.0 for name, count in draws.items()
    }


def weighted_mean(losses, labels, weights):
    """Losses float32 [B], B class names, {class: weight} → their weighted mean, float32 []."""
    w = torch.tensor([weights[label] for label in labels])
    return (w * losses).sum() / w.sum()
