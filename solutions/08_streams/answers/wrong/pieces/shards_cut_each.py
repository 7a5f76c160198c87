# Cuts each shard by all readers, for itself.
# hint: not-a-run
def pieces(counts, rank, ranks, worker, workers):
    """Samples in each shard, who am I → [(shard, start, stop), …], my share of the stream."""
    found = []
    for shard, count in enumerate(counts):
        start, stop = cut(0, count, rank, ranks)
        start, stop = cut(start, stop, worker, max(workers, 1))
        if start < stop:
            found.append((shard, start, stop))
    return found
