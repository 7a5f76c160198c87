# Gives each reader the share rounded up, as long as there is something.
# hint: unfair-to-workers
def pieces(counts, rank, ranks, worker, workers):
    """Samples in each shard, who am I → [(shard, start, stop), …], my share of the stream."""
    begin, end = cut(0, sum(counts), rank, ranks)
    share = -(-(end - begin) // max(workers, 1))
    begin, end = min(end, begin + worker * share), min(end, begin + (worker + 1) * share)
    found, first = [], 0
    for shard, count in enumerate(counts):
        start, stop = max(begin, first) - first, min(end, first + count) - first
        if start < stop:
            found.append((shard, start, stop))
        first += count
    return found
