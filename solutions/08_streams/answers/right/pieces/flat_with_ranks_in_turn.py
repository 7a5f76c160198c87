# One cut by all readers, numbered so that the ranks take turns: the longer runs spread over them.
def pieces(counts, rank, ranks, worker, workers):
    readers = ranks * max(workers, 1)
    number = worker * ranks + rank
    share, more = divmod(sum(counts), readers)
    left = number * share + min(number, more)
    length = share + (1 if number < more else 0)
    result = []
    for shard, count in enumerate(counts):
        if length and left < count:
            here = min(length, count - left)
            result.append((shard, left, left + here))
            length, left = length - here, 0
        else:
            left -= count
    return result
