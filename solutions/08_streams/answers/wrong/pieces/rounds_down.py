# Everyone reads as many, rounded down.
# hint: rest-lost
def pieces(counts, rank, ranks, worker, workers):
    """Samples in each shard, who am I → [(shard, start, stop), …], my share of the stream."""
    readers = ranks * max(workers, 1)
    share = sum(counts) // readers
    begin = (rank * max(workers, 1) + worker) * share
    end = begin + share
    found, first = [], 0
    for shard, count in enumerate(counts):
        start, stop = max(begin, first) - first, min(end, first + count) - first
        if start < stop:
            found.append((shard, start, stop))
        first += count
    return found
