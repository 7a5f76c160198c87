# Every n-th sample, as in the first example.
# hint: one-by-one
def pieces(counts, rank, ranks, worker, workers):
    """Samples in each shard, who am I → [(shard, start, stop), …], my share of the stream."""
    workers = max(workers, 1)
    row = [
        (shard, place, place + 1) for shard, n in enumerate(counts) for place in range(n)
    ]
    return row[rank * workers + worker :: ranks * workers]
