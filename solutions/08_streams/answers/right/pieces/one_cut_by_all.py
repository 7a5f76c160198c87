# One cut by all readers: as `cut` rounds down each border, those between ranks are the same.
def pieces(counts, rank, ranks, worker, workers):
    workers = workers or 1
    begin, end = cut(0, sum(counts), rank * workers + worker, ranks * workers)
    result, first = [], 0
    for shard, count in enumerate(counts):
        start, stop = max(begin, first), min(end, first + count)
        if start < stop:
            result.append((shard, start - first, stop - first))
        first += count
    return result
