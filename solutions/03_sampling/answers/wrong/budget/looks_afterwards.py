# Looks at the budget after appending.
# hint: over-budget
def batches(order, sizes, budget, most=None, drop_last=False):
    """Indices → lists of indices whose sizes sum to at most `budget`."""
    batch, total = [], 0
    for index in order:
        if sizes[index] > budget:
            raise ValueError(f"sample {index} has size {sizes[index]}, above {budget}")
        batch.append(index)
        total += sizes[index]
        if total > budget or len(batch) == most:
            yield batch
            batch, total = [], 0
    if batch and not drop_last:
        yield batch
