# The last one of the rank reads the rest.
# hint: unfair-to-workers
def pieces(counts, rank, ranks, worker, workers):
    """Samples in each shard, who am I → [(shard, start, stop), …], my share of the stream."""
    begin, end = cut(0, sum(counts), rank, ranks)
    readers = max(workers, 1)
    share = (end - begin) // readers
    stop_at = end if worker == readers - 1 else begin + (worker + 1) * share
    begin, end = begin + worker * share, stop_at
    found, first = [], 0
    for shard, count in enumerate(counts):
        start, stop = max(begin, first) - first, min(end, first + count) - first
        if start < stop:
            found.append((shard, start, stop))
        first += count
    return found
