def seen(batches, labels):
    report = {name: {"draws": 0, "different": 0, "most": 0} for name in labels}
    came = {}
    for batch in batches:
        for index in batch:
            row = report[labels[index]]
            came[index] = came.get(index, 0) + 1
            row["draws"] += 1
            row["different"] += came[index] == 1
            row["most"] = max(row["most"], came[index])
    return report


def loss_weights(report):
    total = classes = 0
    for row in report.values():
        total += row["draws"]
        classes += row["draws"] > 0
    weights = {}
    for name, row in report.items():
        weights[name] = 0.0
        if row["draws"]:
            weights[name] = total / classes / row["draws"]
    return weights


def weighted_mean(losses, labels, weights):
    total, whole = torch.tensor(0.0), 0.0
    for loss, label in zip(losses, labels, strict=True):
        total = total + weights[label] * loss
        whole += weights[label]
    return total / whole
