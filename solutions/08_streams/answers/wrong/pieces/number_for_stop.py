# Gives the number of samples in place of the end.
# hint: number-for-stop
def pieces(counts, rank, ranks, worker, workers):
    """Samples in each shard, who am I → [(shard, start, stop), …], my share of the stream."""
    begin, end = cut(0, sum(counts), rank, ranks)
    begin, end = cut(begin, end, worker, max(workers, 1))
    found, first = [], 0
    for shard, count in enumerate(counts):
        start, stop = max(begin, first) - first, min(end, first + count) - first
        if start < stop:
            found.append((shard, start, stop - start))
        first += count
    return found
