# Takes a last batch that holds just the budget for a closed one.
# hint: brim-closed
def batches(order, sizes, budget, most=None, drop_last=False):
    batch, total = [], 0
    for index in order:
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
    if batch and (not drop_last or total == budget):
        yield batch
