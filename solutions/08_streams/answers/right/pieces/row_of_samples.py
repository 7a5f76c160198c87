# Makes the row of all samples, and puts neighbours together.
import itertools


def pieces(counts, rank, ranks, worker, workers):
    row = [(shard, place) for shard, n in enumerate(counts) for place in range(n)]
    row = [list(part) for part in np.array_split(np.arange(len(row)), ranks)][rank]
    mine = np.array_split(np.asarray(row, dtype=int), workers or 1)[worker].tolist()
    places = [(shard, place) for shard, n in enumerate(counts) for place in range(n)]
    result = []
    for shard, group in itertools.groupby(
        (places[k] for k in mine), key=lambda pair: pair[0]
    ):
        inside = [place for _, place in group]
        result.append([shard, inside[0], inside[-1] + 1])
    return result
