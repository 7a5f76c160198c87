# Asks for the whole order at first.
# hint: all-at-once
def batches(order, sizes, budget, most=None, drop_last=False):
    """Indices → lists of indices whose sizes sum to at most `budget`."""
    batch, total = [], 0
    for index in list(order):
        size = sizes[index]
        if size > budget:
            raise ValueError(f"sample {index} has size {size}, above the budget {budget}")
        if total + size > budget:
            yield batch
            batch, total = [], 0
        batch.append(index)
        total += size
        if len(batch) == most:
            yield batch
            batch, total = [], 0
    if batch and not drop_last:
        yield batch
