def seen(batches, labels):
    names = np.array(labels)
    flat = np.array([index for batch in batches for index in batch], dtype=int)
    counts = np.bincount(flat, minlength=len(labels))
    report = {}
    for name in dict.fromkeys(labels):
        own = counts[names == name]
        report[name] = {
            "draws": int(own.sum()),
            "different": int((own > 0).sum()),
            "most": int(own.max()),
        }
    return report


def loss_weights(report):
    drawn = {name: row["draws"] for name, row in report.items() if row["draws"]}
    mean = sum(drawn.values()) / len(drawn)
    return {name: mean / drawn[name] if name in drawn else 0.0 for name in report}


def weighted_mean(losses, labels, weights):
    each = np.array([weights[label] for label in labels], dtype="float32")
    return torch.dot(losses, torch.from_numpy(each / each.sum()))
