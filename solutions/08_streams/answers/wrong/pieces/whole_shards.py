# Whole shards in turn, as ShardStream does.
# hint: unfair-to-ranks
def pieces(counts, rank, ranks, worker, workers):
    """Samples in each shard, who am I → [(shard, start, stop), …], my share of the stream."""
    workers = max(workers, 1)
    number, readers = rank * workers + worker, ranks * workers
    mine = range(number, len(counts), readers)
    return [(shard, 0, counts[shard]) for shard in mine if counts[shard]]
