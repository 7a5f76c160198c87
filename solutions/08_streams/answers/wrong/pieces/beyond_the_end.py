# Does not cut a piece off at the end of its shard.
# hint: beyond-the-shard
def pieces(counts, rank, ranks, worker, workers):
    """Samples in each shard, who am I → [(shard, start, stop), …], my share of the stream."""
    begin, end = cut(0, sum(counts), rank, ranks)
    begin, end = cut(begin, end, worker, max(workers, 1))
    found, first = [], 0
    for shard, count in enumerate(counts):
        start, stop = max(begin, first) - first, end - first
        if start < min(stop, count):
            found.append((shard, start, stop))
        first += count
    return found
