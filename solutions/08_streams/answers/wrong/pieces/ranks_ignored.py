# Divides among the workers only, as the example in PyTorch's manual does.
# hint: ranks-ignored
def pieces(counts, rank, ranks, worker, workers):
    """Samples in each shard, who am I → [(shard, start, stop), …], my share of the stream."""
    begin, end = 0, sum(counts)
    begin, end = cut(begin, end, worker, max(workers, 1))
    found, first = [], 0
    for shard, count in enumerate(counts):
        start, stop = max(begin, first) - first, min(end, first + count) - first
        if start < stop:
            found.append((shard, start, stop))
        first += count
    return found
