# Cuts once, by all readers: the first ones read one more.
# hint: unfair-to-ranks
def pieces(counts, rank, ranks, worker, workers):
    """Samples in each shard, who am I → [(shard, start, stop), …], my share of the stream."""
    workers = max(workers, 1)
    share, more = divmod(sum(counts), ranks * workers)
    number = rank * workers + worker
    begin = number * share + min(number, more)
    end = begin + share + (number < more)
    found, first = [], 0
    for shard, count in enumerate(counts):
        start, stop = max(begin, first) - first, min(end, first + count) - first
        if start < stop:
            found.append((shard, start, stop))
        first += count
    return found
