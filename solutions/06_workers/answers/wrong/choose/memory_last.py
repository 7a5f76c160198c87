# Looks at memory after the fastest was found.
# hint: limit-afterwards
def choose(trials, batch_bytes, free):
    measured = [trial for trial in trials if trial["ms"] is not None]
    if measured:
        fastest = min(statistics.median(trial["ms"]) for trial in measured)
        good = []
        for trial in measured:
            workers, prefetch = trial["workers"], trial["prefetch"]
            needed = batch_bytes * (workers * prefetch + 2) if workers else 0
            if needed <= free:
                good.append((statistics.median(trial["ms"]) > 1.1 * fastest, statistics.median(trial["ms"]), workers, prefetch))
        if good:
            if not min(good)[0]:
                return min(pair[2:] for pair in good if not pair[0])
            return min(good)[2:]
    raise ValueError(f"nothing fits into {free} bytes")
