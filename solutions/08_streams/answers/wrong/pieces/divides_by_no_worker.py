# Divides by the number of workers, which may be 0.
# hint: no-worker
def pieces(counts, rank, ranks, worker, workers):
    """Samples in each shard, who am I → [(shard, start, stop), …], my share of the stream."""
    begin, end = cut(0, sum(counts), rank, ranks)
    begin, end = cut(begin, end, worker, workers)
    found, first = [], 0
    for shard, count in enumerate(counts):
        start, stop = max(begin, first) - first, min(end, first + count) - first
        if start < stop:
            found.append((shard, start, stop))
        first += count
    return found
