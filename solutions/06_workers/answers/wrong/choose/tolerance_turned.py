# Takes what is slower than the fastest.
# hint: slowest
def choose(trials, batch_bytes, free):
    """The settings to use: (workers, prefetch)."""
    left = []
    for trial in trials:
        workers, prefetch = trial["workers"], trial["prefetch"]
        needed = batch_bytes * (workers * prefetch + 2) if workers else 0
        if trial["ms"] is not None and needed <= free:
            left.append((statistics.median(trial["ms"]), workers, prefetch))
    if not left:
        raise ValueError(f"no trial is left: all failed, or need more than {free} bytes")
    fastest = min(time for time, workers, prefetch in left)
    good = [
        (workers, prefetch) for time, workers, prefetch in left if time >= 1.1 * fastest
    ]
    return min(good)
